import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { formatDuration, formatValue } from "#core/base/numbers.ts";
import type { TimelineCounter, TimelineTable } from "#core/model/tables.ts";
import { movedInside, type TimeRange, zoomedRange } from "../../app/timeline-state.ts";
import { createFrameBatch } from "../../widgets/frame-batch.ts";
import { plainName } from "../../widgets/function-text.ts";
import { pxOf, type TimeScale, timeAt, timeText } from "../../widgets/time-scale.ts";
import { cursorAfter, draggedTo, extended, type Grip, gripAt, viewAfter } from "./brush.ts";
import { intervalAt, intervalName, type TimelineRow } from "./timeline-rows.ts";
import { counterAt, laneValueAt, shortCounterName } from "./timeline-values.ts";

export interface TimelineBrushProps {
  readonly table: TimelineTable;
  readonly rows: readonly TimelineRow[];
  readonly scale: TimeScale;
  readonly lanePx: number;
  /** What the cursor reads. */
  readonly counters: readonly TimelineCounter[];
  /** What is brushed inside of what was gone into. */
  readonly rangeNs: TimeRange | null;
  readonly setRange: (rangeNs: TimeRange | null) => void;
  /** The part that is in view; null for all there is to show. */
  readonly setView: (viewNs: TimeRange | null) => void;
  readonly goInto: (rangeNs: TimeRange) => void;
  readonly goBack: () => void;
}

interface Hover {
  readonly timeNs: number;
  /** Lane under the pointer, -1 for none. */
  readonly lane: number;
}

/**
 * What lies over all plots: the range, the marks, the shared cursor and what it reads. One slider for the keyboard:
 * arrows move the cursor, with Shift they draw the range.
 */
export function TimelineBrush(props: TimelineBrushProps) {
  const { table, rows, scale, lanePx, counters, rangeNs, setRange } = props;
  const surface = useRef<HTMLDivElement>(null);
  const batch = useRef(createFrameBatch());
  const grip = useRef<Grip | null>(null);
  const [draft, setDraft] = useState<TimeRange | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const [cursorNs, setCursorNs] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const range = draft ?? rangeNs;
  const keyCursor = Math.min(scale.endNs, Math.max(scale.startNs, cursorNs ?? rangeNs?.[0] ?? scale.startNs));
  const shown: Hover | null =
    hover ?? (focused && cursorNs !== null ? { timeNs: keyCursor, lane: -1 } : null);

  useEffect(() => {
    const waiting = batch.current;
    return () => waiting.dispose();
  }, []);

  // React listens to wheels passively: it could not keep the page from zooming.
  const onWheel = useRef((_: WheelEvent): void => undefined);
  onWheel.current = (event) => {
    const { x } = placeOf(event);
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    const shown: TimeRange = [scale.startNs, scale.endNs];
    if (event.ctrlKey || event.metaKey) {
      const factor = 1.0025 ** (event.deltaY * unit);
      props.setView(zoomedRange(shown, timeAt(scale, x), factor, table.durationNs));
    } else if (Math.abs(sideways) > (event.shiftKey ? 0 : Math.abs(event.deltaY))) {
      const by = ((sideways * unit) / Math.max(1, scale.widthPx)) * (shown[1] - shown[0]);
      if (shown[1] - shown[0] < table.durationNs)
        props.setView(movedInside([shown[0] + by, shown[1] + by], table.durationNs));
    } else return;
    event.preventDefault();
  };
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const listen = (event: WheelEvent): void => onWheel.current(event);
    element.addEventListener("wheel", listen, { passive: false });
    return () => element.removeEventListener("wheel", listen);
  }, []);

  const placeOf = (event: {
    readonly clientX: number;
    readonly clientY: number;
  }): { readonly x: number; readonly y: number } => {
    const box = surface.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = gripAt(scale, rangeNs, placeOf(event).x, event.altKey);
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = placeOf(event);
    const held = grip.current;
    batch.current.request(() => {
      setHover({ timeNs: timeAt(scale, x), lane: Math.floor(y / lanePx) });
      if (held !== null && grip.current === held) setDraft(draggedTo(scale, held, x));
      else
        surface.current?.classList.toggle("timeline-edge", gripAt(scale, rangeNs, x, false).kind === "edge");
    });
  };
  const onPointerUp = (event: PointerEvent) => {
    const held = grip.current;
    if (held === null) return;
    const { x } = placeOf(event);
    const dragged = draggedTo(scale, held, x);
    grip.current = null;
    setDraft(null);
    setCursorNs(timeAt(scale, x));
    if (dragged !== null) setRange(dragged);
    else if (rangeNs !== null) setRange(null);
  };
  const onCancel = () => {
    grip.current = null;
    setDraft(null);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    if (event.key === "Escape" && (draft !== null || rangeNs !== null)) {
      onCancel();
      setRange(null);
    } else if (event.key === "Enter" && rangeNs !== null) {
      setCursorNs(rangeNs[0]);
      props.goInto(rangeNs);
    } else if (event.key === "Backspace") props.goBack();
    else {
      const view = event.ctrlKey ? undefined : viewAfter(scale, keyCursor, event.key, table.durationNs);
      if (view !== undefined) props.setView(view);
      const next = cursorAfter(scale, keyCursor, event.key, event.ctrlKey);
      if (next === null && view === undefined) return;
      if (next !== null) {
        setCursorNs(next);
        setHover(null);
        const range = event.shiftKey ? extended(rangeNs, keyCursor, next) : null;
        if (range !== null && range[1] > range[0]) setRange(range);
      }
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={surface}
      className="timeline-surface"
      role="slider"
      tabIndex={0}
      aria-label="Time"
      aria-valuemin={scale.startNs / 1e9}
      aria-valuemax={scale.endNs / 1e9}
      aria-valuenow={keyCursor / 1e9}
      aria-valuetext={spokenValue(counters, scale, keyCursor, range)}
      aria-orientation="horizontal"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onCancel}
      onDoubleClick={(event) => {
        const at = timeAt(scale, placeOf(event).x);
        if (rangeNs !== null && at >= rangeNs[0] && at <= rangeNs[1]) props.goInto(rangeNs);
      }}
      onPointerLeave={() => batch.current.request(() => setHover(null))}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      {table.marks.map((mark) => (
        <span
          key={`${mark.timeNs} ${mark.name}`}
          className="timeline-mark"
          style={{ transform: `translateX(${pxOf(scale, mark.timeNs)}px)` }}
        />
      ))}
      {range === null ? null : <RangeShade scale={scale} range={range} />}
      {shown === null ? null : (
        <Cursor table={table} rows={rows} counters={counters} scale={scale} hover={shown} />
      )}
    </div>
  );
}

