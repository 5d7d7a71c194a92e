import { formatCount, formatValue } from "#core/base/numbers.ts";
import type { TopTable } from "#core/model/tables.ts";
import { FunctionCell, ShareCell } from "../../widgets/function-cells.tsx";
import { placeOf } from "../../widgets/function-rows.ts";
import type { GridColumn } from "../../widgets/grid.tsx";

/** Samples that all count 1 need no second column of the same numbers. */
function hasWeights(table: TopTable): boolean {
  return table.unit !== "samples" && !(table.unit === "count" && table.totalValue === table.totalSamples);
}

/** The columns of a table; a row is its index. */
export function topColumns(table: TopTable): readonly GridColumn<number>[] {
  const self = (row: number): number => table.self[row] ?? 0;
  const total = (row: number): number => table.total[row] ?? 0;
  const weight = (
    id: string,
    title: string,
    value: (row: number) => number,
    fromPx: number,
  ): GridColumn<number> => ({
    id,
    title,
    track: "76px",
    align: "end",
    fromPx,
    cell: (row) => formatValue(value(row), table.unit),
  });
  const weighted = hasWeights(table);
  const whole = { whole: table.totalValue, sampleSize: table.sampleSize, unit: table.unit };
  return [
    {
      id: "name",
      title: "Function",
      track: "minmax(160px, 1fr)",
      sortable: true,
      cell: (row) => <FunctionCell place={placeOf(table, row)} matched={table.matched[row] === 1} />,
    },
    {
      id: "self",
      title: "Self %",
      track: "minmax(88px, 140px)",
      align: "end",
      sortable: true,
      cell: (row) => <ShareCell {...whole} value={self(row)} kind="self" />,
    },
    ...(weighted ? [weight("self-value", "Self", self, 640)] : []),
    {
      id: "total",
      title: "Total %",
      track: "minmax(88px, 140px)",
      align: "end",
      sortable: true,
      cell: (row) => <ShareCell {...whole} value={total(row)} kind="total" />,
    },
    ...(weighted ? [weight("total-value", "Total", total, 560)] : []),
    {
      id: "samples",
      title: "Samples",
      track: "68px",
      align: "end",
      fromPx: 480,
      // In a series of samples the values are the counts: a collapsed stack is one row for many.
      cell: (row) => formatCount(table.unit === "samples" ? total(row) : (table.totalSamplesOf[row] ?? 0)),
    },
  ];
}
