import type { HeatmapTable } from "#core/model/tables.ts";

/** Where the cells of a heat map lie: columns from the left, the beginning of a column at its bottom. */
export interface HeatmapGrid {
  readonly columns: number;
  readonly rows: number;
  readonly columnNs: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly cellWidthPx: number;
  readonly cellHeightPx: number;
}

/** Cells counted from the bottom left, column after column: the order of time. */
export type CellIndex = number;

const WIDEST_PX = 40;
const TALLEST_PX = 28;

export function gridOf(table: HeatmapTable, widthPx: number, heightPx: number): HeatmapGrid {
  return {
    columns: table.columns,
    rows: table.rows,
    columnNs: table.columnNs,
    startNs: table.startNs,
    endNs: table.endNs,
    cellWidthPx: Math.min(WIDEST_PX, widthPx / Math.max(1, table.columns)),
    cellHeightPx: Math.min(TALLEST_PX, heightPx / Math.max(1, table.rows)),
  };
}

/** The cell at a place, the nearest one outside of the picture. */
export function cellAt(grid: HeatmapGrid, x: number, y: number): CellIndex {
  const column = Math.max(0, Math.min(grid.columns - 1, Math.floor(x / grid.cellWidthPx)));
  const fromTop = Math.max(0, Math.min(grid.rows - 1, Math.floor(y / grid.cellHeightPx)));
  return column * grid.rows + (grid.rows - 1 - fromTop);
}

/** From the earlier of two cells to the end of the later, within the profile. ns from its start. */
export function rangeOfCells(grid: HeatmapGrid, a: CellIndex, b: CellIndex): readonly [number, number] {
  const cellNs = grid.columnNs / grid.rows;
  const from = grid.startNs + Math.min(a, b) * cellNs;
  const to = grid.startNs + (Math.max(a, b) + 1) * cellNs;
  return [from, Math.min(to, Math.max(grid.endNs, from + cellNs))];
}

/** The first and last cell of a range, null where it does not meet the picture. */
export function cellsOfRange(
  grid: HeatmapGrid,
  rangeNs: readonly [number, number],
): readonly [CellIndex, CellIndex] | null {
  const cellNs = grid.columnNs / grid.rows;
  const last = grid.columns * grid.rows - 1;
  // Ends that were worked out from cells lie within rounding of their edges.
  const first = Math.floor((rangeNs[0] - grid.startNs) / cellNs + 1e-6);
  const end = Math.ceil((rangeNs[1] - grid.startNs) / cellNs - 1e-6) - 1;
  if (end < 0 || first > last) return null;
  return [Math.max(0, first), Math.min(last, Math.max(first, end))];
}

/** The cell that a key leads to; null for a key that means nothing here. */
export function cellAfter(grid: HeatmapGrid, cell: CellIndex, key: string): CellIndex | null {
  const last = grid.columns * grid.rows - 1;
  const within = (next: number): CellIndex => Math.max(0, Math.min(last, next));
  switch (key) {
    case "ArrowUp":
      return within(cell + 1);
    case "ArrowDown":
      return within(cell - 1);
    case "ArrowRight":
      return cell + grid.rows <= last ? cell + grid.rows : cell;
    case "ArrowLeft":
      return cell - grid.rows >= 0 ? cell - grid.rows : cell;
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/**
 * How strong a cell's colour is, 0 to 1. The square root: a cell with a hundredth of the busiest one's weight still
 * differs from an empty one.
 */
export const heatOf = (value: number, largest: number): number =>
  largest > 0 ? Math.sqrt(Math.max(0, Math.min(1, value / largest))) : 0;
