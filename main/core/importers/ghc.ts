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
import { jsonParser } from "./shared/json-import.ts";

/**
 * Cost centres of a Haskell program (`+RTS -pj`): a tree with ticks, bytes and entries.
 * https://downloads.haskell.org/ghc/latest/docs/users_guide/profiling.html#json-profile-format
 */
export const ghc: StreamImporter = {
  id: "ghc",
  title: "GHC profile (JSON)",
  extensions: ["prof", "json"],
  order: 270,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head);
    return /^\ufeff?\s*\{/.test(text) && /"rts_arguments"\s*:/.test(text) && /"cost_centres"\s*:/.test(text);
  },
  open: (out, context) => {
    out.meta({ format: ghc.id, tool: "GHC" });
    return jsonParser(out, (root) => read(out, jsonObject(root), context));
  },
};

function read(out: ProfileBuilder, root: JsonObject, { limits }: ImportContext): void {
  const words = (value: JsonValue | undefined): string => jsonArray(value).map(jsonText).join(" ");
  const tickUs = jsonNumber(root.tick_interval, 1000);
  out.meta({
    command: `${words(root.arguments) || jsonText(root.program)} +RTS ${words(root.rts_arguments)}`,
    target: jsonText(root.program),
    periodNs: tickUs * 1000,
  });
  const centres = new Map<number, number>();
  for (const value of jsonArray(root.cost_centres)) {
    const centre = jsonObject(value);
    // "hot.hs:20:1-30", "hot.hs:(5,1)-(9,20)"
    const place = /^(.*?):\(?(\d+)[:,](\d+)/.exec(jsonText(centre.src_loc));
    const line = place ? Number(place[2]) : NONE;
    const module = jsonText(centre.module);
    const row = out.frame({
      function: out.function({
        name: out.string(`${module}.${jsonText(centre.label)}`),
        kind: module === "GC" || /^(SYSTEM|PROFILING|IDLE)$/.test(module) ? "runtime" : "native",
        binary: out.binary(module),
        ...(place?.[1] && { file: out.string(place[1]) }),
        line,
      }),
      line,
      column: place ? Number(place[3]) : NONE,
    });
    centres.set(jsonNumber(centre.id), row);
  }
  const series = out.series({
    id: "ticks",
    name: "Cost centres",
    kind: "cpu",
    timed: false,
    values: [
      { name: "time", unit: "nanoseconds" },
      { name: "ticks", unit: "samples" },
      { name: "allocated", unit: "bytes" },
      { name: "entries", unit: "count" },
    ],
  });
  let unknown = 0;
  const waiting: { readonly node: JsonValue; readonly prefix: number; readonly depth: number }[] = [
    { node: root.profile ?? null, prefix: NONE, depth: 0 },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const node = jsonObject(next.node);
    const centre = centres.get(jsonNumber(node.id));
    if (centre === undefined && node.id !== undefined) unknown++;
    const stack = centre === undefined ? next.prefix : out.stack(next.prefix, centre);
    const ticks = jsonNumber(node.ticks, 0);
    const values = [ticks * tickUs * 1000, ticks, jsonNumber(node.alloc, 0), jsonNumber(node.entries, 0)];
    if (values.some((value) => value > 0) && series.length < limits.maxSamples)
      series.addValues(0, NONE, stack, values);
    if (next.depth >= limits.maxStackDepth)
      out.note(`The tree is deeper than ${limits.maxStackDepth}; the rest was left out.`);
    else
      for (const child of [...jsonArray(node.children)].reverse())
        waiting.push({ node: child, prefix: stack, depth: next.depth + 1 });
  }
  if (unknown > 0) out.note(`${unknown} nodes are of cost centres that the file does not describe.`);
}
