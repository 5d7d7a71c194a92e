import type { Counter, Profile } from "../model/profile.ts";
import type { TimelineQuery } from "../model/query.ts";
import type { TimelineCounter, TimelineMark, TimelineTable } from "../model/tables.ts";
import { intervalLanes, MARK_CATEGORY } from "./intervals.ts";
import { SlowCalls } from "./io/slow-calls.ts";
import { type Bins, lanesOf } from "./lanes.ts";
import { chooseSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

const EMPTY = {
  lanes: [],
  showsWaits: false,
  counters: [],
  marks: [],
  intervalLanes: [],
  intervalLanesInAll: 0,
} as const;

/** Lanes of threads and of intervals, counters and marks over time. The selection's time range says what is shown, not filtered. */
export function timeline(weigher: Weigher, profile: Profile, query: TimelineQuery): TimelineTable {
  const { selection } = query;
  const chosen = chooseSeries(profile, selection.series);
  const end = profile.meta.durationNs;
  const startNs =
    selection.rangeNs?.[0] ?? (selection.lastNs === null ? 0 : Math.max(0, end - selection.lastNs));
  const endNs = selection.rangeNs?.[1] ?? end;
  // What was looked at once, as lsof does, has a moment and no time.
  const timed =
    (end > 0 && (profile.counters.length > 0 || profile.intervals.length > 0)) ||
    (chosen?.series.time ?? null) !== null;
  const head = {
    view: "timeline" as const,
    series: chosen?.id ?? "",
    unit: chosen?.unit ?? "samples",
    startNs,
    endNs,
    durationNs: end,
    timed,
    threadsInAll: profile.threads.length,
  };
  const bins: Bins = {
    startNs,
    endNs,
    widthNs: (endNs - startNs) / Math.max(1, Math.floor(query.bins)),
    count: Math.max(1, Math.floor(query.bins)),
  };
  if (!timed || !(bins.widthNs > 0)) return { ...head, totalValue: 0, totalSamples: 0, ...EMPTY };
  const busy = lanesOf(weigher, profile, query, bins, selection.rangeNs !== null);
  const intervals = intervalLanes(profile, bins, query.maxIntervalLanes);
  return {
    ...head,
    totalValue: busy.totalValue,
    totalSamples: busy.totalSamples,
    lanes: busy.lanes,
    showsWaits: busy.showsWaits,
    counters: profile.counters.map((counter) => thin(counter, bins)),
    marks: marksOf(profile, startNs, endNs),
    intervalLanes: intervals.lanes,
    intervalLanesInAll: intervals.lanesInAll,
  };
}

/** At most four points a bin: first, last, lowest and highest, so that no peak is lost. */
function thin(counter: Counter, bins: Bins): TimelineCounter {
  const { id, name, unit, time, value, length } = counter;
  const { endNs } = bins;
  let from = 0;
  while (from < length - 1 && time[from + 1] <= bins.startNs) from++;
  let to = length;
  while (to > from + 1 && time[to - 2] >= endNs) to--;
  if (to - from <= bins.count * 2)
    return { id, name, unit, time: time.slice(from, to), value: value.slice(from, to) };
  const picked: number[] = [];
  for (let at = from; at < to; ) {
    const bin = Math.floor((time[at] - bins.startNs) / bins.widthNs);
    let low = at;
    let high = at;
    let next = at;
    while (next < to && Math.floor((time[next] - bins.startNs) / bins.widthNs) === bin) {
      if (value[next] < value[low]) low = next;
      if (value[next] > value[high]) high = next;
      next++;
    }
    if (next === at) next = at + 1;
    picked.push(...[...new Set([at, low, high, next - 1])].sort((a, b) => a - b));
    at = next;
  }
  return {
    id,
    name,
    unit,
    time: Float64Array.from(picked, (i) => time[i]),
    value: Float64Array.from(picked, (i) => value[i]),
  };
}

function marksOf(profile: Profile, startNs: number, endNs: number): TimelineMark[] {
  const { intervals, strings } = profile;
  const marks: TimelineMark[] = [];
  const slow = new SlowCalls();
  const syscall = strings.indexOf("syscall");
  for (let i = 0; i < intervals.length; i++) {
    const category = strings[intervals.category[i]] ?? "";
    const timeNs = intervals.start[i];
    if (intervals.category[i] === syscall && timeNs >= startNs && timeNs <= endNs)
      slow.take(strings[intervals.name[i]] ?? "", timeNs, intervals.end[i] - timeNs);
    if (category !== MARK_CATEGORY || timeNs < startNs || timeNs > endNs) continue;
    marks.push({ timeNs, name: strings[intervals.name[i]] ?? "", category });
  }
  return [...marks, ...slow.marks];
}
