import { formatBytes, formatCount } from "#core/base/numbers.ts";
import type { HeapDiffTable } from "#core/model/tables.ts";
import { textTable } from "./text-table.ts";

const signed = (bytes: number): string => `${bytes > 0 ? "+" : ""}${formatBytes(bytes)}`;

/** What came and what went between two heap snapshots, as a table. */
export function heapDiffLines(table: HeapDiffTable, limit: number, width?: number): string[] {
  const rows = table.rows.filter(
    ({ newObjects, goneObjects, grownBytes }) => newObjects + goneObjects > 0 || grownBytes !== 0,
  );
  return [
    `before     ${formatBytes(table.beforeBytes)}`,
    `after      ${formatBytes(table.afterBytes)}  ${signed(table.afterBytes - table.beforeBytes)}`,
    ...(table.isOneRun
      ? []
      : ["No object is in both: they are of different runs, and only the sums can be compared."]),
    "",
    ...textTable(
      [
        { title: "CHANGE", align: "right" },
        { title: "NEW", align: "right" },
        { title: "NEW SIZE", align: "right" },
        { title: "GONE", align: "right" },
        { title: "GONE SIZE", align: "right" },
        { title: "KIND", align: "left" },
      ],
      rows
        .slice(0, limit)
        .map(({ name, deltaBytes, newObjects, newBytes, goneObjects, goneBytes }) => [
          signed(deltaBytes),
          formatCount(newObjects),
          formatBytes(newBytes),
          formatCount(goneObjects),
          formatBytes(goneBytes),
          name,
        ]),
      width,
    ),
  ];
}
