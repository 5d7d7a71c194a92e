import { float64, type Growable, int32 } from "../model/growable.ts";
import type { CallTree } from "./call-tree.ts";

/** The boxes of a chart, lane by lane; within a lane not in any order. */
export interface ChartSlices {
  readonly lane: Growable<Int32Array>;
  readonly depth: Growable<Int32Array>;
  readonly start: Growable<Float64Array>;
  readonly end: Growable<Float64Array>;
  /** -1 for several slices that are too narrow, merged. */
  readonly function: Growable<Int32Array>;
  /** Slices that are in it. */
  readonly merged: Growable<Int32Array>;
}

export const newSlices = (): ChartSlices => ({
  lane: int32(),
  depth: int32(),
  start: float64(),
  end: float64(),
  function: int32(),
  merged: int32(),
});

/** Joins the frames that samples of one thread, in the order of time, have in common. */
export class ChartLaneBuilder {
  readonly #parent: Int32Array;
  readonly #function: Int32Array;
  readonly #depth: Int32Array;
  readonly #slices: ChartSlices;
  readonly #lane: number;
  readonly #leastNs: number;
  readonly #maxDepth: number;
  /** Nodes of the path that is open, outermost first, and since when. */
  readonly #open: Int32Array;
  readonly #since: Float64Array;
  #openDepth = 0;
  #untilNs = Number.NEGATIVE_INFINITY;
  /** By depth: narrow slices that lie side by side; how many, 0 for none. Columns, as millions pass through them. */
  readonly #pendingCount: Int32Array;
  readonly #pendingStart: Float64Array;
  readonly #pendingEnd: Float64Array;
  readonly #pendingFunction: Int32Array;
  /** Rows of boxes that there are. */
  depth = 0;

  constructor(tree: CallTree, slices: ChartSlices, lane: number, leastNs: number, maxDepth: number) {
    this.#parent = tree.parent;
    this.#function = tree.function;
    this.#depth = tree.depth;
    this.#slices = slices;
    this.#lane = lane;
    this.#leastNs = leastNs;
    this.#maxDepth = maxDepth;
    let deepest = 0;
    for (let node = 0; node < tree.length; node++) deepest = Math.max(deepest, tree.depth[node] + 1);
    const rows = Math.max(0, Math.min(deepest, maxDepth));
    this.#open = new Int32Array(rows);
    this.#since = new Float64Array(rows);
    this.#pendingCount = new Int32Array(rows);
    this.#pendingStart = new Float64Array(rows);
    this.#pendingEnd = new Float64Array(rows);
    this.#pendingFunction = new Int32Array(rows);
  }

  /** `node` -1: nothing ran. A gap of at most `bridgeNs` to the sample before is closed. */
  add(node: number, startNs: number, endNs: number, bridgeNs: number): void {
    const from = Math.max(startNs, this.#untilNs);
    if (startNs - this.#untilNs > bridgeNs) this.#close(0, this.#untilNs);
    const at = startNs - this.#untilNs > bridgeNs ? from : Math.max(this.#untilNs, Math.min(from, endNs));
    const open = this.#open;
    const parent = this.#parent;
    let shown = node;
    let depth = node === -1 ? -1 : this.#depth[node];
    for (; depth >= this.#maxDepth; depth--) shown = parent[shown];
    const last = shown;
    const newDepth = depth + 1;
    while (depth >= 0 && (depth >= this.#openDepth || open[depth] !== shown)) {
      shown = parent[shown];
      depth--;
    }
    this.#close(depth + 1, at);
    shown = last;
    for (let level = newDepth - 1; level > depth; level--) {
      open[level] = shown;
      this.#since[level] = at;
      shown = parent[shown];
    }
    this.#openDepth = newDepth;
    this.#untilNs = Math.max(this.#untilNs, endNs);
  }

  finish(): void {
    this.#close(0, this.#untilNs);
    for (let depth = 0; depth < this.#pendingCount.length; depth++) this.#flush(depth);
  }

  /** Ends the frames from a depth on. */
  #close(depth: number, atNs: number): void {
    while (this.#openDepth > depth) {
      this.#openDepth--;
      const since = this.#since[this.#openDepth];
      if (atNs > since) this.#emit(this.#openDepth, since, atNs, this.#function[this.#open[this.#openDepth]]);
    }
  }

  #emit(depth: number, startNs: number, endNs: number, func: number): void {
    if (depth >= this.depth) this.depth = depth + 1;
    const leastNs = this.#leastNs;
    if (endNs - startNs >= leastNs) {
      this.#flush(depth);
      this.#push(depth, startNs, endNs, func, 1);
      return;
    }
    const isNear = this.#pendingCount[depth] > 0 && startNs - this.#pendingEnd[depth] < leastNs;
    // Grows no wider than need be: what is merged is a pixel or two wide.
    if (isNear && this.#pendingEnd[depth] - this.#pendingStart[depth] < leastNs) {
      this.#pendingEnd[depth] = endNs;
      this.#pendingCount[depth]++;
      if (this.#pendingFunction[depth] !== func) this.#pendingFunction[depth] = -1;
      return;
    }
    this.#flush(depth);
    this.#pendingCount[depth] = 1;
    this.#pendingStart[depth] = startNs;
    this.#pendingEnd[depth] = endNs;
    this.#pendingFunction[depth] = func;
  }

  #flush(depth: number): void {
    const count = this.#pendingCount[depth];
    if (count === 0) return;
    this.#pendingCount[depth] = 0;
    this.#push(
      depth,
      this.#pendingStart[depth],
      this.#pendingEnd[depth],
      this.#pendingFunction[depth],
      count,
    );
  }

  #push(depth: number, startNs: number, endNs: number, func: number, merged: number): void {
    this.#slices.lane.push(this.#lane);
    this.#slices.depth.push(depth);
    this.#slices.start.push(startNs);
    this.#slices.end.push(endNs);
    this.#slices.function.push(func);
    this.#slices.merged.push(merged);
  }
}
