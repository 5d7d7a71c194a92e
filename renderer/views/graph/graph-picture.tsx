import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState, type WheelEvent } from "react";
import { formatCountOf, formatPercent, formatValue } from "#core/base/numbers.ts";
import { frameCss, frameHue } from "#core/model/colour.ts";
import { edgePath, fontPxOf, type GraphLayout } from "#core/model/graph-layout.ts";
import type { GraphTable } from "#core/model/tables.ts";
import { IconButton } from "../../widgets/button.tsx";
import { placeOf } from "../../widgets/function-rows.ts";
import { kindTitle } from "../../widgets/function-text.ts";
import { useElementSize } from "../../widgets/use-element-size.ts";
import {
  type Camera,
  fitted,
  LEAST_SCALE,
  MOST_SCALE,
  type Placed,
  readable,
  refitted,
} from "./graph-camera.ts";
import { neighbourOf } from "./graph-layout.ts";
import { type LaidOut, shownName } from "./use-layout.ts";

const PAN_PX = 60;

/** The graph to look at: pan and zoom by pointer and keys, arrows from call to call. */
export function GraphPicture({
  laidOut: { table, layout },
  selectedFunction,
  theme,
  placed,
  place,
  select,
  openMenu,
  activate,
}: {
  readonly laidOut: LaidOut;
  readonly selectedFunction: number;
  readonly theme: "light" | "dark";
  readonly placed: Placed;
  readonly place: (placed: Placed) => void;
  readonly select: (row: number) => void;
  readonly openMenu: (row: number, x: number, y: number) => void;
  readonly activate: (row: number) => void;
}) {
  const frame = useRef<HTMLDivElement | null>(null);
  const size = useElementSize(frame);
  /** While it is dragged. */
  const [dragged, setDragged] = useState<Camera | null>(null);
  const drag = useRef<{ readonly x: number; readonly y: number; readonly camera: Camera } | null>(null);
  const panel = useRef<HTMLDivElement | null>(null);
  /** Where it was left, what was selected then need not be in view. */
  const isLeft = useRef(typeof placed === "object");
  const setCamera = (camera: Camera): void => place({ camera, size });
  const shown =
    dragged !== null
      ? dragged
      : placed === "all"
        ? fitted(layout, size)
        : placed === "readable"
          ? readable(layout, size)
          : refitted(placed.camera, layout, placed.size, size);
  const selected = table.function.subarray(0, table.length).indexOf(selectedFunction);

  // What is selected elsewhere is brought into view here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the selection or the layout changes
  useEffect(() => {
    const node = layout.nodes[selected];
    if (!node || size.widthPx === 0) return;
    const wasLeft = isLeft.current;
    isLeft.current = false;
    if (wasLeft) return;
    const x = node.x * shown.scale + shown.x;
    const y = node.y * shown.scale + shown.y;
    const isInside = x > 40 && y > 20 && x < size.widthPx - 40 && y < size.heightPx - 20;
    if (!isInside)
      setCamera({
        scale: shown.scale,
        x: size.widthPx / 2 - node.x * shown.scale,
        y: size.heightPx / 2 - node.y * shown.scale,
      });
  }, [selected, layout, size.widthPx === 0]);

  const zoomBy = (factor: number, atX = size.widthPx / 2, atY = size.heightPx / 2): void => {
    const scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, shown.scale * factor));
    const ratio = scale / shown.scale;
    setCamera({ scale, x: atX - (atX - shown.x) * ratio, y: atY - (atY - shown.y) * ratio });
  };
  const panBy = (x: number, y: number): void => setCamera({ ...shown, x: shown.x + x, y: shown.y + y });

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (key: "ArrowDown" | "ArrowUp" | "ArrowLeft" | "ArrowRight", x: number, y: number) => () => {
      if (event.shiftKey) return panBy(x, y);
      const next = selected < 0 ? 0 : neighbourOf(table, layout, selected, key);
      if (next >= 0) select(next);
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: step("ArrowDown", 0, -PAN_PX),
      ArrowUp: step("ArrowUp", 0, PAN_PX),
      ArrowLeft: step("ArrowLeft", PAN_PX, 0),
      ArrowRight: step("ArrowRight", -PAN_PX, 0),
      Home: () => select(0),
      "+": () => zoomBy(1.25),
      "=": () => zoomBy(1.25),
      "-": () => zoomBy(0.8),
      "0": () => place("all"),
      Enter: () => selected >= 0 && activate(selected),
      ContextMenu: () => {
        const node = layout.nodes[selected];
        const box = event.currentTarget.getBoundingClientRect();
        if (node)
          openMenu(
            selected,
            box.left + node.x * shown.scale + shown.x,
            box.top + node.y * shown.scale + shown.y,
          );
      },
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };

  const onWheel = (event: WheelEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    if (event.ctrlKey || !event.shiftKey)
      zoomBy(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
    else panBy(-event.deltaY, -event.deltaX);
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    drag.current = { x: event.clientX, y: event.clientY, camera: shown };
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const from = drag.current;
    if (!from) return;
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) < 4) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDragged({
      ...from.camera,
      x: from.camera.x + event.clientX - from.x,
      y: from.camera.y + event.clientY - from.y,
    });
  };
  const endDrag = (): void => {
    drag.current = null;
    if (dragged) setCamera(dragged);
    setDragged(null);
  };

  return (
    <div className="graph-panel" ref={frame}>
      <div
        ref={panel}
        className="graph-picture"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application has the focus and its own keys
        tabIndex={0}
        aria-label={`Call graph, ${formatCountOf(table.length, "function")}, ${formatCountOf(table.edges.length, "call")}`}
        aria-describedby="graph-words"
        onKeyDown={onKeyDown}
        onWheel={onWheel}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={endDrag}
        onPointerCancel={endDrag}
        data-testid="graph"
      >
        <svg aria-hidden="true" width={size.widthPx} height={size.heightPx}>
          <defs>
            <marker
              id="graph-arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0,0.5 L8,4 L0,7.5 Z" className="graph-arrow" />
            </marker>
          </defs>
          <g transform={`translate(${shown.x},${shown.y}) scale(${shown.scale})`}>
            <Edges table={table} layout={layout} selected={selected} />
            <Nodes
              table={table}
              layout={layout}
              selected={selected}
              theme={theme}
              select={(row) => {
                select(row);
                panel.current?.focus();
              }}
              openMenu={openMenu}
              activate={activate}
            />
          </g>
        </svg>
      </div>
      <div className="graph-zoom">
        <IconButton label="Zoom in" hint="+" icon="plus" small onClick={() => zoomBy(1.25)} />
        <IconButton label="Zoom out" hint="-" icon="minus" small onClick={() => zoomBy(0.8)} />
        <IconButton label="Show all of it" hint="0" icon="target" small onClick={() => place("all")} />
      </div>
    </div>
  );
}

