import { BARE, DROPPED, type PathStep } from "../model/path-steps.ts";
import { compilePattern } from "../model/pattern.ts";
import type { Profile } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";
import type { Transform, TransformWhere } from "../model/transform.ts";
import { CallTree, type MappedTree, StackTree, sumUp } from "./call-tree.ts";
import { FunctionMatcher } from "./patterns.ts";
import { SampleSums, type Sums } from "./sample-sums.ts";
import { SampleTimes, type SelectedSamples, selectedSamples } from "./selected-samples.ts";
import { type ChosenSeries, chooseSeries } from "./series.ts";
import { type TransformedTree, transformTree } from "./transformed-tree.ts";

/** What a selection weighs, by call node of the tree that its transforms leave. Never to be written to. */
export interface Weighed {
  readonly chosen: ChosenSeries | null;
  readonly tree: CallTree;
  /** Value and samples whose innermost frame is the node. */
  readonly self: Float64Array;
  readonly selfSamples: Float64Array;
  readonly total: Float64Array;
  readonly samples: Float64Array;
  /** Functions that stand for a whole binary or file: string index of its name. */
  readonly renamed: ReadonlyMap<number, number>;
  /** Weight in all, samples without a stack included. */
  readonly totalValue: number;
  readonly totalSamples: number;
}

const KEEP_TREES = 16;
const KEEP_SUMS = 2;
const KEEP_WEIGHED = 3;

/** The caches that make the second question cheap; one a profile, fed with ever longer snapshots of it. */
export class Weigher {
  readonly #stacks = new StackTree();
  readonly #steps = new Map<string, PathStep>();
  readonly #inverted = new Map<string, CallTree>();
  readonly #matchers = new Map<string, FunctionMatcher>();
  readonly #times = new Map<string, SampleTimes>();
  readonly #sums = new Map<string, SampleSums>();
  readonly #weighed = new Map<string, Weighed>();

