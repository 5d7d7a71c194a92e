import type { TreeTable } from "#core/model/tables.ts";
import { oneCell } from "../../widgets/table-text.ts";

/** The open nodes without a row's own and those below it. */
export function closedBelow(table: TreeTable, open: readonly number[], row: number): readonly number[] {
  const closed = new Set([table.node[row] ?? -1]);
  const level = table.depth[row] ?? 0;
  // Rows are in the order of reading: what is below a row follows it.
  for (let next = row + 1; next < table.length && (table.depth[next] ?? 0) > level; next++)
    closed.add(table.node[next] ?? -1);
  return open.filter((node) => !closed.has(node));
}

/** Total, self and the indented name, a line a row. */
export function rowsAsText(table: TreeTable): string {
  const share = (value: number): string =>
    `${(table.totalValue > 0 ? (100 * value) / table.totalValue : 0).toFixed(2)} %`;
  const lines = ["total\tself\tfunction"];
  for (let row = 0; row < table.length; row++) {
    const name = oneCell(table.strings[table.name[row] ?? -1] ?? "");
    lines.push(
      `${share(table.value[row] ?? 0)}\t${share(table.self[row] ?? 0)}\t${"  ".repeat(table.depth[row] ?? 0)}${name}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
