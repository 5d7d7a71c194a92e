import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { ChartTable } from "#core/model/tables.ts";
import { createFrameBatch } from "../../widgets/frame-batch.ts";
import type { MenuPosition, Theme } from "../../widgets/picture.ts";
import { PlainTip } from "../../widgets/pointer-tip.tsx";
import { hasLabelRoom, pxOf, type TimeScale, ticksOf, timeAt } from "../../widgets/time-scale.ts";
import type { ElementSize } from "../../widgets/use-element-size.ts";
import { layOutChart, panned, rowTopPx, sliceAfter, sliceAt, zoomed } from "./chart-layout.ts";
import { paintChart } from "./chart-painter.ts";
import { sliceLines, sliceWords } from "./chart-words.ts";

type Range = readonly [number, number];

export interface ChartPictureProps {
  readonly table: ChartTable;
  readonly size: ElementSize;
  readonly theme: Theme;
  /** What can be seen at most, ns. */
  readonly whole: Range;
  /** What is to be seen; the table may still be of another range. */
  readonly shown: Range;
  readonly show: (range: Range) => void;
  readonly selectedFunction: number;
  readonly searching: boolean;
  readonly select: (row: number) => void;
  readonly openMenu: (position: MenuPosition, row: number) => void;
}

const AXIS_PX = 20;
const WHEEL_STEP = 1.0018;
const KEY_ZOOM = 0.6;
const KEY_PAN = 0.2;

