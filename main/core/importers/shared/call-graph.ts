import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { float64, int32 } from "../../model/growable.ts";
import { cyclesOf } from "./call-graph-cycles.ts";
import { MaxHeap } from "./call-graph-heap.ts";

/**
 * Call-graph formats (callgrind, gprof, pstats) say what functions and calls cost, not along which stacks. This puts
 * stacks together from the calls: the cost of a call is spread over the paths that lead to it in proportion. The sum of
 * every row of self cost is exact (whole numbers stay whole), the paths are approximate where a function has several
 * callers.
 */
export interface CallGraph {
  /** Frame index of each node (a function) where it is a caller. The length is the number of nodes. */
  readonly frames: ArrayLike<number>;
  readonly self: SelfCosts;
  readonly arcs: ArcCosts;
  /** The smallest difference that means something: 0.01 where the file rounds to it. */
  readonly precision?: number;
}

/** What nodes cost themselves. A node may have several rows: one a line. */
export interface SelfCosts {
  readonly length: number;
  readonly node: ArrayLike<number>;
  /** Frame index of the innermost frame: the node's own, or one with a line. */
  readonly frame: ArrayLike<number>;
  /** One column for each value of the series. */
  readonly values: readonly ArrayLike<number>[];
}

/** Calls between nodes with what they cost in all; several rows of the same two nodes are added. */
export interface ArcCosts {
  readonly length: number;
  readonly caller: ArrayLike<number>;
  readonly callee: ArrayLike<number>;
  readonly values: readonly ArrayLike<number>[];
}

export interface SpreadOptions {
  /** Of the samples that are written. */
  readonly timeNs?: number;
  readonly thread?: number;
  readonly labels?: number;
  /** Paths that are looked at; what is beyond them goes to the likeliest known path. */
  readonly maxPaths?: number;
}

const MAX_PATHS = 100_000;
/** Samples one function may become (paths times lines), and about how many all of them. */
const MAX_FUNCTION_SAMPLES = 4096;
const MAX_SAMPLES = 1e6;
/** Steps up a path in search of recursion. */
const MAX_STEPS = 30e6;

const approximateNote =
  "The file says what functions and calls cost, not whole stacks: stacks were put together from the calls, in proportion. What each function costs itself is exact.";

const noCallsNote = "The file does not say who called whom: every stack is one function.";

/** Writes samples whose sums by row of self cost are those of the graph. */
export function spreadCallGraph(
  out: ProfileBuilder,
  series: SeriesBuilder,
  graph: CallGraph,
  options: SpreadOptions = {},
): void {
  const width = series.spec.values.length;
  const flows = flowsOf(graph, width);
  const paths = pathsOf(out, graph, flows, width, options.maxPaths ?? MAX_PATHS);
  writeSamples(out, series, graph, flows.scale, paths, likeliestPrefixes(out, graph, flows), options);
  out.note(graph.arcs.length > 0 ? approximateNote : noCallsNote);
}

interface Flows {
  /** Of each node and value: self and what it calls. `inclusive[node * width + value]`. */
  readonly inclusive: Float64Array;
  /** What comes from no caller. */
  readonly root: Float64Array;
  /** Arcs by caller: `arcs[first[node]]` up to `first[node + 1]`. Calls of itself are left out. */
  readonly first: Int32Array;
  readonly arcs: Int32Array;
  /** One for each value: what it is worth next to the others. */
  readonly scale: Float64Array;
  /** Share of an arc in all. */
  readonly weight: Float64Array;
}

