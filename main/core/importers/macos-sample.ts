import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { IndentedCalls } from "./shared/indented-calls.ts";

/**
 * Reports of macOS's `sample` and of the Activity Monitor: a tree of calls for each thread, root first.
 *
 *     Analysis of sampling hot (pid 4711) every 1 millisecond
 *     Call graph:
 *         2797 Thread_1234   DispatchQueue_1: com.apple.main-thread  (serial)
 *         + 2797 start  (in dyld) + 1942  [0x18f3d3f28]
 *         +   2797 main  (in hot) + 36  [0x100003f24]  hot.c:12
 */
export const macosSample: StreamImporter = {
  id: "macos-sample",
  title: "macOS sample",
  extensions: ["sample", "txt"],
  order: 280,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head);
    return /^(Analysis of sampling |Sampling process )/m.test(text) && /^Call graph:\s*$/m.test(text);
  },
  open: (out, context) => createParser(out, context),
};

const frameLine =
  /^([ +!:|]*)(\d+) (.+?)(?: {2}\(in ([^)]*)\))?(?: \+ [\d,.x0-9a-f]+)?(?: {2}\[(0x[0-9a-f]+)[^\]]*\])?(?: {2}(\S.*):(\d+))?\s*$/;
const threadLine = /^( *)(\d+) Thread_(\d+|0x[0-9a-f]+)(.*)$/;

interface Row {
  readonly frame: number;
  /** Of a thread's line, else NONE. */
  readonly thread: number;
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let isGraph = false;
  let isOver = false;
  let intervalNs = 1e6;
  let process = NONE;
  let series: SeriesBuilder | null = null;
  let unread = 0;
  const tree = new IndentedCalls<Row>(limits.maxStackDepth, (path, [own = 0]) => {
    if (own === 0 || !series || series.length >= limits.maxSamples) return;
    let stack = NONE;
    let thread = NONE;
    for (const row of path) {
      if (row.thread === NONE) stack = out.stack(stack, row.frame);
      else thread = row.thread;
    }
    series.add(0, thread, stack, own, own * intervalNs);
  });

  const heading = (line: string): void => {
    const about = /^Analysis of sampling (.+) \(pid (\d+)\) every (\d+) (milli|micro)?second/.exec(line);
    if (about) {
      intervalNs = Number(about[3]) * (about[4] === "micro" ? 1e3 : about[4] === "milli" ? 1e6 : 1e9);
      process = out.process(Number(about[2]), about[1]);
      out.meta({ target: `${about[1]} ${about[2]}`, periodNs: intervalNs });
    }
    const system = /^OS Version:\s+(.+)$/.exec(line);
    if (system?.[1]) out.meta({ kernel: system[1] });
  };

  const threadRow = (match: RegExpExecArray): Row => {
    const tid = Number(match[3]);
    if (process === NONE) process = out.process(NONE);
    const isNumber = Number.isSafeInteger(tid) && tid < 2 ** 31;
    return {
      frame: NONE,
      thread: out.thread(process, isNumber ? tid : NONE, (match[4] ?? "").replace(/^[\s:]+/, "").trim()),
    };
  };

  const frameRow = (match: RegExpExecArray): Row => {
    const [, , , name = "", path, address = "", file, line] = match;
    const binary = path === undefined ? NONE : out.binary(path);
    const value = address === "" ? null : BigInt(address) & 0xffff_ffff_ffff_ffffn;
    return {
      thread: NONE,
      frame: out.frame({
        function: out.function({
          name: out.string(name.trim()),
          binary,
          kind: "native",
          ...(file !== undefined && { file: out.string(file) }),
        }),
        ...(value !== null && {
          addressHigh: Number(value >> 32n),
          addressLow: Number(value & 0xffff_ffffn),
        }),
        ...(line !== undefined && { line: Number(line) }),
      }),
    };
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    if (!isGraph) {
      heading(line);
      isGraph = /^Call graph:\s*$/.test(line);
      if (isGraph)
        series ??= out.series({
          id: "samples",
          kind: "wall",
          timed: false,
          values: [
            { name: "samples", unit: "samples" },
            { name: "time", unit: "nanoseconds" },
          ],
        });
      return;
    }
    if (isOver || line.trim() === "") return;
    if (/^(Total number in stack|Sort by top of stack|Binary Images)/.test(line)) {
      isOver = true;
      return;
    }
    const thread = threadLine.exec(line);
    const match = thread ?? frameLine.exec(line);
    if (match)
      tree.line((match[1] ?? "").length, thread ? threadRow(thread) : frameRow(match), [Number(match[2])]);
    else unread++;
  }, 1 << 20);
  out.meta({ format: macosSample.id, tool: "sample" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      tree.end();
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      if (tree.tooDeep > 0) out.note(`${tree.tooDeep} lines were too deep and were left out.`);
    },
  };
}
