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

/** Narrow slices of one depth that lie side by side. */
interface Pending {
  startNs: number;
  endNs: number;
  function: number;
  count: number;
}

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
  readonly #open: number[] = [];
  readonly #since: number[] = [];
  #untilNs = Number.NEGATIVE_INFINITY;
  readonly #pending: (Pending | undefined)[] = [];
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
  }

  /** `node` -1: nothing ran. A gap of at most `bridgeNs` to the sample before is closed. */
  add(node: number, startNs: number, endNs: number, bridgeNs: number): void {
    const from = Math.max(startNs, this.#untilNs);
    if (startNs - this.#untilNs > bridgeNs) this.#close(0, this.#untilNs);
    const at = startNs - this.#untilNs > bridgeNs ? from : Math.max(this.#untilNs, Math.min(from, endNs));
    let shown = node;
    while (shown !== -1 && this.#depth[shown] >= this.#maxDepth) shown = this.#parent[shown];
    const entered: number[] = [];
    while (shown !== -1 && this.#open[this.#depth[shown]] !== shown) {
      entered.push(shown);
      shown = this.#parent[shown];
    }
    this.#close(shown === -1 ? 0 : this.#depth[shown] + 1, at);
    for (const each of entered.reverse()) {
      this.#open.push(each);
      this.#since.push(at);
    }
    this.#untilNs = Math.max(this.#untilNs, endNs);
  }

  finish(): void {
    this.#close(0, this.#untilNs);
    for (let depth = 0; depth < this.#pending.length; depth++) this.#flush(depth);
  }

  /** Ends the frames from a depth on. */
  #close(depth: number, atNs: number): void {
    while (this.#open.length > depth) {
      const node = this.#open.pop() ?? -1;
      const since = this.#since.pop() ?? atNs;
      if (atNs > since) this.#emit(this.#open.length, since, atNs, this.#function[node]);
    }
  }

  #emit(depth: number, startNs: number, endNs: number, func: number): void {
    this.depth = Math.max(this.depth, depth + 1);
    if (endNs - startNs >= this.#leastNs) {
      this.#flush(depth);
      this.#push(depth, startNs, endNs, func, 1);
      return;
    }
    const pending = this.#pending[depth];
    const isNear = pending !== undefined && startNs - pending.endNs < this.#leastNs;
    // Grows no wider than need be: what is merged is a pixel or two wide.
    if (pending && isNear && pending.endNs - pending.startNs < this.#leastNs) {
      pending.endNs = endNs;
      pending.count++;
      if (pending.function !== func) pending.function = -1;
      return;
    }
    this.#flush(depth);
    this.#pending[depth] = { startNs, endNs, function: func, count: 1 };
  }

  #flush(depth: number): void {
    const pending = this.#pending[depth];
    if (!pending) return;
    this.#pending[depth] = undefined;
    this.#push(depth, pending.startNs, pending.endNs, pending.function, pending.count);
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
