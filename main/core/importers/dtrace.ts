import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";

/**
 * Aggregated stacks that DTrace prints (`@[stack()]`, `@[ustack()]`, both, `@[execname, ustack()]`): a block of frames,
 * the innermost first, and its count. https://illumos.org/books/dtrace/chp-user.html
 *
 *               libc.so.1`malloc+0x10
 *               a.out`main+0x2c
 *                42
 */
export const dtrace: StreamImporter = {
  id: "dtrace",
  title: "DTrace stacks",
  extensions: ["stacks", "out", "txt"],
  order: 275,
  kind: "stream",
  sniff: looksLikeDtrace,
  open: (out, context) => createParser(out, context),
};

const frameLine = /^\s+(?:([^\s`][^`]*)`)?(\S.*?)(?:\+0x([0-9a-f]+))?\s*$/;
const countLine = /^\s+(\d+)\s*$/;

/** A block: lines with a module and a backtick, then a count on a line of its own. */
function looksLikeDtrace(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  return /^[ \t]+[^\s`;{}"]+`[^\n`]+\n(?:[ \t]+\S[^\n]*\n)*?[ \t]+\d+[ \t]*\r?\n/m.test(textOf(head));
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  /** Innermost first. */
  let frames: number[] = [];
  let thread = NONE;
  let series: SeriesBuilder | null = null;
  let cut = 0;
  let incomplete = 0;

  const close = (count: number): void => {
    series ??= out.series({
      id: "count",
      kind: "other",
      timed: false,
      values: [{ name: "count", unit: "count" }],
    });
    let stack = NONE;
    for (let i = frames.length - 1; i >= 0; i--) stack = out.stack(stack, frames[i] as number);
    if (series.length < limits.maxSamples) series.add(0, thread, stack, count);
    frames = [];
    thread = NONE;
  };

  const addFrame = (line: string): void => {
    const match = frameLine.exec(line);
    if (!match) return;
    if (frames.length >= limits.maxStackDepth) {
      cut++;
      return;
    }
    const [, module, symbol = ""] = match;
    const isAddress = /^0x[0-9a-f]{1,16}$/.test(symbol);
    const address = isAddress ? BigInt(symbol) : null;
    const kind =
      module !== undefined && /^(unix|genunix|mach_kernel|kernel|kernel\..*)$/.test(module)
        ? "kernel"
        : "native";
    frames.push(
      out.frame({
        function: out.function({
          name: out.string(symbol),
          kind,
          ...(module !== undefined && { binary: out.binary(module) }),
        }),
        ...(address !== null && {
          addressHigh: Number(address >> 32n),
          addressLow: Number(address & 0xffff_ffffn),
        }),
      }),
    );
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    if (line.trim() === "" || /^\s*(CPU\s+ID|dtrace:|\d+\s+\d+\s+\S*:)/.test(line)) return;
    const count = countLine.exec(line);
    if (count) {
      // The number of an event that printed nothing.
      if (frames.length > 0 || thread !== NONE) close(Number(count[1]));
      return;
    }
    if (!/^\s/.test(line) || (frames.length === 0 && !line.includes("`") && !/^\s+0x/.test(line))) {
      // A key before the stack: the name of the program, perhaps with its pid.
      const key = line.trim();
      const pid = /(?:^|\s)(\d{1,9})(?:\s|$)/.exec(key);
      const process = out.process(pid ? Number(pid[1]) : NONE, key.replace(/\s+\d+$/, ""));
      thread = out.thread(process, pid ? Number(pid[1]) : NONE, key);
      return;
    }
    addFrame(line);
  }, 1 << 20);
  out.meta({ format: dtrace.id, tool: "DTrace" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      if (frames.length > 0) incomplete++;
      if (incomplete > 0) out.note("The text ends in the middle of a stack, which was left out.");
      if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
    },
  };
}
