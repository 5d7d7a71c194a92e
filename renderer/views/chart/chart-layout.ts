import type { ChartTable } from "#core/model/tables.ts";
import { textScale } from "../../widgets/text-scale.ts";

/** Heights as the texts ask for. */
export const rowHeightPx = (): number => Math.round(18 * textScale());
export const laneHeadPx = (): number => Math.round(20 * textScale());
const LANE_GAP_PX = 6;

/** Lanes below one another; `topPx` is where the head of each begins. */
export interface ChartLayout {
  readonly topPx: readonly number[];
  readonly heightPx: number;
  /** Rows of the table by lane and depth, each in the order of time. */
  readonly rows: readonly (readonly Int32Array[])[];
}

export function layOutChart(table: ChartTable): ChartLayout {
  const topPx: number[] = [];
  const rows: Int32Array[][] = [];
  let heightPx = 0;
  for (const lane of table.lanes) {
    topPx.push(heightPx);
    heightPx += laneHeadPx() + lane.depth * rowHeightPx() + LANE_GAP_PX;
    const byDepth: number[][] = Array.from({ length: lane.depth }, () => []);
    for (let row = lane.firstSlice; row < lane.firstSlice + lane.slices; row++)
      byDepth[table.depth[row] ?? 0]?.push(row);
    rows.push(
      byDepth.map((each) =>
        Int32Array.from(each.sort((a, b) => (table.start[a] ?? 0) - (table.start[b] ?? 0))),
      ),
    );
  }
  return { topPx, heightPx, rows };
}

/** Where a row of boxes begins. */
export const rowTopPx = (layout: ChartLayout, lane: number, depth: number): number =>
  (layout.topPx[lane] ?? 0) + laneHeadPx() + depth * rowHeightPx();

/** The row of the table at a time and a height, -1 for none. */
export function sliceAt(table: ChartTable, layout: ChartLayout, timeNs: number, yPx: number): number {
  const lane = layout.topPx.findLastIndex((top) => top <= yPx);
  const depth = Math.floor((yPx - (layout.topPx[lane] ?? 0) - laneHeadPx()) / rowHeightPx());
  const rows = layout.rows[lane]?.[depth];
  if (depth < 0 || !rows) return -1;
  const at = lastNotAfter(table, rows, timeNs);
  const row = rows[at] ?? -1;
  return row >= 0 && timeNs < (table.end[row] ?? 0) ? row : -1;
}

/** Place of the last slice that begins at or before a time, -1 for none. */
function lastNotAfter(table: ChartTable, rows: Int32Array, timeNs: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((table.start[rows[middle] ?? -1] ?? 0) <= timeNs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The slice that an arrow key leads to from another: callers above, callees below, neighbours beside. -1 for none. */
export function sliceAfter(table: ChartTable, layout: ChartLayout, row: number, key: string): number {
  const lane = table.lane[row] ?? -1;
  const depth = table.depth[row] ?? -1;
  const ofLane = layout.rows[lane];
  const start = table.start[row] ?? 0;
  const beside = (by: number): number => {
    const rows = ofLane?.[depth];
    return rows?.[rows.indexOf(row) + by] ?? -1;
  };
  switch (key) {
    case "ArrowLeft":
      return beside(-1);
    case "ArrowRight":
      return beside(1);
    case "ArrowUp": {
      const rows = ofLane?.[depth - 1];
      return rows ? (rows[lastNotAfter(table, rows, start)] ?? -1) : -1;
    }
    case "ArrowDown": {
      // The first one that begins within this one.
      const rows = ofLane?.[depth + 1];
      if (!rows) return -1;
      const at = lastNotAfter(table, rows, start);
      const here = rows[at] ?? -1;
      if (here >= 0 && (table.end[here] ?? 0) > start) return here;
      const next = rows[at + 1] ?? -1;
      return next >= 0 && (table.start[next] ?? 0) < (table.end[row] ?? 0) ? next : -1;
    }
    default:
      return -1;
  }
}

/** A range about a fixed point, within the whole, no narrower than a microsecond. */
export function zoomed(
  [start, end]: readonly [number, number],
  whole: readonly [number, number],
  aroundNs: number,
  factor: number,
): readonly [number, number] {
  const span = Math.max(1e3, Math.min(whole[1] - whole[0], (end - start) * factor));
  const share = end > start ? (aroundNs - start) / (end - start) : 0.5;
  return panned([aroundNs - share * span, aroundNs + (1 - share) * span], whole, 0);
}

/** Moved by a time, never beyond the whole. */
export function panned(
  [start, end]: readonly [number, number],
  whole: readonly [number, number],
  byNs: number,
): readonly [number, number] {
  const span = Math.min(end - start, whole[1] - whole[0]);
  const from = Math.max(whole[0], Math.min(whole[1] - span, start + byNs));
  return [from, from + span];
}
