import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { createFrameBatch } from "../frame-batch.ts";
import type { MenuPosition } from "../picture.ts";
import type { ElementSize } from "../use-element-size.ts";
import { createFlameChart, type FlameChart } from "./flame-chart.ts";
import type { FrameFill } from "./flame-fill.ts";
import {
  boxOf,
  chartHeightPx,
  type FlameLook,
  type FlameSpan,
  isWhole,
  rowHeightPx,
} from "./flame-geometry.ts";
import { FlameMap, type MapView } from "./flame-map.tsx";
import { type FlameFrame, type FlameModel, frameAt } from "./flame-model.ts";
import { moveFrom, moveOfKey } from "./flame-navigation.ts";
import { holderOf, zoomedFrame } from "./flame-place.ts";
import type { FrameStrip } from "./flame-strip.ts";
import { detailsOf, type FrameFacts, spokenDetails } from "./flame-text.ts";
import { type FlameTip, FlameTooltip } from "./flame-tooltip.tsx";

export interface FlamePictureProps {
  readonly model: FlameModel;
  readonly size: ElementSize;
  readonly rootOnTop: boolean;
  readonly fill: FrameFill;
  readonly strip: FrameStrip;
  /** The whole graph, for the map beside it; null for no map. */
  readonly overview: FlameModel | null;
  /** The picture shows frames so many times as wide as the panel: the table should have what can be seen then. */
  readonly detailChanged: (times: number) => void;
  readonly selectedFunction: number;
  readonly keysId: string;
  readonly zoomTo: (frame: FlameFrame) => void;
  readonly zoomBack: () => void;
  /** null when it is not zoomed. */
  readonly zoomOut: (() => void) | null;
  readonly select: (functionIndex: number, node: number) => void;
  readonly openMenu: (position: MenuPosition, row: number) => void;
  readonly facts: FrameFacts;
}

/** How many times the width of the panel a table may be made for. */
const mostDetail = 64;
const keyZoom = 1.5;
/** Shares of the width that Shift and an arrow move it by. */
const keyPan = 0.2;
/** A shorter drag is a click. */
const clickPx = 4;

interface Drag {
  readonly x: number;
  readonly y: number;
  readonly scrollTop: number;
  readonly lastX: number;
  readonly isMoved: boolean;
}

interface Pointer {
  readonly clientX: number;
  readonly clientY: number;
}

/**
 * The frames, the pointer and the keys. React renders the tool tip and what is read aloud; frames are drawn by the
 * chart, outside of React, once a paint at most.
 */
