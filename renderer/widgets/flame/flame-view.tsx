import { type ReactNode, useCallback, useId, useMemo, useRef, useState } from "react";
import { formatCountOf, formatPercent } from "#core/base/numbers.ts";
import type { FunctionKind } from "#core/model/profile.ts";
import type { FlameTable } from "#core/model/tables.ts";
import { Button } from "../button.tsx";
import { EmptyState } from "../empty-state.tsx";
import type { MenuPosition, Theme } from "../picture.ts";
import { useElementSize } from "../use-element-size.ts";
import { useReport } from "../use-report.ts";
import { FlameBreadcrumbs } from "./flame-breadcrumbs.tsx";
import { type FrameFill, fillOf } from "./flame-fill.ts";
import { FlameLegend, type LegendEntry } from "./flame-legend.tsx";
import { type FlameFrame, type FlameModel, flameModelOf } from "./flame-model.ts";
import { FlamePicture } from "./flame-picture.tsx";
import { type FrameStrip, kindStrip } from "./flame-strip.ts";
import { type FrameFacts, narrowText, noFacts } from "./flame-text.ts";
import "./flame.css";

export interface FlameViewProps {
  readonly table: FlameTable | null;
  /** Function index, -1 for none. */
  readonly selectedFunction: number;
  readonly live: boolean;
  readonly widthChanged: (widthPx: number) => void;
  /** Call node that is zoomed into, -1 for none. */
  readonly zoomRoot: number;
  readonly zoom: (node: number) => void;
  readonly select: (functionIndex: number, node: number) => void;
  /** `row` is a row of `table`. */
  readonly openMenu: (position: MenuPosition, row: number) => void;
  readonly inverted: boolean;
  /** At first; the person may turn it. */
  readonly rootOnTop?: boolean;
  /** How it stands, where the owner remembers it. */
  readonly shape?: FlameShape;
  readonly reshape?: (shape: FlameShape) => void;
  /** What it shows, where there are several: in its bar, and for assistive technology. No legend then. */
  readonly label?: string;
  readonly theme: Theme;
  /** Colours of its own instead of the functions'; the same object as long as they mean the same. */
  readonly fill?: FrameFill;
  /** What the lower edge of a frame says beside the colour; its kind, where this is left out. */
  readonly strip?: FrameStrip;
  /** What its own colours mean, in the place of the legend of kinds. */
  readonly legend?: ReactNode;
  /** More lines about a row, in the tool tip and read aloud. */
  readonly facts?: FrameFacts;
  /** All of the graph while `table` is zoomed into: there is a map beside the picture, where this is given. */
  readonly overview?: FlameTable | null;
  /** What the whole is, in the place of its samples. */
  readonly note?: string;
  /** What else shapes the picture, in its bar. */
  readonly tools?: ReactNode;
}

export interface FlameShape {
  readonly rootOnTop: boolean;
  /** The map of the whole, beside the picture. */
  readonly wantsMap: boolean;
}

/**
 * The flame graph of a table that the engine pruned to the width. Zooming asks for another table; colours, order and
 * focus hold on to call nodes and functions, so that a growing profile grows in place.
 */
