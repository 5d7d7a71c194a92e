import { textOf } from "../bytes/ascii.ts";
import { type JsonObject, jsonArray, jsonNumber, jsonObject, jsonText } from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { parseValgrindFrame, stackInwards, valgrindFrame } from "./shared/valgrind-frames.ts";

/**
 * Program points of valgrind's DHAT and of Rust's dhat crate: what was allocated where, what of it lived at the peak and
 * at the end, and how it was used. https://valgrind.org/docs/manual/dh-manual.html
 */
export const dhat: StreamImporter = {
  id: "dhat",
  title: "DHAT",
  extensions: ["json", "out"],
  order: 167,
  kind: "stream",
  sniff: (head) => /^\ufeff?\s*\{\s*"dhatFileVersion"\s*:/.test(textOf(head.subarray(0, 4096))),
  open: (out, context) => {
    out.meta({ format: dhat.id, tool: "DHAT" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

/** Field, name, unit; only those that the file has become values. */
const fields: readonly (readonly [string, string, string])[] = [
  ["tb", "allocated", "bytes"],
  ["tbk", "blocks", "count"],
  ["gb", "at the peak", "bytes"],
  ["gbk", "blocks at the peak", "count"],
  ["eb", "at the end", "bytes"],
  ["ebk", "blocks at the end", "count"],
  ["mb", "most at once", "bytes"],
  ["mbk", "most blocks at once", "count"],
  ["tl", "lifetime", ""],
  ["rb", "read", "bytes"],
  ["wb", "written", "bytes"],
];

function read(out: ProfileBuilder, root: JsonObject, { limits }: ImportContext): void {
  const command = jsonText(root.cmd);
  const pid = jsonNumber(root.pid, NONE);
  out.meta({ command, target: command });
  if (pid !== NONE) out.process(pid, command.split(" ")[0]);
  const timeUnit = jsonText(root.tu);
  const points = jsonArray(root.pps).map(jsonObject);
  const known = fields.filter(([key]) => points.some((point) => typeof point[key] === "number"));
  const frames = jsonArray(root.ftbl).map((text) => valgrindFrame(out, parseValgrindFrame(jsonText(text))));
  const verb = jsonText(root.verb) || "Allocated";
  const series = out.series({
    id: jsonText(root.mode) || "heap",
    name: verb,
    kind: "alloc",
    timed: false,
    values:
      known.length > 0
        ? known.map(([, name, unit]) => ({ name, unit: unit || timeUnit || "count" }))
        : [{ name: "allocated", unit: "bytes" }],
  });
  let unknown = 0;
  for (const point of points) {
    if (series.length >= limits.maxSamples) break;
    const rows: number[] = [];
    for (const index of jsonArray(point.fs)) {
      const row = frames[jsonNumber(index)];
      if (row === undefined) unknown++;
      else rows.push(row);
    }
    const accesses = jsonArray(point.acc).map((value) => jsonNumber(value, 0));
    const labels =
      accesses.length > 0
        ? out.labelSet([{ key: out.string("accesses"), text: out.string(JSON.stringify(accesses)) }])
        : NONE;
    series.addValues(
      0,
      NONE,
      stackInwards(out, rows, limits.maxStackDepth),
      known.map(([key]) => jsonNumber(point[key], 0)),
      labels,
    );
  }
  if (unknown > 0) out.note(`${unknown} frames are not in the file's list and were left out.`);
}
