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
import { boxOf, chartHeightPx, type FlameLook, rowHeightPx } from "./flame-geometry.ts";
import { type FlameFrame, type FlameModel, frameAt } from "./flame-model.ts";
import { moveFrom, moveOfKey } from "./flame-navigation.ts";
import { detailsOf, type FrameFacts, spokenDetails } from "./flame-text.ts";
import { type FlameTip, FlameTooltip } from "./flame-tooltip.tsx";

export interface FlamePictureProps {
  readonly model: FlameModel;
  readonly size: ElementSize;
  readonly rootOnTop: boolean;
  readonly fill: FrameFill;
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

interface Pointer {
  readonly clientX: number;
  readonly clientY: number;
}

/**
 * The frames, the pointer and the keys. React renders the tool tip and what is read aloud; frames are drawn by the
 * chart, outside of React, once a paint at most.
 */
export function FlamePicture(props: FlamePictureProps) {
  const { model, size, rootOnTop, fill, selectedFunction, facts } = props;
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
      fill: (frame) => fill(frame, model.table),
    }),
    [size.widthPx, rootOnTop, selectedFunction, fill, model],
  );
  const focused = focusedId === null ? null : (model.byId.get(focusedId) ?? null);

  useEffect(() => {
    if (host.current === null || canvas.current === null || overlay.current === null) return;
    const created = createFlameChart({
      host: host.current,
      canvas: canvas.current,
      overlay: overlay.current,
    });
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
      return frameAt(model, Math.floor(top / rowHeightPx), (at.clientX - box.left) / look.widthPx);
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
        : { details: detailsOf(frame, model, facts), x: at.clientX, y: at.clientY, swatch: look.fill(frame) },
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

  const focusOn = (frame: FlameFrame, keyboard: boolean) => {
    setFocusedId(frame.id);
    setByKeyboard(keyboard);
    if (!keyboard) return;
    setSpoken(spokenDetails(frame, model, facts));
    const view = scroller.current;
    if (view === null) return;
    const top = boxOf(frame, look, heightPx).y;
    if (top < view.scrollTop) view.scrollTop = top - rowHeightPx;
    else if (top + rowHeightPx > view.scrollTop + size.heightPx)
      view.scrollTop = top + 2 * rowHeightPx - size.heightPx;
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
    if (move !== null) focusOn(focused === null ? from : moveFrom(model, from, move), true);
    else if (plain && event.key === "Enter") props.zoomTo(from);
    else if (plain && event.key === " ") selectFrame(from);
    else if (plain && event.key === "Backspace") props.zoomBack();
    else if (event.key === "Escape" && tip !== null && props.zoomOut === null) setTip(null);
    else if (event.key === "Escape" && props.zoomOut !== null) props.zoomOut();
    else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      const box = host.current?.getBoundingClientRect();
      const place = boxOf(from, look, heightPx);
      if (box === undefined) return;
      openMenuAt(from, { x: box.left + place.x + 8, y: box.top + place.y + rowHeightPx });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const onPointerMove = (event: PointerEvent) => {
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
    const frame = frameUnder(event);
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
