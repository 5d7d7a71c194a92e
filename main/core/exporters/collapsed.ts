import type { FlameTable } from "../model/tables.ts";
import type { Exporter } from "./exporter.ts";
import { annotatedLines, collapsedOptions } from "./shared/annotated-stacks.ts";
import { textChunks } from "./text-chunks.ts";
import { wholeTree } from "./whole-tree.ts";

/**
 * Collapsed stacks: `frame;frame;frame weight`, root first, a line a distinct stack. The format has no escapes: a
 * semicolon in a name becomes a colon, as stackcollapse-perf.pl does, and a line break a space.
 */
export const collapsed: Exporter = {
  id: "collapsed",
  title: "Collapsed stacks",
  purpose: "Text, one stack a line with its weight, for flamegraph.pl and other tools.",
  extension: "collapsed",
  mimeType: "text/plain",
  options: collapsedOptions,
  write: (request) =>
    textChunks(request.options?.length ? annotatedLines(request) : lines(wholeTree(request))),
};

function* lines(table: FlameTable): Iterable<string> {
  const names = table.strings.map((name) => name.replaceAll(";", ":").replace(/[\r\n\u2028\u2029]+/g, " "));
  const path: string[] = [];
  for (let row = 0; row < table.length; row++) {
    const weight = table.self[row];
    if (weight === 0) continue;
    path.length = 0;
    for (let at = row; at !== -1; at = table.parent[at]) path.push(names[table.name[at]] || "[unnamed]");
    yield `${path.reverse().join(";")} ${weight}\n`;
  }
}