export function FlameView(props: FlameViewProps) {
  const { table, live, zoom, zoomRoot, widthChanged, theme } = props;
  const room = useRef<HTMLDivElement>(null);
  const size = useElementSize(room);
  const [detail, setDetail] = useState(1);
  const [ownShape, setOwnShape] = useState<FlameShape>({
    rootOnTop: props.rootOnTop ?? true,
    wantsMap: true,
  });
  const { shape = ownShape, reshape = setOwnShape } = props;
  const { rootOnTop, wantsMap } = shape;
  const model = useMemo(() => (table === null ? null : flameModelOf(table)), [table]);
  const own = props.fill;
  const fill = useMemo(() => own ?? fillOf(theme), [own, theme]);
  const history = useRef<number[]>([]);
  const keysId = useId();

  useReport(size.widthPx * detail, widthChanged);
  const { overview } = props;
  const whole = useMemo(() => (overview ? flameModelOf(overview) : null), [overview]);
  const map = overview !== undefined && wantsMap ? (whole ?? model) : null;

  const zoomTo = useCallback(
    (frame: FlameFrame) => {
      const next = frame.depth === 0 ? -1 : frame.id;
      setDetail(1);
      if (next === zoomRoot) return;
      history.current.push(zoomRoot);
      zoom(next);
    },
    [zoom, zoomRoot],
  );
  const zoomBack = useCallback(() => {
    if (zoomRoot !== -1) zoom(history.current.pop() ?? -1);
  }, [zoom, zoomRoot]);
  const zoomOut = useCallback(() => {
    history.current = [];
    if (zoomRoot !== -1) zoom(-1);
  }, [zoom, zoomRoot]);

  return (
    <section className="flame" aria-label={props.label ?? "Flame graph"} aria-describedby={keysId}>
      <div className="flame-bar">
        {model !== null && model.zoomPath.length > 1 ? (
          <FlameBreadcrumbs path={model.zoomPath} zoomTo={zoomTo} />
        ) : (
          <span className="flame-bar-note">
            {props.label === undefined ? null : <strong>{props.label} </strong>}
            {model === null ? "" : (props.note ?? wholeText(model.table))}
          </span>
        )}
        {table !== null && table.matchedValue > 0 ? (
          <span className="flame-bar-matched">
            <span className="flame-matched-sign" aria-hidden="true" />
            matched {formatPercent(table.matchedValue, table.totalValue)}
          </span>
        ) : null}
        {props.tools}
        {overview === undefined ? null : (
          <Button
            look="quiet"
            small
            onClick={() => reshape({ ...shape, wantsMap: !wantsMap })}
            aria-pressed={wantsMap}
            title={wantsMap ? "Hide the map of the whole graph" : "Show the whole graph in small at the side"}
          >
            Map
          </Button>
        )}
        <Button
          look="quiet"
          small
          icon={rootOnTop ? "down" : "up"}
          onClick={() => reshape({ ...shape, rootOnTop: !rootOnTop })}
          title={rootOnTop ? "Let it grow upwards, root at the bottom" : "Let it hang down, root at the top"}
        >
          {rootOnTop ? "Root at top" : "Root at bottom"}
        </Button>
      </div>
      <div
        className="flame-panel"
        data-map={map !== null || (table === null && overview !== undefined && wantsMap)}
      >
        <div className="flame-room" ref={room} aria-hidden="true" />
        {model === null || size.widthPx === 0 ? (
          <EmptyFlame table={table} live={live} />
        ) : (
          <FlamePicture
            model={model}
            size={size}
            rootOnTop={rootOnTop}
            fill={fill}
            strip={props.strip ?? kindStrip}
            overview={map}
            detailChanged={setDetail}
            selectedFunction={props.selectedFunction}
            keysId={keysId}
            zoomTo={zoomTo}
            zoomBack={zoomBack}
            zoomOut={zoomRoot === -1 ? null : zoomOut}
            select={props.select}
            openMenu={props.openMenu}
            facts={props.facts ?? noFacts}
          />
        )}
      </div>
      {model === null || props.label !== undefined ? null : (
        <FlameFooter model={model} fill={fill} legend={props.legend} />
      )}
      <p id={keysId} className="visually-hidden">
        Arrow keys move to callers, callees and neighbours. Enter zooms into a frame, Backspace goes back,
        Escape shows everything, plus and minus zoom about the frame, Shift with Left and Right pans, Space
        selects the function, the menu key opens its menu.
      </p>
    </section>
  );
}

function wholeText(table: FlameTable): string {
  const levels = table.maxDepth > 0 ? ` · ${formatCountOf(table.maxDepth, "level")}` : "";
  const samples = table.unit === "samples" ? table.totalValue : table.totalSamples;
  return `${formatCountOf(samples, "sample")}${levels}`;
}

interface FlameFooterProps {
  readonly model: FlameModel;
  readonly fill: FrameFill;
  readonly legend: ReactNode;
}

function FlameFooter({ model, fill, legend }: FlameFooterProps) {
  const entries = useMemo(() => legendOf(model, fill), [model, fill]);
  const narrow = narrowText(model.table);
  return (
    <footer className="flame-foot">
      {legend ?? <FlameLegend entries={entries} inlined={model.frames.some((frame) => frame.inlined)} />}
      {narrow === "" ? null : (
        <span className="flame-narrow" title="Zoom in to see them">
          {narrow}
        </span>
      )}
    </footer>
  );
}

/** A kind's swatch is the colour of its widest frame. */
function legendOf(model: FlameModel, fill: FrameFill): readonly LegendEntry[] {
  const widest = new Map<FunctionKind, FlameFrame>();
  for (const frame of model.frames) {
    const known = widest.get(frame.kind);
    if (known === undefined || frame.x1 - frame.x0 > known.x1 - known.x0) widest.set(frame.kind, frame);
  }
  return [...widest.values()]
    .filter((frame) => frame.kind !== "root")
    .map((frame) => ({ kind: frame.kind, swatch: fill(frame, model.table) }));
}

function EmptyFlame({ table, live }: { readonly table: FlameTable | null; readonly live: boolean }) {
  if (table === null) {
    return (
      <EmptyState busy title={live ? "Waiting for the first samples" : "Preparing the flame graph"}>
        {live ? "The graph appears as soon as the profiler delivers." : "The profile is being read."}
      </EmptyState>
    );
  }
  if (table.totalSamples > 0) {
    return (
      <EmptyState icon="info" title={`${formatCountOf(table.totalSamples, "sample")} without stacks`}>
        The recording says when they were and how much they are, and not where in the program. The timeline
        and the chart show them; record with call stacks to see functions.
      </EmptyState>
    );
  }
  return live ? (
    <EmptyState icon="flame" title="No samples yet">
      The target has not been seen running. A CPU profiler counts only time on a CPU: a process that sleeps or
      waits gives no samples.
    </EmptyState>
  ) : (
    <EmptyState icon="search" title="No samples in this selection">
      Widen the time range, choose other threads, or remove a filter.
    </EmptyState>
  );
}
