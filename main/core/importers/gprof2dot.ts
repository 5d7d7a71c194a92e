import { textOf } from "../bytes/ascii.ts";
import { type JsonObject, jsonArray, jsonNumber, jsonObject, jsonText } from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { SeriesKind } from "../model/profile.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";

/**
 * JSON of gprof2dot, which `memray transform gprof2dot` writes too: functions, and events with costs and a chain of calls from
 * the innermost. https://github.com/jrfonseca/gprof2dot/blob/main/schema.json
 */
export const gprof2dot: StreamImporter = {
  id: "gprof2dot",
  title: "gprof2dot JSON",
  extensions: ["json"],
  order: 62,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head.subarray(0, 4096));
    return (
      /^\ufeff?\s*\{\s*"version"\s*:\s*0\s*,/.test(text) &&
      /"costs"\s*:\s*\[/.test(text) &&
      (/"events"\s*:\s*\[/.test(text) || /"functions"\s*:\s*\[/.test(text))
    );
  },
  open: (out, context) => {
    out.meta({ format: gprof2dot.id, tool: "gprof2dot" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

const NS_PER: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

function read(out: ProfileBuilder, root: JsonObject, { limits }: ImportContext): void {
  const costs = jsonArray(root.costs).map((each) => {
    const { description, unit } = jsonObject(each);
    const scale = NS_PER[jsonText(unit)];
    return {
      name: jsonText(description) || "cost",
      unit: scale === undefined ? jsonText(unit) || "count" : "nanoseconds",
      scale: scale ?? 1,
    };
  });
  const values = costs.length === 0 ? [{ name: "cost", unit: "count", scale: 1 }] : costs;
  const [first] = values;
  let kind: SeriesKind = "other";
  if (first?.unit === "bytes") kind = "heap";
  else if (first?.unit === "nanoseconds") kind = "cpu";
  const series = out.series({
    id: first?.name ?? "cost",
    kind,
    timed: false,
    values: values.map(({ name, unit }) => ({ name, unit })),
  });
  const frames = jsonArray(root.functions).map((each) => {
    const said = jsonObject(each);
    const file = jsonText(said.module);
    return out.frame({
      function: out.function({
        name: out.string(jsonText(said.name) || "(unknown)"),
        ...(file !== "" && { file: out.string(file) }),
      }),
    });
  });
  let unknown = 0;
  let cut = 0;
  for (const each of jsonArray(root.events)) {
    if (series.length >= limits.maxSamples) {
      out.note(`Only the first ${limits.maxSamples} samples were read.`);
      break;
    }
    const { callchain, cost } = jsonObject(each);
    const chain = jsonArray(callchain);
    let stack = NONE;
    for (let i = Math.min(chain.length, limits.maxStackDepth) - 1; i >= 0; i--) {
      const frame = frames[jsonNumber(chain[i], NONE)];
      if (frame === undefined) unknown++;
      else stack = out.stack(stack, frame);
    }
    cut += Math.max(0, chain.length - limits.maxStackDepth);
    const numbers = jsonArray(cost);
    series.addValues(
      0,
      NONE,
      stack,
      values.map(({ scale }, i) => jsonNumber(numbers[i], 0) * scale),
    );
  }
  if (unknown > 0)
    out.note(`${unknown} frames are of functions that the file does not list and were left out.`);
  if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
}
