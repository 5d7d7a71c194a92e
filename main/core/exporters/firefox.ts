import { NONE } from "../model/builder.ts";
import type { Counter, Profile, Series } from "../model/profile.ts";
import type { Exporter } from "./exporter.ts";
import { geckoCategories, geckoFacts, geckoLibraries } from "./shared/gecko-names.ts";
import {
  type GeckoFile,
  type GeckoRows,
  type GeckoThread,
  geckoThread,
  MARKER_TYPE,
} from "./shared/gecko-thread.ts";
import { jsonColumn } from "./shared/json-text.ts";
import { selectedProfile } from "./shared/selected-profile.ts";
import { type ThreadRows, threadNames, threadRows } from "./shared/thread-rows.ts";
import { textChunks } from "./text-chunks.ts";

/**
 * A processed profile of the Firefox Profiler, which upgrades older versions itself; of version 55, the last one in which
 * a thread has all of its tables, so that it needs no others while it is written. The first series is the samples of the
 * threads, bytes over time are their allocations, and further series are threads of their own.
 * https://github.com/firefox-devtools/profiler/blob/main/docs-developer/CHANGELOG-formats.md
 */
export const firefox: Exporter = {
  id: "firefox",
  title: "Firefox Profiler",
  purpose: "For profiler.firefox.com: samples, markers and counters over time.",
  extension: "json",
  mimeType: "application/json",
  write: (request) => textChunks(file(selectedProfile(request), request.title)),
};

const PROCESSED_VERSION = 55;
const GECKO_VERSION = 31;

function* file(profile: Profile, title: string): Iterable<string> {
  const categories = geckoCategories(profile);
  const facts = geckoFacts(profile);
  const intervalNs = intervalOf(profile);
  const { meta } = profile;
  const head = {
    interval: intervalNs / 1e6,
    startTime: Math.max(0, meta.startedAtMs),
    processType: 0,
    product: title || meta.target || "Flamewright",
    stackwalk: 1,
    version: GECKO_VERSION,
    preprocessedProfileVersion: PROCESSED_VERSION,
    importedFrom: "Flamewright",
    misc: [meta.tool, meta.toolVersion].filter(Boolean).join(" "),
    oscpu: [meta.host, meta.kernel].filter(Boolean).join(" "),
    arguments: meta.command,
    symbolicated: true,
    symbolicationNotSupported: true,
    usesOnlyOneStackType: true,
    sourceCodeIsNotOnSearchfox: true,
    keepProfileThreadOrder: true,
    extensions: { id: [], name: [], baseURL: [], length: 0 },
    categories: categories.list,
    sampleUnits: { time: "ms", eventDelay: "ms", threadCPUDelta: cpuUnit(profile) },
    markerSchema: [
      {
        name: MARKER_TYPE,
        display: ["marker-chart", "marker-table", "timeline-overview"],
        tooltipLabel: "{marker.name}",
        fields: facts.keys.map((key) => ({ key, label: key, format: "string" })),
      },
    ],
  };
  yield `{"meta":${JSON.stringify(head)},\n"libs":${JSON.stringify(geckoLibraries(profile))},\n"threads":[`;
  const threads = threadsOf(profile);
  const geckoFile: GeckoFile = { profile, categories, facts, intervalNs };
  for (const [i, thread] of threads.entries()) {
    yield i === 0 ? "\n" : ",\n";
    yield* geckoThread(geckoFile, thread);
  }
  yield `\n],\n"counters":[`;
  const pid = String(threadNames(profile, threads[0]?.thread ?? NONE).pid);
  for (const [i, counter] of profile.counters.entries()) {
    yield i === 0 ? "\n" : ",\n";
    yield* counterJson(counter, pid);
  }
  yield "\n]}\n";
}

/** What the samples of the first series are apart: as was asked for, or what each of them weighs. */
function intervalOf({ meta, series }: Profile): number {
  if (meta.periodNs > 0) return meta.periodNs;
  const [value] = series[0]?.values ?? [];
  const first = value?.unit === "nanoseconds" ? (value.data?.[0] ?? 0) : 0;
  return first > 0 ? first : 1e6;
}

function cpuUnit({ series }: Profile): string {
  const cpu = series.flatMap(({ values }) => values).find(({ name }) => name === "cpu");
  return cpu?.unit === "nanoseconds" ? "ns" : "variable CPU cycles";
}

const isAllocations = ({ kind, time, values: [first] }: Series): boolean =>
  (kind === "alloc" || kind === "heap") && time !== null && first.unit === "bytes";

function threadsOf(profile: Profile): readonly GeckoThread[] {
  const { series, intervals, threads } = profile;
  const main = series.find((each) => !isAllocations(each)) ?? series[0];
  const allocations = series.find((each) => each !== main && isAllocations(each));
  const others = series.filter((each) => each !== main && each !== allocations);
  const mainRows = main && threadRows(main.thread, threads.length);
  const allocationRows = allocations && threadRows(allocations.thread, threads.length);
  const otherRows = others.map((each) => threadRows(each.thread, threads.length));
  const intervalRows = threadRows(intervals.thread, threads.length);
  const entries: GeckoThread[] = [];
  const processes = new Set<number>();
  for (let thread = NONE; thread < threads.length; thread++) {
    const marked = intervalRows.of(thread);
    const samples = rowsOf(main, mainRows, thread);
    const allocated = rowsOf(allocations, allocationRows, thread);
    const further = others.map((each, i) => rowsOf(each, otherRows[i], thread));
    const isEmpty = !samples && !allocated && marked.length === 0 && further.every((each) => !each);
    if (isEmpty && (thread === NONE || series.length > 0)) continue;
    const { pid, tid } = threadNames(profile, thread);
    const isMain = tid === pid || !processes.has(pid);
    processes.add(pid);
    entries.push({ thread, samples, allocations: allocated, intervals: marked, measure: "", isMain });
    for (const rows of further)
      if (rows)
        entries.push({
          thread,
          samples: rows,
          allocations: null,
          intervals: new Int32Array(0),
          measure: rows.series.name,
          isMain: false,
        });
  }
  // Counters belong to a thread, and a file without any is not opened.
  if (entries.length > 0) return entries;
  const nothing = { samples: null, allocations: null, intervals: new Int32Array(0) };
  return [{ thread: NONE, ...nothing, measure: "", isMain: true }];
}

function rowsOf(
  series: Series | undefined,
  byThread: ThreadRows | undefined,
  thread: number,
): GeckoRows | null {
  const rows = byThread?.of(thread);
  if (!series || !rows || rows.length === 0) return null;
  const { time } = series;
  if (time === null) return { series, rows };
  for (let i = 1; i < rows.length; i++)
    if (time[rows[i]] < time[rows[i - 1]])
      return { series, rows: rows.slice().sort((a, b) => time[a] - time[b] || a - b) };
  return { series, rows };
}

/** Points are changes since the one before. */
function* counterJson({ id, name, unit, length, time, value }: Counter, pid: string): Iterable<string> {
  const head = {
    name: name || id,
    category: unit === "bytes" ? "Memory" : "Other",
    description: unit,
    pid,
    mainThreadIndex: 0,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"samples":{`;
  yield* jsonColumn("time", length, (row) => time[row] / 1e6);
  yield ",";
  yield* jsonColumn("count", length, (row) => value[row] - (row === 0 ? 0 : value[row - 1]));
  yield `,"length":${length}}}`;
}
