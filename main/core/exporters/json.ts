import { functionKinds } from "../model/profile.ts";
import type { FlameTable } from "../model/tables.ts";
import type { Exporter } from "./exporter.ts";
import { textChunks } from "./text-chunks.ts";
import { wholeTree } from "./whole-tree.ts";

/**
 * The call tree as JSON, a node a line, parents before children:
 *
 *     {"format":"flamewright-tree","version":1,"info":{...},"series":"cpu-clock/period","unit":"nanoseconds",
 *      "total":n,"samples":n,"nodes":[
 *     {"parent":-1,"function":"main","file":"a.c","line":3,"binary":"/bin/a","kind":"native","self":0,"total":9,"samples":9},
 *     ...]}
 *
 * `parent` is the position of the caller in `nodes`, -1 at a root; `self` and `total` are in `unit`, `samples` counts
 * the samples of `total`; `line` is -1 where unknown.
 */
export const json: Exporter = {
  id: "json",
  title: "JSON (call tree)",
  purpose: "The call tree as data, for scripts.",
  extension: "json",
  mimeType: "application/json",
  write: (request) => textChunks(parts(wholeTree(request), request.answer({ view: "info" }))),
};

function* parts(table: FlameTable, info: object): Iterable<string> {
  const head = {
    format: "flamewright-tree",
    version: 1,
    info,
    series: table.series,
    unit: table.unit,
    total: table.totalValue,
    samples: table.totalSamples,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"nodes":[`;
  for (let row = 0; row < table.length; row++) {
    const node = {
      parent: table.parent[row],
      function: table.strings[table.name[row]] ?? "",
      file: table.strings[table.file[row]] ?? "",
      line: table.line[row],
      binary: table.strings[table.binary[row]] ?? "",
      kind: functionKinds[table.kind[row]],
      self: table.self[row],
      total: table.value[row],
      samples: table.samples[row],
    };
    yield `${row === 0 ? "" : ","}\n${JSON.stringify(node)}`;
  }
  yield "\n]}\n";
}
