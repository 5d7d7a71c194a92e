import { textOf } from "../bytes/ascii.ts";
import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { type GeckoStacks, readGeckoStacks } from "./shared/gecko-stacks.ts";
import { geckoIndex, geckoLibraries, geckoTable } from "./shared/gecko-tables.ts";
import { type GeckoProcess, readGeckoThread } from "./shared/gecko-thread.ts";
import { jsonParser } from "./shared/json-import.ts";

/**
 * Profiles of Firefox: as Gecko writes them (rows under a schema, processes within processes), as the profiler's page
 * saves them (a list a column, one process or shared tables), and as the old developer tools wrapped them. samply and
 * others write the second. https://github.com/firefox-devtools/profiler/tree/main/docs-developer
 */
export const firefox: StreamImporter = {
  id: "firefox",
  title: "Firefox Profiler",
  extensions: ["json", "profile"],
  order: 120,
  kind: "stream",
  sniff: looksLikeFirefox,
  open: (out, context) => {
    out.meta({ format: firefox.id, tool: "Firefox Profiler" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

function looksLikeFirefox(head: Uint8Array): boolean {
  const text = textOf(head);
  if (!/^\ufeff?\s*\{/.test(text)) return false;
  if (/^\ufeff?\s*\{\s*"label"\s*:\s*"[^"]*",\s*"duration"\s*:\s*[\d.]+,\s*"markers"/.test(text)) return true;
  if (/"fileType"\s*:\s*"Recorded Performance Data"/.test(text)) return true;
  const hasTables = /"(stackTable|frameTable|stringTable|stringArray|preprocessedProfileVersion)"\s*:/.test(
    text,
  );
  const hasMeta =
    /"meta"\s*:\s*\{/.test(text) &&
    /"(processType|stackwalk|interval|product|preprocessedProfileVersion)"\s*:/.test(text);
  // The head of a large file may end in its markers or libraries.
  const isWrapped =
    /"profile"\s*:\s*\{\s*"(libs|meta)"/.test(text) && /"(label|markers|ticks)"\s*:/.test(text);
  return isWrapped || (hasMeta && (hasTables || /"libs"\s*:\s*\[/.test(text)));
}

function read(out: ProfileBuilder, root: JsonObject, context: ImportContext): void {
  const profile = root.fileType !== undefined || root.profile !== undefined ? jsonObject(root.profile) : root;
  const meta = jsonObject(profile.meta);
  const startMs = jsonNumber(meta.startTime, -1);
  out.meta({
    toolVersion: jsonText(meta.misc).replace(/^rv:/, ""),
    target: jsonText(meta.product),
    host: jsonText(meta.oscpu) || jsonText(meta.platform),
    startedAtMs: startMs,
    periodNs: jsonNumber(meta.interval, 0) > 0 ? jsonNumber(meta.interval) * 1e6 : -1,
    ...(jsonText(meta.arguments) !== "" && { command: jsonText(meta.arguments) }),
  });
  // Processes hold processes.
  const waiting: JsonObject[] = [profile];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    readProcess(out, next, startMs, context);
    waiting.push(
      ...jsonArray(next.processes)
        .filter((each) => typeof each === "object")
        .map(jsonObject),
    );
  }
  if (profile.threads === undefined) out.note("The file has no threads.");
}

function readProcess(
  out: ProfileBuilder,
  profile: JsonObject,
  startMs: number,
  context: ImportContext,
): void {
  const meta = jsonObject(profile.meta);
  const ownStart = jsonNumber(meta.startTime, startMs);
  const process: GeckoProcess = {
    offsetMs: startMs >= 0 && ownStart >= 0 ? ownStart - startMs : 0,
    intervalMs: jsonNumber(meta.interval, 1),
    cpuUnit: jsonText(jsonObject(meta.sampleUnits).threadCPUDelta),
    categories: jsonArray(meta.categories).map((each) => jsonText(jsonObject(each).name)),
  };
  const libraries = geckoLibraries(profile.libs);
  const shared =
    profile.shared === undefined
      ? null
      : readGeckoStacks(out, jsonObject(profile.shared), libraries, context.limits.maxStackDepth);
  for (const [i, value] of jsonArray(profile.threads).entries()) {
    const thread = jsonObject(value);
    const row = threadRow(out, thread, i);
    const stacks = stacksOf(out, thread, shared, libraries, context);
    const { offsetMs } = process;
    const from = jsonNumber(thread.registerTime);
    const to = jsonNumber(thread.unregisterTime);
    out.threadLife(row, (from + offsetMs) * 1e6, (to + offsetMs) * 1e6);
    readGeckoThread(out, thread, row, stacks, process, context);
  }
  for (const counter of jsonArray(profile.counters)) readCounter(out, jsonObject(counter), process.offsetMs);
}

/** Newer files share all tables but some still have one of their own. */
function stacksOf(
  out: ProfileBuilder,
  thread: JsonObject,
  shared: GeckoStacks | null,
  threadLibraries: ReturnType<typeof geckoLibraries>,
  { limits }: ImportContext,
): GeckoStacks {
  if (shared && thread.stackTable === undefined) return shared;
  const libraries = thread.libs === undefined ? threadLibraries : geckoLibraries(thread.libs);
  return readGeckoStacks(out, thread, libraries, limits.maxStackDepth);
}

/** Numbers of processes and threads may be texts, as where one process was seen twice ("4711-1"). */
const numberOf = (value: JsonValue | undefined): number => {
  const number = typeof value === "string" ? Number.parseInt(value, 10) : jsonNumber(value);
  return Number.isInteger(number) && Math.abs(number) < 2 ** 31 ? number : NONE;
};

function threadRow(out: ProfileBuilder, thread: JsonObject, place: number): number {
  const pid = numberOf(thread.pid);
  const tid = numberOf(thread.tid);
  const process = out.process(pid, jsonText(thread.processName) || jsonText(thread.processType));
  return out.thread(process, tid === NONE ? place : tid, jsonText(thread.name));
}

function readCounter(out: ProfileBuilder, counter: JsonObject, offsetMs: number): void {
  const name = jsonText(counter.name) || "counter";
  const id = `${name}-${String(counter.pid ?? "")}`;
  const groups =
    counter.samples ?? jsonObject(jsonArray(counter.sample_groups ?? counter.sampleGroups)[0]).samples;
  const samples = geckoTable(groups);
  const unit = jsonText(counter.category) === "Memory" ? "bytes" : "count";
  let atMs = offsetMs;
  let sum = 0;
  for (let row = 0; row < samples.length; row++) {
    atMs = samples.has("timeDeltas")
      ? atMs + jsonNumber(samples.at(row, "timeDeltas"), 0)
      : jsonNumber(samples.at(row, "time"), 0) + offsetMs;
    // Counts are changes; what they add up to is what people want to see.
    sum += jsonNumber(samples.at(row, "count"), 0);
    out.counter(id, name, unit, Math.max(0, atMs * 1e6), sum);
  }
  if (geckoIndex(samples, 0, "number") !== -1)
    out.note(`How often the counter ${name} changed between its points was left out.`);
}
