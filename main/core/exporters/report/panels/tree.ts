import { formatPercent, formatValue } from "../../../base/numbers.ts";
import type { FlameTable } from "../../../model/tables.ts";
import { clippedXml } from "../xml-text.ts";
import { type ReportPanel, section } from "./report-panel.ts";

/** Calls of at least a hundredth of the whole, each below its caller, the heaviest first. */
export const tree: ReportPanel = {
  id: "tree",
  title: "Call tree",
  isDefault: false,
  *write({ answer, selection }) {
    const table = answer({ view: "flame", selection, widthPx: 100, minPx: 1, maxRows: MOST_ROWS });
    if (table.length > 0) yield* rowsOf(table);
  },
};

const MOST_ROWS = 400;
/** Deeper calls are not indented further, and say how deep they are. */
const DEEPEST = 30;

function* rowsOf(table: FlameTable): Iterable<string> {
  const children = new Map<number, number[]>();
  for (let row = 0; row < table.length; row++) {
    const siblings = children.get(table.parent[row] as number);
    if (siblings) siblings.push(row);
    else children.set(table.parent[row] as number, [row]);
  }
  const value = (row: number): number => table.value[row] as number;
  const pushed = (of: number): number[] =>
    (children.get(of) ?? []).sort((a, b) => value(a) - value(b) || b - a);
  yield `${section("tree", "Call tree")}<div class="scroll"><table>\n<caption>Calls of at least 1 % of the whole, each below its caller.</caption>\n`;
  yield '<thead><tr><th scope="col" class="number">Total %</th><th scope="col" class="number">Total</th><th scope="col" class="number">Self %</th><th scope="col">Call</th></tr></thead>\n<tbody>\n';
  const waiting = pushed(-1);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    const depth = table.depth[row] as number;
    const name = table.strings[table.name[row] as number] ?? "";
    const deep = depth > DEEPEST ? `<span class="dim">[${depth}] </span>` : "";
    yield `<tr><td class="number">${formatPercent(value(row), table.totalValue)}</td><td class="number">${formatValue(value(row), table.unit)}</td><td class="number">${formatPercent(table.self[row] as number, table.totalValue)}</td>`;
    yield `<td class="name" style="padding-left:${10 + 14 * Math.min(depth, DEEPEST)}px">${deep}${clippedXml(name, 300)}</td></tr>\n`;
    for (const child of pushed(row)) waiting.push(child);
  }
  yield "</tbody></table></div>\n</section>\n";
}
