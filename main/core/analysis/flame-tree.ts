import type { Profile } from "../model/profile.ts";
import type { FlameQuery } from "../model/query.ts";
import { type CallTree, onPath } from "./call-tree.ts";
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
  /** 1 where every frame of the function was inlined. */
  inlined(func: number): number;
  /** Weight of samples with a flagged function on their stack, within the nodes in view. */
  matchedValue(flags: Uint8Array, inView: Uint8Array | null): number;
}

export function forestOf(weigher: Weigher, profile: Profile, query: FlameQuery): FlameTree {
  const weighed = weigher.weigh(profile, query.selection);
  const inlinedFlags = inlinedFunctions(profile);
  const inlined = (func: number): number => inlinedFlags[func] ?? 0;
  const matchedDown = (flags: Uint8Array, inView: Uint8Array | null): number => {
    const has = onPath(weighed.tree, flags);
    let value = 0;
    for (let node = 0; node < has.length; node++)
      if (has[node] === 1 && inView?.[node] !== 0) value += weighed.self[node];
    return value;
  };
  if (!query.inverted)
    return {
      weighed,
      tree: weighed.tree,
      self: weighed.self,
      total: weighed.total,
      samples: weighed.samples,
      maxDepth: deepest(weighed.tree, weighed.total),
      unexpanded: 0,
      inlined,
      matchedValue: matchedDown,
    };
  const callers = invert(weighed, query, weigher.invertedTree(query.selection.transforms));
  return { weighed, ...callers, inlined, matchedValue: (flags) => matchedDown(flags, null) };
}

/** Depth in frames of the deepest node with weight. */
function deepest(tree: CallTree, total: Float64Array): number {
  const { depth } = tree;
  let most = 0;
  for (let node = 0; node < total.length; node++)
    if (total[node] > 0 && depth[node] >= most) most = depth[node] + 1;
  return most;
}

function inlinedFunctions(profile: Profile): Uint8Array {
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

/**
 * The bottom-up tree, level by level, only where it is wide enough to be drawn: the full tree has several times the
 * nodes of the call tree. `tree` keeps the node ids stable between questions.
 */
function invert(weighed: Weighed, query: FlameQuery, tree: CallTree) {
  const whole = weighed.totalValue;
  const least = query.widthPx > 0 ? (whole / query.widthPx) * query.minPx : 0;
  const { parent, function: functions } = weighed.tree;
  const self: number[] = [];
  const total: number[] = [];
  const samples: number[] = [];
  interface Group {
    readonly node: number;
    readonly at: number[];
    readonly from: number[];
  }
  const groupBy = (above: number, at: readonly number[], from: readonly number[]): Group[] => {
    const groups = new Map<number, Group>();
    for (let i = 0; i < at.length; i++) {
      const place = at[i];
      const leaf = from[i];
      const func = functions[place];
      let group = groups.get(func);
      if (!group) {
        group = { node: tree.node(above, func), at: [], from: [] };
        groups.set(func, group);
      }
      group.at.push(place);
      group.from.push(leaf);
    }
    return [...groups.values()];
  };
  const leaves: number[] = [];
  for (let node = 0; node < weighed.self.length; node++) if (weighed.self[node] > 0) leaves.push(node);
  let level = groupBy(-1, leaves, leaves);
  let maxDepth = 0;
  let unexpanded = 0;
  while (level.length > 0) {
    maxDepth++;
    const next: Group[] = [];
    for (const { node, at, from } of level) {
      let value = 0;
      let count = 0;
      for (const leaf of from) {
        value += weighed.self[leaf];
        count += weighed.selfSamples[leaf];
      }
      total[node] = value;
      samples[node] = count;
      const above: number[] = [];
      const kept: number[] = [];
      let rooted = 0;
      for (let i = 0; i < at.length; i++) {
        const caller = parent[at[i]];
        if (caller === -1) rooted += weighed.self[from[i]];
        else {
          above.push(caller);
          kept.push(from[i]);
        }
      }
      self[node] = rooted;
      if (value >= least) for (const group of groupBy(node, above, kept)) next.push(group);
      else unexpanded += above.length > 0 ? 1 : 0;
    }
    level = next;
  }
  const column = (values: readonly number[]): Float64Array =>
    Float64Array.from({ length: tree.length }, (_, i) => values[i] ?? 0);
  return { tree, self: column(self), total: column(total), samples: column(samples), maxDepth, unexpanded };
}