function flowsOf({ frames, self, arcs, precision = 0 }: CallGraph, width: number): Flows {
  const nodes = frames.length;
  const inclusive = new Float64Array(nodes * width);
  const incoming = new Float64Array(nodes * width);
  const scale = new Float64Array(width);
  const arcCounts = new Int32Array(nodes);
  for (let row = 0; row < self.length; row++) {
    const at = (self.node[row] as number) * width;
    for (let v = 0; v < width; v++) {
      const value = self.values[v]?.[row] ?? 0;
      inclusive[at + v] = (inclusive[at + v] as number) + value;
      scale[v] = (scale[v] as number) + Math.abs(value);
    }
  }
  for (let v = 0; v < width; v++) scale[v] = (scale[v] as number) > 0 ? 1 / (scale[v] as number) : 0;
  const first = new Int32Array(nodes + 1);
  const weight = new Float64Array(arcs.length);
  for (let arc = 0; arc < arcs.length; arc++) {
    const caller = arcs.caller[arc] as number;
    const callee = arcs.callee[arc] as number;
    if (caller === callee) continue;
    first[caller + 1] = (first[caller + 1] as number) + 1;
    arcCounts[callee] = (arcCounts[callee] as number) + 1;
    for (let v = 0; v < width; v++) {
      const value = Math.max(0, arcs.values[v]?.[arc] ?? 0);
      inclusive[caller * width + v] = (inclusive[caller * width + v] as number) + value;
      incoming[callee * width + v] = (incoming[callee * width + v] as number) + value;
      weight[arc] = (weight[arc] as number) + value * (scale[v] as number);
    }
  }
  for (let node = 0; node < nodes; node++)
    first[node + 1] = (first[node + 1] as number) + (first[node] as number);
  const next = first.slice();
  const order = new Int32Array(first[nodes] as number);
  for (let arc = 0; arc < arcs.length; arc++) {
    const caller = arcs.caller[arc] as number;
    if (caller === arcs.callee[arc]) continue;
    order[next[caller] as number] = arc;
    next[caller] = (next[caller] as number) + 1;
  }
  const root = new Float64Array(nodes * width);
  for (let at = 0; at < root.length; at++) {
    const left = (inclusive[at] as number) - (incoming[at] as number);
    // Every cost in the file may be off by half of what it is rounded to.
    const noise = precision * (1 + (arcCounts[Math.floor(at / width)] as number));
    root[at] = left > noise || (left > 0 && incoming[at] === 0) ? left : 0;
  }
  return { inclusive, root, first, arcs: order, scale, weight };
}

/** Paths from the roots, the costliest first. Columns of the same length. */
interface Paths {
  readonly length: number;
  readonly node: Int32Array;
  /** Stack of the path without its innermost frame. */
  readonly prefix: Int32Array;
  /** What flows through the path; `flow[path * width + value]`. */
  readonly flow: Float64Array;
}

function pathsOf(
  out: ProfileBuilder,
  graph: CallGraph,
  { inclusive, root, first, arcs: order, scale }: Flows,
  width: number,
  maxPaths: number,
): Paths {
  const { frames, arcs } = graph;
  const cycle = cyclesOf(frames.length, first, order, arcs.callee);
  const pathNode = int32();
  const pathParent = int32();
  const pathPrefix = int32();
  const flow = float64();
  const waiting = new MaxHeap();
  const costs = new Float64Array(width);
  let steps = 0;

  const add = (node: number, parent: number, prefix: number): void => {
    let share = 0;
    for (let v = 0; v < width; v++) share += (costs[v] as number) * (scale[v] as number);
    if (!(share > 0)) return;
    const path = pathNode.push(node);
    pathParent.push(parent);
    pathPrefix.push(prefix);
    for (let v = 0; v < width; v++) flow.push(costs[v] as number);
    waiting.push(path, share);
  };

  const isOnPath = (node: number, path: number): boolean => {
    for (let at = path; at !== NONE; at = pathParent.at(at)) {
      const other = pathNode.at(at);
      if (cycle[other] !== cycle[node]) return false;
      if (other === node) return true;
      steps++;
    }
    return false;
  };

  for (let node = 0; node < frames.length; node++) {
    for (let v = 0; v < width; v++) costs[v] = root[node * width + v] as number;
    add(node, NONE, NONE);
  }
  while (pathNode.length < maxPaths && steps < MAX_STEPS) {
    const path = waiting.pop();
    if (path === NONE) break;
    const node = pathNode.at(path);
    const from = first[node] as number;
    const to = first[node + 1] as number;
    if (from === to) continue;
    const prefix = out.stack(pathPrefix.at(path), frames[node] as number);
    for (let i = from; i < to && pathNode.length < maxPaths; i++) {
      const arc = order[i] as number;
      const callee = arcs.callee[arc] as number;
      if (cycle[callee] === cycle[node] && isOnPath(callee, path)) continue;
      for (let v = 0; v < width; v++) {
        const all = inclusive[node * width + v] as number;
        const part = Math.max(0, arcs.values[v]?.[arc] ?? 0);
        costs[v] = all > 0 ? (flow.at(path * width + v) * part) / all : 0;
      }
      add(callee, path, prefix);
    }
  }
  return { length: pathNode.length, node: pathNode.view(), prefix: pathPrefix.view(), flow: flow.view() };
}

