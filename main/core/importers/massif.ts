import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { IndentedCalls } from "./shared/indented-calls.ts";
import { parseValgrindFrame, stackInwards, valgrindFrame } from "./shared/valgrind-frames.ts";

/**
 * Heap snapshots of valgrind's massif, also those that were taken while it runs. Every snapshot is a point of the
 * counters; each with a tree is a series of its own, that of the peak with an id that views look for, because sizes of different times do not
 * add up. https://valgrind.org/docs/manual/ms-manual.html
 *
 *     snapshot=14
 *     time=10141156
 *     mem_heap_B=10204432
 *     heap_tree=detailed
 *     n2: 10204432 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.
 *      n1: 10000000 0x10923B: big_hold (leak.cpp:13)
 *       n0: 10000000 0x1092BF: main (leak.cpp:16)
 */
export const massif: StreamImporter = {
  id: "massif",
  title: "valgrind massif",
  extensions: ["out", "massif"],
  order: 165,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head.subarray(0, 16_384));
    return (
      /^desc: .*\ncmd: .*\ntime_unit: \w+\r?\n/.test(text) ||
      /^#-+\r?\nsnapshot=\d+\r?\n#-+\r?\ntime=/m.test(text)
    );
  },
  open: (out, context) => createParser(out, context),
};

const counters: readonly (readonly [string, string])[] = [
  ["mem_heap_B", "Heap"],
  ["mem_heap_extra_B", "Heap overhead"],
  ["mem_stacks_B", "Stacks"],
];

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let snapshot = "";
  let isPages = false;
  let nsPerTick = 1;
  let values = new Map<string, number>();
  let series: SeriesBuilder | null = null;
  let unread = 0;
  let tooMany = false;
  const tree = new IndentedCalls<number>(limits.maxStackDepth, (path, [own = 0]) => {
    if (own === 0 || !series) return;
    // The tree goes from the allocation to its callers; its root is the allocator itself.
    const stack = stackInwards(out, path.length > 1 ? path.slice(1) : path, limits.maxStackDepth);
    if (series.length < limits.maxSamples) series.add(0, NONE, stack, own);
  });

  const timeNs = (): number => (values.get("time") ?? 0) * nsPerTick;
  const close = (): void => {
    tree.end();
    series = null;
    if (snapshot === "") return;
    for (const [key, name] of counters) {
      const value = values.get(key);
      if (value !== undefined)
        out.counter(key, isPages && key === "mem_heap_B" ? "Pages" : name, "bytes", timeNs(), value);
    }
    values = new Map();
    snapshot = "";
  };

  const header = (key: string, value: string): void => {
    if (key === "cmd") out.meta({ command: value, target: value.split(" ")[0] ?? "" });
    else if (key === "desc") isPages = /--pages-as-heap=yes/.test(value);
    else if (key === "time_unit") {
      nsPerTick = value === "ms" ? 1e6 : value === "s" ? 1e9 : 1;
      if (value === "i") out.note("The time axis counts instructions, shown as nanoseconds.");
      else if (value === "B")
        out.note("The time axis counts bytes that were allocated and freed, shown as nanoseconds.");
    }
  };

  const openTree = (kind: string): void => {
    if (kind === "empty") return;
    if (kind === "peak")
      out.interval({
        start: timeNs(),
        end: timeNs(),
        category: out.string("mark"),
        name: out.string("peak"),
      });
    const id = kind === "peak" ? "peak" : `snapshot-${snapshot}`;
    if (out.findSeries(id) === undefined && seriesCount >= MAX_SERIES) {
      tooMany = true;
      return;
    }
    seriesCount++;
    series = out.series({
      id,
      name: kind === "peak" ? `Heap at the peak (snapshot ${snapshot})` : `Heap at snapshot ${snapshot}`,
      kind: "heap",
      timed: false,
      values: [{ name: "bytes", unit: "bytes" }],
    });
  };
  let seriesCount = 0;

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    const node = /^( *)n(\d+): (\d+) (.*)$/.exec(line);
    if (node) {
      const frame = parseValgrindFrame(node[4] ?? "");
      tree.line((node[1] ?? "").length, valgrindFrame(out, frame), [Number(node[3])]);
      return;
    }
    if (line === "" || line.startsWith("#")) return;
    const field = /^(\w+)(?:=|: ?)(.*)$/.exec(line);
    if (!field) {
      unread++;
      return;
    }
    const [, key = "", value = ""] = field;
    if (key === "snapshot") {
      close();
      snapshot = value;
    } else if (snapshot === "") header(key, value);
    else if (key === "heap_tree") openTree(value);
    else values.set(key, Number(value));
  }, 1 << 20);

  out.meta({ format: massif.id, tool: "valgrind massif" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      close();
      if (tooMany) out.note(`Only the trees of the first ${MAX_SERIES} snapshots were read.`);
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}

/** massif keeps a hundred snapshots unless it is told otherwise. */
const MAX_SERIES = 2000;
