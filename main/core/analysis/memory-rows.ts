import type { MemoryObjects, MemorySite, MemoryTable } from "../model/memory-table.ts";
import { compilePattern } from "../model/pattern.ts";
import type { Profile } from "../model/profile.ts";
import type { MemoryQuery, MemorySort } from "../model/query.ts";
import { framesOfStack, type Sites } from "./memory-sites.ts";
import type { Sums } from "./memory-sums.ts";
import { parseSuppressions, type Suppression } from "./suppressions.ts";

const NONE = -1;

interface Rows {
  readonly sites: readonly MemorySite[];
  readonly suppressed: MemoryTable["suppressed"];
  readonly inAll: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function rowsOf(
  profile: Profile,
  sums: Sums,
  query: MemoryQuery,
  hasTrends: boolean,
  objects: ReadonlyMap<number, readonly MemoryObjects[]> | null,
): Rows {
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
    row.objects = objects?.get(site) ?? [];
    // Sampled objects are a part of what lives: what else was allocated need not be gone.
    if (row.allocatedBytes > 0 && objects === null)
      row.freedBytes = Math.max(0, row.allocatedBytes - row.grownBytes);
    if (site !== NONE && hasTrends) {
      row.ratePerS = trends.rateOf(site);
      const kept =
        row.allocatedBytes > 0 && objects === null
          ? Math.max(0, Math.min(1, row.grownBytes / row.allocatedBytes))
          : 1;
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
    objects: [],
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
const suspected = (site: MemorySite): number => {
  const { suspicion, grownBytes, grownBlocks, liveBytes, allocatedBytes, objects } = site;
  // A sample stands for many objects, however large the one is that was taken.
  if (objects.length > 0) return Number.isNaN(suspicion) ? 0 : suspicion * grownBlocks;
  if (Number.isNaN(suspicion)) return liveBytes || allocatedBytes * 1e-12;
  return suspicion * grownBytes;
};

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
