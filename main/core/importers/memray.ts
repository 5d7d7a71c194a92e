import { skipBlanks, startsWith, textOf } from "../bytes/ascii.ts";
import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../bytes/json-value.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { htmlUnescaped, memrayFrame, memrayThread, memrayValues } from "./shared/memray-frames.ts";

/**
 * Reports of memray in HTML, which carry their data as JSON in lines of a script: `memray table`, with the innermost place of
 * every allocation, and `memray flamegraph`, with a tree. https://bloomberg.github.io/memray/flamegraph.html
 */
export const memray: StreamImporter = {
  id: "memray",
  title: "memray report",
  extensions: ["html"],
  order: 59,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head.subarray(0, 4096));
    return /^\s*<!DOCTYPE html>/i.test(text) && /<title>\s*memray - (table|flamegraph|temporal)/.test(text);
  },
  open: createParser,
};

const DATA = "const packed_data = ";
const MEMORY = "const memory_records = ";
const MAX_LINE = 2 ** 30;

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let data: JsonValue = null;
  let memory: JsonValue = null;
  let isLeaks = false;
  let isInverted = false;

  const jsonOf = (bytes: Uint8Array, start: number, end: number): JsonValue => {
    let value: JsonValue = null;
    const parser = jsonParser(out, (root) => {
      value = root;
    });
    parser.push(bytes.subarray(start, bytes[end - 1] === 59 ? end - 1 : end));
    parser.end();
    return value;
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const at = skipBlanks(bytes, start, end);
    if (startsWith(bytes, at, end, DATA)) data = jsonOf(bytes, at + DATA.length, end);
    else if (startsWith(bytes, at, end, MEMORY)) memory = jsonOf(bytes, at + MEMORY.length, end);
    else if (startsWith(bytes, at, end, "const inverted = true")) isInverted = true;
    else if (startsWith(bytes, at, end, "<title>"))
      isLeaks = textOf(bytes, at, Math.min(end, at + 200)).includes("leaks");
  }, MAX_LINE);

  const write = (): void => {
    const records = jsonArray(memory);
    const [first] = records;
    const startMs = jsonNumber(jsonArray(first)[0], Number.NaN);
    const timeOf = (index: number): number => {
      const ms = jsonNumber(jsonArray(records[Math.min(index, records.length - 1)])[0], startMs);
      return Math.max(0, (ms - startMs) * 1e6) || 0;
    };
    if (!Number.isNaN(startMs)) {
      out.meta({ startedAtMs: startMs });
      out.relativeTime(Math.floor(startMs / 1000), Math.round(startMs % 1000) * 1e6);
    }
    for (const [i, record] of records.entries()) {
      const [, rss, heap] = jsonArray(record);
      out.counter("rss", "resident set size", "bytes", timeOf(i), jsonNumber(rss, 0));
      out.counter("heap", "heap", "bytes", timeOf(i), jsonNumber(heap, 0));
    }
    const tree = jsonObject(data);
    const isTemporal = jsonArray(tree.intervals).length > 0;
    const series = out.series({
      id: isLeaks ? "leaked" : "size",
      name: isLeaks ? "Leaked memory" : "Memory",
      kind: isTemporal ? "alloc" : "heap",
      timed: isTemporal,
      values: memrayValues,
    });
    if (Array.isArray(data)) {
      for (const row of jsonArray(data).slice(0, limits.maxSamples)) addRow(jsonObject(row));
      out.note(
        "The table has only the innermost place of every allocation. `memray transform csv` has whole stacks.",
      );
    } else {
      const { stacks, threads } = readNodes(out, tree, limits.maxStackDepth);
      if (isTemporal) {
        const freed = out.string("freed before");
        const milliseconds = out.string("milliseconds");
        for (const interval of jsonArray(tree.intervals).slice(0, limits.maxSamples)) {
          const [from = 0, until, node = NONE, count = 0, size = 0] = jsonArray(interval).map((each) =>
            jsonNumber(each, NONE),
          );
          if (count === 0 && size === 0) continue;
          const timeNs = out.seen(timeOf(from));
          const isFreed = until !== undefined && until !== NONE;
          const labels = isFreed
            ? out.labelSet([{ key: freed, number: timeOf(until) / 1e6, unit: milliseconds }])
            : NONE;
          series.add(timeNs, threads[node] ?? NONE, stacks[node] ?? NONE, size, count, labels);
        }
        series.sortByTime();
        out.note(
          "Allocations have the time of the next snapshot. What was freed before its next snapshot is not in the file.",
        );
      } else addSelf(tree, stacks, threads);
    }
    if (isInverted) out.note("The report is inverted: its stacks begin where memory was allocated.");

    function addRow(row: JsonObject): void {
      const text = htmlUnescaped(jsonText(row.stack_trace));
      const at = text.indexOf(" at ");
      const colon = text.lastIndexOf(":");
      const frame =
        at === -1 || colon < at
          ? memrayFrame(out, text || "???", "", NONE)
          : memrayFrame(out, text.slice(0, at), text.slice(at + 4, colon), Number(text.slice(colon + 1)));
      const labels = out.labelSet([
        { key: out.string("allocator"), text: out.string(jsonText(row.allocator)) },
      ]);
      const thread = memrayThread(out, htmlUnescaped(jsonText(row.tid)));
      series.add(
        0,
        thread,
        out.stack(NONE, frame),
        jsonNumber(row.size, 0),
        jsonNumber(row.n_allocations, 0),
        labels,
      );
    }

    /** Values of the tree hold those of their children. */
    function addSelf(root: JsonObject, stacks: Int32Array, threads: Int32Array): void {
      const nodes = jsonObject(root.nodes);
      const children = jsonArray(nodes.children);
      const sizes = jsonArray(nodes.value);
      const counts = jsonArray(nodes.n_allocations);
      for (let node = 0; node < stacks.length && series.length < limits.maxSamples; node++) {
        let size = jsonNumber(sizes[node], 0);
        let count = jsonNumber(counts[node], 0);
        for (const child of jsonArray(children[node])) {
          size -= jsonNumber(sizes[jsonNumber(child, NONE)], 0);
          count -= jsonNumber(counts[jsonNumber(child, NONE)], 0);
        }
        if (size > 0 || count > 0)
          series.add(0, threads[node] ?? NONE, stacks[node] ?? NONE, Math.max(0, size), Math.max(0, count));
      }
    }
  };

  out.meta({ format: memray.id, tool: "memray" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      if (data === null) out.note("The report has no data in it, or in a form that is not known.");
      write();
    },
  };
}

