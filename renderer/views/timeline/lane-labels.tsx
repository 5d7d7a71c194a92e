import {
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
  formatValue,
} from "#core/base/numbers.ts";
import type { TimelineLane, TimelineTable } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";
import { Icon } from "../../widgets/icon.tsx";
import { type IntervalRow, type ProcessRow, rowKey, type TimelineRow } from "./timeline-rows.ts";

export interface LaneLabelsProps {
  readonly table: TimelineTable;
  readonly rows: readonly TimelineRow[];
  readonly lanePx: number;
  readonly threads: readonly number[] | null;
  readonly toggleThread: (thread: number, additive: boolean) => void;
  readonly toggleProcess: (pid: number) => void;
  readonly showMore: () => void;
}

/** What the lanes are. A click on a thread keeps it, with Ctrl or Shift beside the others; on a process, opens or closes it. */
export function LaneLabels(props: LaneLabelsProps) {
  return (
    <ul className="timeline-lanes" aria-label="Threads">
      {props.rows.map((row) => (
        <li key={rowKey(row)} className="timeline-lane" style={{ height: props.lanePx }}>
          {row.kind === "process" ? (
            <ProcessLabel row={row} {...props} />
          ) : row.kind === "intervals" ? (
            <IntervalLabel row={row} />
          ) : (
            <ThreadLabel lane={row.lane} isInProcess={row.isInProcess} {...props} />
          )}
        </li>
      ))}
    </ul>
  );
}

function ProcessLabel({ row, table, toggleProcess }: LaneLabelsProps & { readonly row: ProcessRow }) {
  const threads = formatCountOf(row.threads, "thread");
  return (
    <button
      type="button"
      aria-expanded={row.isOpen}
      title={`Process ${row.pid}, ${threads}: ${formatValue(row.totalValue, table.unit)}`}
      onClick={() => toggleProcess(row.pid)}
    >
      <Icon name={row.isOpen ? "down" : "right"} size={12} />
      <strong className="timeline-thread">{plainName(row.name)}</strong>
      <span className="timeline-tid">{row.pid}</span>
      <span className="timeline-share">{formatPercent(row.totalValue, table.totalValue)}</span>
    </button>
  );
}

function IntervalLabel({ row: { lane } }: { readonly row: IntervalRow }) {
  // Signals and marks take no time: then how many there are is what counts.
  const times = `${formatCount(lane.intervals)} ×`;
  const sum = lane.totalNs > 0 ? `${times} in ${formatDuration(lane.totalNs)}` : times;
  const whose = lane.thread >= 0 ? ` of ${threadWord(lane.threadName)} ${lane.tid}` : "";
  return (
    <span className="timeline-others timeline-category" title={`${plainName(lane.category)}${whose}: ${sum}`}>
      <span className="timeline-thread">
        {plainName(lane.category)}
        <span className="timeline-tid">{whose}</span>
      </span>
      <span className="timeline-share">{lane.totalNs > 0 ? formatDuration(lane.totalNs) : times}</span>
    </span>
  );
}

function ThreadLabel(
  props: LaneLabelsProps & { readonly lane: TimelineLane; readonly isInProcess: boolean },
) {
  const { lane, table, threads } = props;
  if (lane.thread < 0) {
    return table.threadsInAll > table.lanes.length && lane.name !== "no thread" ? (
      <button type="button" onClick={props.showMore} title="Give more threads a lane of their own">
        <span className="timeline-thread">{plainName(lane.name)}</span>
        <span className="timeline-tid">show</span>
      </button>
    ) : (
      <span className="timeline-others">{plainName(lane.name)}</span>
    );
  }
  return (
    <button
      type="button"
      aria-pressed={threads?.includes(lane.thread) ?? false}
      data-faint={threads !== null && !threads.includes(lane.thread)}
      data-nested={props.isInProcess}
      title={laneTitle(lane, table)}
      onClick={(event) => props.toggleThread(lane.thread, event.ctrlKey || event.metaKey || event.shiftKey)}
    >
      <span className="timeline-thread">{lane.tid >= 0 ? threadWord(lane.name) : plainName(lane.name)}</span>
      <span className="timeline-tid">{lane.tid >= 0 ? lane.tid : ""}</span>
      <span className="timeline-share">{formatPercent(lane.totalValue, table.totalValue)}</span>
    </button>
  );
}

/** Many tools know the number of a thread and not its name. */
export const threadWord = (name: string): string => (name === "" ? "thread" : plainName(name));

/** Lanes of samples without a thread, and of all other threads, have no thread index. */
export function laneKey(lane: TimelineLane): string {
  return lane.thread >= 0 ? String(lane.thread) : lane.name;
}

function laneTitle(lane: TimelineLane, table: TimelineTable): string {
  const ids = lane.tid >= 0 ? `, process ${lane.pid}, thread ${lane.tid}` : "";
  const share = formatPercent(lane.totalValue, table.totalValue);
  return `${lane.tid >= 0 ? threadWord(lane.name) : plainName(lane.name)}${ids}: ${formatValue(lane.totalValue, table.unit)}, ${share} of the selection`;
}
