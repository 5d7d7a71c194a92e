import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";

/**
 * What memory_profiler prints of functions marked with @profile, line by line. https://github.com/pythonprofilers/memory_profiler
 *
 *     Filename: mem.py
 *
 *     Line #    Mem usage    Increment  Occurrences   Line Contents
 *     =============================================================
 *          4     22.1 MiB     22.1 MiB           1   @profile
 *          5                                         def load(n):
 */
export const memoryProfiler: StreamImporter = {
  id: "memory-profiler",
  title: "memory_profiler by line",
  extensions: ["txt", "log"],
  order: 56,
  kind: "stream",
  sniff: (head) => header.test(textOf(head)),
  open: createParser,
};

const header = /^Line # +Mem usage +Increment +(Occurrences +)?Line Contents *\r?$/m;
const measured = /^ *(\d{1,9}) +(-?\d+\.\d+) MiB +(-?\d+\.\d+) MiB(.*)$/;
const unmeasured = /^ *(\d{1,9}) (.*)$/;
const BYTES_PER_MIB = 2 ** 20;

interface Row {
  readonly line: number;
  readonly usedBytes: number;
  readonly growthBytes: number;
  readonly times: number;
  readonly source: string;
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let file = "";
  let isTable = false;
  let hasTimes = false;
  let functionName = "";
  let rows: Row[] = [];
  let tooMany = 0;

  const series = out.series({
    id: "growth",
    name: "Growth by line",
    kind: "alloc",
    timed: false,
    values: [
      { name: "growth", unit: "bytes" },
      { name: "times", unit: "count" },
      { name: "memory", unit: "bytes" },
    ],
  });

  const close = (): void => {
    const first = rows[0]?.line ?? NONE;
    const index =
      rows.length === 0
        ? NONE
        : out.function({
            name: out.string(functionName || "<module>"),
            kind: "python",
            ...(file !== "" && { file: out.string(file) }),
            line: first,
          });
    const key = out.string("source");
    for (const { line, usedBytes, growthBytes, times, source } of rows) {
      const labels = source === "" ? NONE : out.labelSet([{ key, text: out.string(source) }]);
      const stack = out.stack(NONE, out.frame({ function: index, line }));
      series.addValues(0, NONE, stack, [growthBytes, times, usedBytes], labels);
    }
    rows = [];
    functionName = "";
    isTable = false;
  };

  const named = (source: string): void => {
    if (functionName === "") functionName = /^\s*(?:async\s+)?def\s+(\w+)/.exec(source)?.[1] ?? "";
  };

  const row = (text: string): void => {
    const match = measured.exec(text);
    if (!match) {
      named(unmeasured.exec(text)?.[2] ?? "");
      return;
    }
    if (series.length + rows.length >= limits.maxSamples) {
      tooMany++;
      return;
    }
    const [, line, used, growth, rest = ""] = match;
    const counted = hasTimes ? /^ +(\d+)(?: {3}(.*))?$/.exec(rest) : null;
    const source = (counted ? (counted[2] ?? "") : rest).trim();
    named(source);
    rows.push({
      line: Number(line),
      usedBytes: Math.round(Number(used) * BYTES_PER_MIB),
      growthBytes: Math.round(Number(growth) * BYTES_PER_MIB),
      times: counted ? Number(counted[1]) : 1,
      source,
    });
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const text = textOf(bytes, start, end).trimEnd();
    const head = header.exec(text);
    if (head) {
      close();
      isTable = true;
      hasTimes = head[1] !== undefined;
    } else if (text.startsWith("Filename: ")) {
      close();
      file = text.slice("Filename: ".length);
    } else if (isTable && /^=+$/.test(text)) return;
    else if (isTable && /^ *\d+ /.test(`${text} `)) row(text);
    // What the program itself prints stands between the tables.
    else if (isTable && text === "") close();
  }, 1 << 20);

  out.meta({ format: memoryProfiler.id, tool: "memory_profiler" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      close();
      if (series.length > 0)
        out.note(
          "Memory is rounded to what the report prints, mostly 0.1 MiB. The growth of a function's first line is all that was in use when it began.",
        );
      if (tooMany > 0) out.note(`${tooMany} lines more than the limit were left out.`);
    },
  };
}
