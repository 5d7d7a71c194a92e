import { textOf } from "../bytes/ascii.ts";
import { type JsonObject, jsonArray, jsonNumber, jsonObject, jsonText } from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";

/**
 * `py-spy dump --json`: where every thread of a Python process stands at one moment; each is a sample. Values of local
 * variables (`--locals`) may hold secrets and are left out.
 * https://github.com/benfred/py-spy/blob/master/src/stack_trace.rs
 */
export const pySpyDump: StreamImporter = {
  id: "py-spy-dump",
  title: "py-spy dump",
  extensions: ["json"],
  order: 88,
  kind: "stream",
  sniff: (head) =>
    /^\[\s*\{\s*"pid": ?\d+,\s*"thread_id": ?\d+,\s*"thread_name": ?/.test(textOf(head.subarray(0, 256))),
  open: (out, context) => {
    out.meta({ format: pySpyDump.id, tool: "py-spy dump" });
    return jsonParser(out, (root) => read(out, jsonArray(root).map(jsonObject), context));
  },
};

function read(out: ProfileBuilder, threads: readonly JsonObject[], { limits }: ImportContext): void {
  const series = out.series({
    id: "threads",
    name: "Threads",
    kind: "wall",
    timed: true,
    values: [{ name: "samples", unit: "samples", counted: true }],
  });
  const key = { state: out.string("state"), gil: out.string("GIL") };
  let cut = 0;
  let hasLocals = false;
  for (const [i, said] of threads.entries()) {
    if (series.length >= limits.maxSamples) {
      out.note(`Only the first ${limits.maxSamples} threads were read.`);
      break;
    }
    const frames = jsonArray(said.frames).map(jsonObject);
    let stack = NONE;
    for (let at = Math.min(frames.length, limits.maxStackDepth) - 1; at >= 0; at--) {
      const frame = frames[at] ?? {};
      if (jsonArray(frame.locals).length > 0) hasLocals = true;
      stack = out.stack(stack, frameOf(out, frame));
    }
    if (frames.length > limits.maxStackDepth) cut++;
    const pid = jsonNumber(said.pid, NONE);
    const tid = jsonNumber(said.os_thread_id, NONE);
    const process = out.process(isId(pid) ? pid : NONE, "python");
    const thread = out.thread(process, isId(tid) ? tid : i, jsonText(said.thread_name));
    const labels = out.labelSet([
      { key: key.state, text: out.string(said.active === true ? "active" : "idle") },
      ...(said.owns_gil === true ? [{ key: key.gil, text: out.string("held") }] : []),
    ]);
    series.add(out.seen(0), thread, stack, 1, 0, labels);
  }
  if (cut > 0) out.note(`${cut} stacks were deeper than ${limits.maxStackDepth} and were cut.`);
  if (hasLocals) out.note("The values of local variables are in the file and were left out.");
}

const isId = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 31;

function frameOf(out: ProfileBuilder, said: JsonObject): number {
  const file = jsonText(said.filename);
  const line = jsonNumber(said.line, 0);
  const binary = jsonText(said.module);
  const name = out.string(jsonText(said.name) || "(unknown)");
  const isNative = binary !== "" && !/\.pyx?$|^<.*>$/.test(file);
  return out.frame({
    function: out.function({
      name,
      kind: isNative ? "native" : "python",
      ...(isNative && { binary: out.binary(binary) }),
      ...(file !== "" && file !== binary && { file: out.string(file) }),
    }),
    line: line > 0 && line < 2 ** 31 ? line : NONE,
  });
}
