import { formatPercent, formatValue } from "../../../base/numbers.ts";
import type { FlameTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { panelOf } from "./report-panel.ts";

/** Calls of at least a hundredth of the whole, each below its caller, the heaviest first. */
export const tree = panelOf(
  { id: "tree", title: "Call tree", isDefault: false, isInPicture: false },
  ({ answer, selection, mostRows }) => {
    const table = answer({ view: "flame", selection, widthPx: 100, minPx: 1, maxRows: MOST_ROWS });
    return table.length > 0 ? [rowsOf(table, Math.min(MOST_ROWS, 2 * mostRows))] : [];
  },
);

const MOST_ROWS = 400;
/** Deeper calls are not indented further, and say how deep they are. */
const DEEPEST = 30;

function rowsOf(table: FlameTable, most: number): Block {
  const children = new Map<number, number[]>();
  for (let row = 0; row < table.length; row++) {
    const siblings = children.get(table.parent[row] as number);
    if (siblings) siblings.push(row);
    else children.set(table.parent[row] as number, [row]);
  }
  const value = (row: number): number => table.value[row] as number;
  const pushed = (of: number): number[] =>
    (children.get(of) ?? []).sort((a, b) => value(a) - value(b) || b - a);
  const rows: string[][] = [];
  const indents: number[] = [];
  const waiting = pushed(-1);
  for (let row = waiting.pop(); row !== undefined && rows.length < most; row = waiting.pop()) {
    const depth = table.depth[row] as number;
    const name = table.strings[table.name[row] as number] ?? "";
    indents.push(Math.min(depth, DEEPEST));
    rows.push([
      formatPercent(value(row), table.totalValue),
      formatValue(value(row), table.unit),
      formatPercent(table.self[row] as number, table.totalValue),
      depth > DEEPEST ? `[${depth}] ${name}` : name,
    ]);
    for (const child of pushed(row)) waiting.push(child);
  }
  const cut = rows.length < table.length ? ` The first ${rows.length} of ${table.length}.` : "";
  return {
    kind: "table",
    caption: `Calls of at least 1 % of the whole, each below its caller.${cut}`,
    columns: [
      { title: "Total %", kind: "number" },
      { title: "Total", kind: "number" },
      { title: "Self %", kind: "number" },
      { title: "Call", kind: "name", indents },
    ],
    rows,
  };
}
