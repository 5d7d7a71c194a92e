import type { MemorySizeClass, MemoryTable } from "../model/memory-table.ts";
import { DROPPED } from "../model/path-steps.ts";
import type { Profile } from "../model/profile.ts";
import type { MemoryQuery } from "../model/query.ts";
import { type Sites, sitesOf } from "./memory-sites.ts";
import type { MemorySource } from "./memory-source.ts";
import { pickSamples } from "./picked-samples.ts";
import { Trends } from "./trends.ts";
import type { Weigher } from "./weigh.ts";

const NONE = -1;

/** What one stack adds up to. */
interface StackSums {
  readonly liveAtStart: Float64Array;
  readonly live: Float64Array;
  readonly liveBlocks: Float64Array;
  readonly grownBlocks: Float64Array;
  readonly allocated: Float64Array;
  readonly allocations: Float64Array;
  readonly temporary: Float64Array;
  readonly peak: Float64Array;
  readonly isSeen: Uint8Array;
}

export interface Sums {
  readonly stacks: StackSums;
  readonly sites: Sites;
  readonly trends: Trends;
  readonly whole: Pick<
    MemoryTable,
    | "peakAtNs"
    | "peakBytes"
    | "liveAtStartBytes"
    | "liveAtEndBytes"
    | "liveAtEndBlocks"
    | "allocatedBytes"
    | "allocations"
    | "freedBytes"
    | "temporary"
    | "ratePerS"
  >;
  curve(bins: number, durationNs: number): Pick<MemoryTable, "curveTime" | "curveBytes">;
  sizes(): readonly MemorySizeClass[];
}

export function sumUp(
  weigher: Weigher,
  profile: Profile,
  source: MemorySource,
  query: MemoryQuery,
  startNs: number,
  endNs: number,
): Sums {
  const { series } = source;
  const all = { ...query.selection, rangeNs: null, lastNs: null };
  const picked = pickSamples(weigher, profile, { series, value: series.values[0], id: "", unit: "" }, all);
  const sites = sitesOf(profile);
  const column = (value: number): Float64Array | null =>
    value === NONE ? null : (series.values[value]?.data ?? null);
  const [live, blocks, allocated, allocations, temporary, peak] = (
    ["live", "liveBlocks", "allocated", "allocations", "temporary", "peak"] as const
  ).map((role) => column(source[role]));
  const trends = new Trends(sites.length, series.time, startNs, endNs);
  // The last one is of samples without a stack.
  const make = (): Float64Array => new Float64Array(profile.stacks.length + 1);
  const stacks: StackSums = {
    liveAtStart: make(),
    live: make(),
    liveBlocks: make(),
    grownBlocks: make(),
    allocated: make(),
    allocations: make(),
    temporary: make(),
    peak: make(),
    isSeen: new Uint8Array(profile.stacks.length + 1),
  };
  const moments = new LiveCurve();
  const sizes = new Map<number, { blocks: number; bytes: number }>();
  const { time } = series;
  // A range to the end has the newest rows too.
  const endsBefore = time !== null && query.selection.rangeNs !== null && endNs < profile.meta.durationNs;
  for (let row = picked.from; row < picked.to; row++) {
    if (picked.nodeOf(row) === DROPPED) continue;
    const own = series.stack[row];
    const stack = own === NONE ? profile.stacks.length : own;
    const at = time === null ? 0 : time[row];
    const bytes = live === null ? 0 : live[row];
    stacks.isSeen[stack] = 1;
    stacks.peak[stack] += peak === null ? 0 : peak[row];
    if (time !== null) moments.add(at, bytes);
    if (at >= endNs && endsBefore) continue;
    stacks.live[stack] += bytes;
    stacks.liveBlocks[stack] += blocks === null ? 0 : blocks[row];
    if (time !== null && at < startNs) {
      stacks.liveAtStart[stack] += bytes;
      continue;
    }
    stacks.grownBlocks[stack] += blocks === null ? 0 : blocks[row];
    const given = allocated === null ? 0 : allocated[row];
    const count = allocations === null ? 0 : allocations[row];
    stacks.allocated[stack] += given;
    stacks.allocations[stack] += count;
    stacks.temporary[stack] += temporary === null ? 0 : temporary[row];
    if (own !== NONE) trends.add(sites.ofStack[own], at, bytes);
    if (given > 0 && count > 0) addSize(sizes, given, count);
    else if (allocated === null && blocks !== null && bytes > 0 && blocks[row] > 0)
      addSize(sizes, bytes, blocks[row]);
  }
  if (source.beside !== null) addBeside(weigher, profile, source.beside, query, startNs, endNs, stacks);
  // A snapshot of the peak beside what changed.
  const snapshot = peakOf(profile, source);
  for (let row = 0; row < (snapshot?.length ?? 0); row++) {
    const stack = snapshot?.stack[row] ?? NONE;
    const at = stack === NONE ? profile.stacks.length : stack;
    stacks.isSeen[at] = 1;
    stacks.peak[at] += snapshot?.values[0]?.data?.[row] ?? 0;
  }
  const total = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0);
  const liveAtEndBytes = total(stacks.live);
  const liveAtStartBytes = total(stacks.liveAtStart);
  const allocatedBytes = total(stacks.allocated);
  const exactPeak = total(stacks.peak);
  const isExact = peak !== null || snapshot !== null;
  return {
    stacks,
    sites,
    trends,
    whole: {
      peakAtNs: live === null ? NONE : isExact ? markedPeak(profile) : moments.peakAtNs,
      peakBytes: isExact ? exactPeak : time === null ? liveAtEndBytes : moments.peakBytes,
      liveAtStartBytes,
      liveAtEndBytes,
      liveAtEndBlocks: total(stacks.liveBlocks),
      allocatedBytes,
      allocations: total(stacks.allocations),
      freedBytes:
        allocated === null || live === null
          ? 0
          : Math.max(0, allocatedBytes - (liveAtEndBytes - liveAtStartBytes)),
      temporary: total(stacks.temporary),
      ratePerS: trends.rateOfAll(),
    },
    curve: (bins, durationNs) =>
      live === null
        ? { curveTime: new Float64Array(0), curveBytes: new Float64Array(0) }
        : moments.thinned(bins, durationNs),
    sizes: () => sizeClasses(sizes),
  };
}

