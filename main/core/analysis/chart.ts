import { DROPPED } from "../model/path-steps.ts";
import type { Profile } from "../model/profile.ts";
import type { ChartQuery } from "../model/query.ts";
import type { ChartLane, ChartTable } from "../model/tables.ts";
import { ChartLaneBuilder, type ChartSlices, newSlices } from "./chart-slices.ts";
import { laneLabel } from "./lanes.ts";
import { type PickedSamples, pickSamples } from "./picked-samples.ts";
import { type ChosenSeries, chooseSeries } from "./series.ts";
import { ShownFunctions } from "./shown-functions.ts";
import type { Steps } from "./steps.ts";
import { UsedStrings } from "./used-strings.ts";
import type { Weigher } from "./weigh.ts";

/**
 * Stacks in the order of time, a lane a thread: a frame that stays from one sample to the next is one slice. What is
 * narrower than `minPx` is merged with its neighbours of the same depth, so that the table is bounded by the picture.
 */
export function* chart(weigher: Weigher, profile: Profile, query: ChartQuery): Steps<ChartTable> {
  const { selection } = query;
  const chosen = chooseSeries(profile, selection.series);
  const end = profile.meta.durationNs;
  const startNs =
    selection.rangeNs?.[0] ?? (selection.lastNs === null ? 0 : Math.max(0, end - selection.lastNs));
  const endNs = selection.rangeNs?.[1] ?? end;
  const leastNs = query.widthPx > 0 ? ((endNs - startNs) / query.widthPx) * query.minPx : 0;
  const slices = newSlices();
  const lanes: ChartLane[] = [];
  let totalValue = 0;
  let totalSamples = 0;
  let lanesInAll = 0;
  let picked: PickedSamples | null = null;
  if (chosen && chosen.series.time !== null && endNs > startNs) {
    // A sample that is taken after the range may reach into it, and so may the one before.
    picked = pickSamples(weigher, profile, chosen, { ...selection, rangeNs: null, lastNs: null });
    const groups = yield* samplesByThread(profile, chosen, chosen.series.time, picked, startNs, endNs);
    lanesInAll = groups.length;
    for (const group of groups.slice(0, query.maxLanes)) {
      const first = slices.start.length;
      const drawn = yield* drawLane(chosen, chosen.series.time, picked, group.samples, slices, {
        lane: lanes.length,
        startNs,
        endNs,
        leastNs,
        maxDepth: query.maxDepth,
      });
      totalValue += drawn.value;
      totalSamples += drawn.samples;
      lanes.push({
        ...laneLabel(profile, group.thread),
        thread: group.thread,
        depth: drawn.depth,
        firstSlice: first,
        slices: slices.start.length - first,
      });
    }
  }
  const used = new UsedStrings(profile);
  const shown = new ShownFunctions(profile, picked?.renamed ?? new Map());
  const functions = slices.function.view();
  const flags =
    selection.search === ""
      ? null
      : weigher.shownFlags(profile, selection.search, picked?.renamed ?? new Map());
  const column = (of: (func: number) => number): Int32Array =>
    functions.map((func) => (func === -1 ? -1 : of(func)));
  return {
    view: "chart",
    series: chosen?.id ?? "",
    unit: chosen?.unit ?? "samples",
    totalValue,
    totalSamples,
    timed: (chosen?.series.time ?? null) !== null,
    startNs,
    endNs,
    lanes,
    lanesInAll,
    length: functions.length,
    lane: slices.lane.view(),
    depth: slices.depth.view(),
    start: slices.start.view(),
    end: slices.end.view(),
    function: functions,
    name: column((func) => used.of(shown.name(func))),
    file: column((func) => used.of(shown.file(func))),
    line: column((func) => shown.line(func)),
    binary: column((func) => used.binary(profile.functions.binary[func])),
    kind: Uint8Array.from(functions, (func) => (func === -1 ? 0 : profile.functions.kind[func])),
    matched: Uint8Array.from(functions, (func) => (flags?.[func] === 1 ? 1 : 0)),
    merged: slices.merged.view(),
    strings: used.strings,
  };
}

/** Between two places where other questions are answered; what is drawn takes longer, frame by frame. */
const STEP_SAMPLES = 1 << 17;
const STEP_DRAWN = 1 << 13;

interface ThreadSamples {
  readonly thread: number;
  readonly samples: Int32Array;
}