/** For functions that no path reached: the stack of each node's costliest caller, and its costliest caller, and so on. */
function likeliestPrefixes(
  out: ProfileBuilder,
  { frames, arcs }: CallGraph,
  { weight }: Flows,
): (node: number) => number {
  const nodes = frames.length;
  const best = new Int32Array(nodes).fill(NONE);
  for (let arc = 0; arc < arcs.length; arc++) {
    const callee = arcs.callee[arc] as number;
    if (arcs.caller[arc] === callee) continue;
    const known = best[callee] as number;
    if (known === NONE || (weight[arc] as number) > (weight[known] as number)) best[callee] = arc;
  }
  const UNKNOWN = -2;
  const IN_WORK = -3;
  const prefixes = new Int32Array(nodes).fill(UNKNOWN);
  const chain: number[] = [];
  return (wanted) => {
    let node = wanted;
    // Up to a node whose prefix is known; a cycle ends where it comes back to itself.
    while (prefixes[node] === UNKNOWN) {
      chain.push(node);
      prefixes[node] = IN_WORK;
      const arc = best[node] as number;
      if (arc === NONE) break;
      node = arcs.caller[arc] as number;
    }
    let above = node;
    if (prefixes[above] === IN_WORK && chain.at(-1) !== above) above = NONE;
    for (let at = chain.pop(); at !== undefined; at = chain.pop()) {
      const caller = above === NONE || above === at ? NONE : above;
      prefixes[at] = caller === NONE ? NONE : out.stack(prefixes[caller] as number, frames[caller] as number);
      above = at;
    }
    return prefixes[wanted] as number;
  };
}

function writeSamples(
  out: ProfileBuilder,
  series: SeriesBuilder,
  { frames, self }: CallGraph,
  scale: Float64Array,
  paths: Paths,
  likeliest: (node: number) => number,
  { timeNs = 0, thread = NONE, labels = NONE }: SpreadOptions,
): void {
  const width = series.spec.values.length;
  const rowsOf = groupBy(self.node, self.length, frames.length);
  const pathsTo = groupBy(paths.node, paths.length, frames.length);
  const sums = new Float64Array(width);
  const left = new Float64Array(width);
  const costs = new Float64Array(width);
  const list: number[] = new Array(width);
  const write = (stack: number, values: Float64Array): void => {
    let isEmpty = true;
    for (let v = 0; v < width; v++) {
      list[v] = values[v] as number;
      if (values[v] !== 0) isEmpty = false;
    }
    if (!isEmpty) series.addValues(timeNs, thread, stack, list, labels);
  };
  for (let node = 0; node < frames.length; node++) {
    const rows = rowsOf(node);
    if (rows.length === 0) continue;
    let share = 0;
    for (const row of rows) {
      for (let v = 0; v < width; v++)
        share += (Math.abs(self.values[v]?.[row] ?? 0) * (scale[v] as number)) / width;
    }
    // Paths are in the order they were found, the costliest first; where there are too many, costly functions keep more.
    const kept = Math.min(
      MAX_FUNCTION_SAMPLES / rows.length,
      Math.max(MAX_SAMPLES / self.length, (MAX_SAMPLES * share) / rows.length),
    );
    const ways = pathsTo(node).subarray(0, Math.max(1, Math.floor(kept)));
    sums.fill(0);
    for (const path of ways) {
      for (let v = 0; v < width; v++)
        sums[v] = (sums[v] as number) + (paths.flow[path * width + v] as number);
    }
    const [main] = ways;
    for (const row of rows) {
      const frame = self.frame[row] as number;
      for (let v = 0; v < width; v++) left[v] = self.values[v]?.[row] ?? 0;
      for (let i = 1; i < ways.length; i++) {
        const path = ways[i] as number;
        for (let v = 0; v < width; v++) {
          const all = self.values[v]?.[row] ?? 0;
          const sum = sums[v] as number;
          const part = sum > 0 ? all * ((paths.flow[path * width + v] as number) / sum) : 0;
          costs[v] = Number.isInteger(all) ? Math.trunc(part) : part;
          left[v] = (left[v] as number) - (costs[v] as number);
        }
        write(out.stack(paths.prefix[path] as number, frame), costs);
      }
      const prefix = main === undefined ? likeliest(node) : (paths.prefix[main] as number);
      write(out.stack(prefix, frame), left);
    }
  }
}

/** Row numbers by key, in their order. */
function groupBy(keys: ArrayLike<number>, length: number, groups: number): (key: number) => Int32Array {
  const first = new Int32Array(groups + 1);
  for (let row = 0; row < length; row++) {
    const key = keys[row] as number;
    first[key + 1] = (first[key + 1] as number) + 1;
  }
  for (let key = 0; key < groups; key++) first[key + 1] = (first[key + 1] as number) + (first[key] as number);
  const next = first.slice();
  const rows = new Int32Array(length);
  for (let row = 0; row < length; row++) {
    const key = keys[row] as number;
    rows[next[key] as number] = row;
    next[key] = (next[key] as number) + 1;
  }
  return (key) => rows.subarray(first[key] as number, first[key + 1] as number);
}