export function FlamePicture(props: FlamePictureProps) {
  const { model, size, rootOnTop, fill, strip, selectedFunction, facts } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<SVGSVGElement>(null);
  const chart = useRef<FlameChart | null>(null);
  const pointer = useRef<Pointer | null>(null);
  const batch = useRef(createFrameBatch());
  const hoverBatch = useRef(createFrameBatch());
  const [focusedId, setFocusedId] = useState<number | null>(null);
  const [byKeyboard, setByKeyboard] = useState(false);
  const [spoken, setSpoken] = useState("");
  const [tip, setTip] = useState<FlameTip | null>(null);
  const heightPx = chartHeightPx(model, { topPx: 0, heightPx: size.heightPx });

  const look = useMemo(
    (): FlameLook => ({
      widthPx: size.widthPx,
      rootOnTop,
      selectedFunction,
      fill,
      strip,
    }),
    [size.widthPx, rootOnTop, selectedFunction, fill, strip],
  );
  const focused = focusedId === null ? null : (model.byId.get(focusedId) ?? null);
  const map = useRef<MapView>(null);

  /** Zoomed by hand so far that one frame fills the picture: what lies below it is asked for. */
  const rested = (span: FlameSpan): void => {
    const holder = holderOf(model, span);
    const ratio = 1 / (span[1] - span[0]);
    const isDeeper = holder !== zoomedFrame(model);
    const left = isDeeper ? ratio * (holder.x1 - holder.x0) : ratio;
    props.detailChanged(Math.min(mostDetail, 2 ** Math.ceil(Math.log2(left) - 0.01)));
    if (!isDeeper) return;
    chart.current?.keepPlace();
    props.zoomTo(holder);
  };
  const zoomByHand = (share: number, factor: number): void => {
    if (chart.current?.zoomAbout(share, factor) !== false) return;
    const parent = model.zoomPath[model.zoomPath.length - 2];
    if (parent !== undefined) props.zoomTo(parent);
  };
  const goTo = (levelShare: number, x: number): void => {
    const view = scroller.current;
    if (view === null) return;
    const share = rootOnTop ? levelShare : 1 - levelShare;
    view.scrollTop = share * heightPx - size.heightPx / 2;
    const span = chart.current?.span();
    if (span !== undefined && !isWhole(span))
      chart.current?.panBy((x - (span[0] + span[1]) / 2) / (span[1] - span[0]));
  };
  const latest = useRef({ rested, zoomByHand });
  latest.current = { rested, zoomByHand };

  useEffect(() => {
    if (host.current === null || canvas.current === null || overlay.current === null) return;
    const created = createFlameChart(
      { host: host.current, canvas: canvas.current, overlay: overlay.current },
      {
        painted: (span, view) => map.current?.show(span, view),
        rested: (span) => latest.current.rested(span),
      },
    );
    const [drawing, hovering] = [batch.current, hoverBatch.current];
    chart.current = created;
    return () => {
      chart.current = null;
      drawing.dispose();
      hovering.dispose();
      created.dispose();
    };
  }, []);

  const frameUnder = useCallback(
    (at: Pointer): FlameFrame | null => {
      const box = host.current?.getBoundingClientRect();
      if (box === undefined || at.clientX < box.left || at.clientX >= box.left + look.widthPx) return null;
      const top = rootOnTop ? at.clientY - box.top : box.top + heightPx - at.clientY;
      const [from, to] = chart.current?.span() ?? [0, 1];
      const share = (at.clientX - box.left) / look.widthPx;
      return frameAt(model, Math.floor(top / rowHeightPx()), from + share * (to - from));
    },
    [model, look.widthPx, rootOnTop, heightPx],
  );

  const hover = useCallback(() => {
    const at = pointer.current;
    const frame = at === null ? null : frameUnder(at);
    chart.current?.mark("hover", frame);
    setTip(
      at === null || frame === null
        ? null
        : {
            details: detailsOf(frame, model, facts),
            x: at.clientX,
            y: at.clientY,
            swatch: look.fill(frame, model.table),
          },
    );
  }, [frameUnder, model, look, facts]);

  useEffect(() => {
    batch.current.request(() => {
      const view = scroller.current;
      if (view === null) return;
      chart.current?.show(model, look, { topPx: view.scrollTop, heightPx: size.heightPx });
      if (pointer.current !== null) hover();
    });
  }, [model, look, size.heightPx, hover]);

  useEffect(() => {
    chart.current?.mark("focus", byKeyboard ? focused : null);
  }, [focused, byKeyboard]);

  // The root belongs in view: at the top it is there by itself, at the bottom it has to be scrolled to.
  useLayoutEffect(() => {
    const view = scroller.current;
    if (view !== null) view.scrollTop = rootOnTop ? 0 : view.scrollHeight;
  }, [rootOnTop]);

  // A graph that grows upwards grows above what is in view.
  const lastHeight = useRef(heightPx);
  useLayoutEffect(() => {
    const view = scroller.current;
    if (view !== null && !rootOnTop) view.scrollTop += heightPx - lastHeight.current;
    lastHeight.current = heightPx;
  }, [heightPx, rootOnTop]);

  // React listens to wheels passively: it could not keep the page from zooming.
  useEffect(() => {
    const view = scroller.current;
    if (view === null) return;
    const onWheel = (event: WheelEvent): void => {
      const box = view.getBoundingClientRect();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? rowHeightPx() : 1;
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey)
        latest.current.zoomByHand((event.clientX - box.left) / size.widthPx, 1.0025 ** (event.deltaY * unit));
      else if (Math.abs(sideways) > (event.shiftKey ? 0 : Math.abs(event.deltaY)))
        chart.current?.panBy((sideways * unit) / size.widthPx);
      else return;
      event.preventDefault();
    };
    view.addEventListener("wheel", onWheel, { passive: false });
    return () => view.removeEventListener("wheel", onWheel);
  }, [size.widthPx]);

  const drag = useRef<Drag | null>(null);
  const onPointerDown = (event: PointerEvent) => {
    const view = scroller.current;
    if (event.button !== 0 || event.pointerType === "touch" || view === null) return;
    drag.current = {
      x: event.clientX,
      y: event.clientY,
      scrollTop: view.scrollTop,
      lastX: event.clientX,
      isMoved: false,
    };
  };
  const dragged = (event: PointerEvent): boolean => {
    const held = drag.current;
    const view = scroller.current;
    if (held === null || view === null || (event.buttons & 1) === 0) return false;
    const far = Math.abs(event.clientX - held.x) > clickPx || Math.abs(event.clientY - held.y) > clickPx;
    if (!held.isMoved && !far) return false;
    if (!held.isMoved) view.setPointerCapture(event.pointerId);
    view.scrollTop = held.scrollTop - (event.clientY - held.y);
    const span = chart.current?.span();
    if (span !== undefined && !isWhole(span))
      chart.current?.panBy((held.lastX - event.clientX) / size.widthPx);
    drag.current = { ...held, lastX: event.clientX, isMoved: true };
    return true;
  };

  const focusOn = (frame: FlameFrame, keyboard: boolean) => {
    setFocusedId(frame.id);
    setByKeyboard(keyboard);
    if (!keyboard) return;
    setSpoken(spokenDetails(frame, model, facts));
    const view = scroller.current;
    if (view === null) return;
    const top = boxOf(frame, look, heightPx).y;
    if (top < view.scrollTop) view.scrollTop = top - rowHeightPx();
    else if (top + rowHeightPx() > view.scrollTop + size.heightPx)
      view.scrollTop = top + 2 * rowHeightPx() - size.heightPx;
  };

  const selectFrame = (frame: FlameFrame) => {
    if (frame.function >= 0 && frame.kind !== "root") props.select(frame.function, frame.id);
  };

  const openMenuAt = (frame: FlameFrame, position: MenuPosition) => {
    if (frame.row < 0 || frame.kind === "root") return;
    setTip(null);
    pointer.current = null;
    selectFrame(frame);
    props.openMenu(position, frame.row);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const from = focused ?? model.zoomPath[model.zoomPath.length - 1] ?? model.root;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const move = plain && !event.shiftKey ? moveOfKey(event.key, rootOnTop) : null;
    const isZoomed = chart.current?.isByHand() === true;
    const place = boxOf(from, look, heightPx, chart.current?.span());
    if (plain && (event.key === "+" || event.key === "="))
      zoomByHand((place.x + place.width / 2) / size.widthPx, 1 / keyZoom);
    else if (plain && event.key === "-") zoomByHand((place.x + place.width / 2) / size.widthPx, keyZoom);
    else if (event.shiftKey && event.key === "ArrowLeft") chart.current?.panBy(-keyPan);
    else if (event.shiftKey && event.key === "ArrowRight") chart.current?.panBy(keyPan);
    else if (event.key === "Escape" && isZoomed) chart.current?.showAll();
    else if (move !== null) focusOn(focused === null ? from : moveFrom(model, from, move), true);
    else if (plain && event.key === "Enter") props.zoomTo(from);
    else if (plain && event.key === " ") selectFrame(from);
    else if (plain && event.key === "Backspace") props.zoomBack();
    else if (event.key === "Escape" && tip !== null && props.zoomOut === null) setTip(null);
    else if (event.key === "Escape" && props.zoomOut !== null) props.zoomOut();
    else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      const box = host.current?.getBoundingClientRect();
      if (box === undefined) return;
      openMenuAt(from, { x: box.left + place.x + 8, y: box.top + place.y + rowHeightPx() });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const onPointerMove = (event: PointerEvent) => {
    if (dragged(event)) {
      if (tip !== null) setTip(null);
      return;
    }
    pointer.current = { clientX: event.clientX, clientY: event.clientY };
    hoverBatch.current.request(hover);
  };
  const onPointerLeave = () => {
    pointer.current = null;
    hoverBatch.current.request(hover);
  };

  const onClick = (event: MouseEvent) => {
    // d3-flame-graph's own zoom would redraw what it has; here zooming asks the engine for more.
    event.stopPropagation();
    const wasDragged = drag.current?.isMoved === true;
    drag.current = null;
    const frame = wasDragged ? null : frameUnder(event);
    if (frame === null) return;
    focusOn(frame, false);
    selectFrame(frame);
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) props.zoomTo(frame);
  };

  const onContextMenu = (event: MouseEvent) => {
    event.preventDefault();
    const frame = frameUnder(event);
    if (frame === null) return;
    focusOn(frame, false);
    openMenuAt(frame, { x: event.clientX, y: event.clientY });
  };

  const onScroll = () => {
    const view = scroller.current;
    if (view !== null) chart.current?.scrolled({ topPx: view.scrollTop, heightPx: size.heightPx });
    if (pointer.current !== null) hoverBatch.current.request(hover);
  };

  return (
    <>
      <div
        ref={scroller}
        className="flame-scroll"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys itself.
        tabIndex={0}
        aria-roledescription="flame graph"
        aria-label={`Flame graph, ${model.frames.length} frames`}
        aria-describedby={props.keysId}
        data-keyboard={byKeyboard}
        onKeyDown={onKeyDown}
        onPointerDownCapture={onPointerDown}
        onPointerMoveCapture={onPointerMove}
        onPointerLeave={onPointerLeave}
        onClickCapture={onClick}
        onContextMenu={onContextMenu}
        onMouseOverCapture={stop}
        onMouseOutCapture={stop}
        onScroll={onScroll}
        onFocus={() => {
          if (focused === null) setFocusedId(model.zoomPath[model.zoomPath.length - 1]?.id ?? model.root.id);
          setByKeyboard(scroller.current?.matches(":focus-visible") === true);
        }}
      >
        <div className="flame-canvas" style={{ height: heightPx }}>
          <canvas ref={canvas} className="flame-narrow-frames" />
          <div ref={host} className="flame-chart" />
          <svg ref={overlay} className="flame-overlay" aria-hidden="true" />
        </div>
      </div>
      {props.overview === null ? null : (
        <FlameMap
          ref={map}
          model={props.overview}
          shown={model}
          rootOnTop={rootOnTop}
          fill={fill}
          chartHeightPx={heightPx}
          goTo={goTo}
        />
      )}
      <div className="visually-hidden" aria-live="polite">
        {spoken}
      </div>
      {tip === null ? null : <FlameTooltip tip={tip} />}
    </>
  );
}

/** d3-flame-graph's own hover handlers have nothing to do. */
function stop(event: MouseEvent): void {
  event.stopPropagation();
}