/** Allocations of the range, of a series of their own. */
function addBeside(
  weigher: Weigher,
  profile: Profile,
  { series, allocated, allocations }: MemorySource,
  query: MemoryQuery,
  startNs: number,
  endNs: number,
  stacks: StackSums,
): void {
  const all = { ...query.selection, rangeNs: null, lastNs: null };
  const picked = pickSamples(weigher, profile, { series, value: series.values[0], id: "", unit: "" }, all);
  const bytes = series.values[allocated]?.data ?? null;
  const counts = allocations === NONE ? null : (series.values[allocations]?.data ?? null);
  for (let row = picked.from; row < picked.to; row++) {
    const at = series.time?.[row] ?? 0;
    if (picked.nodeOf(row) === DROPPED || at < startNs || at > endNs) continue;
    const own = series.stack[row];
    const stack = own === NONE ? profile.stacks.length : own;
    stacks.isSeen[stack] = 1;
    stacks.allocated[stack] += bytes?.[row] ?? 0;
    stacks.allocations[stack] += counts?.[row] ?? 1;
  }
}

/** massif's snapshot of the peak, where it is not what is looked at. */
export const peakOf = (profile: Profile, source: MemorySource): Profile["series"][number] | null =>
  profile.series.find(({ id, kind }) => id === "peak" && kind === "heap" && id !== source.series.id) ?? null;

/** Tools that know the peak to the byte mark it; it may be shorter than the time between two samples. */
function markedPeak({ intervals, strings }: Profile): number {
  for (let row = 0; row < intervals.length; row++)
    if (strings[intervals.name[row]] === "peak" && strings[intervals.category[row]] === "mark")
      return intervals.start[row];
  return NONE;
}

function addSize(sizes: Map<number, { blocks: number; bytes: number }>, bytes: number, blocks: number): void {
  const power = Math.max(0, Math.floor(Math.log2(bytes / blocks)));
  const sums = sizes.get(power);
  if (sums) {
    sums.blocks += blocks;
    sums.bytes += bytes;
  } else sizes.set(power, { blocks, bytes });
}

const sizeClasses = (sizes: ReadonlyMap<number, { blocks: number; bytes: number }>): MemorySizeClass[] =>
  [...sizes]
    .sort(([a], [b]) => a - b)
    .map(([power, sums]) => ({
      fromBytes: power === 0 ? 0 : 2 ** power,
      toBytes: 2 ** (power + 1),
      ...sums,
    }));

/** What lives over time; changes of one moment belong together. */
class LiveCurve {
  readonly #times: number[] = [];
  readonly #bytes: number[] = [];
  #now = 0;
  #peakAtNs = NONE;
  #peakBytes = 0;

  get peakAtNs(): number {
    this.#settle();
    return this.#peakAtNs;
  }

  get peakBytes(): number {
    this.#settle();
    return this.#peakBytes;
  }

  add(timeNs: number, bytes: number): void {
    if (bytes === 0) return;
    const last = this.#times.length - 1;
    if (last === -1 || this.#times[last] !== timeNs) {
      this.#settle();
      this.#times.push(timeNs);
      this.#bytes.push(0);
    }
    this.#now += bytes;
    this.#bytes[this.#bytes.length - 1] = this.#now;
  }

  #settle(): void {
    const last = this.#times.length - 1;
    if (last === -1 || this.#now <= this.#peakBytes) return;
    this.#peakBytes = this.#now;
    this.#peakAtNs = this.#times[last];
  }

  /** First, lowest, highest and last of each part of the time. */
  thinned(
    bins: number,
    durationNs: number,
  ): { readonly curveTime: Float64Array; readonly curveBytes: Float64Array } {
    const widthNs = Math.max(1, durationNs / bins);
    const kept: number[] = [];
    for (let from = 0; from < this.#times.length; ) {
      const bin = Math.floor(this.#times[from] / widthNs);
      let low = from;
      let high = from;
      let to = from;
      for (; to < this.#times.length && Math.floor(this.#times[to] / widthNs) === bin; to++) {
        if (this.#bytes[to] < this.#bytes[low]) low = to;
        if (this.#bytes[to] > this.#bytes[high]) high = to;
      }
      kept.push(...[...new Set([from, low, high, to - 1])].sort((a, b) => a - b));
      from = to;
    }
    return {
      curveTime: Float64Array.from(kept, (at) => this.#times[at]),
      curveBytes: Float64Array.from(kept, (at) => this.#bytes[at]),
    };
  }
}
