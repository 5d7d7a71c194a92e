import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";

/**
 * The summaries of `strace -c`, `strace -wc` and `ltrace -c`: a table of calls.
 *
 *     % time     seconds  usecs/call     calls    errors syscall
 *     ------ ----------- ----------- --------- --------- ----------------
 *      57.87    0.020880          13      1601           write
 */
export const callSummary: StreamImporter = {
  id: "call-summary",
  title: "strace -c, ltrace -c",
  extensions: ["txt"],
  order: 212,
  kind: "stream",
  sniff: (head) => !head.subarray(0, 4096).includes(0) && header.test(textOf(head.subarray(0, 16_384))),
  open: (out) => createParser(out),
};

const header = /^% time +seconds +usecs\/call +calls(?: +errors)? +(syscall|function)\s*$/m;

function createParser(out: ProfileBuilder): StreamParser {
  let series: SeriesBuilder | null = null;
  let isLibrary = false;
  let unread = 0;
  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    const title = header.exec(line);
    if (title) {
      isLibrary = title[1] === "function";
      out.meta({ tool: isLibrary ? "ltrace" : "strace" });
      series = out.series({
        id: isLibrary ? "library-calls" : "syscalls",
        name: isLibrary ? "Library calls" : "System calls",
        kind: "syscall",
        timed: false,
        values: [
          { name: "time", unit: "nanoseconds" },
          { name: "calls", unit: "count" },
          { name: "errors", unit: "count" },
        ],
      });
      return;
    }
    if (!series || line === "" || /^[- ]+$/.test(line)) return;
    const row = /^ *[\d.]+ +([\d.]+) +(\d+) +(\d+)(?: +(\d+))? +(\S.*)$/.exec(line);
    if (!row) {
      if (!/\btotal$/.test(line)) unread++;
      return;
    }
    const [, seconds, , calls, errors, name = ""] = row;
    if (name === "total") return;
    const kind = isLibrary ? "native" : "kernel";
    const stack = out.stack(NONE, out.frame({ function: out.function({ name: out.string(name), kind }) }));
    series.addValues(0, NONE, stack, [Math.round(Number(seconds) * 1e9), Number(calls), Number(errors ?? 0)]);
  }, 1 << 16);
  out.meta({ format: callSummary.id });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}
