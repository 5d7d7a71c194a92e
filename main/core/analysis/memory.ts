import { LEAST_SIZE, type MemoryCounter, type MemoryTable, type PageFaults } from "../model/memory-table.ts";
import type { Profile } from "../model/profile.ts";
import type { MemoryQuery } from "../model/query.ts";
import { OBJECTS_SERIES, objectsBySite } from "./memory-objects.ts";
import { rowsOf } from "./memory-rows.ts";
import { memorySource, valueId } from "./memory-source.ts";
import { peakOf, sumUp } from "./memory-sums.ts";
import { lineThrough } from "./trends.ts";
import type { Weigher } from "./weigh.ts";

const NONE = -1;

/** Allocations by place, what of them lives, how it grows; and the counters of memory. */
export function memory(weigher: Weigher, profile: Profile, query: MemoryQuery): MemoryTable {
  const source = memorySource(profile, query.selection.series);
  const durationNs = profile.meta.durationNs;
  const timed = source === null ? profile.counters.length > 0 : source.series.time !== null;
  const { rangeNs, lastNs } = query.selection;
  const startNs = timed ? (rangeNs?.[0] ?? (lastNs === null ? 0 : Math.max(0, durationNs - lastNs))) : 0;
  const endNs = timed ? (rangeNs?.[1] ?? durationNs) : 0;
  const counters = countersOf(profile, startNs, endNs);
  const pageFaults = faultsOf(profile, startNs, endNs);
  if (source === null) return { ...nothing, timed, startNs, endNs, counters, pageFaults };
  const sums = sumUp(weigher, profile, source, query, startNs, endNs);
  const objects =
    source.series.id === OBJECTS_SERIES ? objectsBySite(profile, source.series, sums.sites, endNs) : null;
  const liveSeries = valueId(source, source.live);
  // Where nothing is said of what lives, nothing can be suspected.
  const { sites, suppressed, inAll } = rowsOf(profile, sums, query, timed && liveSeries !== "", objects);
  return {
    view: "memory",
    liveSeries,
    allocatedSeries:
      source.beside === null
        ? valueId(source, source.allocated)
        : valueId(source.beside, source.beside.allocated),
    peakSeries: valueId(source, source.peak) || (peakOf(profile, source)?.id ?? ""),
    source: source.series.name,
    sampledObjects: objects !== null,
    leastSizes: source.series.values[source.live]?.name === LEAST_SIZE,
    startNs,
    endNs,
    timed,
    ...sums.curve(query.bins, durationNs),
    ...sums.whole,
    counters,
    pageFaults,
    sizes: sums.sizes(),
    sites,
    sitesInAll: inAll,
    suppressed,
  };
}

const nothing: Omit<MemoryTable, "timed" | "startNs" | "endNs" | "counters" | "pageFaults"> = {
  view: "memory",
  liveSeries: "",
  allocatedSeries: "",
  peakSeries: "",
  source: "",
  sampledObjects: false,
  leastSizes: false,
  curveTime: new Float64Array(0),
  curveBytes: new Float64Array(0),
  peakAtNs: NONE,
  peakBytes: 0,
  liveAtStartBytes: 0,
  liveAtEndBytes: 0,
  liveAtEndBlocks: 0,
  allocatedBytes: 0,
  allocations: 0,
  freedBytes: 0,
  temporary: 0,
  ratePerS: 0,
  sizes: [],
  sites: [],
  sitesInAll: 0,
  suppressed: [],
};

/** What one stack adds up to. */

/** Bytes that were read or written are no memory. */
const isMemory = (id: string, unit: string): boolean =>
  unit === "bytes" && !id.startsWith("io-") && !/\b(read|written|sent|received)\b/i.test(id);

/** What the kernel says of the whole comes first, then heaps. */
const firstCounters = [/^(rss|anon|private|pss|file|shmem|swap|heap-resident|stack-resident)$/, /heap/i];
const rankOf = (id: string): number => {
  const rank = firstCounters.findIndex((pattern) => pattern.test(id));
  return rank === NONE ? firstCounters.length : rank;
};

function countersOf(profile: Profile, startNs: number, endNs: number): readonly MemoryCounter[] {
  const inOrder = [...profile.counters].sort((a, b) => rankOf(a.id) - rankOf(b.id));
  return inOrder.flatMap(({ id, name, unit, time, value, length }) => {
    if (!isMemory(id, unit)) return [];
    let from = 0;
    while (from < length && time[from] < startNs) from++;
    let to = length;
    while (to > from && time[to - 1] > endNs) to--;
    if (to === from) return [];
    let peakBytes = 0;
    for (let at = from; at < to; at++) peakBytes = Math.max(peakBytes, value[at]);
    return [
      {
        id,
        name,
        firstBytes: value[from],
        lastBytes: value[to - 1],
        peakBytes,
        ratePerS: lineThrough(time.subarray(from, to), value.subarray(from, to)) * 1e9,
      },
    ];
  });
}

/** Counted by the workbench itself: each reading is the rate since the one before. */
function faultsOf(profile: Profile, startNs: number, endNs: number): PageFaults | null {
  const rateOf = (wanted: string): { readonly mean: number; readonly most: number } | null => {
    const counter = profile.counters.find(({ id }) => id === wanted);
    if (counter === undefined) return null;
    let sum = 0;
    let readings = 0;
    let most = 0;
    for (let at = 0; at < counter.length; at++) {
      const timeNs = counter.time[at];
      const value = counter.value[at];
      if (timeNs < startNs || timeNs > endNs) continue;
      sum += value;
      readings++;
      most = Math.max(most, value);
    }
    return readings === 0 ? null : { mean: sum / readings, most };
  };
  const all = rateOf("faults");
  if (all === null) return null;
  const major = rateOf("major-faults");
  return {
    perS: all.mean,
    mostPerS: all.most,
    majorPerS: major?.mean ?? 0,
    mostMajorPerS: major?.most ?? 0,
  };
}