  /** The tree of callers for one set of transforms: kept so that its node ids stay the same. */
  invertedTree(transforms: readonly Transform[]): CallTree {
    return remembered(this.#inverted, JSON.stringify(transforms), KEEP_TREES, () => new CallTree());
  }

  /** Which functions match; flags may be longer than the table. */
  flags(profile: Profile, pattern: string, where: TransformWhere = "name"): Uint8Array {
    const key = `${where} ${pattern}`;
    return remembered(this.#matchers, key, KEEP_TREES, () => new FunctionMatcher(pattern, where)).flags(
      profile,
    );
  }

  /** Which functions match as a view names them. */
  shownFlags(profile: Profile, pattern: string, renamed: Weighed["renamed"]): Uint8Array {
    const flags = this.flags(profile, pattern);
    if (renamed.size === 0) return flags;
    const own = flags.slice();
    const expression = compilePattern(pattern);
    for (const [func, name] of renamed) own[func] = expression.test(profile.strings[name] ?? "") ? 1 : 0;
    return own;
  }

  stackTree(profile: Profile): MappedTree {
    return this.#stacks.extend(profile);
  }

  transformed(profile: Profile, transforms: readonly Transform[]): TransformedTree {
    return transformTree(profile, this.#stacks.extend(profile), transforms, {
      step: (key, make) => remembered(this.#steps, key, KEEP_TREES, make),
      flags: (of, pattern, where) => this.flags(of, pattern, where),
    });
  }

  times(chosen: ChosenSeries): SampleTimes {
    return remembered(this.#times, chosen.series.id, KEEP_TREES, () => new SampleTimes());
  }

  /** The same object as long as neither the selection nor the profile has changed. */
  weigh(profile: Profile, selection: Selection): Weighed {
    const chosen = chooseSeries(profile, selection.series);
    const { rangeNs, lastNs, threads, processes, transforms } = selection;
    const key = JSON.stringify([
      chosen?.id,
      chosen?.series.length,
      profile.stacks.length,
      rangeNs,
      rangeNs === null && lastNs !== null ? [lastNs, profile.meta.durationNs] : null,
      threads,
      processes,
      transforms,
    ]);
    return remembered(this.#weighed, key, KEEP_WEIGHED, () => this.#weigh(profile, chosen, selection));
  }

  #weigh(profile: Profile, chosen: ChosenSeries | null, selection: Selection): Weighed {
    const all = this.#stacks.extend(profile);
    const sums = chosen ? this.#sumsOf(profile, chosen, selection, all) : noSums(all.tree.length);
    const view = this.transformed(profile, selection.transforms);
    const { value, samples, bareValue, bareSamples } = through(view, sums);
    return {
      chosen,
      tree: view.tree,
      renamed: view.renamed,
      self: value,
      selfSamples: samples,
      total: sumUp(view.tree, value),
      samples: sumUp(view.tree, samples),
      totalValue: bareValue + sum(value),
      totalSamples: bareSamples + sum(samples),
    };
  }

  #sumsOf(profile: Profile, chosen: ChosenSeries, selection: Selection, all: MappedTree): Sums {
    const selected = selectedSamples(profile, chosen.series, this.times(chosen), selection);
    if (selected.range !== null || selected.threads !== null || selected.labels !== null)
      return sumSelected(chosen, selected, all.tree.length, all.map);
    const sums = remembered(this.#sums, chosen.id, KEEP_SUMS, () => new SampleSums());
    return sums.extend(chosen, all.tree.length, all.map);
  }
}

const noSums = (nodes: number): Sums => ({
  value: new Float64Array(nodes),
  samples: new Float64Array(nodes),
  bareValue: 0,
  bareSamples: 0,
});

function sumSelected(
  chosen: ChosenSeries,
  selected: SelectedSamples,
  nodes: number,
  nodeOf: Int32Array,
): Sums {
  const { stack, thread, time, labels } = chosen.series;
  const data = chosen.value.data;
  const { from, to, range, threads, labels: sets } = selected;
  const start = range?.[0] ?? 0;
  const end = range?.[1] ?? 0;
  const times = range === null ? null : time;
  const { value, samples } = noSums(nodes);
  let bareValue = 0;
  let bareSamples = 0;
  for (let sample = from; sample < to; sample++) {
    if (times !== null && !(times[sample] >= start && times[sample] < end)) continue;
    if (threads !== null && threads[thread[sample] + 1] !== 1) continue;
    if (sets !== null && sets[labels === null ? 0 : labels[sample] + 1] !== 1) continue;
    const weight = data === null ? 1 : data[sample];
    const at = stack[sample];
    if (at === -1) {
      bareValue += weight;
      bareSamples++;
      continue;
    }
    const node = nodeOf[at];
    value[node] += weight;
    samples[node]++;
  }
  return { value, samples, bareValue, bareSamples };
}

/** The sums of all stacks as the transforms leave them. A copy: sums go on growing. */
function through(view: TransformedTree, sums: Sums): Sums {
  const { map } = view;
  let bareValue = view.keepsBare ? sums.bareValue : 0;
  let bareSamples = view.keepsBare ? sums.bareSamples : 0;
  if (map === null)
    return { value: sums.value.slice(), samples: sums.samples.slice(), bareValue, bareSamples };
  const value = new Float64Array(view.tree.length);
  const samples = new Float64Array(view.tree.length);
  for (let node = 0; node < sums.value.length; node++) {
    const to = map[node];
    if (sums.samples[node] === 0 || to === DROPPED) continue;
    if (to === BARE) {
      bareValue += sums.value[node];
      bareSamples += sums.samples[node];
      continue;
    }
    value[to] += sums.value[node];
    samples[to] += sums.samples[node];
  }
  return { value, samples, bareValue, bareSamples };
}

function sum(values: Float64Array): number {
  let all = 0;
  for (let i = 0; i < values.length; i++) all += values[i];
  return all;
}

/** What was not asked for the longest is forgotten when there are too many. */
function remembered<T>(cache: Map<string, T>, key: string, keep: number, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const made = make();
  cache.set(key, made);
  if (cache.size > keep) for (const oldest of [...cache.keys()].slice(0, 1)) cache.delete(oldest);
  return made;
}
