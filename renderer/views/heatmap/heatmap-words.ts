import { formatCount, formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import type { HeatmapTable } from "#core/model/tables.ts";
import { type CellIndex, type HeatmapGrid, rangeOfCells } from "./heatmap-geometry.ts";

/** When, how much, and how that compares: of one cell, or of all cells between two. */
export function cellLines(
  table: HeatmapTable,
  grid: HeatmapGrid,
  a: CellIndex,
  b: CellIndex,
): readonly [when: string, weight: string, context: string] {
  const [first, last] = [Math.min(a, b), Math.max(a, b)];
  const [start, end] = rangeOfCells(grid, first, last);
  let value = 0;
  let samples = 0;
  for (let each = first; each <= last; each++) {
    value += table.values[each] ?? 0;
    samples += table.samples[each] ?? 0;
  }
  const weight = [
    `${formatCount(samples)} ${samples === 1 ? "sample" : "samples"}`,
    ...(table.unit === "samples" ? [] : [formatValue(value, table.unit)]),
    formatPercent(value, table.totalValue),
  ].join(" · ");
  const average = table.totalValue / Math.max(1, (grid.endNs - grid.startNs) / (end - start));
  const context =
    first === last
      ? `${formatPercent(value, table.largest)} of the busiest cell`
      : `${times(value, average)} the average of ${formatDuration(end - start)}`;
  return [`${formatDuration(start)} to ${formatDuration(end)}`, weight, context];
}

const times = (value: number, average: number): string =>
  average > 0 ? `${(value / average).toFixed(1)} times` : "None of";
