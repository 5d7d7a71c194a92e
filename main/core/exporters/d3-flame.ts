import type { FlameTable } from "../model/tables.ts";
import type { Exporter } from "./exporter.ts";
import { textChunks } from "./text-chunks.ts";
import { wholeTree } from "./whole-tree.ts";

/**
 * The call tree as d3-flame-graph takes it: `{name, value, children}`, values with those of the callees. The root is
 * the whole. https://github.com/spiermar/d3-flame-graph
 */
export const d3Flame: Exporter = {
  id: "d3-flame",
  title: "d3-flame-graph JSON",
  purpose: "The tree that d3-flame-graph draws.",
  extension: "json",
  mimeType: "application/json",
  write: (request) => textChunks(nodes(wholeTree(request), request.title)),
};

function* nodes(table: FlameTable, title: string): Iterable<string> {
  yield `{"name":${JSON.stringify(title || "all")},"value":${table.totalValue},"children":[`;
  /** First and next child of each row; the root's are at the end. */
  const first = new Int32Array(table.length + 1).fill(-1);
  const next = new Int32Array(table.length).fill(-1);
  for (let row = table.length - 1; row >= 0; row--) {
    const parent = table.parent[row] === -1 ? table.length : table.parent[row];
    next[row] = first[parent];
    first[parent] = row;
  }
  let row = first[table.length];
  while (row !== -1) {
    const name = JSON.stringify(table.strings[table.name[row]] ?? "");
    yield `{"name":${name},"value":${table.value[row]},"children":[`;
    if (first[row] !== -1) {
      row = first[row];
      continue;
    }
    // Up to the next one that has a sibling left.
    while (row !== -1 && next[row] === -1) {
      yield "]}";
      row = table.parent[row];
    }
    if (row === -1) break;
    yield "]},\n";
    row = next[row];
  }
  yield "]}\n";
}
