import type { MemoryCounter, MemorySite, MemorySizeClass, MemoryTable } from "../model/memory-table.ts";
import { DROPPED } from "../model/path-steps.ts";
import { compilePattern } from "../model/pattern.ts";
import type { Profile } from "../model/profile.ts";
import type { MemoryQuery, MemorySort } from "../model/query.ts";
import { framesOfStack, type Sites, sitesOf } from "./memory-sites.ts";
import { type MemorySource, memorySource, valueId } from "./memory-source.ts";
import { pickSamples } from "./picked-samples.ts";
import { parseSuppressions, type Suppression } from "./suppressions.ts";
import { lineThrough, Trends } from "./trends.ts";
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
  if (source === null) return { ...nothing, timed, startNs, endNs, counters };
  const sums = sumUp(weigher, profile, source, query, startNs, endNs);
  const { sites, suppressed, inAll } = rowsOf(profile, sums, query, timed);
  return {
    view: "memory",
    liveSeries: valueId(source, source.live),
    allocatedSeries: valueId(source, source.allocated),
    peakSeries: valueId(source, source.peak) || (peakOf(profile, source)?.id ?? ""),
    source: source.series.name,
    startNs,
    endNs,
    timed,
    ...sums.curve(query.bins, durationNs),
    ...sums.whole,
    counters,
    sizes: sums.sizes(),
    sites,
    sitesInAll: inAll,
    suppressed,
  };
}