function Edges({
  table,
  layout,
  selected,
}: {
  readonly table: GraphTable;
  readonly layout: GraphLayout;
  readonly selected: number;
}) {
  const { edges, totalValue } = table;
  return layout.edges.map((points, edge) => {
    const caller = edges.caller[edge] ?? -1;
    const callee = edges.callee[edge] ?? -1;
    const value = edges.value[edge] ?? 0;
    const share = totalValue > 0 ? value / totalValue : 0;
    const isNear = selected >= 0 && (caller === selected || callee === selected);
    const middle = points[Math.floor(points.length / 2)];
    return (
      <g
        key={`${table.function[caller]}-${table.function[callee]}`}
        className={isNear ? "graph-edge near" : "graph-edge"}
      >
        <path
          d={edgePath(points)}
          strokeWidth={(1 + 7 * share).toFixed(2)}
          strokeDasharray={edges.indirect[edge] === 1 ? "5 4" : undefined}
          markerEnd="url(#graph-arrow)"
        />
        {middle && (isNear || share >= 0.1) ? (
          <text x={middle.x + 5 + 3.5 * share} y={middle.y} className="graph-edge-label">
            {formatPercent(value, totalValue)}
          </text>
        ) : null}
      </g>
    );
  });
}

function Nodes({
  table,
  layout,
  selected,
  theme,
  select,
  openMenu,
  activate,
}: {
  readonly table: GraphTable;
  readonly layout: GraphLayout;
  readonly selected: number;
  readonly theme: "light" | "dark";
  readonly select: (row: number) => void;
  readonly openMenu: (row: number, x: number, y: number) => void;
  readonly activate: (row: number) => void;
}) {
  const { totalValue } = table;
  return layout.nodes.map(({ x, y, width, height }, row) => {
    const { name, kind, binary } = placeOf(table, row);
    const self = table.self[row] ?? 0;
    const total = table.total[row] ?? 0;
    const font = fontPxOf(totalValue > 0 ? total / totalValue : 0);
    const fill = frameCss(frameHue(table.kind[row] ?? 0, binary, name, theme));
    const state = `${row === selected ? " selected" : ""}${table.matched[row] === 1 ? " matched" : ""}`;
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: the picture around it has the keys
      <g
        key={table.function[row]}
        className={`graph-node${state}`}
        transform={`translate(${x - width / 2},${y - height / 2})`}
        onClick={() => select(row)}
        onDoubleClick={() => activate(row)}
        onContextMenu={(event) => {
          event.preventDefault();
          openMenu(row, event.clientX, event.clientY);
        }}
      >
        <title>{`${name}\n${kindTitle(kind)} ${binary}\nself ${formatPercent(self, totalValue)}, ${formatValue(self, table.unit)}\ntotal ${formatPercent(total, totalValue)}, ${formatValue(total, table.unit)}`}</title>
        <rect width={width} height={height} rx="5" fill={fill} />
        <text x="10" y={font * 1.15 + 3} fontSize={font}>
          {shownName(table, row)}
        </text>
        <text x="10" y={height - 12} fontSize="11" className="graph-numbers">
          {`${formatPercent(total, totalValue)} · self ${formatPercent(self, totalValue)}`}
        </text>
        <rect className="graph-self-track" x="0" y={height - 6} width={width} height="6" />
        <rect
          className="graph-self"
          x="0"
          y={height - 6}
          width={totalValue > 0 ? (width * self) / totalValue : 0}
          height="6"
        />
      </g>
    );
  });
}
