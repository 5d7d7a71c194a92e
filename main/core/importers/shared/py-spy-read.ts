import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { lockHoldsId, lockLabel } from "../../model/lock-waits.ts";
import type { ImportContext } from "../importer.ts";

const NS_PER_SECOND = 1e9;

/** When a file of py-spy was recorded, on the profile's clock. */
interface Span {
  readonly beganNs: number;
  readonly endedNs: number;
  /** Each sample is of a thread that held the GIL. */
  readonly isGil: boolean;
}

/** py-spy samples at irregular times: where it took more than fit into the span, they lie closer. */
export function readPySpy(
  out: ProfileBuilder,
  root: JsonObject,
  context: ImportContext,
  { beganNs, endedNs, isGil }: Span,
): void {
  const version = /^py-spy@(.+)$/.exec(jsonText(root.exporter))?.[1];
  if (version !== undefined) out.meta({ toolVersion: version });
  const frames = jsonArray(jsonObject(root.shared).frames).map((frame) => frameOf(out, jsonObject(frame)));
  const profiles = jsonArray(root.profiles).map(jsonObject);
  const threads = profiles.map((profile) => threadOf(jsonText(profile.name)));
  let longestNs = 0;
  for (const profile of profiles) {
    let totalNs = 0;
    for (const weight of jsonArray(profile.weights)) totalNs += nanoseconds(weight);
    longestNs = Math.max(longestNs, totalNs);
  }
  const pace = longestNs > 0 ? Math.min(1, (endedNs - beganNs) / longestNs) : 1;
  // The first thread of a process has its number.
  const mainPid = threads.find(({ name }) => name === "MainThread")?.tid ?? NONE;
  for (const [i, profile] of profiles.entries()) {
    const { pid, tid, name } = threads[i] ?? { pid: NONE, tid: NONE, name: "" };
    const process = out.process(pid === NONE ? mainPid : pid, "python");
    const thread = out.thread(process, tid === NONE ? i : tid, name);
    const holder = [name, tid === NONE ? "" : String(tid)].filter(Boolean).join("/");
    const labels = isGil ? gilLabels(out, holder) : null;
    readProfile(out, profile, { thread, frames, beganNs, pace, labels }, context);
  }
}

function threadOf(text: string): { readonly pid: number; readonly tid: number; readonly name: string } {
  const parts = /^(?:Process (\d{1,9}) )?Thread (?:(\d{1,9})|0x[0-9a-f]+) "(.*)"$/s.exec(text);
  return {
    pid: parts?.[1] === undefined ? NONE : Number(parts[1]),
    tid: parts?.[2] === undefined ? NONE : Number(parts[2]),
    name: parts === null ? text : (parts[3] ?? ""),
  };
}

/** null for what is a process or a thread, which py-spy writes as frames without a file. */
function frameOf(out: ProfileBuilder, said: JsonObject): number | null {
  const name = jsonText(said.name);
  const file = jsonText(said.file);
  if (file === "" && /^(?:process \d+(?::|$)|thread \()/.test(name)) return null;
  const line = jsonNumber(said.line, 0);
  const isNative = line <= 0 && !/\.pyx?$|^<.*>$/.test(file);
  const text = out.string(name || "(unknown)");
  return out.frame({
    function: out.function(
      isNative
        ? { name: text, kind: "native", ...(file !== "" && { binary: out.binary(file) }) }
        : { name: text, kind: "python", file: out.string(file) },
    ),
    line: line > 0 ? line : NONE,
  });
}

/** As the table of locks has them. */
function gilLabels(out: ProfileBuilder, holder: string): number {
  const said = [
    [lockLabel.lock, "GIL"],
    [lockLabel.kind, "GIL (held)"],
    [lockLabel.holder, holder],
  ] as const;
  return out.labelSet(said.map(([key, text]) => ({ key: out.string(key), text: out.string(text) })));
}

interface Part {
  readonly thread: number;
  readonly frames: readonly (number | null)[];
  readonly beganNs: number;
  /** How much of its period a sample takes on the clock. */
  readonly pace: number;
  /** Of a thread that held the GIL in each sample; null where that is not known. */
  readonly labels: number | null;
}

const nanoseconds = (weight: JsonValue | undefined): number =>
  Math.max(0, Math.round(jsonNumber(weight, 0) * NS_PER_SECOND));

function readProfile(
  out: ProfileBuilder,
  profile: JsonObject,
  { thread, frames, beganNs, pace, labels }: Part,
  { limits }: ImportContext,
): void {
  const series = out.series({
    ...(labels === null
      ? { id: "cpu", name: "CPU", kind: "cpu" }
      : { id: lockHoldsId, name: "Holders of the GIL", kind: "lock" }),
    timed: true,
    values: [
      { name: labels === null ? "time" : "held", unit: "nanoseconds" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });
  const weights = jsonArray(profile.weights);
  let atNs = beganNs;
  let unknown = 0;
  let cut = 0;
  for (const [i, sample] of jsonArray(profile.samples).entries()) {
    if (series.length >= limits.maxSamples) {
      out.note(`Only the first ${limits.maxSamples} samples were read.`);
      break;
    }
    const stackFrames = jsonArray(sample);
    let stack = NONE;
    let depth = 0;
    for (const value of stackFrames) {
      const frame = frames[jsonNumber(value)];
      if (frame === undefined) unknown++;
      else if (frame !== null && depth++ < limits.maxStackDepth) stack = out.stack(stack, frame);
    }
    if (depth > limits.maxStackDepth) cut++;
    const periodNs = nanoseconds(weights[i]);
    series.add(out.seen(atNs), thread, stack, periodNs, 1, labels ?? NONE);
    if (i === 0 && periodNs > 0) out.meta({ periodNs });
    atNs += periodNs * pace;
  }
  out.seen(atNs);
  if (unknown > 0) out.note(`${unknown} frames of stacks are not in the file's list and were left out.`);
  if (cut > 0) out.note(`${cut} stacks were deeper than ${limits.maxStackDepth} and were cut.`);
}
