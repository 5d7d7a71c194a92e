import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { formatDuration } from "#core/base/numbers.ts";
import type { HeatmapTable } from "#core/model/tables.ts";
import { createFrameBatch } from "../../widgets/frame-batch.ts";
import type { Theme } from "../../widgets/picture.ts";
import { PlainTip } from "../../widgets/pointer-tip.tsx";
import { hasLabelRoom, pxOf, type TimeScale, ticksOf } from "../../widgets/time-scale.ts";
import type { ElementSize } from "../../widgets/use-element-size.ts";
import {
  type CellIndex,
  cellAfter,
  cellAt,
  cellsOfRange,
  gridOf,
  type HeatmapGrid,
  heatOf,
  rangeOfCells,
} from "./heatmap-geometry.ts";
import { cellLines } from "./heatmap-words.ts";

export interface HeatmapPictureProps {
  readonly table: HeatmapTable;
  readonly size: ElementSize;
  readonly theme: Theme;
  readonly rangeNs: readonly [number, number] | null;
  readonly setRange: (rangeNs: readonly [number, number] | null) => void;
  readonly showFlame: () => void;
}

/** Columns of seconds; a drag, or two presses of Enter, choose a range of time. */
export function HeatmapPicture({ table, size, theme, rangeNs, setRange, showFlame }: HeatmapPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const batch = useRef(createFrameBatch());
  const [from, setFrom] = useState<CellIndex | null>(null);
  const [cursor, setCursor] = useState<CellIndex | null>(null);
  const [pointer, setPointer] = useState<{ readonly x: number; readonly y: number } | null>(null);
  const [focused, setFocused] = useState(false);
  const grid = gridOf(table, size.widthPx, size.heightPx);
  const chosen =
    from !== null && cursor !== null
      ? ([Math.min(from, cursor), Math.max(from, cursor)] as const)
      : rangeNs === null
        ? null
        : cellsOfRange(grid, rangeNs);

  useEffect(() => {
    const waiting = batch.current;
    return () => waiting.dispose();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's colours are read from the style
  useLayoutEffect(() => {
    if (canvas.current) paint(canvas.current, table, grid, chosen, focused || from !== null ? cursor : null);
  }, [table, grid, chosen, cursor, focused, from, theme]);

  const cellOf = (event: PointerEvent): CellIndex => {
    const box = event.currentTarget.getBoundingClientRect();
    return cellAt(grid, event.clientX - box.left, event.clientY - box.top);
  };
  const commit = (start: CellIndex, end: CellIndex): void => {
    setFrom(null);
    setRange(rangeOfCells(grid, start, end));
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const at = cursor ?? chosen?.[0] ?? 0;
    const next = cellAfter(grid, at, event.key);
    setPointer(null);
    if (next !== null) setCursor(next);
    else if (event.key === " ") {
      if (from === null) setFrom(at);
      else commit(from, at);
    } else if (event.key === "Enter") {
      if (from !== null) commit(from, at);
      showFlame();
    } else if (event.key === "Escape" && (from !== null || rangeNs !== null)) {
      setFrom(null);
      if (from === null) setRange(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const scale: TimeScale = {
    startNs: grid.startNs,
    endNs: grid.startNs + grid.columns * grid.columnNs,
    widthPx: grid.columns * grid.cellWidthPx,
  };
  const lines = cursor === null ? null : cellLines(table, grid, from ?? cursor, cursor);
  return (
    <div className="heatmap-room">
      <div
        role="application"
        aria-label={`Heat map, ${grid.columns} columns of ${formatDuration(grid.columnNs)}`}
        aria-describedby="heatmap-keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application has keys
        tabIndex={0}
        className="heatmap-surface"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setFrom(cellOf(event));
          setCursor(cellOf(event));
        }}
        onPointerMove={(event) => {
          const cell = cellOf(event);
          const { clientX: x, clientY: y } = event;
          batch.current.request(() => {
            setCursor(cell);
            setPointer({ x, y });
          });
        }}
        onPointerUp={(event) => from !== null && commit(from, cellOf(event))}
        onPointerCancel={() => setFrom(null)}
        onPointerLeave={() => batch.current.request(() => setPointer(null))}
        onDoubleClick={showFlame}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      >
        <canvas
          ref={canvas}
          style={{ width: grid.columns * grid.cellWidthPx, height: grid.rows * grid.cellHeightPx }}
        />
      </div>
      <div className="heatmap-axis" aria-hidden="true">
        {ticksOf(scale).map(({ timeNs, label }) =>
          !hasLabelRoom(scale, timeNs) && timeNs > grid.startNs ? null : (
            <span key={timeNs} style={{ left: pxOf(scale, timeNs) }}>
              {label}
            </span>
          ),
        )}
      </div>
      {lines !== null && pointer !== null ? <PlainTip {...pointer} lines={lines} /> : null}
      <p className="heatmap-words" role="status" data-testid="heatmap-words">
        {lines?.join(" · ")}
      </p>
      <p id="heatmap-keys" className="visually-hidden">
        Arrow keys move through time. Space begins a range and ends it, Enter shows the range as a flame
        graph, Escape takes the range away.
      </p>
    </div>
  );
}

function paint(
  canvas: HTMLCanvasElement,
  table: HeatmapTable,
  grid: HeatmapGrid,
  chosen: readonly [CellIndex, CellIndex] | null,
  cursor: CellIndex | null,
): void {
  const ratio = window.devicePixelRatio;
  const width = Math.max(1, Math.round(grid.columns * grid.cellWidthPx * ratio));
  const height = Math.max(1, Math.round(grid.rows * grid.cellHeightPx * ratio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  context.clearRect(0, 0, width, height);
  const edge = (place: number, px: number): number => Math.round(place * px * ratio);
  const gap = grid.cellWidthPx * ratio >= 5 && grid.cellHeightPx * ratio >= 4 ? 1 : 0;
  const box = (cell: CellIndex): readonly [number, number, number, number] => {
    const column = Math.floor(cell / grid.rows);
    const fromTop = grid.rows - 1 - (cell % grid.rows);
    const left = edge(column, grid.cellWidthPx);
    const top = edge(fromTop, grid.cellHeightPx);
    return [
      left,
      top,
      edge(column + 1, grid.cellWidthPx) - left - gap,
      edge(fromTop + 1, grid.cellHeightPx) - top - gap,
    ];
  };
  const [cold, hot] = [style.getPropertyValue("--hover"), style.getPropertyValue("--flame")];
  for (let cell = 0; cell < grid.columns * grid.rows; cell++) {
    const heat = heatOf(table.values[cell] ?? 0, table.largest);
    const isOut = chosen !== null && (cell < chosen[0] || cell > chosen[1]);
    context.globalAlpha = 1;
    context.fillStyle = cold;
    context.fillRect(...box(cell));
    if (heat === 0) continue;
    context.globalAlpha = (0.12 + 0.88 * heat) * (isOut ? 0.35 : 1);
    context.fillStyle = hot;
    context.fillRect(...box(cell));
  }
  context.globalAlpha = 1;
  if (cursor !== null && cursor < grid.columns * grid.rows) {
    context.strokeStyle = style.getPropertyValue("--text");
    context.lineWidth = Math.max(1, ratio);
    const [left, top, cellWidth, cellHeight] = box(cursor);
    context.strokeRect(left + 0.5, top + 0.5, cellWidth - 1, cellHeight - 1);
  }
}
