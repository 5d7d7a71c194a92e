import { NONE } from "../../model/builder.ts";
import type { Profile, Series } from "../../model/profile.ts";
import type { GeckoCategories, GeckoFacts } from "./gecko-names.ts";
import { GeckoTables } from "./gecko-tables.ts";
import { jsonColumn } from "./json-text.ts";
import { threadNames } from "./thread-rows.ts";

/** One thread of a file: ours may be several, for theirs hold one kind of samples. */
export interface GeckoThread {
  readonly thread: number;
  readonly samples: GeckoRows | null;
  readonly allocations: GeckoRows | null;
  /** Rows of the interval table. */
  readonly intervals: Int32Array;
  /** "" for the thread itself; what is measured for the further ones that are made of it. */
  readonly measure: string;
  readonly isMain: boolean;
}

/** Some rows of a series, in order of time. */
export interface GeckoRows {
  readonly series: Series;
  readonly rows: Int32Array;
}

export interface GeckoFile {
  readonly profile: Profile;
  readonly categories: GeckoCategories;
  readonly facts: GeckoFacts;
  /** What one sample stands for, in ns. */
  readonly intervalNs: number;
}

/** Name of the schema that our markers have. */
export const MARKER_TYPE = "Interval";

const milliseconds = (ns: number): number => ns / 1e6;

export function* geckoThread(file: GeckoFile, entry: GeckoThread): Iterable<string> {
  const { profile } = file;
  const { pid, tid, name, process } = threadNames(profile, entry.thread);
  const { threads } = profile;
  const start = entry.thread === NONE ? Number.NaN : threads.start[entry.thread];
  const end = entry.thread === NONE ? Number.NaN : threads.end[entry.thread];
  const head = {
    name: [name || (entry.thread === NONE ? profile.meta.target || "All" : `Thread ${tid}`), entry.measure]
      .filter(Boolean)
      .join(" · "),
    isMainThread: entry.isMain,
    processType: "default",
    processName: process,
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: Number.isNaN(start) ? 0 : milliseconds(start),
    unregisterTime: Number.isNaN(end) ? null : milliseconds(end),
    pausedRanges: [],
    showMarkersInTimeline: entry.intervals.length > 0,
    pid: String(pid),
    tid: entry.measure === "" ? tid : `${tid}-${entry.measure}`,
  };
  const tables = new GeckoTables(profile, file.categories);
  yield `${JSON.stringify(head).slice(0, -1)},`;
  yield* samplesTable(file, tables, entry.samples);
  if (entry.allocations) yield* allocationsTable(tables, entry.allocations);
  yield* markersTable(file, tables, entry.intervals);
  yield* tables.json();
  yield "}";
}

/** Times of a series without any: what was spent before, or one step a sample. */
function timesOf({ series, rows }: GeckoRows, intervalNs: number): (i: number) => number {
  const { time } = series;
  if (time !== null) return (i) => milliseconds(time[rows[i]]);
  const [value] = series.values;
  const isTime = value.unit === "nanoseconds" && value.data !== null;
  const times = new Float64Array(rows.length);
  let atNs = 0;
  for (let i = 0; i < rows.length; i++) {
    times[i] = milliseconds(atNs);
    atNs += isTime ? (value.data?.[rows[i]] ?? 0) : intervalNs;
  }
  return (i) => times[i];
}

function* samplesTable(
  { intervalNs }: GeckoFile,
  tables: GeckoTables,
  samples: GeckoRows | null,
): Iterable<string> {
  if (samples === null) {
    yield `"samples":{"stack":[],"time":[],"weight":null,"weightType":"samples","length":0},`;
    return;
  }
  const { series, rows } = samples;
  const [{ unit, data }] = series.values;
  const stackAt = (i: number): number | null => tables.stack(series.stack[rows[i]]);
  yield `"samples":{`;
  yield* jsonColumn("stack", rows.length, stackAt);
  yield ",";
  yield* jsonColumn("time", rows.length, timesOf(samples, intervalNs));
  const cpu = series.values.find(({ name, data: column }) => name === "cpu" && column !== null);
  if (cpu) {
    yield ",";
    yield* jsonColumn("threadCPUDelta", rows.length, (i) => cpu.data?.[rows[i]] ?? null);
  }
  yield ",";
  if (data === null || isSteady(series, intervalNs)) yield `"weight":null,"weightType":"samples"`;
  else {
    const scale = unit === "nanoseconds" ? 1e6 : 1;
    yield* jsonColumn("weight", rows.length, (i) => data[rows[i]] / scale);
    yield `,"weightType":"${unit === "nanoseconds" ? "tracing-ms" : unit === "bytes" ? "bytes" : "samples"}"`;
  }
  yield `,"length":${rows.length}},`;
}

/** Does every sample stand for one interval? Then they need no weights. */
const isSteady = ({ values: [{ unit, data }] }: Series, intervalNs: number): boolean =>
  unit === "nanoseconds" && data !== null && data.every((value) => value === intervalNs);

function* allocationsTable(tables: GeckoTables, { series, rows }: GeckoRows): Iterable<string> {
  const { time } = series;
  const [{ data }] = series.values;
  yield `"nativeAllocations":{`;
  yield* jsonColumn("time", rows.length, (i) => milliseconds(time?.[rows[i]] ?? 0));
  yield ",";
  yield* jsonColumn("weight", rows.length, (i) => data?.[rows[i]] ?? 1);
  yield `,"weightType":"bytes",`;
  yield* jsonColumn("stack", rows.length, (i) => tables.stack(series.stack[rows[i]]));
  yield `,"length":${rows.length}},`;
}

/** Phases: 0 at once, 1 from to, 2 begins and does not end. */
function* markersTable(
  { profile, categories, facts }: GeckoFile,
  tables: GeckoTables,
  rows: Int32Array,
): Iterable<string> {
  const { intervals, strings } = profile;
  const phaseOf = (row: number): number => {
    if (Number.isNaN(intervals.end[row])) return 2;
    return intervals.end[row] === intervals.start[row] ? 0 : 1;
  };
  yield `"markers":{"data":[`;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const stack = tables.stack(intervals.stack[row]);
    const data = {
      type: MARKER_TYPE,
      ...facts.of(intervals.args[row]),
      // One that a file brought refers to the tables of that file.
      cause: undefined,
      ...(stack !== null && { cause: { time: milliseconds(intervals.start[row]), stack } }),
    };
    yield (i === 0 ? "" : ",") + JSON.stringify(data);
  }
  yield "],";
  yield* jsonColumn("name", rows.length, (i) => tables.string(strings[intervals.name[rows[i]]] ?? ""));
  yield ",";
  yield* jsonColumn("startTime", rows.length, (i) => milliseconds(intervals.start[rows[i]]));
  yield ",";
  yield* jsonColumn("endTime", rows.length, (i) =>
    phaseOf(rows[i]) === 1 ? milliseconds(intervals.end[rows[i]]) : null,
  );
  yield ",";
  yield* jsonColumn("phase", rows.length, (i) => phaseOf(rows[i]));
  yield ",";
  yield* jsonColumn("category", rows.length, (i) => categories.ofInterval(intervals.category[rows[i]]));
  yield `,"length":${rows.length}},`;
}
