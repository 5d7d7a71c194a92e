import type { TimelineTable } from "#core/model/tables.ts";
import { counterLane, type TimelineState } from "../../app/timeline-state.ts";
import { counterHeightPx } from "./counter-look.ts";
import { mostLanePx } from "./lane-painter.ts";
import { timelineRows } from "./timeline-rows.ts";
import { counterGroups } from "./timeline-values.ts";

export const headPx = 24;
export const restPx = 20;
/** So that the lanes need not scroll when the crumbs of a range stand above them. */
const crumbsPx = 14;

/** What all of it fills, with lanes as high as they become; null where that is no picture of lanes. */
export function timelineHeightPx(table: TimelineTable | null, state: TimelineState): number | null {
  if (!table?.timed || state.mode !== "picture") return null;
  const rows = timelineRows(table, state).length;
  const groups = counterGroups(table.counters.filter(({ id }) => !state.hidden.includes(counterLane(id))));
  return rows + groups.length === 0
    ? null
    : headPx + rows * mostLanePx + groups.length * counterHeightPx + crumbsPx;
}
