import { formatPercent, formatValue } from "#core/base/numbers.ts";
import type { TimelineLane, TimelineTable } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";

export interface LaneLabelsProps {
  readonly table: TimelineTable;
  readonly lanePx: number;
  readonly threads: readonly number[] | null;
  readonly toggleThread: (thread: number, additive: boolean) => void;
}

/** The threads beside their lanes; a click keeps one, with Ctrl or Shift beside the others. */
export function LaneLabels({ table, lanePx, threads, toggleThread }: LaneLabelsProps) {
  return (
    <ul className="timeline-lanes" aria-label="Threads">
      {table.lanes.map((lane) => (
        <li key={laneKey(lane)} className="timeline-lane" style={{ height: lanePx }}>
          {lane.thread < 0 ? (
            <span className="timeline-others">{plainName(lane.name)}</span>
          ) : (
            <button
              type="button"
              aria-pressed={threads?.includes(lane.thread) ?? false}
              data-faint={threads !== null && !threads.includes(lane.thread)}
              title={laneTitle(lane, table)}
              onClick={(event) => toggleThread(lane.thread, event.ctrlKey || event.metaKey || event.shiftKey)}
            >
              <span className="timeline-thread">{plainName(lane.name)}</span>
              <span className="timeline-tid">{lane.tid >= 0 ? lane.tid : ""}</span>
              <span className="timeline-share">{formatPercent(lane.totalValue, table.totalValue)}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Lanes of samples without a thread, and of all other threads, have no thread index. */
export function laneKey(lane: TimelineLane): string {
  return lane.thread >= 0 ? String(lane.thread) : lane.name;
}

function laneTitle(lane: TimelineLane, table: TimelineTable): string {
  const ids = lane.tid >= 0 ? `, process ${lane.pid}, thread ${lane.tid}` : "";
  const share = formatPercent(lane.totalValue, table.totalValue);
  return `${plainName(lane.name)}${ids}: ${formatValue(lane.totalValue, table.unit)}, ${share} of the selection`;
}
