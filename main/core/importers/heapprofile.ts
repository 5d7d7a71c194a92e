import { textOf } from "../bytes/ascii.ts";
import { type JsonObject, type JsonValue, jsonArray, jsonNumber, jsonObject } from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { SourceMapper } from "./shared/source-mapper.ts";
import { v8CallFrame } from "./shared/v8-call-frame.ts";

/**
 * Sampling heap profiles of V8 (`node --heap-prof`, the inspector's HeapProfiler, DevTools): a tree with the bytes that
 * live at each place, and the samples behind them. https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/
 */
export const heapprofile: StreamImporter = {
  id: "heapprofile",
  title: "V8 heap profile",
  extensions: ["heapprofile"],
  order: 105,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head);
    return (
      /^\ufeff?\s*\{\s*"(head|samples)"\s*:/.test(text) &&
      (/"selfSize"\s*:/.test(text) ||
        /^\ufeff?\s*\{\s*"samples"\s*:\s*\[\s*\{\s*"(size|nodeId|ordinal)"/.test(text))
    );
  },
  open: (out, context) => {
    out.meta({ format: heapprofile.id, tool: "V8", stackMethod: "v8" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

function read(out: ProfileBuilder, root: JsonObject, { limits, services }: ImportContext): void {
  const mapper = new SourceMapper(services);
  const live = out.series({
    id: "heap",
    name: "Live bytes",
    kind: "heap",
    timed: false,
    values: [{ name: "bytes", unit: "bytes" }],
  });
  const stacks = new Map<number, number>();
  let tooDeep = 0;
  const waiting: { readonly node: JsonValue; readonly prefix: number; readonly depth: number }[] = [];
  if (root.head !== undefined) waiting.push({ node: root.head, prefix: NONE, depth: 0 });
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const node = jsonObject(next.node);
    const isTooDeep = next.depth > limits.maxStackDepth;
    if (isTooDeep) tooDeep++;
    // The root is no function.
    const stack =
      next.depth === 0 || isTooDeep
        ? next.prefix
        : out.stack(next.prefix, v8CallFrame(out, jsonObject(node.callFrame), mapper));
    stacks.set(jsonNumber(node.id), stack);
    const bytes = jsonNumber(node.selfSize, 0);
    if (bytes > 0 && live.length < limits.maxSamples) live.add(0, NONE, stack, bytes);
    const children = jsonArray(node.children);
    for (let i = children.length - 1; i >= 0; i--)
      waiting.push({ node: children[i] ?? null, prefix: stack, depth: next.depth + 1 });
  }
  if (tooDeep > 0)
    out.note(`${tooDeep} nodes were deeper than ${limits.maxStackDepth} and count for the ones above.`);
  mapper.finish(out);
  readSamples(out, jsonArray(root.samples), stacks, limits.maxSamples);
}

/** In the order of allocation, which is all that is known of when. */
function readSamples(
  out: ProfileBuilder,
  samples: readonly JsonValue[],
  stacks: ReadonlyMap<number, number>,
  maxSamples: number,
): void {
  if (samples.length === 0) return;
  const series = out.series({
    id: "samples",
    name: "Sampled allocations",
    kind: "alloc",
    timed: false,
    values: [
      { name: "bytes", unit: "bytes" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });
  const ordinal = out.string("ordinal");
  let unknown = 0;
  for (const value of samples) {
    if (series.length >= maxSamples) break;
    const sample = jsonObject(value);
    const stack = stacks.get(jsonNumber(sample.nodeId));
    if (stack === undefined) unknown++;
    const labels = out.labelSet([{ key: ordinal, number: jsonNumber(sample.ordinal, 0) }]);
    series.add(0, NONE, stack ?? NONE, jsonNumber(sample.size, 0), 0, labels);
  }
  if (unknown > 0) out.note(`${unknown} samples are of places that the file does not describe.`);
}