/** In the order of time within each thread; the threads with the most samples first. */
function* samplesByThread(
  profile: Profile,
  { series }: ChosenSeries,
  time: Float64Array,
  picked: PickedSamples,
  startNs: number,
  endNs: number,
): Steps<ThreadSamples[]> {
  const counts = new Int32Array(profile.threads.length + 2);
  const { thread } = series;
  // One more on each side of the range, whatever its stack: it may reach in, and it ends the one before it.
  const before = new Int32Array(profile.threads.length + 1).fill(-1);
  const after = new Int32Array(profile.threads.length + 1).fill(-1);
  const isIn = (at: number): boolean => at >= startNs && at <= endNs;
  for (let sample = picked.from; sample < picked.to; sample++) {
    if (sample % STEP_SAMPLES === 0) yield;
    const lane = thread[sample] + 1;
    const at = time[sample];
    if (isIn(at)) counts[lane + 1]++;
    else if (at < startNs) {
      if (before[lane] === -1 || time[before[lane]] <= at) before[lane] = sample;
    } else if (after[lane] === -1 || time[after[lane]] > at) after[lane] = sample;
  }
  for (let lane = 0; lane < before.length; lane++) {
    if (before[lane] !== -1) counts[lane + 1]++;
    if (after[lane] !== -1) counts[lane + 1]++;
  }
  for (let lane = 1; lane < counts.length; lane++) counts[lane] += counts[lane - 1];
  const rows = new Int32Array(counts[counts.length - 1]);
  const next = counts.slice();
  const put = (lane: number, sample: number): void => {
    rows[next[lane]++] = sample;
  };
  before.forEach((sample, lane) => {
    if (sample !== -1) put(lane, sample);
  });
  for (let sample = picked.from; sample < picked.to; sample++) {
    if (sample % STEP_SAMPLES === 0) yield;
    if (isIn(time[sample])) put(thread[sample] + 1, sample);
  }
  after.forEach((sample, lane) => {
    if (sample !== -1) put(lane, sample);
  });
  const groups: ThreadSamples[] = [];
  for (let lane = 0; lane < before.length; lane++) {
    const samples = rows.subarray(counts[lane], counts[lane + 1]);
    yield;
    if (!samples.some((sample) => picked.nodeOf(sample) !== DROPPED)) continue;
    if (samples.some((sample, i) => i > 0 && time[sample] < time[samples[i - 1]]))
      samples.sort((a, b) => time[a] - time[b] || a - b);
    groups.push({ thread: lane - 1, samples });
  }
  return groups.sort((a, b) => b.samples.length - a.samples.length || a.thread - b.thread);
}

interface LaneFrame {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly leastNs: number;
  readonly maxDepth: number;
}

/**
 * A nanosecond value is the time up to its sample; any other sample holds until the next one of its thread, but no
 * longer than two usual distances, as nothing is known of what lies between.
 */
function* drawLane(
  { value, unit }: ChosenSeries,
  time: Float64Array,
  picked: PickedSamples,
  samples: Int32Array,
  slices: ChartSlices,
  frame: LaneFrame,
): Steps<{ readonly value: number; readonly samples: number; readonly depth: number }> {
  const { startNs, endNs } = frame;
  const timeLike = unit === "nanoseconds" && value.data !== null;
  const usualNs = timeLike ? 0 : usualDistance(samples, time);
  const builder = new ChartLaneBuilder(picked.tree, slices, frame.lane, frame.leastNs, frame.maxDepth);
  let whole = 0;
  let count = 0;
  for (let i = 0; i < samples.length; i++) {
    if (i % STEP_DRAWN === 0) yield;
    const sample = samples[i];
    const node = picked.nodeOf(sample);
    if (node === DROPPED) continue;
    const at = time[sample];
    const weight = value.data === null ? 1 : value.data[sample];
    if (at >= startNs && at <= endNs) {
      whole += weight;
      count++;
    }
    const next = i + 1 < samples.length ? time[samples[i + 1]] : Number.POSITIVE_INFINITY;
    const from = timeLike ? at - weight : at;
    const to = timeLike ? at : Math.min(next, at + 2 * usualNs);
    // Timers are late by a little: a gap of less than the sample itself is none.
    const bridgeNs = timeLike ? weight : usualNs;
    if (to > startNs && from < endNs)
      builder.add(node, Math.max(startNs, from), Math.min(endNs, to), bridgeNs);
  }
  builder.finish();
  return { value: whole, samples: count, depth: builder.depth };
}

/** Median of the distances between samples. */
function usualDistance(samples: Int32Array, time: Float64Array): number {
  if (samples.length < 2) return 0;
  const step = Math.max(1, Math.floor(samples.length / 1000));
  const distances: number[] = [];
  for (let i = step; i < samples.length; i += step) distances.push(time[samples[i]] - time[samples[i - 1]]);
  distances.sort((a, b) => a - b);
  return distances[distances.length >> 1] ?? 0;
}
