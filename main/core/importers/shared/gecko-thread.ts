import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonAgain,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import type { ImportContext } from "../importer.ts";
import type { GeckoStacks } from "./gecko-stacks.ts";
import { type GeckoTable, geckoIndex, geckoTable } from "./gecko-tables.ts";

/** What the threads of one process share. */
export interface GeckoProcess {
  /** Milliseconds between the start of the file and of this process. */
  readonly offsetMs: number;
  readonly intervalMs: number;
  /** Unit of threadCPUDelta. */
  readonly cpuUnit: string;
  readonly categories: readonly string[];
}

const cpuUnits: Readonly<Record<string, { readonly unit: string; readonly factor: number }>> = {
  ns: { unit: "nanoseconds", factor: 1 },
  µs: { unit: "nanoseconds", factor: 1e3 },
};

/** Times are milliseconds, or the milliseconds since the row before. */
function timesOf(table: GeckoTable, offsetMs: number): (row: number) => number {
  if (!table.has("timeDeltas")) return (row) => (jsonNumber(table.at(row, "time"), 0) + offsetMs) * 1e6;
  const times = new Float64Array(table.length);
  let atMs = offsetMs;
  for (let row = 0; row < table.length; row++) {
    atMs += jsonNumber(table.at(row, "timeDeltas"), 0);
    times[row] = atMs * 1e6;
  }
  return (row) => times[row] ?? 0;
}

export function readGeckoThread(
  out: ProfileBuilder,
  source: JsonObject,
  thread: number,
  stacks: GeckoStacks,
  process: GeckoProcess,
  { limits }: ImportContext,
): void {
  const samples = geckoTable(source.samples);
  readSamples(out, samples, jsonObject(source.samples), thread, stacks, process, limits.maxSamples);
  for (const kind of ["nativeAllocations", "jsAllocations"] as const)
    if (source[kind] !== undefined)
      readAllocations(
        out,
        kind,
        geckoTable(source[kind]),
        thread,
        stacks,
        process.offsetMs,
        limits.maxSamples,
      );
  readMarkers(out, geckoTable(source.markers), thread, stacks, process);
}

function readSamples(
  out: ProfileBuilder,
  samples: GeckoTable,
  source: JsonObject,
  thread: number,
  stacks: GeckoStacks,
  { offsetMs, intervalMs, cpuUnit }: GeckoProcess,
  maxSamples: number,
): void {
  const weightType = jsonText(source.weightType);
  const hasWeights = samples.has("weight");
  const isBytes = weightType === "bytes";
  const isTracing = weightType === "tracing-ms";
  const cpu = cpuUnits[cpuUnit] ?? { unit: "cycles", factor: 1 };
  const hasCpu = samples.has("threadCPUDelta");
  const series: SeriesBuilder = out.series({
    id: isBytes ? "bytes" : isTracing ? "tracing" : hasCpu ? "samples-cpu" : "samples",
    name: isBytes ? "Bytes" : isTracing ? "Traced time" : "Samples",
    kind: isBytes ? "alloc" : "wall",
    timed: true,
    values: [
      isBytes ? { name: "bytes", unit: "bytes" } : { name: "time", unit: "nanoseconds" },
      { name: "samples", unit: "samples" },
      ...(hasCpu ? [{ name: "cpu", unit: cpu.unit }] : []),
    ],
  });
  const timeOf = timesOf(samples, offsetMs);
  const name = jsonText(source.name);
  for (let row = 0; row < samples.length; row++) {
    if (series.length >= maxSamples) {
      out.note(`Only the first ${maxSamples} samples were read.`);
      break;
    }
    const timeNs = Math.max(0, timeOf(row));
    const weight = hasWeights ? jsonNumber(samples.at(row, "weight"), 1) : 1;
    const first = isBytes ? weight : weight * (isTracing ? 1e6 : intervalMs * 1e6);
    const cpuDelta = hasCpu ? jsonNumber(samples.at(row, "threadCPUDelta"), 0) * cpu.factor : 0;
    const stack = geckoIndex(samples, row, "stack");
    series.addValues(out.seen(timeNs), thread, stack === -1 ? NONE : stacks.stack(stack), [
      first,
      weight,
      cpuDelta,
    ]);
    for (const [column, unit] of [
      ["rss", "bytes"],
      ["uss", "bytes"],
      ["responsiveness", "milliseconds"],
      ["eventDelay", "milliseconds"],
    ] as const) {
      const value = jsonNumber(samples.at(row, column));
      if (!Number.isNaN(value))
        out.counter(`${column}-${thread}`, `${column} ${name}`.trim(), unit, timeNs, value);
    }
  }
}