/** Stacks of the nodes of a tree; node 0 is its root and no function. */
function readNodes(
  out: ProfileBuilder,
  tree: JsonObject,
  maxDepth: number,
): { readonly stacks: Int32Array; readonly threads: Int32Array } {
  const nodes = jsonObject(tree.nodes);
  const strings = jsonArray(tree.strings);
  const children = jsonArray(nodes.children);
  const text = (column: JsonValue | undefined, node: number): string =>
    htmlUnescaped(jsonText(strings[jsonNumber(jsonArray(column)[node], NONE)]));
  const stacks = new Int32Array(children.length).fill(NONE);
  const threads = new Int32Array(children.length).fill(NONE);
  const depth = new Int32Array(children.length);
  let damaged = 0;
  let cut = 0;
  for (let node = 0; node < children.length; node++) {
    if (node > 0 && depth[node] === 0) damaged++;
    for (const value of jsonArray(children[node])) {
      const child = jsonNumber(value, NONE);
      // Parents come first: what does not is no tree.
      if (!Number.isInteger(child) || child <= node || child >= children.length || depth[child] !== 0) {
        damaged++;
        continue;
      }
      depth[child] = (depth[node] as number) + 1;
      threads[child] = memrayThread(out, text(nodes.thread_id, child));
      if ((depth[child] as number) > maxDepth) {
        cut++;
        stacks[child] = stacks[node] as number;
        continue;
      }
      const line = jsonNumber(jsonArray(nodes.lineno)[child], NONE);
      const frame = memrayFrame(out, text(nodes.function, child), text(nodes.filename, child), line);
      stacks[child] = out.stack(stacks[node] as number, frame);
    }
  }
  if (damaged > 0)
    out.note(`${damaged} nodes of the tree do not hang together; they were left out or stand alone.`);
  if (cut > 0) out.note(`${cut} frames were deeper than ${maxDepth} and were cut.`);
  return { stacks, threads };
}
