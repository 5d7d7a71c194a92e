import { BARE, DROPPED, type PathStep } from "../model/path-steps.ts";
import { compilePattern } from "../model/pattern.ts";
import type { Profile } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";
import type { Transform, TransformWhere } from "../model/transform.ts";
import { ArrayPool } from "./array-pool.ts";
import { CallTree, type MappedTree, StackTree, sumUp } from "./call-tree.ts";
import { CHUNK_SAMPLES, NodeSorter, type PartSums } from "./node-sorter.ts";
import { FunctionMatcher } from "./patterns.ts";
import { isSampled, SampleDensity } from "./sample-size.ts";
import { SampleSums, type Sums } from "./sample-sums.ts";
import { SampleTimes, type SelectedSamples, selectedSamples } from "./selected-samples.ts";
import { type ChosenSeries, chooseSeries } from "./series.ts";
import { BlockSums, columnsOf, LARGE_SAMPLES, sumParts, ThreadSums } from "./summed-blocks.ts";
import { type TransformedTree, transformTree } from "./transformed-tree.ts";

/**
 * What a selection weighs, by call node of the tree that its transforms leave. Never to be written to, and not to be kept
 * for longer than one question takes: its arrays are used again for later ones.
 */
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
  /** Depth in frames of the deepest node with weight. */
  readonly maxDepth: number;
  /** Weight in all, samples without a stack included. */
  readonly totalValue: number;
  readonly totalSamples: number;
  /** As `SampledWeight` has it. */
  readonly sampleSize: number;
}

const KEEP_TREES = 16;
const KEEP_SUMS = 2;
const KEEP_WEIGHED = 3;

/** The caches that make the second question cheap; one a profile, fed with ever longer snapshots of it. */
export class Weigher {
  readonly #pool = new ArrayPool();
  readonly #stacks = new StackTree();
  readonly #steps = new Map<string, PathStep>();
  readonly #transformed = new Map<string, TransformedTree>();
  readonly #inverted = new Map<string, CallTree>();
  readonly #matchers = new Map<string, FunctionMatcher>();
  readonly #times = new Map<string, SampleTimes>();
  readonly #sums = new Map<string, SampleSums>();
  readonly #blocks = new Map<string, BlockSums>();
  readonly #threads = new Map<string, ThreadSums>();
  readonly #densities = new Map<string, SampleDensity>();
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

