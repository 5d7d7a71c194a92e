import { type Growable, int32, uint8 } from "../model/growable.ts";
import type { Profile } from "../model/profile.ts";
import { RowInterner } from "../model/row-interner.ts";
import type { ArrayPool } from "./array-pool.ts";

/**
 * The stacks of a profile merged by function: one node a (parent node, function), parents before children. Grows
 * with the profile and never renumbers, so node ids can be kept by a view.
 */
export class CallTree {
  readonly #index = new RowInterner(2);
  readonly #parent: Growable<Int32Array> = int32();
  readonly #function: Growable<Int32Array> = int32();
  readonly #depth: Growable<Int32Array> = int32();
  readonly #recursive: Growable<Uint8Array> = uint8();
  /** The node whose path `#onPath` counts: how often each function is on it. */
  #at = -1;
  #onPath = new Int32Array(256);

  get length(): number {
    return this.#parent.length;
  }
  /** Node of the caller, -1 at a root. */
  get parent(): Int32Array {
    return this.#parent.view();
  }
  get function(): Int32Array {
    return this.#function.view();
  }
  /** The functions, as transforms know them. */
  get item(): Int32Array {
    return this.#function.view();
  }
  get depth(): Int32Array {
    return this.#depth.view();
  }
  /** 1 where an ancestor is the same function: such nodes add nothing to the function's total. */
  get recursive(): Uint8Array {
    return this.#recursive.view();
  }

  node(parent: number, func: number): number {
    const node = this.#index.intern(parent, func);
    if (node < this.#parent.length) return node;
    this.#parent.push(parent);
    this.#function.push(func);
    this.#depth.push(parent === -1 ? 0 : this.#depth.at(parent) + 1);
    this.#walkTo(parent);
    if (func >= this.#onPath.length) {
      const grown = new Int32Array(Math.max(func + 1, this.#onPath.length * 2));
      grown.set(this.#onPath);
      this.#onPath = grown;
    }
    this.#recursive.push(this.#onPath[func] > 0 ? 1 : 0);
    return node;
  }

  /**
   * Moves the counted path to another node by way of their common caller. New nodes come mostly along one stack after
   * the other, so this is a step or two where a look at all callers would take as long as the stack is deep.
   */
  #walkTo(node: number): void {
    let leave = this.#at;
    let enter = node;
    while (leave !== enter) {
      const leaveDepth = leave === -1 ? -1 : this.#depth.at(leave);
      const enterDepth = enter === -1 ? -1 : this.#depth.at(enter);
      if (leaveDepth >= enterDepth) {
        this.#onPath[this.#function.at(leave)]--;
        leave = this.#parent.at(leave);
      } else {
        this.#onPath[this.#function.at(enter)]++;
        enter = this.#parent.at(enter);
      }
    }
    this.#at = node;
  }
}

/** A tree together with where each row of its source (stacks, or nodes of another tree) went; -1 for nowhere. */
export interface MappedTree {
  readonly tree: CallTree;
  readonly map: Int32Array;
}

/** Keeps the call tree of a growing profile's stacks. */
export class StackTree {
  readonly #tree = new CallTree();
  readonly #map: Growable<Int32Array> = int32();

  extend(profile: Profile): MappedTree {
    const { prefix, frame, length } = profile.stacks;
    const functions = profile.frames.function;
    for (let stack = this.#map.length; stack < length; stack++) {
      const above = prefix[stack];
      const parent = above === -1 ? -1 : this.#map.at(above);
      this.#map.push(this.#tree.node(parent, functions[frame[stack]]));
    }
    return { tree: this.#tree, map: this.#map.view() };
  }
}

export interface SummedUp {
  /** With those of what a node calls. */
  readonly value: Float64Array;
  readonly samples: Float64Array;
  readonly wholeValue: number;
  readonly wholeSamples: number;
  /** Depth in frames of the deepest node with weight. */
  readonly maxDepth: number;
}

/** Adds every node's weight to its ancestors: one sweep from the last node to the first. */
export function sumUp(
  tree: CallTree,
  self: Float64Array,
  selfSamples: Float64Array,
  pool: ArrayPool,
): SummedUp {
  const value = pool.copy(self);
  const samples = pool.copy(selfSamples);
  const { parent, depth } = tree;
  let wholeValue = 0;
  let wholeSamples = 0;
  let maxDepth = 0;
  for (let node = self.length - 1; node >= 0; node--) {
    const count = samples[node];
    const weight = value[node];
    if (count === 0 && weight === 0) continue;
    if (weight > 0 && depth[node] >= maxDepth) maxDepth = depth[node] + 1;
    const above = parent[node];
    if (above === -1) {
      wholeValue += weight;
      wholeSamples += count;
    } else {
      value[above] += weight;
      samples[above] += count;
    }
  }
  return { value, samples, wholeValue, wholeSamples, maxDepth };
}

/** 1 for every node that has a flagged function on its path from the root, itself included. */
export function onPath(tree: CallTree, flagged: Uint8Array): Uint8Array {
  const { parent, length } = tree;
  const functions = tree.function;
  const has = new Uint8Array(length);
  for (let node = 0; node < length; node++) {
    const above = parent[node];
    has[node] = flagged[functions[node]] === 1 || (above !== -1 && has[above] === 1) ? 1 : 0;
  }
  return has;
}
