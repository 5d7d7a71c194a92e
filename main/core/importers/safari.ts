import { textOf } from "../bytes/ascii.ts";
import {
  type JsonObject,
  type JsonValue,
  jsonAgain,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";

/**
 * Timeline recordings that Safari's Web Inspector exports: samples of the JavaScript engine, and records of layout, scripts,
 * frames, network, CPU and memory. All times are seconds of one clock.
 * https://github.com/WebKit/WebKit/blob/main/Source/WebInspectorUI/UserInterface/Models/TimelineRecording.js
 */
export const safari: StreamImporter = {
  id: "safari",
  title: "Safari timeline recording",
  extensions: ["json"],
  order: 108,
  kind: "stream",
  sniff: (head) =>
    /^\ufeff?\s*\{\s*("version"\s*:\s*\d+\s*,\s*)?"recording"\s*:\s*\{\s*"(?!events")/.test(
      textOf(head.subarray(0, 512)),
    ),
  open: (out, context) => {
    out.meta({ format: safari.id, tool: "Safari Web Inspector", stackMethod: "JavaScriptCore" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

const PREFIX = "timeline-record-type-";

function read(out: ProfileBuilder, root: JsonObject, context: ImportContext): void {
  const version = jsonNumber(root.version, 1);
  if (version !== 1) out.note(`The recording is of version ${version}; it was read as version 1.`);
  const recording = jsonObject(root.recording);
  const startSeconds = jsonNumber(recording.startTime, earliest(recording));
  const whole = Math.floor(startSeconds);
  out.meta({
    target: jsonText(recording.displayName),
    originSeconds: whole,
    originNanos: Math.round((startSeconds - whole) * 1e9),
  });
  const ns = (seconds: number): number => Math.max(0, Math.round((seconds - startSeconds) * 1e9));
  readSamples(out, recording, ns, context);
  readRecords(out, recording, ns, startSeconds);
  const endSeconds = jsonNumber(recording.endTime);
  if (endSeconds > startSeconds) out.seen(ns(endSeconds));
}

/** Of samples and records, where the recording does not say when it began. */
function earliest(recording: JsonObject): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of [...jsonArray(recording.sampleStackTraces), ...jsonArray(recording.records)]) {
    const { timestamp, startTime } = jsonObject(value);
    least = Math.min(least, jsonNumber(timestamp, jsonNumber(startTime, least)));
  }
  return Number.isFinite(least) ? least : 0;
}

function readSamples(
  out: ProfileBuilder,
  recording: JsonObject,
  ns: (seconds: number) => number,
  { limits }: ImportContext,
): void {
  const traces = jsonArray(recording.sampleStackTraces);
  if (traces.length === 0) return;
  const durations = jsonArray(recording.sampleDurations);
  const series = out.series({
    id: "cpu",
    name: "JavaScript",
    kind: "cpu",
    timed: true,
    values: [
      { name: "time", unit: "nanoseconds" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });
  let untimed = 0;
  let tooDeep = 0;
  for (const [i, value] of traces.entries()) {
    if (series.length >= limits.maxSamples) {
      out.note(`Only the first ${limits.maxSamples} samples were read.`);
      break;
    }
    const trace = jsonObject(value);
    const seconds = jsonNumber(trace.timestamp);
    if (Number.isNaN(seconds)) {
      untimed++;
      continue;
    }
    // The innermost comes first.
    const frames = jsonArray(trace.stackFrames);
    if (frames.length > limits.maxStackDepth) tooDeep++;
    let stack = NONE;
    for (let at = Math.min(frames.length, limits.maxStackDepth) - 1; at >= 0; at--)
      stack = out.stack(stack, frameOf(out, jsonObject(frames[at])));
    series.add(out.seen(ns(seconds)), NONE, stack, jsonNumber(durations[i], 0) * 1e9);
  }
  if (durations.length < traces.length)
    out.note(`${traces.length - durations.length} samples do not say how long they stand for.`);
  if (untimed > 0) out.note(`${untimed} samples have no time and were left out.`);
  if (tooDeep > 0) out.note(`${tooDeep} stacks were deeper than ${limits.maxStackDepth} and were cut.`);
}

function frameOf(out: ProfileBuilder, frame: JsonObject): number {
  const file = jsonText(frame.url);
  const at = jsonObject(frame.expressionLocation);
  const line = positive(frame.line);
  const func = out.function({
    name: out.string(jsonText(frame.name) || "(anonymous)"),
    kind: file === "" || file === "[native code]" ? "runtime" : "node",
    ...(file !== "" && { file: out.string(file) }),
    line,
  });
  const hasPlace = positive(at.line) !== NONE;
  return out.frame({
    function: func,
    line: hasPlace ? positive(at.line) : line,
    column: positive(hasPlace ? at.column : frame.column),
  });
}

const positive = (value: JsonValue | undefined): number => {
  const number = jsonNumber(value, NONE);
  return number > 0 ? number : NONE;
};

function readRecords(
  out: ProfileBuilder,
  recording: JsonObject,
  ns: (seconds: number) => number,
  startSeconds: number,
): void {
  const mark = (category: string, name: string, start: number, end: number, rest: JsonObject = {}): void => {
    if (Number.isNaN(start)) return;
    const args = Object.keys(rest).length > 0 ? jsonAgain(rest) : "";
    out.interval({
      start: ns(start),
      end: Number.isNaN(end) ? Number.NaN : Math.max(ns(start), ns(end)),
      category: out.string(category),
      name: out.string(name),
      args: args === "" ? NONE : out.string(args),
    });
  };
  let heaps = 0;
  let unread = 0;
  for (const value of jsonArray(recording.records)) {
    const record = jsonObject(value);
    const { type, timestamp, startTime, endTime, eventType, ...rest } = record;
    const kind = jsonText(type).replace(PREFIX, "");
    const atNs = ns(jsonNumber(timestamp, startSeconds));
    const start = jsonNumber(startTime, jsonNumber(timestamp));
    if (kind === "cpu") readCpu(out, record, atNs);
    else if (kind === "memory")
      for (const each of jsonArray(record.categories)) {
        const { type: category, size } = jsonObject(each);
        const name = `memory: ${jsonText(category)}`;
        out.counter(name, name, "bytes", atNs, jsonNumber(size, 0));
      }
    else if (kind === "heap-allocations") heaps++;
    else if (kind === "network") {
      const entry = jsonObject(record.entry);
      // Wall-clock times of an archive, which also says when its clock was 0.
      const zeroSeconds = jsonNumber(record.archiveStartTime);
      const sent = Date.parse(jsonText(entry.startedDateTime)) / 1000 - zeroSeconds;
      if (!Number.isNaN(sent)) out.meta({ startedAtMs: Math.round((zeroSeconds + startSeconds) * 1000) });
      const request = jsonObject(entry.request);
      const name = `${jsonText(request.method)} ${jsonText(request.url)}`.trim();
      mark(kind, name, sent, sent + jsonNumber(entry.time, 0) / 1000, rest);
    } else if (Number.isNaN(start)) unread++;
    else mark(kind, jsonText(eventType) || kind, start, jsonNumber(endTime, start), rest);
  }
  for (const value of jsonArray(recording.markers)) {
    const { time, type, details } = jsonObject(value);
    const at = jsonNumber(time);
    mark("marker", [jsonText(type), jsonText(details)].filter(Boolean).join(" "), at, at);
  }
  for (const value of jsonArray(recording.discontinuities)) {
    const { startTime, endTime } = jsonObject(value);
    mark("discontinuity", "not recorded", jsonNumber(startTime), jsonNumber(endTime));
  }
  for (const value of jsonArray(recording.memoryPressureEvents)) {
    const { timestamp, severity } = jsonObject(value);
    mark("memory pressure", jsonText(severity), jsonNumber(timestamp), jsonNumber(timestamp));
  }
  if (heaps > 0) out.note(`${heaps} heap snapshots of the recording were not read.`);
  if (unread > 0) out.note(`${unread} records have no time and were left out.`);
}

function readCpu(out: ProfileBuilder, record: JsonObject, atNs: number): void {
  out.counter("cpu", "CPU", "percent", atNs, jsonNumber(record.usage, 0));
  // Threads have no numbers, and many no name: those of one name are summed.
  const usage = new Map<string, number>();
  for (const value of jsonArray(record.threads)) {
    const thread = jsonObject(value);
    const name = jsonText(thread.name) || "unnamed threads";
    usage.set(name, (usage.get(name) ?? 0) + jsonNumber(thread.usage, 0));
  }
  for (const [name, percent] of usage) out.counter(`cpu ${name}`, `CPU of ${name}`, "percent", atNs, percent);
}