  /** The same object as long as neither the transforms nor the stacks of the profile have changed. */
  transformed(profile: Profile, transforms: readonly Transform[]): TransformedTree {
    const key = JSON.stringify([transforms, profile.stacks.length, profile.functions.length]);
    return remembered(this.#transformed, key, KEEP_WEIGHED, () =>
      transformTree(profile, this.#stacks.extend(profile), transforms, {
        step: (step, make) => remembered(this.#steps, step, KEEP_TREES, make),
        flags: (of, pattern, where) => this.flags(of, pattern, where),
      }),
    );
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
      rangeNs !== null && rangeNs[1] >= profile.meta.durationNs,
      rangeNs === null && lastNs !== null ? [lastNs, profile.meta.durationNs] : null,
      threads,
      processes,
      transforms,
    ]);
    return remembered(
      this.#weighed,
      key,
      KEEP_WEIGHED,
      () => this.#weigh(profile, chosen, selection),
      ({ self, selfSamples, total, samples }) => {
        for (const each of [self, selfSamples, total, samples]) this.#pool.give(each);
      },
    );
  }

  #weigh(profile: Profile, chosen: ChosenSeries | null, selection: Selection): Weighed {
    const all = this.#stacks.extend(profile);
    const sums = chosen ? this.#sumsOf(profile, chosen, selection, all) : noSums(all.tree.length, this.#pool);
    const view = this.transformed(profile, selection.transforms);
    const { value, samples, bareValue, bareSamples } = through(view, sums, this.#pool);
    const summed = sumUp(view.tree, value, samples, this.#pool);
    const totalValue = bareValue + summed.wholeValue;
    const totalSamples = bareSamples + summed.wholeSamples;
    return {
      chosen,
      tree: view.tree,
      renamed: view.renamed,
      self: value,
      selfSamples: samples,
      total: summed.value,
      samples: summed.samples,
      maxDepth: summed.maxDepth,
      totalValue,
      totalSamples,
      sampleSize:
        chosen && isSampled(profile, chosen.series)
          ? remembered(this.#densities, chosen.id, KEEP_TREES, () => new SampleDensity()).sizeOf(
              chosen,
              totalValue,
              totalSamples,
            )
          : 0,
    };
  }

  #sumsOf(profile: Profile, chosen: ChosenSeries, selection: Selection, all: MappedTree): Sums {
    const selected = selectedSamples(profile, chosen.series, this.times(chosen), selection);
    const { range, threads, labels } = selected;
    if (range === null && threads === null && labels === null) {
      const sums = remembered(this.#sums, chosen.id, KEEP_SUMS, () => new SampleSums());
      return sums.extend(chosen, all.tree.length, all.map);
    }
    const isLarge = chosen.series.length > LARGE_SAMPLES;
    if (isLarge && labels === null && threads === null) return this.#sumsOfRange(chosen, selected, all);
    if (isLarge && labels === null && range === null)
      return this.#sumsOfThreads(profile, chosen, selected, all);
    const parts: PartSums[] = [];
    for (let from = selected.from; from < selected.to; from += CHUNK_SAMPLES)
      parts.push(selectedPart(chosen, selected, all.map, from, Math.min(selected.to, from + CHUNK_SAMPLES)));
    return sumParts(parts, all.tree.length, this.#pool);
  }

  #sumsOfRange(chosen: ChosenSeries, selected: SelectedSamples, all: MappedTree): Sums {
    const blocks = remembered(this.#blocks, chosen.id, KEEP_SUMS, () => new BlockSums());
    const times = this.times(chosen);
    const { time, length } = chosen.series;
    const nodes = all.tree.length;
    const columns = columnsOf(chosen, all.map);
    const parts: PartSums[] = [];
    const [startNs, endNs] = selected.range ?? [0, 0];
    blocks.extend(columns, length, nodes);
    let from = selected.from - (selected.from % CHUNK_SAMPLES);
    while (from < selected.to) {
      let to = Math.min(from + CHUNK_SAMPLES, length);
      let isPartial = true;
      for (const block of blocks.at(from)) {
        const relation = time === null ? 1 : times.relation(time, from, block.to, startNs, endNs);
        if (relation === 0) continue;
        if (relation === 1) parts.push(block.part);
        to = block.to;
        isPartial = false;
        break;
      }
      if (isPartial) parts.push(selectedPart(chosen, selected, all.map, from, to));
      from = to;
    }
    return sumParts(parts, nodes, this.#pool);
  }

  #sumsOfThreads(profile: Profile, chosen: ChosenSeries, selected: SelectedSamples, all: MappedTree): Sums {
    const sums = remembered(this.#threads, chosen.id, KEEP_SUMS, () => new ThreadSums());
    const { threads, done } = sums.upTo(chosen, profile.threads.length, all.tree.length, all.map);
    const parts = threads.filter((_, lane) => selected.threads?.[lane] === 1);
    const { length } = chosen.series;
    for (let from = done; from < length; from += CHUNK_SAMPLES)
      parts.push(selectedPart(chosen, selected, all.map, from, Math.min(length, from + CHUNK_SAMPLES)));
    return sumParts(parts, all.tree.length, this.#pool);
  }
}

const noSums = (nodes: number, pool: ArrayPool): Sums => sumParts([], nodes, pool);

const sorter = new NodeSorter();

/** Those of at most CHUNK_SAMPLES samples that are selected. */
function selectedPart(
  { series, value }: ChosenSeries,
  selected: SelectedSamples,
  nodeOf: Int32Array,
  from: number,
  to: number,
): PartSums {
  const { stack, thread, time, labels } = series;
  const { data } = value;
  const { range, threads, labels: sets } = selected;
  const start = range?.[0] ?? 0;
  const end = range?.[1] ?? 0;
  const times = range === null ? null : time;
  const stacks = new Int32Array(to - from);
  const weights = data === null ? null : new Float64Array(to - from);
  let count = 0;
  for (let sample = from; sample < to; sample++) {
    if (times !== null && !(times[sample] >= start && times[sample] < end)) continue;
    if (threads !== null && threads[thread[sample] + 1] !== 1) continue;
    if (sets !== null && sets[labels === null ? 0 : labels[sample] + 1] !== 1) continue;
    stacks[count] = stack[sample];
    if (weights !== null && data !== null) weights[count] = data[sample];
    count++;
  }
  return sorter.sum({ stack: stacks, nodeOf, data: weights }, 0, count);
}

/** The sums of all stacks as the transforms leave them. A copy: sums go on growing. */
function through(view: TransformedTree, sums: Sums, pool: ArrayPool): Sums {
  const { map } = view;
  let bareValue = view.keepsBare ? sums.bareValue : 0;
  let bareSamples = view.keepsBare ? sums.bareSamples : 0;
  if (map === null)
    return sums.isShared
      ? {
          value: pool.copy(sums.value),
          samples: pool.copy(sums.samples),
          bareValue,
          bareSamples,
          isShared: false,
        }
      : { ...sums, bareValue, bareSamples };
  const value = pool.zeros(view.tree.length);
  const samples = pool.zeros(view.tree.length);
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
  if (!sums.isShared) for (const each of [sums.value, sums.samples]) pool.give(each);
  return { value, samples, bareValue, bareSamples, isShared: false };
}

/** What was not asked for the longest is forgotten when there are too many. */
function remembered<T>(
  cache: Map<string, T>,
  key: string,
  keep: number,
  make: () => T,
  forget: (value: T) => void = () => undefined,
): T {
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  // Before there is a new one: what the oldest held is used again.
  for (const [oldest, value] of cache) {
    if (cache.size < keep) break;
    cache.delete(oldest);
    forget(value);
  }
  const made = make();
  cache.set(key, made);
  return made;
}
