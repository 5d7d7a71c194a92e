import { textOf } from "../bytes/ascii.ts";
import { type JsonObject, jsonArray, jsonNumber, jsonObject, jsonText } from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { looksLikePySpy, looksLikePySpyPieces } from "./shared/py-spy-sniff.ts";
import { type SliceNames, ThreadSlices } from "./shared/slices.ts";

/**
 * speedscope's own JSON, as py-spy, rbspy, dotnet-trace and others write it too: frames shared by profiles that are
 * either samples with weights or calls that open and close. Every profile is a thread here; those of one unit are one
 * series. https://www.speedscope.app/file-format-schema.json
 */
export const speedscope: StreamImporter = {
  id: "speedscope",
  title: "speedscope",
  extensions: ["json", "speedscope"],
  order: 90,
  kind: "stream",
  sniff: (head) => {
    if (looksLikePySpy(head) || looksLikePySpyPieces(head)) return false;
    const text = textOf(head);
    return (
      /^\ufeff?\s*\{/.test(text) &&
      (/"\$schema"\s*:\s*"https?:\/\/(www\.)?speedscope\.app\/file-format-schema\.json"/.test(text) ||
        /^\ufeff?\s*\{\s*"exporter"\s*:\s*"speedscope@/.test(text))
    );
  },
  open: (out, context) => {
    out.meta({ format: speedscope.id });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

/** Nanoseconds of a unit of time. */
const timeUnits: Readonly<Record<string, number>> = {
  nanoseconds: 1,
  microseconds: 1e3,
  milliseconds: 1e6,
  seconds: 1e9,
};

function read(out: ProfileBuilder, root: JsonObject, context: ImportContext): void {
  const exporter = /^([^@]*)@?(.*)$/.exec(jsonText(root.exporter));
  out.meta({
    tool: exporter?.[1] || "speedscope",
    toolVersion: exporter?.[2] ?? "",
    target: jsonText(root.name),
  });
  const isOwn = exporter?.[1] === "flamewright";
  const frames = readFrames(out, jsonObject(root.shared));
  const profiles = jsonArray(root.profiles).map(jsonObject);
  // Each profile has a clock of its own unless they share a unit.
  const starts = new Map<string, number>();
  for (const profile of profiles) {
    const unit = jsonText(profile.unit);
    starts.set(
      unit,
      Math.min(starts.get(unit) ?? Number.POSITIVE_INFINITY, jsonNumber(profile.startValue, 0)),
    );
  }
  for (const [i, profile] of profiles.entries()) {
    const name = jsonText(profile.name);
    const own = isOwn ? ownName(name) : { place: name, measure: "", unit: "" };
    const thread = isOwn && own.place === "All" ? NONE : threadOf(out, own.place, i);
    const unit = own.unit || jsonText(profile.unit) || "none";
    const start = starts.get(jsonText(profile.unit)) ?? 0;
    readProfile(out, profile, { unit, thread, frames, start, measure: own.measure }, context);
  }
  if (profiles.length === 0) out.note("The file has no profiles.");
}

/**
 * py-spy writes `Process 4711 Thread 4712 "name"`, dotnet-trace `Thread (4712)`; else a profile is a thread by its place.
 * Our own exports add ` · series/value (unit)` where there is more than one, and write `All` for samples of no thread.
 */
function threadOf(out: ProfileBuilder, name: string, place: number): number {
  const numbers = /^(?:Process (\d{1,9})\b.*?)?\bThread \(?(\d{1,9})\b(?: "(.*)"$)?/s.exec(name);
  const process = out.process(numbers?.[1] === undefined ? NONE : Number(numbers[1]));
  return out.thread(process, numbers ? Number(numbers[2]) : place, numbers?.[3] ?? name);
}

/** The name of a profile that we wrote ourselves, in parts: which thread, then which series and value, in which unit. */
function ownName(name: string): { readonly place: string; readonly measure: string; readonly unit: string } {
  const parts = /^(All|(?:Process \d+ )?Thread -?\d+ ".*")(?: · (.*?)(?: \(([^()]*)\))?)?$/s.exec(name);
  return { place: parts?.[1] ?? name, measure: parts?.[2] ?? "", unit: parts?.[3] ?? "" };
}

interface Part {
  readonly unit: string;
  readonly thread: number;
  readonly frames: Int32Array;
  /** The earliest value of all profiles of this unit. */
  readonly start: number;
  /** Series and value as our own exports name them, else "". */
  readonly measure: string;
}

function readFrames(out: ProfileBuilder, shared: JsonObject): Int32Array {
  return Int32Array.from(jsonArray(shared.frames), (value) => {
    const frame = jsonObject(value);
    const file = jsonText(frame.file);
    const line = jsonNumber(frame.line, NONE);
    return out.frame({
      function: out.function({
        name: out.string(jsonText(frame.name)),
        ...(file !== "" && { file: out.string(file) }),
      }),
      line,
      column: jsonNumber(frame.col, NONE),
    });
  });
}

function readProfile(out: ProfileBuilder, profile: JsonObject, part: Part, context: ImportContext): void {
  const nsPerUnit = timeUnits[part.unit];
  const isTime = nsPerUnit !== undefined;
  const isEvented = jsonText(profile.type) === "evented";
  const series = out.series({
    id: part.measure || (isTime ? "time" : part.unit === "none" ? "weight" : part.unit),
    kind: isTime ? (isEvented ? "trace" : "wall") : part.unit === "bytes" ? "alloc" : "other",
    timed: isTime,
    values: [
      {
        name: isTime ? "time" : "weight",
        unit: isTime ? "nanoseconds" : part.unit === "none" ? "samples" : part.unit,
      },
    ],
  });
  if (isEvented) readEvents(out, profile, part, series, nsPerUnit ?? 1, context);
  else readSamples(out, profile, part, series, nsPerUnit ?? 1, context);
}

function readSamples(
  out: ProfileBuilder,
  profile: JsonObject,
  { thread, frames, start }: Part,
  series: SeriesBuilder,
  scale: number,
  { limits }: ImportContext,
): void {
  const samples = jsonArray(profile.samples);
  const weights = jsonArray(profile.weights);
  let at = jsonNumber(profile.startValue, 0) - start;
  let unknown = 0;
  if (weights.length < samples.length)
    out.note(`${samples.length - weights.length} samples have no weight and count as 1.`);
  for (const [i, sample] of samples.entries()) {
    if (series.length >= limits.maxSamples) {
      out.note(`Only the first ${limits.maxSamples} samples were read.`);
      break;
    }
    let stack = NONE;
    for (const [depth, value] of jsonArray(sample).entries()) {
      if (depth >= limits.maxStackDepth) break;
      const frame = frames[jsonNumber(value)];
      if (frame === undefined) unknown++;
      else stack = out.stack(stack, frame);
    }
    const weight = jsonNumber(weights[i], 1);
    const timeNs = series.time ? out.seen(Math.max(0, at * scale)) : 0;
    series.add(timeNs, thread, stack, weight * scale);
    at += weight;
  }
  if (series.time) out.seen(Math.max(0, at * scale));
  if (unknown > 0) out.note(`${unknown} frames of stacks are not in the file's list and were left out.`);
}

function readEvents(
  out: ProfileBuilder,
  profile: JsonObject,
  { thread, frames, start }: Part,
  series: SeriesBuilder,
  scale: number,
  { limits }: ImportContext,
): void {
  const names: SliceNames = { category: out.string("call"), nameOf: (frame) => out.frameName(frame) };
  const slices = new ThreadSlices(out, series, thread, names, limits.maxStackDepth);
  let unknown = 0;
  for (const value of jsonArray(profile.events)) {
    const event = jsonObject(value);
    const frame = frames[jsonNumber(event.frame)];
    const atNs = (jsonNumber(event.at, Number.NaN) - start) * scale;
    if (frame === undefined || Number.isNaN(atNs)) unknown++;
    else if (event.type === "O") slices.begin(Math.max(0, atNs), frame);
    else if (event.type === "C") slices.end(Math.max(0, atNs), frame);
    else unknown++;
    if (series.length >= limits.maxSamples) {
      out.note(`Only the first ${limits.maxSamples} samples were read.`);
      break;
    }
  }
  const endNs = (jsonNumber(profile.endValue, 0) - start) * scale;
  if (slices.depth > 0) slices.finish(endNs);
  if (unknown > 0) out.note(`${unknown} events could not be read.`);
  if (slices.unbalanced > 0)
    out.note(`${slices.unbalanced} calls do not open and close in pairs; what can be told of them was kept.`);
  if (slices.tooDeep > 0)
    out.note(`${slices.tooDeep} calls were deeper than ${limits.maxStackDepth} and were left out.`);
}
