import { requestsId } from "../model/block-requests.ts";
import { movedId } from "../model/descriptors.ts";
import { diskValues, inOrderOf, openValues, threadValues } from "../model/io-order.ts";
import { DROPPED } from "../model/path-steps.ts";
import type { Profile } from "../model/profile.ts";
import type { IoQuery } from "../model/query.ts";
import type { IoRow, IoTable, SlowCall, ThreadIoRow } from "../model/tables.ts";
import { CallColumns } from "./io/call-columns.ts";
import { isWaitingCall } from "./io/call-words.ts";
import { disksOf } from "./io/disks.ts";
import { IoTotals } from "./io/io-totals.ts";
import { requestsOf } from "./io/requests.ts";
import { threadLabel } from "./lanes.ts";
import { compilePattern } from "./patterns.ts";
import { pickSamples } from "./picked-samples.ts";
import { allSeries, type ChosenSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

/** Limits of the latency histogram, ns: powers of four from 1 µs. */
const bucketLimitsNs = Array.from({ length: 14 }, (_, i) => 1000 * 4 ** i);
const MOST_SLOW = 20;

/** One a profile, as long as its analyst is there. */
const columnsOf = new WeakMap<Weigher, CallColumns>();

/** System calls, one row a call, a file, a peer or a stack: how often, how long, how many failed. */
export function io(weigher: Weigher, profile: Profile, query: IoQuery): IoTable {
  const chosen = allSeries(profile).find(
    ({ series, value }) => series.kind === "syscall" && value === series.values[0],
  );
  const end = profile.meta.durationNs;
  const { selection } = query;
  const from =
    selection.rangeNs?.[0] ?? (selection.lastNs === null ? 0 : Math.max(0, end - selection.lastNs));
  const to = selection.rangeNs?.[1] ?? end;
  const columns = columnsOf.get(weigher) ?? new CallColumns();
  columnsOf.set(weigher, columns);
  columns.states.update(profile);
  const matches = matcherOf(query.filter);
  const open = columns.states
    .rows(from, to)
    .filter(({ name, process, peer, state }) => [name, process, peer, state].some(matches))
    .sort(
      (a, b) =>
        Number(b.isOpen) - Number(a.isOpen) ||
        (b.bytesPerSecond || 0) - (a.bytesPerSecond || 0) ||
        ofSome(a.pid) - ofSome(b.pid) ||
        ofSome(a.fd) - ofSome(b.fd),
    );
  const { requests, disks, askers, askersAre } = requestsOf(profile, {
    spanNs: Math.max(1, to - from),
    buckets: bucketLimitsNs.length + 1,
    bucketOf,
    each: (take) => eachOf(weigher, profile, query, requestsId, take),
  });
  const counted = disksOf(profile.counters, from, to);
  return {
    view: "io",
    spanNs: Math.max(0, to - from),
    bucketLimitsNs,
    ...(chosen ? callsOf(weigher, profile, query, { chosen, columns, matches }) : noCalls()),
    open: inOrderOf(open, openValues, query.orders.open).slice(0, query.limit),
    openInAll: open.length,
    disks: inOrderOf(
      [...counted, ...disks.filter(({ device }) => counted.every((each) => each.device !== device))].filter(
        ({ device }) => matches(device),
      ),
      diskValues,
      query.orders.disk,
    ),
    requests: requests.filter(({ device, operation }) => matches(device) || matches(operation)),
    askers: askers.filter(({ name, site, pid }) => matches(name) || matches(site) || matches(`${pid}`)),
    askersAre,
    threads: inOrderOf(
      threadsOf(weigher, profile, query).filter(({ name, tid }) => matches(name) || matches(`${tid}`)),
      threadValues,
      query.orders.thread,
    ),
    misses: missesOf(weigher, profile, query),
  };
}

/** Sockets of nobody, and what has no number, come last. */
const ofSome = (number: number): number => (number < 0 ? Number.MAX_SAFE_INTEGER : number);

type Calls = Omit<
  IoTable,
  | "view"
  | "spanNs"
  | "bucketLimitsNs"
  | "open"
  | "openInAll"
  | "disks"
  | "requests"
  | "askers"
  | "askersAre"
  | "threads"
  | "misses"
>;

/** A row is shown where one of its texts matches. */
function matcherOf(filter: string): (text: string) => boolean {
  const pattern = filter === "" ? null : compilePattern(filter);
  return (text) => pattern === null || pattern.test(text);
}

/** Adds up the values of a series that are selected. */
function eachOf(
  weigher: Weigher,
  profile: Profile,
  query: IoQuery,
  id: string,
  take: (sample: number, value: number) => void,
): boolean {
  const chosen = allSeries(profile).find((each) => each.series.id === id);
  if (!chosen) return false;
  const picked = pickSamples(weigher, profile, chosen, query.selection);
  for (let sample = picked.from; sample < picked.to; sample++)
    if (picked.nodeOf(sample) !== DROPPED) take(sample, chosen.value.data?.[sample] ?? 1);
  return true;
}

function missesOf(weigher: Weigher, profile: Profile, query: IoQuery): IoTable["misses"] {
  const misses = { times: 0, bytes: 0 };
  const isKnown = eachOf(weigher, profile, query, "page-cache-misses", (_, bytes) => {
    misses.times++;
    misses.bytes += bytes;
  });
  return isKnown ? misses : null;
}

function threadsOf(weigher: Weigher, profile: Profile, query: IoQuery): ThreadIoRow[] {
  const { strings, frames, functions, stacks } = profile;
  const series = profile.series.find(({ id }) => id === movedId);
  const rows = new Map<number, { -readonly [K in keyof ThreadIoRow]: ThreadIoRow[K] }>();
  eachOf(weigher, profile, query, movedId, (sample, bytes) => {
    const thread = series?.thread[sample] ?? -1;
    const { name, pid, tid } = threadLabel(profile, thread);
    const row = rows.get(thread) ?? { thread, name, pid, tid, readBytes: 0, writtenBytes: 0 };
    rows.set(thread, row);
    const stack = series?.stack[sample] ?? -1;
    const what = stack === -1 ? "" : strings[functions.name[frames.function[stacks.frame[stack]]]];
    if (what === "read") row.readBytes += bytes;
    else row.writtenBytes += bytes;
  });
  return [...rows.values()].sort(
    (a, b) => b.readBytes + b.writtenBytes - a.readBytes - a.writtenBytes || a.tid - b.tid,
  );
}

const noCalls = (): Calls => ({
  series: "",
  isTimed: false,
  rows: [],
  rowsInAll: 0,
  calls: 0,
  waitingCalls: 0,
  errors: 0,
  totalNs: 0,
  histogram: new Float64Array(bucketLimitsNs.length + 1),
  slowest: [],
});

interface CallSource {
  readonly chosen: ChosenSeries;
  readonly columns: CallColumns;
  readonly matches: (text: string) => boolean;
}

function callsOf(
  weigher: Weigher,
  profile: Profile,
  query: IoQuery,
  { chosen, columns, matches }: CallSource,
): Calls {
  const { series, value } = chosen;
  const { strings } = profile;
  const isTimed = value.unit === "nanoseconds";
  const counts = series.values[1]?.name === "calls" ? series.values[1].data : null;
  const longestOf = counts === null ? null : longestCalls(profile);
  const failures = series.values[2]?.name === "errors" ? series.values[2].data : null;
  columns.update(profile, series);
  const groups = groupsOf(columns, strings, query.by);
  const picked = pickSamples(weigher, profile, chosen, query.selection);
  const histogram = new Float64Array(bucketLimitsNs.length + 1);
  const totals = new Map<number, IoTotals>();
  const all = new IoTotals("", "", isTimed);
  const slow = new Slowest();
  const waits = new Map<number, boolean>();
  let waitingCalls = 0;
  // Of sums nobody knows how long each call took.
  let isSummed = false;
  for (let sample = picked.from; sample < picked.to; sample++) {
    if (picked.nodeOf(sample) === DROPPED) continue;
    const call = columns.call.at(sample);
    if (!query.waiting) {
      let isWaiting = waits.get(call);
      if (isWaiting === undefined) {
        isWaiting = isWaitingCall(strings[call] ?? "");
        waits.set(call, isWaiting);
      }
      if (isWaiting) {
        waitingCalls += counts?.[sample] ?? 1;
        continue;
      }
    }
    const group = groups.of(sample);
    if (group === -1) continue;
    let sums = totals.get(group);
    if (!sums) {
      sums = new IoTotals(groups.name(group), query.by === "call" ? "" : (strings[call] ?? ""), isTimed);
      totals.set(group, sums);
    }
    const durationNs = isTimed ? (value.data?.[sample] ?? 0) : 0;
    const calls = counts?.[sample] ?? 1;
    const errors = failures?.[sample] ?? (columns.error.at(sample) === -1 ? 0 : calls);
    const bytes = columns.bytes.at(sample);
    sums.add(durationNs, calls, errors, bytes, longestOf?.get(series.labels?.[sample] ?? -1));
    all.calls += calls;
    all.errors += errors;
    all.totalNs += durationNs;
    if (!isTimed) continue;
    isSummed ||= calls !== 1;
    histogram[bucketOf(durationNs)] += calls;
    slow.add(sample, durationNs);
  }
  const rows = [...totals.values()]
    .map((each) => each.row())
    .filter(({ name, call }) => matches(name) || matches(call))
    .sort(inOrder(query));
  return {
    series: chosen.id,
    isTimed,
    rows: rows.slice(0, query.limit),
    rowsInAll: rows.length,
    calls: all.calls,
    waitingCalls,
    errors: all.errors,
    totalNs: isTimed ? all.totalNs : Number.NaN,
    histogram: isSummed ? histogram.fill(0) : histogram,
    slowest: (isSummed ? [] : slow.samples).map((sample): SlowCall => {
      const { file, peer } = columns.describe(columns.target.at(sample));
      return {
        call: strings[columns.call.at(sample)] ?? "",
        file: file || peer,
        startNs: series.time?.[sample] ?? Number.NaN,
        durationNs: value.data?.[sample] ?? 0,
        thread: series.thread[sample],
      };
    }),
  };
}

/** The longest of the calls that a sum is of, by label set, where the tool says it (perf trace -s). */
function longestCalls({ labels, strings }: Profile): ReadonlyMap<number, number> {
  const key = strings.indexOf("max");
  const longest = new Map<number, number>();
  for (let row = 0; row < labels.length; row++)
    if (labels.key[row] === key) longest.set(labels.set[row], labels.number[row]);
  return longest;
}

interface Groups {
  /** -1 where the sample is in none. */
  of(sample: number): number;
  name(group: number): string;
}

/** Several targets, and several callers, may be of one name. */
function groupsOf(columns: CallColumns, strings: readonly string[], by: IoQuery["by"]): Groups {
  if (by === "call")
    return { of: (sample) => columns.call.at(sample), name: (group) => strings[group] ?? "" };
  if (by === "stack")
    return { of: (sample) => columns.caller.at(sample), name: (group) => strings[group] ?? "" };
  const names: string[] = [];
  const byName = new Map<string, number>();
  const byTarget = new Map<number, number>();
  const groupOf = (target: number): number => {
    const { file, peer } = columns.describe(target);
    const name = by === "peer" ? peer : peer === "" ? file : "";
    if (name === "") return -1;
    const known = byName.get(name);
    if (known !== undefined) return known;
    byName.set(name, names.length);
    return names.push(name) - 1;
  };
  return {
    of: (sample) => {
      const target = columns.target.at(sample);
      let group = byTarget.get(target);
      if (group === undefined) {
        group = groupOf(target);
        byTarget.set(target, group);
      }
      return group;
    },
    name: (group) => names[group] ?? "",
  };
}

function bucketOf(durationNs: number): number {
  let bucket = 0;
  while (bucket < bucketLimitsNs.length && durationNs >= (bucketLimitsNs[bucket] as number)) bucket++;
  return bucket;
}

/** The longest first. */
class Slowest {
  readonly samples: number[] = [];
  readonly #durations: number[] = [];

  add(sample: number, durationNs: number): void {
    const { samples } = this;
    const durations = this.#durations;
    if (samples.length === MOST_SLOW && durationNs <= (durations[MOST_SLOW - 1] as number)) return;
    let at = samples.length;
    while (at > 0 && (durations[at - 1] as number) < durationNs) at--;
    samples.splice(at, 0, sample);
    durations.splice(at, 0, durationNs);
    if (samples.length > MOST_SLOW) {
      samples.pop();
      durations.pop();
    }
  }
}

function inOrder({ sort, descending }: IoQuery): (a: IoRow, b: IoRow) => number {
  const sign = descending ? -1 : 1;
  const byName = (a: IoRow, b: IoRow): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  if (sort === "name") return (a, b) => sign * byName(a, b);
  const number = (row: IoRow): number =>
    ({
      total: row.totalNs,
      calls: row.calls,
      errors: row.errors,
      mean: row.meanNs,
      p99: row.p99Ns,
      max: row.maxNs,
      bytes: row.bytes,
    })[sort];
  return (a, b) => {
    const left = number(a);
    const right = number(b);
    if (Number.isNaN(left) || Number.isNaN(right) || left === right)
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || b.calls - a.calls || byName(a, b);
    return left < right ? -sign : sign;
  };
}
