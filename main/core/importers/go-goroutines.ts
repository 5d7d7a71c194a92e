import { textOf } from "../bytes/ascii.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { goCountHeader, goCounts } from "./shared/go-counts.ts";
import { goTraceback } from "./shared/go-traceback.ts";

/**
 * Goroutines of a Go program as text: counted by stack (`/debug/pprof/goroutine?debug=1`, and threadcreate and a program's own
 * profiles, which look alike), or each with its stack (`debug=2`, a panic, SIGQUIT).
 */
export const goGoroutines: StreamImporter = {
  id: "go-goroutines",
  title: "Go goroutines as text",
  extensions: ["txt", "log"],
  order: 50,
  kind: "stream",
  sniff: (head) => {
    if (head.subarray(0, 4096).includes(0)) return false;
    return isCounted(head) || traceback.test(textOf(head));
  },
  open: (out, context) => {
    out.meta({ format: goGoroutines.id, tool: "Go runtime" });
    let parser: StreamParser | null = null;
    let head = new Uint8Array(0);
    const choose = (): StreamParser => {
      parser = isCounted(head) ? goCounts(out, context) : goTraceback(out, context);
      parser.push(head);
      return parser;
    };
    return {
      push: (chunk) => {
        if (parser) {
          parser.push(chunk);
          return;
        }
        const longer = new Uint8Array(head.length + chunk.length);
        longer.set(head);
        longer.set(chunk, head.length);
        head = longer;
        if (head.length >= HEAD_BYTES) choose();
      },
      end: () => (parser ?? choose()).end(),
    };
  },
};

/** What tells both forms apart: the first line that is no comment. */
const HEAD_BYTES = 4096;
const traceback =
  /^goroutine \d+(?: \w+=\S+)* \[[^\n]+\]:\r?\n(?:\S[^\n]*\n\t[^\n]*:\d+|\tgoroutine running|non-Go)/m;

function isCounted(head: Uint8Array): boolean {
  const lines = textOf(head.subarray(0, HEAD_BYTES)).split(/\r?\n/);
  const first = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("#"));
  if (first === -1 || !goCountHeader.test(lines[first] ?? "")) return false;
  const next = lines.slice(first + 1).find((line) => line.trim() !== "" && !line.startsWith("#"));
  return next === undefined || /^\d+ @( 0x[0-9a-f]*)*/.test(next) || lines.length === first + 2;
}