const nothing: Omit<MemoryTable, "timed" | "startNs" | "endNs" | "counters"> = {
  view: "memory",
  liveSeries: "",
  allocatedSeries: "",
  peakSeries: "",
  source: "",
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

interface Sums {
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

function sumUp(
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
  for (let row = picked.from; row < picked.to; row++) {
    if (picked.nodeOf(row) === DROPPED) continue;
    const own = series.stack[row];
    const stack = own === NONE ? profile.stacks.length : own;
    const at = time === null ? 0 : time[row];
    const bytes = live === null ? 0 : live[row];
    stacks.isSeen[stack] = 1;
    stacks.peak[stack] += peak === null ? 0 : peak[row];
    if (time !== null) moments.add(at, bytes);
    if (time !== null && at >= endNs && query.selection.rangeNs !== null) continue;
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
        ? { curveTime: nothing.curveTime, curveBytes: nothing.curveBytes }
        : moments.thinned(bins, durationNs),
    sizes: () => sizeClasses(sizes),
  };
}

/** massif's snapshot of the peak, where it is not what is looked at. */
const peakOf = (profile: Profile, source: MemorySource): Profile["series"][number] | null =>
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

interface Rows {
  readonly sites: readonly MemorySite[];
  readonly suppressed: MemoryTable["suppressed"];
  readonly inAll: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function rowsOf(profile: Profile, sums: Sums, query: MemoryQuery, timed: boolean): Rows {
  const { stacks, sites, trends } = sums;
  const rules = parseSuppressions(query.suppressions);
  const suppressed = new Map<string, { sites: Set<number>; liveBytes: number; liveBlocks: number }>();
  const rows = new Map<number, Mutable<MemorySite>>();
  const heaviest = new Map<number, { stack: number; bytes: number }>();
  for (let stack = 0; stack <= profile.stacks.length; stack++) {
    if (stacks.isSeen[stack] === 0) continue;
    const site = stack === profile.stacks.length ? NONE : sites.ofStack[stack];
    const rule = site === NONE || rules.length === 0 ? undefined : matching(rules, profile, stack);
    if (rule !== undefined) {
      const known = suppressed.get(rule.name) ?? { sites: new Set(), liveBytes: 0, liveBlocks: 0 };
      known.sites.add(site);
      known.liveBytes += stacks.live[stack];
      known.liveBlocks += stacks.liveBlocks[stack];
      suppressed.set(rule.name, known);
      continue;
    }
    const row = rows.get(site) ?? emptyRow(profile, sites, site);
    rows.set(site, row);
    const bytes = stacks.allocated[stack] || Math.abs(stacks.live[stack]) || stacks.peak[stack];
    const before = heaviest.get(site);
    if (before === undefined || bytes > before.bytes) heaviest.set(site, { stack, bytes });
    const grown = stacks.live[stack] - stacks.liveAtStart[stack];
    row.stacks++;
    row.liveBytes += stacks.live[stack];
    row.liveBlocks += stacks.liveBlocks[stack];
    row.grownBytes += grown;
    row.grownBlocks += stacks.grownBlocks[stack];
    row.allocatedBytes += stacks.allocated[stack];
    row.allocations += stacks.allocations[stack];
    row.temporary += stacks.temporary[stack];
    row.peakBytes += stacks.peak[stack];
  }
  const pattern = query.filter === "" ? null : compilePattern(query.filter);
  const shown: Mutable<MemorySite>[] = [];
  for (const [site, row] of rows) {
    const isEmpty =
      row.liveBytes === 0 && row.allocatedBytes === 0 && row.grownBytes === 0 && row.peakBytes === 0;
    if (isEmpty || (pattern && !pattern.test(row.name) && !pattern.test(row.file))) continue;
    if (row.allocatedBytes > 0) row.freedBytes = Math.max(0, row.allocatedBytes - row.grownBytes);
    if (site !== NONE && timed) {
      row.ratePerS = trends.rateOf(site);
      const kept = row.allocatedBytes > 0 ? Math.max(0, Math.min(1, row.grownBytes / row.allocatedBytes)) : 1;
      row.suspicion = row.grownBytes > 0 ? trends.steadinessOf(site) * kept : 0;
    }
    shown.push(row);
  }
  shown.sort(order(query.sort, query.descending));
  const limited = shown.slice(0, query.limit);
  const siteOf = new Map([...rows].map(([site, row]) => [row, site]));
  for (const row of limited) {
    const stack = heaviest.get(siteOf.get(row) ?? NONE)?.stack ?? NONE;
    if (stack !== NONE && stack < profile.stacks.length) row.path = pathOf(profile, stack);
  }
  return {
    sites: limited,
    inAll: shown.length,
    suppressed: [...suppressed]
      .map(([name, { sites: own, ...rest }]) => ({ name, sites: own.size, ...rest }))
      .sort((a, b) => b.liveBytes - a.liveBytes),
  };
}

const matching = (
  rules: readonly Suppression[],
  profile: Profile,
  stack: number,
): Suppression | undefined => {
  const frames = framesOfStack(profile, stack);
  return rules.find((rule) => rule.matches(frames));
};

function emptyRow(profile: Profile, sites: Sites, site: number): Mutable<MemorySite> {
  const { functions, binaries, strings } = profile;
  const func = site === NONE ? NONE : sites.function[site];
  const text = (index: number | undefined): string =>
    index === undefined || index === NONE ? "" : (strings[index] ?? "");
  const binary = func === NONE ? NONE : functions.binary[func];
  return {
    function: func,
    name: func === NONE ? "(no stack)" : text(functions.name[func]),
    file: func === NONE ? "" : text(functions.file[func]),
    line: site === NONE ? NONE : sites.line[site],
    binary: binary === NONE ? "" : text(binaries.path[binary]),
    kind: func === NONE ? 0 : functions.kind[func],
    path: [],
    stacks: 0,
    liveBytes: 0,
    liveBlocks: 0,
    grownBytes: 0,
    grownBlocks: 0,
    allocatedBytes: 0,
    allocations: 0,
    freedBytes: 0,
    temporary: 0,
    peakBytes: 0,
    ratePerS: 0,
    suspicion: Number.NaN,
  };
}

/** Longer stacks are cut at their outer end. */
const LONGEST_PATH = 64;

function pathOf(profile: Profile, stack: number): readonly string[] {
  return framesOfStack(profile, stack)
    .slice(0, LONGEST_PATH)
    .map(({ name }) => name)
    .reverse();
}

/** What grows most among those that look like leaks; without times what lives. */
const suspected = ({ suspicion, grownBytes, liveBytes, allocatedBytes }: MemorySite): number =>
  Number.isNaN(suspicion) ? liveBytes || allocatedBytes * 1e-6 : suspicion * grownBytes;

const measures: Readonly<Record<Exclude<MemorySort, "name">, (site: MemorySite) => number>> = {
  suspicion: suspected,
  live: ({ liveBytes }) => liveBytes,
  grown: ({ grownBytes }) => grownBytes,
  allocated: ({ allocatedBytes }) => allocatedBytes,
  freed: ({ freedBytes }) => freedBytes,
  rate: ({ ratePerS }) => ratePerS,
  peak: ({ peakBytes }) => peakBytes,
  temporary: ({ temporary }) => temporary,
};

function order(sort: MemorySort, descending: boolean): (a: MemorySite, b: MemorySite) => number {
  const sign = descending ? -1 : 1;
  const byName = (a: MemorySite, b: MemorySite): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.line - b.line;
  if (sort === "name") return (a, b) => sign * byName(a, b);
  const measure = measures[sort];
  return (a, b) =>
    sign * (measure(a) - measure(b)) ||
    b.liveBytes - a.liveBytes ||
    b.allocatedBytes - a.allocatedBytes ||
    byName(a, b);
}

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
