import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { HeapClasses } from "../../model/heap-classes.ts";
import type { HeapDominators } from "../../model/heap-dominators.ts";
import type { FunctionKind, HeapGraph } from "../../model/profile.ts";

const bytesAndObjects = [
  { name: "bytes", unit: "bytes" },
  { name: "objects", unit: "count" },
] as const;

/** Frames for kinds of objects: "(system)" and the like are the runtime's own. */
export function classFrames(out: ProfileBuilder, { names }: HeapClasses): Int32Array {
  return Int32Array.from(names, (name) => {
    const kind: FunctionKind = name.startsWith("(") ? "runtime" : "node";
    return out.frame({ function: out.function({ name: out.string(name), kind }) });
  });
}

/**
 * The heap as a tree to look at: an object's stack are the kinds of objects that keep it alive (its dominators, from the
 * root), its value its own size. So a frame is as wide as what it retains, and the total of a kind in a list of functions
 * is its retained size. Neighbours of one kind (the links of a list) share a frame.
 */
export function addDominatorTree(
  out: ProfileBuilder,
  { nodes }: HeapGraph,
  { dominator, order }: HeapDominators,
  classes: HeapClasses,
  frames: Int32Array,
  maxDepth: number,
): void {
  const series = out.series({
    id: "heap",
    name: "Live objects",
    kind: "heap",
    timed: false,
    values: bytesAndObjects,
  });
  const stacks = new Int32Array(nodes.length).fill(NONE);
  const depths = new Int32Array(nodes.length);
  /** Index of each object's group. */
  const groupOf = new Map<number, number>();
  const groups: { readonly stack: number; bytes: number; objects: number }[] = [];
  let tooDeep = 0;
  for (let i = 0; i < order.length; i++) {
    const node = order[i] as number;
    const above = dominator[node] as number;
    let stack = NONE;
    if (node !== 0) {
      const prefix = stacks[above] as number;
      const isSame = above !== 0 && classes.of[above] === classes.of[node];
      const depth = (depths[above] as number) + (isSame ? 0 : 1);
      depths[node] = depth;
      if (depth > maxDepth) tooDeep++;
      stack =
        isSame || depth > maxDepth ? prefix : out.stack(prefix, frames[classes.of[node] as number] as number);
      stacks[node] = stack;
    }
    const bytes = nodes.selfSizeBytes[node] as number;
    if (bytes === 0) continue;
    let group = groupOf.get(stack);
    if (group === undefined) {
      group = groups.length;
      groupOf.set(stack, group);
      groups.push({ stack, bytes: 0, objects: 0 });
    }
    const sums = groups[group];
    if (sums) {
      sums.bytes += bytes;
      sums.objects++;
    }
  }
  for (const { stack, bytes, objects } of groups) series.add(0, NONE, stack, bytes, objects);
  if (tooDeep > 0)
    out.note(
      `${tooDeep} objects are deeper than ${maxDepth} in what keeps them alive; they count for the ones above.`,
    );
}

/**
 * When what lives was allocated. Each sample of the file is a time and the last number that had been given to an object;
 * numbers only grow.
 */
export function addTimeline(
  out: ProfileBuilder,
  { nodes }: HeapGraph,
  classes: HeapClasses,
  frames: Int32Array,
  timesUs: Float64Array,
  lastIds: Float64Array,
): void {
  if (timesUs.length === 0) return;
  const series = out.series({
    id: "timeline",
    name: "Live objects by time of allocation",
    kind: "alloc",
    timed: true,
    values: bytesAndObjects,
  });
  const startUs = timesUs[0] as number;
  const seconds = Math.floor(startUs / 1e6);
  out.relativeTime(seconds, Math.round((startUs - seconds * 1e6) * 1000));
  const groups = new Map<number, Map<number, { bytes: number; objects: number }>>();
  for (let node = 0; node < nodes.length; node++) {
    const id = nodes.id[node] as number;
    const bytes = nodes.selfSizeBytes[node] as number;
    if (bytes === 0) continue;
    let low = 0;
    let high = lastIds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lastIds[middle] as number) < id) low = middle + 1;
      else high = middle;
    }
    const stack = out.stack(nodes.stack[node] as number, frames[classes.of[node] as number] as number);
    let group = groups.get(low);
    if (!group) {
      group = new Map();
      groups.set(low, group);
    }
    const sums = group.get(stack);
    if (sums) {
      sums.bytes += bytes;
      sums.objects++;
    } else group.set(stack, { bytes, objects: 1 });
  }
  for (const at of [...groups.keys()].sort((a, b) => a - b)) {
    const timeNs = out.seen(((timesUs[at] as number) - startUs) * 1000);
    for (const [stack, { bytes, objects }] of groups.get(at) ?? [])
      series.add(timeNs, NONE, stack, bytes, objects);
  }
  out.seen(((timesUs[timesUs.length - 1] as number) - startUs) * 1000);
}
