import { formatPercent, formatValue } from "../base/numbers.ts";
import { frameHue } from "../model/colour.ts";
import type { GraphTable } from "../model/tables.ts";
import type { Exporter } from "./exporter.ts";
import { textChunks } from "./text-chunks.ts";

const MOST_NODES = 200;

/** The call graph for Graphviz: `dot -Tsvg`. https://graphviz.org/doc/info/lang.html */
export const dot: Exporter = {
  id: "dot",
  title: "Graphviz dot",
  purpose: "The call graph as text, for dot and other Graphviz tools.",
  extension: "dot",
  mimeType: "text/vnd.graphviz",
  write: ({ answer, selection, title }) =>
    textChunks(
      lines(
        answer({ view: "graph", selection, maxNodes: MOST_NODES, minNodeShare: 0, minEdgeShare: 0.0005 }),
        title,
      ),
    ),
};

function* lines(table: GraphTable, title: string): Iterable<string> {
  const whole = table.totalValue;
  const share = (value: number): number => (whole > 0 ? Math.min(1, value / whole) : 0);
  yield `digraph ${quoted(title || "calls")} {\n`;
  yield "  rankdir=TB;\n";
  yield '  node [shape=box, style="filled,rounded", fontname="sans-serif", color="#00000040"];\n';
  yield '  edge [fontname="sans-serif", fontsize=9, color="#00000080"];\n';
  const left = table.nodesInAll - table.length;
  yield `  label=${quoted(
    `${table.series}: ${formatValue(whole, table.unit)}${left > 0 ? `, ${left} smaller functions left out` : ""}`,
  )};\n`;
  for (let row = 0; row < table.length; row++) {
    const name = table.strings[table.name[row]] ?? "";
    const binary = table.strings[table.binary[row]] ?? "";
    const { self, total } = { self: table.self[row], total: table.total[row] };
    const label = `${name}\n${formatPercent(self, whole)} of ${formatPercent(total, whole)}`;
    const { hue, saturation, lightness } = frameHue(table.kind[row], binary, name, "light", "standard");
    const colour = hsv(hue, saturation, lightness);
    const size = (8 + 16 * Math.sqrt(share(total))).toFixed(1);
    const tooltip = `${name} (${formatValue(total, table.unit)})`;
    yield `  n${row} [label=${quoted(label)}, tooltip=${quoted(tooltip)}, fontsize=${size}, fillcolor="${colour}"];\n`;
  }
  const { edges } = table;
  for (let row = 0; row < edges.length; row++) {
    const value = edges.value[row];
    const width = (0.5 + 6 * share(value)).toFixed(2);
    const style = edges.indirect[row] === 1 ? ", style=dashed" : "";
    yield `  n${edges.caller[row]} -> n${edges.callee[row]} [label=${quoted(` ${formatPercent(value, whole)}`)}, ` +
      `weight=${1 + Math.round(100 * share(value))}, penwidth=${width}${style}];\n`;
  }
  yield "}\n";
}

/** A quoted string of the dot language: quotes and backslashes escaped, lines as \\n, other controls left out. */
const quoted = (text: string): string =>
  `"${text
    .replace(/[\\"]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\p{Cc}/gu, " ")}"`;

/** As Graphviz writes colours: hue, saturation and value from 0 to 1. */
function hsv(hue: number, saturation: number, lightness: number): string {
  const light = lightness / 100;
  const value = light + (saturation / 100) * Math.min(light, 1 - light);
  const own = value === 0 ? 0 : 2 * (1 - light / value);
  return [hue / 360, own, value].map((part) => part.toFixed(3)).join(" ");
}