function readAllocations(
  out: ProfileBuilder,
  id: string,
  table: GeckoTable,
  thread: number,
  stacks: GeckoStacks,
  offsetMs: number,
  maxSamples: number,
): void {
  const series = out.series({
    id,
    name: id === "jsAllocations" ? "JavaScript allocations" : "Native allocations",
    kind: "alloc",
    timed: true,
    values: [{ name: "bytes", unit: "bytes" }],
  });
  const timeOf = timesOf(table, offsetMs);
  for (let row = 0; row < table.length && series.length < maxSamples; row++) {
    const stack = geckoIndex(table, row, "stack");
    const bytes = jsonNumber(table.at(row, "weight"), jsonNumber(table.at(row, "duration"), 0));
    series.add(out.seen(Math.max(0, timeOf(row))), thread, stack === -1 ? NONE : stacks.stack(stack), bytes);
  }
}

/** Phases of a marker: at once, from to, begins, ends. */
const BEGINS = 2;
const ENDS = 3;

function readMarkers(
  out: ProfileBuilder,
  markers: GeckoTable,
  thread: number,
  stacks: GeckoStacks,
  { offsetMs, categories }: GeckoProcess,
): void {
  /** By name: markers that have begun. */
  const open = new Map<string, { readonly startNs: number; readonly data: JsonValue | undefined }[]>();
  const add = (
    name: string,
    startNs: number,
    endNs: number,
    category: string,
    data: JsonValue | undefined,
  ): void => {
    const stack = geckoStackOf(data, stacks);
    out.interval({
      start: Math.max(0, startNs),
      end: Math.max(0, startNs, endNs),
      thread,
      category: out.string(category),
      name: out.string(name),
      stack,
      ...(isJsonObject(data) && { args: out.string(jsonAgain(data)) }),
    });
  };
  for (let row = 0; row < markers.length; row++) {
    const name = stacks.strings[geckoIndex(markers, row, "name")] ?? "";
    const data = markers.at(row, "data") ?? undefined;
    const facts = jsonObject(data);
    const category = categories[jsonNumber(markers.at(row, "category"), -1)] ?? jsonText(facts.category);
    const ms = (value: JsonValue | undefined): number => (jsonNumber(value, Number.NaN) + offsetMs) * 1e6;
    if (!markers.has("startTime")) {
      // The older form has one time, and what else there is in the data.
      const atNs = ms(markers.at(row, "time"));
      const startNs = facts.startTime === undefined ? atNs : ms(facts.startTime);
      const endNs = facts.endTime === undefined ? atNs : ms(facts.endTime);
      if (facts.interval === "start") push(open, name, { startNs: atNs, data });
      else if (facts.interval === "end") {
        const begun = open.get(name)?.pop();
        add(name, begun?.startNs ?? atNs, atNs, category, data);
      } else if (!Number.isNaN(startNs)) add(name, startNs, endNs, category, data);
      continue;
    }
    const startNs = ms(markers.at(row, "startTime"));
    const endNs = ms(markers.at(row, "endTime"));
    const phase = jsonNumber(markers.at(row, "phase"), 0);
    if (phase === BEGINS) push(open, name, { startNs, data });
    else if (phase === ENDS) {
      const begun = open.get(name)?.pop();
      add(name, begun?.startNs ?? endNs, endNs, category, begun?.data ?? data);
    } else if (!Number.isNaN(startNs))
      add(name, startNs, Number.isNaN(endNs) ? startNs : endNs, category, data);
  }
  for (const [name, begun] of open)
    for (const { startNs, data } of begun)
      out.interval({
        start: Math.max(0, startNs),
        end: Number.NaN,
        thread,
        category: out.string(""),
        name: out.string(name),
        stack: geckoStackOf(data, stacks),
      });
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** Markers carry the stack that caused them, as a row or as samples of their own. */
function geckoStackOf(data: JsonValue | undefined, stacks: GeckoStacks): number {
  const cause = jsonObject(jsonObject(data).cause);
  const row = jsonNumber(cause.stack, -1);
  return row >= 0 ? stacks.stack(row) : NONE;
}
