import type { Profile } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";
import { CallTree, type MappedTree, onPath, ReducedTree, StackTree, sumUp } from "./call-tree.ts";
import { FunctionMatcher } from "./patterns.ts";
import { type ChosenSeries, chooseSeries } from "./series.ts";

/** What a selection weighs, by call node of the tree that its transforms leave. */
export interface Weighed {
  readonly chosen: ChosenSeries | null;
  readonly tree: CallTree;
  /** Value and samples whose innermost frame is the node. */
  readonly self: Float64Array;
  readonly selfSamples: Float64Array;
  readonly total: Float64Array;
  readonly samples: Float64Array;
  /** Weight in all, samples without a stack included. */
  readonly totalValue: number;
  readonly totalSamples: number;
}

export type SampleFilter = (sample: number) => boolean;

const KEEP_TREES = 8;

/** The caches that make the second question cheap; one a profile, fed with ever longer snapshots of it. */
export class Weigher {
  readonly #stacks = new StackTree();
  readonly #reduced = new Map<string, ReducedTree>();
  readonly #inverted = new Map<string, CallTree>();
  readonly #matchers = new Map<string, FunctionMatcher>();

  /** The tree of callers for one set of transforms: kept so that its node ids stay the same. */
  invertedTree(transforms: Selection["transforms"]): CallTree {
    return remembered(this.#inverted, JSON.stringify(transforms), () => new CallTree());
  }

  /** Which functions match; flags may be longer than the table. */
  flags(profile: Profile, pattern: string): Uint8Array {
    return remembered(this.#matchers, pattern, () => new FunctionMatcher(pattern)).flags(profile);
  }

  stackTree(profile: Profile): MappedTree {
    return this.#stacks.extend(profile);
  }

  weigh(profile: Profile, selection: Selection): Weighed {
    const chosen = chooseSeries(profile, selection.series);
    const base = this.#stacks.extend(profile);
    let tree = base.tree;
    let self: Float64Array = new Float64Array(tree.length);
    let selfSamples: Float64Array = new Float64Array(tree.length);
    let bareValue = 0;
    let bareSamples = 0;
    if (chosen) {
      const { stack } = chosen.series;
      const data = chosen.value.data;
      const keep = sampleFilter(profile, chosen, selection);
      for (let sample = 0; sample < stack.length; sample++) {
        if (keep && !keep(sample)) continue;
        const value = data === null ? 1 : data[sample];
        const at = stack[sample];
        if (at === -1) {
          bareValue += value;
          bareSamples++;
          continue;
        }
        const node = base.map[at];
        self[node] = self[node] + value;
        selfSamples[node] = selfSamples[node] + 1;
      }
    }

    let path = "";
    for (const transform of selection.transforms) {
      const flags = this.flags(profile, transform.pattern);
      if (transform.type === "focus" || transform.type === "ignore") {
        const has = onPath(tree, flags);
        const wanted = transform.type === "focus" ? 1 : 0;
        for (let node = 0; node < has.length; node++) {
          if (has[node] === wanted) continue;
          self[node] = 0;
          selfSamples[node] = 0;
        }
        if (transform.type === "focus") bareValue = bareSamples = 0;
        continue;
      }
      path += JSON.stringify([transform.type, transform.pattern]);
      const hidden = transform.type === "hide" ? flags : flags.map((flag) => (flag === 1 ? 0 : 1));
      const reduced = remembered(this.#reduced, path, () => new ReducedTree()).extend(tree, hidden);
      const nextSelf = new Float64Array(reduced.tree.length);
      const nextSamples = new Float64Array(reduced.tree.length);
      for (let node = 0; node < self.length; node++) {
        const to = reduced.map[node];
        if (to === -1) {
          bareValue += self[node];
          bareSamples += selfSamples[node];
          continue;
        }
        nextSelf[to] = nextSelf[to] + self[node];
        nextSamples[to] = nextSamples[to] + selfSamples[node];
      }
      tree = reduced.tree;
      self = nextSelf;
      selfSamples = nextSamples;
    }

    return {
      chosen,
      tree,
      self,
      selfSamples,
      total: sumUp(tree, self),
      samples: sumUp(tree, selfSamples),
      totalValue: bareValue + sum(self),
      totalSamples: bareSamples + sum(selfSamples),
    };
  }
}

/** null: every sample counts. Times need not be in order, so this is asked of each sample. */
export function sampleFilter(
  profile: Profile,
  chosen: ChosenSeries,
  selection: Selection,
): SampleFilter | null {
  const { time, thread } = chosen.series;
  const range = rangeOf(profile, selection);
  const threads = selection.threads === null ? null : new Set(selection.threads);
  if (range !== null && time !== null) {
    const [start, end] = range;
    return (sample) => {
      const at = time[sample];
      return at >= start && at < end && (threads === null || threads.has(thread[sample]));
    };
  }
  return threads === null ? null : (sample) => threads.has(thread[sample]);
}

/** [start, end) of a selection; the end of "the last n ns" is just past the newest row. */
export function rangeOf(profile: Profile, selection: Selection): readonly [number, number] | null {
  if (selection.rangeNs !== null) return selection.rangeNs;
  if (selection.lastNs === null) return null;
  return [profile.meta.durationNs - selection.lastNs, Number.POSITIVE_INFINITY];
}

function sum(values: Float64Array): number {
  let all = 0;
  for (let i = 0; i < values.length; i++) all += values[i];
  return all;
}

/** The oldest of too many entries is forgotten. */
function remembered<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  if (cache.size > KEEP_TREES) for (const oldest of [...cache.keys()].slice(0, 1)) cache.delete(oldest);
  return made;
}
