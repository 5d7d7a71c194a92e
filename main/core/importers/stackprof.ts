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
import type { SeriesKind } from "../model/profile.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";

/**
 * JSON of Ruby's stackprof (`stackprof --json`): `raw` is runs of "number of frames, frames from the root, how often in
 * a row"; `raw_timestamp_deltas` has the microseconds before each sample. https://github.com/tmm1/stackprof
 */
export const stackprof: StreamImporter = {
  id: "stackprof",
  title: "stackprof",
  extensions: ["json", "dump"],
  order: 265,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head.subarray(0, 1 << 14));
    return /^\ufeff?\s*\{/.test(text) && /"mode"\s*:\s*"/.test(text) && /"gc_samples"\s*:/.test(text);
  },
  open: (out, context) => {
    out.meta({ format: stackprof.id, tool: "stackprof" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

const kinds: Readonly<Record<string, SeriesKind>> = { cpu: "cpu", wall: "wall", object: "alloc" };

function read(out: ProfileBuilder, root: JsonObject, { limits }: ImportContext): void {
  const mode = jsonText(root.mode);
  const interval = jsonNumber(root.interval, 0);
  const isTimed = mode !== "object" && jsonArray(root.raw_timestamp_deltas).length > 0;
  const missed = jsonNumber(root.missed_samples, 0);
  if (missed > 0) out.meta({ lostSamples: missed });
  if (mode === "cpu" || mode === "wall") out.meta({ periodNs: interval * 1000 });
  out.meta({ toolVersion: Number.isNaN(jsonNumber(root.version)) ? "" : String(root.version) });
  const frames = readFrames(out, jsonObject(root.frames));
  const series = out.series({
    id: mode || "samples",
    kind: kinds[mode] ?? "other",
    timed: isTimed,
    values:
      mode === "object"
        ? [{ name: "objects", unit: "count" }]
        : [
            { name: "time", unit: "nanoseconds" },
            { name: "samples", unit: "samples", counted: true },
          ],
  });
  const raw = jsonArray(root.raw);
  if (raw.length === 0) {
    out.note(
      "The file has no stacks (it was recorded without `raw: true`): only what each method cost itself.",
    );
    for (const [id, frame] of Object.entries(jsonObject(root.frames))) {
      const own = jsonNumber(jsonObject(frame).samples, 0);
      const row = frames.get(id);
      if (own > 0 && row !== undefined)
        series.add(0, NONE, out.stack(NONE, row), mode === "object" ? own * interval : own * interval * 1000);
    }
    return;
  }
  const deltas = jsonArray(root.raw_timestamp_deltas);
  let unknown = 0;
  let timeUs = 0;
  let sample = 0;
  for (let at = 0; at < raw.length; ) {
    const length = jsonNumber(raw[at], -1);
    const times = jsonNumber(raw[at + length + 1], 0);
    if (length < 0 || !Number.isInteger(length) || at + length + 1 >= raw.length) {
      out.note("The list of samples ends in the middle of one, which was left out.");
      break;
    }
    let stack = NONE;
    for (let i = 1; i <= length; i++) {
      if (i > limits.maxStackDepth) break;
      const row = frames.get(frameId(raw[at + i]));
      if (row === undefined) unknown++;
      else stack = out.stack(stack, row);
    }
    at += length + 2;
    for (let i = 0; i < times && series.length < limits.maxSamples && i < MAX_RUN; i++, sample++) {
      timeUs += jsonNumber(deltas[sample], interval);
      const timeNs = isTimed ? out.seen(timeUs * 1000) : 0;
      const spentUs = jsonNumber(deltas[sample], interval);
      series.add(timeNs, NONE, stack, mode === "object" ? interval || 1 : spentUs * 1000);
    }
  }
  if (unknown > 0) out.note(`${unknown} frames of stacks are not described in the file and were left out.`);
  if (series.length >= limits.maxSamples) out.note(`Only the first ${limits.maxSamples} samples were read.`);
}

/** A run that is longer than this is no run but damage. */
const MAX_RUN = 10e6;

/** Frames are addresses up to 2^64 that JSON rounds in the same way wherever they stand as numbers; keys are exact. */
const frameId = (value: JsonValue | undefined): string => String(value);

function readFrames(out: ProfileBuilder, frames: JsonObject): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const [id, value] of Object.entries(frames)) {
    const frame = jsonObject(value);
    const file = jsonText(frame.file);
    const line = jsonNumber(frame.line, NONE);
    const name = jsonText(frame.name) || "(unknown)";
    const row = out.frame({
      function: out.function({
        name: out.string(name),
        kind: name.startsWith("(") && /garbage|marking|sweeping/.test(name) ? "gc" : "ruby",
        ...(file !== "" && { file: out.string(file) }),
        line,
      }),
      line,
    });
    rows.set(id, row);
    // The stacks may say the same number with its digits rounded.
    rows.set(frameId(Number(id)), row);
  }
  return rows;
}
