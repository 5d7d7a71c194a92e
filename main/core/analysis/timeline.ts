import type { Counter, Profile } from "../model/profile.ts";
import type { TimelineQuery } from "../model/query.ts";
import type { TimelineCounter, TimelineLane, TimelineMark, TimelineTable } from "../model/tables.ts";
import { onPath } from "./call-tree.ts";
import { chooseSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

const EMPTY = { lanes: [], counters: [], marks: [] } as const;

interface Bins {
  readonly startNs: number;
  readonly widthNs: number;
  readonly count: number;
}

/** Lanes of threads, counters and marks over time. The selection's time range says what is shown, not filtered. */
export function timeline(weigher: Weigher, profile: Profile, query: TimelineQuery): TimelineTable {
  const { selection } = query;
  const chosen = chooseSeries(profile, selection.series);
  const end = profile.meta.durationNs;
  const startNs =
    selection.rangeNs?.[0] ?? (selection.lastNs === null ? 0 : Math.max(0, end - selection.lastNs));
  const endNs = selection.rangeNs?.[1] ?? end;
  const timed = profile.counters.length > 0 || (chosen?.series.time ?? null) !== null;
  const head = {
    view: "timeline" as const,
    series: chosen?.id ?? "",
    unit: chosen?.unit ?? "samples",
    startNs,
    endNs,
    timed,
    threadsInAll: profile.threads.length,
  };
  const bins: Bins = {
    startNs,
    widthNs: (endNs - startNs) / Math.max(1, Math.floor(query.bins)),
    count: Math.max(1, Math.floor(query.bins)),
  };
  if (!timed || !(bins.widthNs > 0)) return { ...head, totalValue: 0, totalSamples: 0, ...EMPTY };
  const busy = lanesOf(weigher, profile, query, bins);
  return {
    ...head,
    totalValue: busy.totalValue,
    totalSamples: busy.totalSamples,
    lanes: busy.lanes,
    counters: profile.counters.map((counter) => thin(counter, bins)),
    marks: marksOf(profile, startNs, endNs),
  };
}

function lanesOf(weigher: Weigher, profile: Profile, query: TimelineQuery, bins: Bins) {
  const chosen = chooseSeries(profile, query.selection.series);
  const time = chosen?.series.time ?? null;
  if (!chosen || !time) return { lanes: [], totalValue: 0, totalSamples: 0 };
  const { thread, stack, length } = chosen.series;
  const data = chosen.value.data;
  const { tree, map } = weigher.stackTree(profile);
  const { threads } = profile;
  const keep = keptNodes(weigher, profile, query);
  const lit = query.function >= 0 ? onPath(tree, oneFunction(profile, query.function)) : null;
  const endNs = bins.startNs + bins.widthNs * bins.count;
  const inView = (at: number): boolean => at >= bins.startNs && at <= endNs;

  // Lane 0 is for samples without a thread.
  const weights = new Float64Array(threads.length + 1);
  let totalSamples = 0;
  for (let sample = 0; sample < length; sample++) {
    if (!inView(time[sample]) || !keep(stack[sample])) continue;
    const lane = thread[sample] + 1;
    weights[lane] = weights[lane] + (data === null ? 1 : data[sample]);
    totalSamples++;
  }
  const busiest = Array.from(weights.keys())
    .filter((lane) => weights[lane] > 0)
    .sort((a, b) => weights[b] - weights[a] || a - b);
  const own = busiest.slice(
    0,
    busiest.length > query.maxLanes ? Math.max(1, query.maxLanes - 1) : query.maxLanes,
  );
  const rowOf = new Int32Array(weights.length).fill(own.length);
  own.forEach((lane, row) => {
    rowOf[lane] = row;
  });
  const rows = own.length + (busiest.length > own.length ? 1 : 0);
  const filled = Array.from({ length: rows }, () => new Float32Array(bins.count));
  const highlighted = lit === null ? null : filled.map(() => new Float32Array(bins.count));

  const timeLike = chosen.unit === "nanoseconds";
  for (let sample = 0; sample < length; sample++) {
    const at = time[sample];
    const where = stack[sample];
    if (!inView(at) || !keep(where)) continue;
    const value = data === null ? 1 : data[sample];
    const row = rowOf[thread[sample] + 1];
    const into = filled[row];
    if (!into) continue;
    spread(into, bins, at, value, timeLike);
    const light = highlighted?.[row];
    if (light && lit && where !== -1 && lit[map[where]] === 1) spread(light, bins, at, value, timeLike);
  }
  const lanes = filled.map((values, row): TimelineLane => {
    const lane = own[row];
    const rest = busiest.slice(own.length);
    const index = lane === undefined ? -1 : lane - 1;
    return {
      thread: index,
      name:
        lane === undefined
          ? `${rest.length} other threads`
          : index === -1
            ? "no thread"
            : (profile.strings[threads.name[index]] ?? ""),
      pid: index === -1 ? -1 : (profile.processes.pid[threads.process[index]] ?? -1),
      tid: index === -1 ? -1 : threads.tid[index],
      totalValue: lane === undefined ? rest.reduce((all, each) => all + weights[each], 0) : weights[lane],
      bins: values,
      highlighted: highlighted?.[row] ?? null,
    };
  });
  return { lanes, totalValue: weights.reduce((all, each) => all + each, 0), totalSamples };
}

/**
 * A nanosecond value is the time up to its sample, so it is spread over [at - value, at] and a bin holds the busy
 * share (1 is one CPU); any other value falls into the bin of its sample.
 */
function spread(into: Float32Array, bins: Bins, at: number, value: number, timeLike: boolean): void {
  const { startNs, widthNs, count } = bins;
  const last = Math.min(count - 1, Math.floor((at - startNs) / widthNs));
  if (!timeLike) {
    into[last] = into[last] + value;
    return;
  }
  const from = Math.max(startNs, at - value);
  const first = Math.max(0, Math.floor((from - startNs) / widthNs));
  for (let bin = first; bin <= last; bin++) {
    const left = startNs + bin * widthNs;
    const covered = Math.min(at, left + widthNs) - Math.max(from, left);
    if (covered > 0) into[bin] = into[bin] + covered / widthNs;
  }
}

function oneFunction(profile: Profile, func: number): Uint8Array {
  const flags = new Uint8Array(profile.functions.length);
  if (func < flags.length) flags[func] = 1;
  return flags;
}

/** Which stacks pass focus and ignore; hide and show change stacks, not which samples count. */
function keptNodes(weigher: Weigher, profile: Profile, query: TimelineQuery): (stack: number) => boolean {
  const { tree, map } = weigher.stackTree(profile);
  const tests = query.selection.transforms.flatMap((transform) =>
    transform.type === "focus" || transform.type === "ignore"
      ? [{ wanted: transform.type === "focus", has: onPath(tree, weigher.flags(profile, transform.pattern)) }]
      : [],
  );
  if (tests.length === 0) return () => true;
  return (stack) => {
    const node = stack === -1 ? -1 : map[stack];
    return tests.every(({ wanted, has }) => (node !== -1 && has[node] === 1) === wanted);
  };
}

/** At most four points a bin: first, last, lowest and highest, so that no peak is lost. */
function thin(counter: Counter, bins: Bins): TimelineCounter {
  const { id, name, unit, time, value, length } = counter;
  const endNs = bins.startNs + bins.widthNs * bins.count;
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
  for (let i = 0; i < intervals.length; i++) {
    const category = strings[intervals.category[i]] ?? "";
    const timeNs = intervals.start[i];
    if (category !== "mark" || timeNs < startNs || timeNs > endNs) continue;
    marks.push({ timeNs, name: strings[intervals.name[i]] ?? "", category });
  }
  return marks;
}
