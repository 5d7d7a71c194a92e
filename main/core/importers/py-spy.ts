import { type JsonObject, jsonArray, jsonNumber, jsonObject, jsonText } from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { looksLikePySpy } from "./shared/py-spy-sniff.ts";

/**
 * `py-spy record --format speedscope`, by what py-spy means with it: every weight is one sample, `process ...` and
 * `thread ...` at the root of a stack are no frames, and a frame of a library is native.
 *
 * The samples of a thread are in order, without times: those in which it was idle are left out by py-spy, so that the
 * others move up. https://github.com/benfred/py-spy/blob/master/src/speedscope.rs
 */
export const pySpy: StreamImporter = {
  id: "py-spy",
  title: "py-spy",
  extensions: ["json", "speedscope"],
  order: 89,
  kind: "stream",
  sniff: looksLikePySpy,
  open: (out, context) => {
    out.meta({ format: pySpy.id, tool: "py-spy" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

const NS_PER_SECOND = 1e9;

function read(out: ProfileBuilder, root: JsonObject, context: ImportContext): void {
  const version = /^py-spy@(.+)$/.exec(jsonText(root.exporter))?.[1];
  if (version !== undefined) out.meta({ toolVersion: version });
  const frames = jsonArray(jsonObject(root.shared).frames).map((frame) => frameOf(out, jsonObject(frame)));
  const profiles = jsonArray(root.profiles).map(jsonObject);
  const threads = profiles.map((profile) => threadOf(jsonText(profile.name)));
  // The first thread of a process has its number.
  const mainPid = threads.find(({ name }) => name === "MainThread")?.tid ?? NONE;
  for (const [i, profile] of profiles.entries()) {
    const { pid, tid, name } = threads[i] ?? { pid: NONE, tid: NONE, name: "" };
    const process = out.process(pid === NONE ? mainPid : pid, "python");
    readProfile(out, profile, out.thread(process, tid === NONE ? i : tid, name), frames, context);
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

function readProfile(
  out: ProfileBuilder,
  profile: JsonObject,
  thread: number,
  frames: readonly (number | null)[],
  { limits }: ImportContext,
): void {
  const series = out.series({
    id: "cpu",
    name: "CPU",
    kind: "cpu",
    timed: true,
    values: [
      { name: "time", unit: "nanoseconds" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });
  const weights = jsonArray(profile.weights);
  let atNs = 0;
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
    const periodNs = Math.max(0, Math.round(jsonNumber(weights[i], 0) * NS_PER_SECOND));
    series.add(out.seen(atNs), thread, stack, periodNs);
    if (i === 0 && periodNs > 0) out.meta({ periodNs });
    atNs += periodNs;
  }
  out.seen(atNs);
  if (unknown > 0) out.note(`${unknown} frames of stacks are not in the file's list and were left out.`);
  if (cut > 0) out.note(`${cut} stacks were deeper than ${limits.maxStackDepth} and were cut.`);
}
