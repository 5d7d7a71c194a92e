import { labelSetFlags } from "../model/label-filter.ts";
import { DROPPED } from "../model/path-steps.ts";
import type { Profile, Series } from "../model/profile.ts";
import type { TimelineQuery } from "../model/query.ts";
import type { TimelineLane } from "../model/tables.ts";
import { onPath } from "./call-tree.ts";
import { threadFlags } from "./selected-samples.ts";
import { chooseSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

export interface Bins {
  readonly startNs: number;
  readonly endNs: number;
  readonly widthNs: number;
  readonly count: number;
}

interface Lanes {
  readonly lanes: readonly TimelineLane[];
  readonly showsWaits: boolean;
  /** Of the samples in the bins. */
  readonly totalValue: number;
  readonly totalSamples: number;
}

/** A lane a thread, the busiest first. `endExcluded`: a sample at the very end of the bins is not in them. */
export function lanesOf(
  weigher: Weigher,
  profile: Profile,
  query: TimelineQuery,
  bins: Bins,
  endExcluded: boolean,
): Lanes {
  const { selection } = query;
  const chosen = chooseSeries(profile, selection.series);
  const time = chosen?.series.time ?? null;
  if (!chosen || !time) return { lanes: [], showsWaits: false, totalValue: 0, totalSamples: 0 };
  const { thread, stack, labels } = chosen.series;
  const data = chosen.value.data;
  const { endNs } = bins;
  const timeLike = chosen.unit === "nanoseconds";
  const flags = stackFlags(weigher, profile, query);
  const wanted = threadFlags(profile, selection);
  const sets = labelSetFlags(profile, selection.transforms);
  const [from, spanEnd] = weigher.times(chosen).span(time, bins.startNs, endNs);
  // A time-like sample ends at its time, so one that is taken later can still reach into the bins.
  const to = timeLike ? time.length : spanEnd;

  // Lane 0 is for samples without a thread.
  const weights = new Float64Array(profile.threads.length + 1);
  const reach = new Float64Array(weights.length);
  /** What a selected sample is, 0 for any other. */
  const flagOf = (sample: number, lane: number): number => {
    if (wanted !== null && wanted[lane] !== 1) return 0;
    if (sets !== null && sets[labels === null ? 0 : labels[sample] + 1] !== 1) return 0;
    return flags === null ? KEPT : flags[stack[sample] + 1];
  };
  const isPlain = wanted === null && sets === null && flags === null;
  let totalSamples = 0;
  for (let sample = from; sample < to; sample++) {
    const at = time[sample];
    const value = data === null ? 1 : data[sample];
    if (at < bins.startNs || (at > endNs && !(timeLike && at - value < endNs))) continue;
    const lane = thread[sample] + 1;
    if (!isPlain && flagOf(sample, lane) === 0) continue;
    reach[lane] += timeLike ? Math.min(at, endNs) - Math.max(bins.startNs, at - value) : value;
    if (at > endNs || (endExcluded && at === endNs)) continue;
    weights[lane] += value;
    totalSamples++;
  }
  const showsWaits = timeLike && chosen.series.kind === "offcpu";
  const beside = besideOf(profile, chosen.series, showsWaits);
  if (beside !== null) addReach(beside, bins, reach);
  const busiest = Array.from(reach.keys())
    .filter((lane) => reach[lane] > 0 || weights[lane] > 0)
    .sort((a, b) => reach[b] - reach[a] || a - b);
  const most = busiest.length > query.maxLanes ? Math.max(1, query.maxLanes - 1) : query.maxLanes;
  const own = busiest.slice(0, most);
  const rest = busiest.slice(most);
  const rowOf = new Int32Array(weights.length).fill(own.length);
  own.forEach((lane, row) => {
    rowOf[lane] = row;
  });
  const rows = own.length + (rest.length > 0 ? 1 : 0);
  const filled = Array.from({ length: rows }, () => new LaneBins(bins, timeLike));
  const lit = query.function >= 0 ? filled.map(() => new LaneBins(bins, timeLike)) : null;
  for (let sample = from; sample < to; sample++) {
    const at = time[sample];
    const value = data === null ? 1 : data[sample];
    if (at < bins.startNs || (at > endNs && !(timeLike && at - value < endNs))) continue;
    const lane = thread[sample] + 1;
    const flag = isPlain ? KEPT : flagOf(sample, lane);
    if (flag === 0) continue;
    filled[rowOf[lane]]?.add(at, value);
    if (flag === LIT) lit?.[rowOf[lane]]?.add(at, value);
  }
  const other = beside === null ? null : filled.map(() => new LaneBins(bins, true));
  if (other !== null) eachSpan(beside, bins, (lane, at, ns) => other[rowOf[lane]]?.add(at, ns));

  const lanes = filled.map((lane, row): TimelineLane => {
    const index = row < own.length ? own[row] - 1 : -1;
    return {
      thread: index,
      ...(row < own.length ? laneLabel(profile, index) : others(rest.length)),
      processName: processNameOf(profile, index),
      totalValue: row < own.length ? weights[own[row]] : rest.reduce((all, each) => all + weights[each], 0),
      bins: lane.finish(),
      highlighted: lit?.[row]?.finish() ?? null,
      waiting: showsWaits ? null : (other?.[row]?.finish() ?? null),
      running: showsWaits ? (other?.[row]?.finish() ?? null) : null,
    };
  });
  return { lanes, showsWaits, totalValue: weights.reduce((all, each) => all + each, 0), totalSamples };
}

const others = (count: number) => ({
  name: `${count} other ${count === 1 ? "thread" : "threads"}`,
  pid: -1,
  tid: -1,
});

function processNameOf({ processes, strings, threads }: Profile, thread: number): string {
  return thread === -1 ? "" : (strings[processes.name[threads.process[thread]]] ?? "");
}

/** When threads waited, or ran. */
interface Spans {
  readonly series: Series;
  readonly ns: Float64Array;
}

/** Where the profile says when threads waited, beside what is shown of them; beside times of waits, when they ran. */
function besideOf(profile: Profile, shown: Series, showsWaits: boolean): Spans | null {
  const kind = showsWaits ? "cpu" : "offcpu";
  for (const series of profile.series) {
    if (series.kind !== kind || series === shown || series.time === null) continue;
    const ns = series.values.find(({ unit, data }) => unit === "nanoseconds" && data !== null)?.data;
    if (ns) return { series, ns };
  }
  return null;
}

/** Every one that reaches into the bins, as a time that ends at its sample. */
function eachSpan(
  spans: Spans | null,
  { startNs, endNs }: Bins,
  add: (lane: number, at: number, ns: number) => void,
): void {
  const time = spans?.series.time;
  if (!spans || !time) return;
  const { series, ns } = spans;
  for (let sample = 0; sample < series.length; sample++) {
    const at = time[sample];
    if (at < startNs || at - ns[sample] > endNs) continue;
    const over = Math.max(0, at - endNs);
    add(series.thread[sample] + 1, at - over, ns[sample] - over);
  }
}

/** Threads of which nothing is shown but what is beside it have a lane too, after the others. */
function addReach(spans: Spans, bins: Bins, reach: Float64Array): void {
  eachSpan(spans, bins, (lane, _, ns) => {
    if (reach[lane] === 0) reach[lane] = Math.min(ns, bins.endNs - bins.startNs) * 1e-9;
  });
}

/** What to call a lane of a thread; where nothing tells of threads, all samples are of none. */
export const laneLabel = (profile: Profile, thread: number) => {
  const label = threadLabel(profile, thread);
  return profile.threads.length === 0 ? { ...label, name: "all threads" } : label;
};

/** What to call a thread; -1 is none. */
export function threadLabel(profile: Profile, thread: number) {
  const { processes, strings, threads } = profile;
  return thread === -1
    ? { name: "no thread", pid: -1, tid: -1 }
    : {
        name: strings[threads.name[thread]] ?? "",
        pid: processes.pid[threads.process[thread]] ?? -1,
        tid: threads.tid[thread],
      };
}

/** The values of one lane as they are added up. */
class LaneBins {
  readonly #bins: Bins;
  readonly #timeLike: boolean;
  readonly #values: Float64Array;
  /** How many whole bins begin (+) and end (-) to be covered at a bin: a long wait costs no more than a short one. */
  readonly #edges: Int32Array;

  constructor(bins: Bins, timeLike: boolean) {
    this.#bins = bins;
    this.#timeLike = timeLike;
    this.#values = new Float64Array(bins.count);
    this.#edges = new Int32Array(bins.count + 1);
  }

  /**
   * A nanosecond value is the time up to its sample, so it is spread over [at - value, at] and a bin holds the busy
   * share (1 is one CPU); any other value falls into the bin of its sample.
   */
  add(at: number, value: number): void {
    const { startNs, widthNs, count } = this.#bins;
    const end = (at - startNs) / widthNs;
    if (!this.#timeLike) {
      this.#values[Math.min(count - 1, Math.floor(end))] += value;
      return;
    }
    const to = Math.min(count, end);
    const from = Math.max(0, end - value / widthNs);
    const first = Math.min(count - 1, Math.floor(from));
    const last = Math.min(count - 1, Math.floor(to));
    if (first === last) {
      this.#values[first] += Math.max(0, to - from);
      return;
    }
    this.#values[first] += first + 1 - from;
    this.#values[last] += to - last;
    this.#edges[first + 1]++;
    this.#edges[last]--;
  }

  finish(): Float32Array {
    let covering = 0;
    return Float32Array.from(this.#values, (value, bin) => {
      covering += this.#edges[bin];
      return value + covering;
    });
  }
}

const KEPT = 1;
const LIT = 2;

/**
 * By stack plus one (0 is no stack): 0 where it does not count, LIT where the asked-for function is on it, else KEPT; null
 * where all are KEPT.
 */
function stackFlags(weigher: Weigher, profile: Profile, query: TimelineQuery): Uint8Array | null {
  const { tree, map } = weigher.stackTree(profile);
  const { map: moved, keepsBare } = weigher.transformed(profile, query.selection.transforms);
  const lit = query.function >= 0 ? onPath(tree, oneFunction(profile, query.function)) : null;
  if (moved === null && lit === null) return null;
  const flags = new Uint8Array(map.length + 1);
  flags[0] = keepsBare ? KEPT : 0;
  for (let stack = 0; stack < map.length; stack++) {
    const node = map[stack];
    const isKept = moved === null || moved[node] !== DROPPED;
    flags[stack + 1] = isKept ? (lit !== null && lit[node] === 1 ? LIT : KEPT) : 0;
  }
  return flags;
}

function oneFunction(profile: Profile, func: number): Uint8Array {
  const flags = new Uint8Array(profile.functions.length);
  if (func < flags.length) flags[func] = 1;
  return flags;
}
