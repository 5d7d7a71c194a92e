import type { TimelineIntervalLane, TimelineLane, TimelineTable } from "#core/model/tables.ts";
import { categoryLane, type TimelineState } from "../../app/timeline-state.ts";

/** All threads of a process, added up. */
export interface ProcessRow {
  readonly kind: "process";
  readonly pid: number;
  readonly name: string;
  readonly threads: number;
  readonly totalValue: number;
  readonly bins: Float32Array;
  readonly isOpen: boolean;
}
export interface ThreadRow {
  readonly kind: "thread";
  readonly lane: TimelineLane;
  readonly isInProcess: boolean;
}
export interface IntervalRow {
  readonly kind: "intervals";
  readonly lane: TimelineIntervalLane;
}
export type TimelineRow = ProcessRow | ThreadRow | IntervalRow;

export const rowKey = (row: TimelineRow): string => {
  if (row.kind === "process") return `process ${row.pid}`;
  if (row.kind === "intervals") return `${row.lane.category} of ${row.lane.thread}`;
  return row.lane.thread >= 0 ? `thread ${row.lane.thread}` : row.lane.name;
};

/** Threads under their processes where there are several, what they did under the threads, the rest last. */
export function timelineRows(
  table: TimelineTable,
  { collapsed, hidden }: Pick<TimelineState, "collapsed" | "hidden">,
): readonly TimelineRow[] {
  const shown = table.intervalLanes.filter(({ category }) => !hidden.includes(categoryLane(category)));
  const left = new Set(shown);
  const intervalsOf = (thread: number): readonly IntervalRow[] =>
    shown
      .filter((lane) => lane.thread === thread && left.delete(lane))
      .map((lane) => ({ kind: "intervals", lane }));
  const byProcess = new Map<number, TimelineLane[]>();
  for (const lane of table.lanes) {
    const lanes = byProcess.get(lane.pid);
    if (lanes === undefined) byProcess.set(lane.pid, [lane]);
    else lanes.push(lane);
  }
  const isGrouped = [...byProcess.keys()].filter((pid) => pid >= 0).length > 1;
  const rows: TimelineRow[] = [];
  for (const [pid, lanes] of byProcess) {
    // A process of one thread is that thread.
    const isInProcess = isGrouped && pid >= 0 && lanes.length > 1;
    const isOpen = !isInProcess || !collapsed.includes(pid);
    if (isInProcess) rows.push(processRow(pid, lanes, isOpen));
    for (const lane of lanes) {
      // Of a process that is put away its threads' intervals are, too.
      const own = lane.thread >= 0 ? intervalsOf(lane.thread) : [];
      if (isOpen) rows.push({ kind: "thread", lane, isInProcess }, ...own);
    }
  }
  return [...rows, ...[...left].map((lane): IntervalRow => ({ kind: "intervals", lane }))];
}

function processRow(pid: number, lanes: readonly TimelineLane[], isOpen: boolean): ProcessRow {
  const bins = new Float32Array(lanes[0]?.bins.length ?? 0);
  for (const lane of lanes)
    for (const [bin, value] of lane.bins.entries()) bins[bin] = (bins[bin] ?? 0) + value;
  return {
    kind: "process",
    pid,
    name: lanes[0]?.processName || lanes[0]?.name || "process",
    threads: lanes.length,
    totalValue: lanes.reduce((all, lane) => all + lane.totalValue, 0),
    bins,
    isOpen,
  };
}

/** The box of intervals at a time, -1 for none: the newest where several lie over each other. */
export function intervalAt(lane: TimelineIntervalLane, timeNs: number, slackNs: number): number {
  for (let at = lane.start.length - 1; at >= 0; at--) {
    if ((lane.start[at] ?? 0) - slackNs <= timeNs && timeNs <= (lane.end[at] ?? 0) + slackNs) return at;
  }
  return -1;
}

/** "futex", or how many lie closer together than can be drawn. */
export function intervalName(lane: TimelineIntervalLane, box: number): string {
  const count = lane.count[box] ?? 1;
  const name = lane.strings[lane.name[box] ?? -1];
  if (name === undefined) return `${count} of ${lane.category}`;
  return count > 1 ? `${name} × ${count}` : name;
}
