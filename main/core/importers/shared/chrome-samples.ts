import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonKey,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { ImportContext } from "../importer.ts";
import type { ChromeEvents } from "./chrome-events.ts";

const numberOf = (value: JsonValue | undefined, otherwise: number): number => {
  const number =
    typeof value === "string" && value.trim() !== "" ? Number(value) : jsonNumber(value, otherwise);
  return Number.isFinite(number) ? number : otherwise;
};

/** Samples beside the events ("samples" and "stackFrames" of the object form), as Hermes and others write them. */
export function addStackSamples(
  out: ProfileBuilder,
  rest: JsonObject,
  events: ChromeEvents,
  { limits }: ImportContext,
): void {
  const samples = jsonArray(rest.samples);
  if (samples.length === 0) return;
  const frames = jsonObject(rest.stackFrames);
  const stacks = new Map<string, number>();
  let broken = 0;

  const stackOf = (id: string): number => {
    // From the frame out to the first that is known, then back in.
    const path: string[] = [];
    const seen = new Set<string>();
    let at = id;
    while (at !== "" && !stacks.has(at)) {
      if (seen.has(at) || frames[at] === undefined || path.length >= limits.maxStackDepth) {
        broken++;
        break;
      }
      seen.add(at);
      path.push(at);
      const parent = jsonObject(frames[at]).parent;
      at = jsonKey(parent);
    }
    let stack = stacks.get(at) ?? NONE;
    for (let i = path.length - 1; i >= 0; i--) {
      const key = path[i] as string;
      stack = out.stack(stack, frameOf(out, jsonObject(frames[key])));
      stacks.set(key, stack);
    }
    return stack;
  };

  const series = out.series({
    id: "samples",
    name: "Samples",
    kind: "cpu",
    timed: true,
    values: [
      { name: "weight", unit: "samples" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });
  for (const value of samples) {
    if (series.length >= limits.maxSamples) {
      out.note(`Only the first ${limits.maxSamples} samples were read.`);
      break;
    }
    const sample = jsonObject(value);
    const id = jsonKey(sample.sf);
    const timeNs = events.ns(numberOf(sample.ts, 0));
    const weight = numberOf(sample.weight, 1);
    series.add(out.seen(timeNs), events.thread(sample.pid, sample.tid), stackOf(id), weight);
  }
  if (broken > 0) out.note(`${broken} stacks refer to frames that are not in the file.`);
}

/** Hermes adds where a function is; others only have a name and a category. */
function frameOf(out: ProfileBuilder, frame: JsonObject): number {
  const text = jsonText(frame.name);
  const placed = /^(.*?)\((.*):(\d+):(\d+)\)$/.exec(text);
  const file = placed?.[2] ?? "";
  const line = numberOf(frame.line, placed ? Number(placed[3]) : NONE);
  const column = numberOf(frame.column, placed ? Number(placed[4]) : NONE);
  return out.frame({
    function: out.function({
      name: out.string(placed?.[1] || text || "(anonymous)"),
      kind: jsonText(frame.category) === "JavaScript" ? "node" : "unknown",
      ...(file !== "" && { file: out.string(file) }),
      line: numberOf(frame.funcLine, NONE),
    }),
    line,
    column,
  });
}
