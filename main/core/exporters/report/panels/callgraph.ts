import { formatCount, formatCountOf, formatPercent } from "../../../base/numbers.ts";
import { frameCss, frameHue } from "../../../model/colour.ts";
import {
  edgePath,
  fontPxOf,
  type GraphLayout,
  graphLayout,
  layoutRequest,
  type Point,
  shortName,
} from "../../../model/graph-layout.ts";
import type { GraphTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { pixel } from "../frame.ts";
import { xmlText } from "../xml-text.ts";
import { panelOf } from "./report-panel.ts";

/** Who calls whom, of the functions and calls above a share of the whole. */
export const callgraph = panelOf(
  { id: "callgraph", title: "Call graph", isDefault: false, isInPicture: false },
  ({ answer, selection }) => {
    const table = answer({
      view: "graph",
      selection,
      maxNodes: MOST_NODES,
      minNodeShare: 0.01,
      minEdgeShare: 0.005,
    });
    return table.length > 0 ? blocksOf(table) : [];
  },
);

/** More cannot be read on paper. */
const MOST_NODES = 40;

function blocksOf(table: GraphTable): readonly Block[] {
  const layout = graphLayout(layoutRequest(table, 0, (row) => nameOf(table, row)));
  const left = table.nodesInAll - table.length;
  return [
    {
      kind: "words",
      text: `Callers above; boxes are as large as their total, arrows as wide as what is spent in the call, dashed where functions between them are left out.${left > 0 ? ` ${formatCount(left)} smaller functions are left out.` : ""}`,
    },
    {
      kind: "picture",
      label: `Call graph: ${formatCountOf(table.length, "function")}, ${formatCountOf(table.edges.length, "call")}`,
      width: Math.ceil(layout.width),
      height: Math.ceil(layout.height),
      markup: [...edgesMarkup(table, layout), ...nodesMarkup(table, layout)],
    },
  ];
}

const nameOf = ({ strings, name }: GraphTable, row: number): string =>
  shortName(strings[name[row] ?? -1] ?? "");

function edgesMarkup({ edges, totalValue }: GraphTable, layout: GraphLayout): string[] {
  return layout.edges.map((points, edge) => {
    const value = edges.value[edge] as number;
    const share = totalValue > 0 ? value / totalValue : 0;
    const dash = edges.indirect[edge] === 1 ? ' stroke-dasharray="5 4"' : "";
    const middle = points[Math.floor(points.length / 2)];
    const label =
      middle && share >= 0.1
        ? `<text class="dim" x="${pixel(middle.x + 4)}" y="${pixel(middle.y)}">${xmlText(formatPercent(value, totalValue))}</text>`
        : "";
    const width = (1 + 7 * Math.min(1, share)).toFixed(2);
    return `<path class="call" d="${edgePath(points)}" stroke-width="${width}"${dash}/>${arrow(points)}${label}\n`;
  });
}

/** A marker would need an id and a reference. */
function arrow(points: readonly Point[]): string {
  const [before, tip] = points.slice(-2);
  if (!before || !tip) return "";
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [x, y] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const corner = (side: number): string =>
    `${pixel(tip.x - 8 * x - side * 4 * y)} ${pixel(tip.y - 8 * y + side * 4 * x)}`;
  return `<path class="tip" d="M${pixel(tip.x)} ${pixel(tip.y)}L${corner(1)}L${corner(-1)}Z"/>`;
}

function nodesMarkup(table: GraphTable, layout: GraphLayout): string[] {
  const { totalValue } = table;
  return layout.nodes.map(({ x, y, width, height }, row) => {
    const [self, total] = [table.self[row] as number, table.total[row] as number];
    const full = table.strings[table.name[row] as number] ?? "";
    const binary = table.strings[table.binary[row] as number] ?? "";
    const fill = frameCss(frameHue(table.kind[row] as number, binary, full, "light"));
    const font = fontPxOf(totalValue > 0 ? total / totalValue : 0);
    const numbers = `${formatPercent(total, totalValue)} · self ${formatPercent(self, totalValue)}`;
    const own = totalValue > 0 ? (width * self) / totalValue : 0;
    return (
      `<g class="node" transform="translate(${pixel(x - width / 2)} ${pixel(y - height / 2)})">` +
      `<rect width="${width}" height="${height}" rx="5" fill="${fill}"/>` +
      `<rect class="own" y="${height - 5}" width="${pixel(own)}" height="5"/>` +
      `<text x="10" y="${pixel(font * 1.15 + 3)}" style="font-size:${pixel(font)}px">${xmlText(nameOf(table, row))}</text>` +
      `<text x="10" y="${height - 11}" style="font-size:11px">${xmlText(numbers)}</text></g>\n`
    );
  });
}
