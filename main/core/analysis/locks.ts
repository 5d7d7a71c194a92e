import { deadlockMark } from "../model/lock-waits.ts";
import { DROPPED } from "../model/path-steps.ts";
import type { Profile } from "../model/profile.ts";
import type { LocksQuery } from "../model/query.ts";
import type { LockRow, LocksTable } from "../model/tables.ts";
import { LockTotals } from "./locks/lock-totals.ts";
import { LockSites } from "./locks/sites.ts";
import { type LockSource, type LockWords, lockSources } from "./locks/sources.ts";
import { compilePattern } from "./patterns.ts";
import { pickSamples } from "./picked-samples.ts";
import type { Weigher } from "./weigh.ts";

/** One row a lock that was waited for, whatever recorded it. */
export function locks(weigher: Weigher, profile: Profile, query: LocksQuery): LocksTable {
  const { selection } = query;
  const end = profile.meta.durationNs;
  const from =
    selection.rangeNs?.[0] ?? (selection.lastNs === null ? 0 : Math.max(0, end - selection.lastNs));
  const spanNs = Math.max(0, (selection.rangeNs?.[1] ?? end) - from);
  const sites = new LockSites(profile);
  const totals = new Map<string, LockTotals>();
  const sources = lockSources(profile);
  const deadlocks = deadlocksOf(profile);
  for (const source of sources) collect(weigher, profile, query, source, sites, totals);

  const all = [...totals.values()].flatMap((lock) => {
    const row = lock.row(spanNs, sites);
    return row === null ? [] : [row];
  });
  const contended = all.filter(({ isIdle }) => !isIdle);
  const idle = all.filter(({ isIdle }) => isIdle);
  const pattern = query.filter === "" ? null : compilePattern(query.filter);
  const rows = (query.idle ? all : contended)
    .filter(
      ({ lock, kind, waiter, holder, holderFunction }) =>
        pattern === null || [lock, kind, waiter, holder, holderFunction].some((text) => pattern.test(text)),
    )
    .sort(inOrder(query));
  return {
    view: "locks",
    spanNs,
    rows: rows.slice(0, query.limit),
    rowsInAll: rows.length,
    waits: sum(contended, "waits"),
    totalNs: sum(contended, "totalNs"),
    idle: { locks: idle.length, waits: sum(idle, "waits"), totalNs: sum(idle, "totalNs") },
    deadlocks,
    isRecorded: sources.length > 0 || deadlocks.length > 0,
  };
}

function collect(
  weigher: Weigher,
  profile: Profile,
  query: LocksQuery,
  source: LockSource,
  sites: LockSites,
  totals: Map<string, LockTotals>,
): void {
  const { series, value } = source.chosen;
  const picked = pickSamples(weigher, profile, source.chosen, query.selection);
  const known = new Map<string, { readonly words: LockWords; readonly totals: LockTotals }>();
  for (let sample = picked.from; sample < picked.to; sample++) {
    if (picked.nodeOf(sample) === DROPPED) continue;
    const stack = series.stack[sample];
    const set = series.labels?.[sample] ?? -1;
    // Labels and stack say which lock it is: most rows are of a few.
    const key = `${set} ${stack}`;
    let of = known.get(key);
    if (!of) {
      const words = source.words(set, sites.names(stack));
      of = { words, totals: totalsOf(totals, words, sites.name(sites.site(stack))) };
      known.set(key, of);
    }
    const timeNs = series.time?.[sample] ?? Number.NaN;
    const valueNs = source.everyNs ?? value.data?.[sample] ?? 0;
    const count = source.counts?.[sample] ?? 1;
    if (source.role === "holders")
      of.totals.held(source, of.words, stack, series.thread[sample], count, valueNs);
    else
      of.totals.waited(source, of.words, stack, series.thread[sample], count, {
        startNs: source.startsAtTime ? timeNs : timeNs - valueNs,
        valueNs,
      });
  }
}

/** A lock without a name is where it is waited for. */
function totalsOf(totals: Map<string, LockTotals>, words: LockWords, site: string): LockTotals {
  const name = words.lock || site || "unknown";
  // A condition variable is several words of memory, and so is the GIL; its threads wait at one or another.
  const isSpread = words.isIdle || words.kind === "GIL";
  const key = `${words.kind} ${isSpread && words.address !== name ? "" : words.address} ${name}`;
  let of = totals.get(key);
  if (!of) {
    of = new LockTotals(name, words);
    totals.set(key, of);
  }
  return of;
}

const sum = (rows: readonly LockRow[], what: "waits" | "totalNs"): number =>
  rows.reduce((all, row) => all + row[what], 0);

function inOrder({ sort, descending }: LocksQuery): (a: LockRow, b: LockRow) => number {
  const sign = descending ? -1 : 1;
  const number = (row: LockRow): number => {
    switch (sort) {
      case "share":
        return row.share;
      case "waits":
        return row.waits;
      case "threads":
        return row.threads;
      case "mean":
        return row.meanNs;
      case "p50":
        return row.p50Ns;
      case "p99":
        return row.p99Ns;
      case "max":
        return row.maxNs;
      default:
        return row.totalNs;
    }
  };
  const byName = (a: LockRow, b: LockRow): number => (a.lock < b.lock ? -1 : a.lock > b.lock ? 1 : 0);
  if (sort === "lock") return (a, b) => sign * byName(a, b);
  if (sort === "kind")
    return (a, b) => sign * (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0) || b.totalNs - a.totalNs;
  // What nobody knows comes last, either way.
  const known = (value: number): number =>
    Number.isNaN(value) ? sign * Number.POSITIVE_INFINITY * -1 : value;
  return (a, b) => {
    const left = known(number(a));
    const right = known(number(b));
    return (left === right ? 0 : left < right ? -sign : sign) || byName(a, b);
  };
}

function deadlocksOf({ intervals, strings }: Profile): readonly string[] {
  const found = new Set<string>();
  for (let row = 0; row < intervals.length; row++) {
    const name = strings[intervals.name[row]] ?? "";
    if (name.startsWith(deadlockMark)) found.add(name.slice(deadlockMark.length));
  }
  return [...found];
}