/** Boxes in the order of time on one canvas. The wheel zooms about the pointer, a drag moves, arrows walk the boxes. */
export function ChartPicture(props: ChartPictureProps) {
  const { table, size, theme, whole, shown, show, selectedFunction, searching, select, openMenu } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const batch = useRef(createFrameBatch());
  const grip = useRef<{ readonly x: number; readonly range: Range; moved: boolean } | null>(null);
  const [topPx, setTopPx] = useState(0);
  const [hovered, setHovered] = useState({ row: -1, x: 0, y: 0 });
  const [focused, setFocused] = useState(-1);
  const layout = useMemo(() => layOutChart(table), [table]);
  const scale: TimeScale = { startNs: shown[0], endNs: shown[1], widthPx: size.widthPx };
  const ticks = ticksOf(scale);
  const heightPx = Math.max(1, size.heightPx - AXIS_PX);

  useEffect(() => {
    const waiting = batch.current;
    return () => waiting.dispose();
  }, []);
  // Rows are of one table.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new table is the reason
  useEffect(() => {
    setFocused(-1);
    setHovered((now) => (now.row === -1 ? now : { ...now, row: -1 }));
  }, [table]);
  useLayoutEffect(() => {
    if (!canvas.current) return;
    paintChart(canvas.current, {
      table,
      layout,
      scale,
      topPx,
      heightPx,
      theme,
      ticks,
      selectedFunction,
      focusedRow: focused,
      hoveredRow: hovered.row,
      searching,
    });
  });
  // React's own wheel listeners are passive and could not keep the page still.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onWheel = (event: WheelEvent): void => {
      if (event.shiftKey && !event.ctrlKey) return;
      event.preventDefault();
      const left = element.getBoundingClientRect().left;
      const now: TimeScale = { startNs: shown[0], endNs: shown[1], widthPx: size.widthPx };
      batch.current.request(() =>
        show(
          Math.abs(event.deltaX) > Math.abs(event.deltaY)
            ? panned(shown, whole, (event.deltaX / size.widthPx) * (shown[1] - shown[0]))
            : zoomed(shown, whole, timeAt(now, event.clientX - left), WHEEL_STEP ** event.deltaY),
        ),
      );
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });

  const placeOf = (event: { readonly clientX: number; readonly clientY: number }) => {
    const box = scroller.current?.getBoundingClientRect();
    return {
      x: event.clientX - (box?.left ?? 0),
      y: event.clientY - (box?.top ?? 0) + (scroller.current?.scrollTop ?? 0),
    };
  };
  const rowAt = (event: { readonly clientX: number; readonly clientY: number }): number => {
    const { x, y } = placeOf(event);
    return sliceAt(table, layout, timeAt(scale, x), y);
  };
  const focus = (row: number): void => {
    setFocused(row);
    select(row);
    const element = scroller.current;
    if (!element) return;
    const top = rowTopPx(layout, table.lane[row] ?? 0, table.depth[row] ?? 0);
    if (top < element.scrollTop || top > element.scrollTop + heightPx - 24) element.scrollTop = top - 40;
    const [start, end] = [table.start[row] ?? 0, table.end[row] ?? 0];
    if (end <= shown[0] || start >= shown[1])
      show(panned(shown, whole, (start + end) / 2 - (shown[0] + shown[1]) / 2));
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const span = shown[1] - shown[0];
    const middle = (shown[0] + shown[1]) / 2;
    const first = layout.rows[0]?.[0]?.[0] ?? -1;
    const actions: Readonly<Record<string, () => void>> = {
      "+": () => show(zoomed(shown, whole, middle, KEY_ZOOM)),
      "=": () => show(zoomed(shown, whole, middle, KEY_ZOOM)),
      "-": () => show(zoomed(shown, whole, middle, 1 / KEY_ZOOM)),
      "[": () => show(panned(shown, whole, -span * KEY_PAN)),
      "]": () => show(panned(shown, whole, span * KEY_PAN)),
      Home: () => show(whole),
      Enter: () => focused >= 0 && show(zoomTo(table, focused, whole)),
      ContextMenu: () => {
        const box = scroller.current?.getBoundingClientRect();
        const x = Math.max(0, pxOf(scale, table.start[focused] ?? 0));
        if (focused >= 0) openMenu({ x: (box?.left ?? 0) + x + 8, y: (box?.top ?? 0) + 40 }, focused);
      },
    };
    const run = actions[event.key];
    if (event.key.startsWith("Arrow")) {
      const next = focused < 0 ? first : sliceAfter(table, layout, focused, event.key);
      if (next >= 0) focus(next);
    } else if (event.key === "Escape" && (shown[0] > whole[0] || shown[1] < whole[1])) show(whole);
    else if (run) run();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const described = focused >= 0 ? focused : hovered.row;
  return (
    <div className="chart-room">
      <div className="chart-axis" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick.timeNs} style={{ left: pxOf(scale, tick.timeNs) }}>
            {hasLabelRoom(scale, tick.timeNs) ? tick.label : null}
          </span>
        ))}
      </div>
      <div
        ref={scroller}
        className="chart-scroller"
        role="application"
        aria-label={`Chart, ${table.lanes.length} lanes`}
        aria-describedby="chart-keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application has keys
        tabIndex={0}
        onScroll={(event) => setTopPx(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          grip.current = { x: event.clientX, range: shown, moved: false };
        }}
        onPointerMove={(event) => {
          const held = grip.current;
          const { clientX, clientY } = event;
          batch.current.request(() => {
            if (held === null) {
              setHovered({ row: rowAt({ clientX, clientY }), x: clientX, y: clientY });
              return;
            }
            const byPx = held.x - clientX;
            if (Math.abs(byPx) > 3) held.moved = true;
            if (held.moved)
              show(panned(held.range, whole, (byPx / size.widthPx) * (held.range[1] - held.range[0])));
          });
        }}
        onPointerUp={(event) => {
          const held = grip.current;
          grip.current = null;
          const row = rowAt(event);
          if (held?.moved === false && row >= 0) focus(row);
        }}
        onPointerCancel={() => {
          grip.current = null;
        }}
        onPointerLeave={() => batch.current.request(() => setHovered({ row: -1, x: 0, y: 0 }))}
        onDoubleClick={(event) => {
          const row = rowAt(event);
          if (row >= 0) show(zoomTo(table, row, whole));
        }}
        onContextMenu={(event) => {
          const row = rowAt(event);
          if (row < 0) return;
          event.preventDefault();
          openMenu({ x: event.clientX, y: event.clientY }, row);
        }}
      >
        <div style={{ height: Math.max(layout.heightPx, heightPx) }}>
          <canvas ref={canvas} className="chart-canvas" style={{ width: size.widthPx, height: heightPx }} />
        </div>
      </div>
      {hovered.row >= 0 && grip.current?.moved !== true ? (
        <PlainTip x={hovered.x} y={hovered.y} lines={sliceLines(table, hovered.row)} />
      ) : null}
      <p className="chart-words" role="status" data-testid="chart-words">
        {described >= 0 ? sliceWords(table, described) : ""}
      </p>
      <p id="chart-keys" className="visually-hidden">
        Arrow keys walk through the boxes, Enter zooms to one, plus and minus zoom, brackets move through
        time, Home or Escape shows everything, the menu key opens the menu of a function.
      </p>
    </div>
  );
}

function zoomTo(table: ChartTable, row: number, whole: Range): Range {
  const start = table.start[row] ?? 0;
  const end = table.end[row] ?? 0;
  return zoomed([start, end], whole, (start + end) / 2, 1.1);
}
