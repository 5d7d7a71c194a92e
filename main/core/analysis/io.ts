import { DROPPED } from "../model/path-steps.ts";
import type { Profile, Series } from "../model/profile.ts";
import type { IoQuery } from "../model/query.ts";
import type { IoRow, IoTable } from "../model/tables.ts";
import { peerOf } from "./io/call-words.ts";
import { IoTotals } from "./io/io-totals.ts";
import { compilePattern } from "./patterns.ts";
import { pickSamples } from "./picked-samples.ts";
import { allSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

/** Limits of the latency histogram, ns: powers of four from 1 µs. */
const bucketLimitsNs = Array.from({ length: 14 }, (_, i) => 1000 * 4 ** i);

/** System calls, one row a call, a file, a peer or a stack: how often, how long, how many failed. */
export function io(weigher: Weigher, profile: Profile, query: IoQuery): IoTable {
  const chosen = allSeries(profile).find(
    ({ series, value }) => series.kind === "syscall" && value === series.values[0],
  );
  const end = profile.meta.durationNs;
  const { selection } = query;
  const from =
    selection.rangeNs?.[0] ?? (selection.lastNs === null ? 0 : Math.max(0, end - selection.lastNs));
  const spanNs = Math.max(0, (selection.rangeNs?.[1] ?? end) - from);
  const histogram = new Float64Array(bucketLimitsNs.length + 1);
  const empty = { view: "io" as const, spanNs, bucketLimitsNs, histogram };
  if (!chosen)
    return {
      ...empty,
      series: "",
      isTimed: false,
      rows: [],
      rowsInAll: 0,
      calls: 0,
      errors: 0,
      totalNs: 0,
      slowest: [],
    };
  const { series, value } = chosen;
  const isTimed = value.unit === "nanoseconds";
  const picked = pickSamples(weigher, profile, chosen, selection);
  const words = wordsOf(profile, series);
  const totals = new Map<string, IoTotals>();
  const all = new IoTotals("", "");
  for (let sample = picked.from; sample < picked.to; sample++) {
    if (picked.nodeOf(sample) === DROPPED) continue;
    const said = words(sample);
    if (!query.waiting && isWaitingCall(said.call)) continue;
    const durationNs = isTimed ? (value.data?.[sample] ?? 0) : Number.NaN;
    const calls = series.values[1]?.name === "calls" ? (series.values[1].data?.[sample] ?? 1) : 1;
    const key = keyOf(query.by, said);
    if (key === "") continue;
    let of = totals.get(key);
    if (!of) {
      of = new IoTotals(key, query.by === "call" ? "" : said.call);
      totals.set(key, of);
    }
    for (const each of [of, all])
      each.add({
        durationNs,
        calls,
        error: said.error,
        bytes: said.bytes,
        startNs: series.time?.[sample] ?? Number.NaN,
        call: said.call,
        file: said.file,
        thread: series.thread[sample],
      });
    if (isTimed) {
      const bucket = bucketLimitsNs.findIndex((limit) => durationNs < limit);
      histogram[bucket === -1 ? bucketLimitsNs.length : bucket] += calls;
    }
  }
  const pattern = query.filter === "" ? null : compilePattern(query.filter);
  const rows = [...totals.values()]
    .map((each) => each.row())
    .filter(({ name, call }) => pattern === null || pattern.test(name) || pattern.test(call))
    .sort(inOrder(query));
  const sum = all.row();
  return {
    ...empty,
    series: chosen.id,
    isTimed,
    rows: rows.slice(0, query.limit),
    rowsInAll: rows.length,
    calls: sum.calls,
    errors: sum.errors,
    totalNs: sum.totalNs,
    slowest: all.slowest(),
  };
}

/** They wait for whatever comes next, and are slow by nature. */
const isWaitingCall = (call: string): boolean =>
  /^(?:futex|(?:clock_)?nanosleep|e?poll\w*|p?select\d*|epoll_p?wait2?|pause|rt_sig\w+|wait4|waitid|io_getevents|restart_syscall)$/.test(
    call,
  );

interface CallWords {
  readonly call: string;
  readonly args: string;
  /** "ENOENT", or "". */
  readonly error: string;
  /** Path or socket as the recorder names it; "" where it does not. */
  readonly file: string;
  readonly peer: string;
  readonly stack: string;
  /** What a read or write moved; 0 for others. */
  readonly bytes: number;
}

function keyOf(by: IoQuery["by"], { call, file, peer, stack }: CallWords): string {
  switch (by) {
    case "file":
      return peer === "" ? file : "";
    case "peer":
      return peer;
    case "stack":
      return stack;
    default:
      return call;
  }
}

/** The call of a sample is its innermost function; what it was called with is an interval of the same time and thread. */
function wordsOf(profile: Profile, series: Series): (sample: number) => CallWords {
  const { strings, frames, functions, stacks, intervals, labels } = profile;
  const nameOf = (stack: number): string =>
    stack === -1 ? "" : (strings[functions.name[frames.function[stacks.frame[stack]]]] ?? "");
  const syscall = strings.indexOf("syscall");
  const argsAt = new Map<string, number>();
  for (let row = 0; row < intervals.length; row++)
    if (intervals.category[row] === syscall)
      argsAt.set(`${intervals.thread[row]} ${intervals.start[row]}`, intervals.args[row]);
  const errorKey = strings.indexOf("error");
  const errors = new Map<number, string>();
  for (let row = 0; row < labels.length; row++)
    if (labels.key[row] === errorKey && errorKey !== -1)
      errors.set(labels.set[row], strings[labels.text[row]] ?? "");
  return (sample) => {
    const stack = series.stack[sample];
    const call = nameOf(stack);
    const at =
      series.time === null ? undefined : argsAt.get(`${series.thread[sample]} ${series.time[sample]}`);
    const said = at === undefined || at === -1 ? {} : parsed(strings[at] ?? "");
    const args = said.args ?? "";
    const { file, peer } = peerOf(args);
    const result = Number(/^-?\d+/.exec(said.result ?? "")?.[0] ?? Number.NaN);
    const moves = /^(?:p?read|p?write|recv|send|copy_file_range|splice|getdents)/.test(call);
    return {
      call,
      args,
      error: errors.get(series.labels?.[sample] ?? -1) ?? "",
      file,
      peer,
      stack: nameOf(stack === -1 ? -1 : stacks.prefix[stack]),
      bytes: moves && result > 0 ? result : 0,
    };
  };
}

function parsed(json: string): { readonly args?: string; readonly result?: string } {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    // An importer of another version may have written something else.
    return {};
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
