import type { Profile } from "../model/profile.ts";
import type { FlameQuery } from "../model/query.ts";
import { isInverted } from "../model/transform.ts";
import { type CallTree, onPath } from "./call-tree.ts";
import { type Callers, callersOf } from "./callers.ts";
import type { Weighed, Weigher } from "./weigh.ts";

/** What a flame graph draws: the call tree itself, or the tree of callers above every function that burns. */
export interface FlameTree {
  readonly weighed: Weighed;
  readonly tree: CallTree;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly samples: Float64Array;
  readonly maxDepth: number;
  /** Callers that were not even looked at, because what they lead to is too narrow. */
  readonly unexpanded: number;
  /** Weight of samples with a flagged function on their stack, within the nodes in view. */
  matchedValue(flags: Uint8Array, inView: Uint8Array | null): number;
}

export function flameTree(weigher: Weigher, profile: Profile, query: FlameQuery): FlameTree {
  const weighed = weigher.weigh(profile, query.selection);
  const { tree, self, total, samples, maxDepth } = weighed;
  if (isInverted(query.inverted, query.selection.transforms)) {
    const callers: Callers = callersOf(weighed, query, weigher.invertedTree(query.selection.transforms));
    const matchedValue = (flags: Uint8Array): number => {
      const has = onPath(tree, flags);
      return callers.leavesInView.reduce((all, leaf) => all + (has[leaf] === 1 ? self[leaf] : 0), 0);
    };
    return { ...callers, weighed, maxDepth, matchedValue };
  }
  const matchedValue = (flags: Uint8Array, inView: Uint8Array | null): number => {
    const has = onPath(tree, flags);
    let value = 0;
    for (let node = 0; node < has.length; node++)
      if (has[node] === 1 && inView?.[node] !== 0) value += self[node];
    return value;
  };
  return { weighed, tree, self, total, samples, maxDepth, unexpanded: 0, matchedValue };
}

/** 1 where every frame of the function was inlined. */
export function inlinedFunctions(profile: Profile): Uint8Array {
  const { function: functions, inlineDepth, length } = profile.frames;
  const seen = new Uint8Array(profile.functions.length);
  const real = new Uint8Array(profile.functions.length);
  for (let frame = 0; frame < length; frame++) {
    const func = functions[frame];
    seen[func] = 1;
    if (inlineDepth[frame] === 0) real[func] = 1;
  }
  return seen.map((flag, func) => (flag === 1 && real[func] === 0 ? 1 : 0));
}