function RangeShade({ scale, range }: { readonly scale: TimeScale; readonly range: TimeRange }) {
  const left = Math.max(0, pxOf(scale, range[0]));
  const right = Math.min(scale.widthPx, pxOf(scale, range[1]));
  return (
    <>
      <span className="timeline-shade" style={{ left: 0, width: Math.max(0, left) }} />
      <span
        className="timeline-shade"
        style={{ left: Math.max(0, right), width: Math.max(0, scale.widthPx - right) }}
      />
      <span className="timeline-range" style={{ left, width: Math.max(1, right - left) }}>
        <span className="timeline-sticky">
          <span className="timeline-range-text">{formatDuration(range[1] - range[0])}</span>
        </span>
      </span>
    </>
  );
}

interface CursorProps {
  readonly table: TimelineTable;
  readonly rows: readonly TimelineRow[];
  readonly counters: readonly TimelineCounter[];
  readonly scale: TimeScale;
  readonly hover: Hover;
}

function Cursor({ table, rows, counters, scale, hover }: CursorProps) {
  const left = pxOf(scale, hover.timeNs);
  const row = rows[hover.lane];
  const side = left > scale.widthPx / 2 ? "left" : "right";
  return (
    <>
      <span className="timeline-cursor" style={{ transform: `translateX(${left}px)` }} />
      <div className="timeline-sticky">
        <div
          className="timeline-readout"
          style={side === "right" ? { left: left + 10 } : { right: scale.widthPx - left + 10 }}
        >
          <span className="timeline-readout-time">{timeText(hover.timeNs, scale)}</span>
          {row === undefined ? null : <span>{readRow(row, table, hover.timeNs, scale)}</span>}
          {counters.map((counter) => {
            const value = counterAt(counter, hover.timeNs);
            return value === undefined ? null : (
              <span key={counter.id}>
                {shortCounterName(counter)} {formatValue(value, counter.unit)}
              </span>
            );
          })}
        </div>
      </div>
    </>
  );
}

/** What a lane says of a time. */
function readRow(row: TimelineRow, table: TimelineTable, timeNs: number, scale: TimeScale): string {
  if (row.kind === "thread") return `${plainName(row.lane.name)} ${laneValueAt(table, row.lane, timeNs)}`;
  if (row.kind === "process")
    return `${plainName(row.name)} ${laneValueAt(table, { bins: row.bins, waiting: null, running: null }, timeNs)}`;
  const { lane } = row;
  const slackNs = (2 * (scale.endNs - scale.startNs)) / Math.max(1, scale.widthPx);
  const box = intervalAt(lane, timeNs, slackNs);
  if (box === -1) return plainName(lane.category);
  const lasted = formatDuration((lane.end[box] ?? 0) - (lane.start[box] ?? 0));
  return `${plainName(intervalName(lane, box))}, ${lasted}`;
}

function spokenValue(
  counters: readonly TimelineCounter[],
  scale: TimeScale,
  cursorNs: number,
  range: TimeRange | null,
): string {
  const parts = [timeText(cursorNs, scale)];
  for (const counter of counters) {
    const value = counterAt(counter, cursorNs);
    if (value !== undefined) parts.push(`${shortCounterName(counter)} ${formatValue(value, counter.unit)}`);
  }
  if (range !== null)
    parts.push(`selected from ${timeText(range[0], scale)} to ${timeText(range[1], scale)}`);
  return parts.join(", ");
}
