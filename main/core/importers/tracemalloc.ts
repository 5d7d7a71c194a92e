import * as v from "valibot";
import { startsWith, textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE } from "../model/builder.ts";
import type { StreamImporter } from "./importer.ts";

/**
 * A snapshot of Python's tracemalloc, as the workbench has it written (profilers/shared/tracemalloc-runner.ts): what lives,
 * by the lines that allocated it. tracemalloc knows lines, and no names of functions.
 *
 *     flamewright-tracemalloc 1
 *     {"traced":1041532,"peak":1051002}
 *     [1000,1,[["/app/main.py",20],["/app/main.py",4]]]        bytes, blocks, frames from the outermost inwards
 */
const magic = "flamewright-tracemalloc ";

const headSchema = v.object({ traced: v.number(), peak: v.number() });
const size = v.pipe(v.number(), v.finite(), v.minValue(0));
const traceSchema = v.tuple([size, size, v.array(v.tuple([v.string(), v.pipe(v.number(), v.integer())]))]);

export const tracemalloc: StreamImporter = {
  id: "tracemalloc",
  title: "tracemalloc snapshot",
  extensions: ["tracemalloc"],
  order: 221,
  kind: "stream",
  sniff: (head) => startsWith(head, 0, head.length, magic),
  open: (out, { limits }) => {
    const series = out.series({
      id: "live",
      name: "Live memory",
      kind: "heap",
      timed: false,
      values: [
        { name: "live", unit: "bytes" },
        { name: "live blocks", unit: "count" },
      ],
    });
    let lines = 0;
    let unread = 0;
    const frameOf = (file: string, line: number): number =>
      out.frame({
        function: out.function({
          name: out.string(`${file.slice(file.lastIndexOf("/") + 1)}:${line}`),
          file: out.string(file),
          line,
          kind: "python",
        }),
        line,
      });
    const splitter = new LineSplitter((bytes, start, end) => {
      const text = textOf(bytes, start, end).trim();
      if (lines++ === 0 || text === "") return;
      const value = jsonOf(text);
      const trace = v.safeParse(traceSchema, value);
      if (trace.success) {
        const [liveBytes, blocks, frames] = trace.output;
        let stack: number = NONE;
        for (const [file, line] of frames.slice(-limits.maxStackDepth))
          stack = out.stack(stack, frameOf(file, line));
        if (series.length < limits.maxSamples) series.addValues(0, NONE, stack, [liveBytes, blocks]);
        return;
      }
      const head = v.safeParse(headSchema, value);
      if (!head.success) unread++;
      else {
        out.counter("tracemalloc", "Python, traced", "bytes", 0, head.output.traced);
        out.counter("tracemalloc-peak", "Python, most traced so far", "bytes", 0, head.output.peak);
      }
    }, 1 << 20);
    out.meta({ format: tracemalloc.id, tool: "tracemalloc" });
    return {
      push: (chunk) => splitter.push(chunk),
      end: () => {
        splitter.end();
        if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      },
    };
  },
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
