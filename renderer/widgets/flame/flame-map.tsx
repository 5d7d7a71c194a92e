import { type PointerEvent, type Ref, useEffect, useImperativeHandle, useMemo, useRef } from "react";
import { useElementSize } from "../use-element-size.ts";
import type { FrameFill } from "./flame-fill.ts";
import { type FlameSpan, type FlameWindow, wholeSpan } from "./flame-geometry.ts";
import type { FlameModel } from "./flame-model.ts";
import { placeIn, within } from "./flame-place.ts";

export interface MapView {
  /** What of the picture is on the screen. */
  readonly show: (span: FlameSpan, view: FlameWindow) => void;
}

export interface FlameMapProps {
  readonly ref: Ref<MapView>;
  /** The whole graph. */
  readonly model: FlameModel;
  /** What the picture shows of it. */
  readonly shown: FlameModel;
  readonly rootOnTop: boolean;
  readonly fill: FrameFill;
  /** Of the picture, all levels of it. */
  readonly chartHeightPx: number;
  /** Both as shares, from the root and from the left of the picture. */
  readonly goTo: (level: number, x: number) => void;
}

/** A level is so high where there is room for all of them. */
const levelPx = 4;
const mapEveryMs = 600;

/** The whole graph in small, and the part of it that is in view. The keys and the scroll bar do all that it does. */
export function FlameMap({ ref, model, shown, rootOnTop, fill, chartHeightPx, goTo }: FlameMapProps) {
  const panel = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const { widthPx, heightPx } = useElementSize(panel);
  const levels = Math.max(model.levels.length, shown.levels.length);
  const scale = Math.min(levelPx, heightPx / Math.max(1, levels));
  const drawnPx = levels * scale;
  const place = useMemo((): FlameSpan => placeOfShown(shown, model), [shown, model]);
  const seen = useRef<readonly [FlameSpan, FlameWindow]>([wholeSpan, { topPx: 0, heightPx: 1 }]);

  const showFrame = (): void => {
    const element = frame.current;
    if (element === null) return;
    const [span, view] = seen.current;
    const [from, to] = within(place, span);
    // A level of the picture is 18 px high, one of the map `scale`; a short picture has empty room beside its levels.
    const perPx = drawnPx / Math.max(1, shownLevelsPx(shown));
    const fromRoot = rootOnTop ? view.topPx : chartHeightPx - view.topPx - view.heightPx;
    const start = Math.max(0, Math.min(drawnPx, fromRoot * perPx * (shown.levels.length / levels)));
    const high = Math.max(
      6,
      Math.min(drawnPx - start, view.heightPx * perPx * (shown.levels.length / levels)),
    );
    const left = Math.max(0, from) * widthPx;
    element.style.width = `${Math.max(3, Math.min(1, to) * widthPx - left)}px`;
    element.style.height = `${high}px`;
    element.style.transform = `translate(${left}px, ${rootOnTop ? start : heightPx - start - high}px)`;
  };
  useImperativeHandle(ref, () => ({
    show: (span, view) => {
      seen.current = [span, view];
      showFrame();
    },
  }));
  useEffect(showFrame);

  // In a task of its own: the picture beside it comes first, and while it grows, the map is to be seen, not watched.
  const paintedMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        if (canvas.current === null || widthPx === 0) return;
        paintedMs.current = performance.now();
        paintMap(canvas.current, { model, widthPx, heightPx, scale, rootOnTop, fill });
      },
      paintedMs.current + mapEveryMs - performance.now(),
    );
    return () => clearTimeout(timer);
  }, [model, widthPx, heightPx, scale, rootOnTop, fill]);

  const go = (event: PointerEvent): void => {
    const box = panel.current?.getBoundingClientRect();
    if (box === undefined || (event.buttons & 1) === 0) return;
    const down = rootOnTop ? event.clientY - box.top : box.bottom - event.clientY;
    const share = (event.clientX - box.left) / Math.max(1, widthPx);
    const ownLevels = down / Math.max(0.01, scale) / Math.max(1, shown.levels.length);
    goTo(Math.max(0, Math.min(1, ownLevels)), (share - place[0]) / (place[1] - place[0]));
  };

  return (
    <div
      className="flame-map"
      ref={panel}
      aria-hidden="true"
      title="The whole graph; drag to scroll"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
    >
      <canvas ref={canvas} />
      <div ref={frame} className="flame-map-view" />
    </div>
  );
}

const shownLevelsPx = (shown: FlameModel): number => shown.levels.length * 18;

/** Where what is zoomed into lies in the whole; of a frame too narrow for the map, its innermost caller that is there. */
function placeOfShown(shown: FlameModel, whole: FlameModel): FlameSpan {
  for (let at = shown.zoomPath.length - 1; at > 0; at--) {
    const frame = whole.byId.get(shown.zoomPath[at]?.id ?? -1);
    if (frame !== undefined) return [frame.x0, frame.x1];
  }
  return placeIn(shown, whole) ?? wholeSpan;
}

/** Frames of the least width, of 0.4 px, that fill it. */
const mostInPixel = 3;

interface MapScene {
  readonly model: FlameModel;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scale: number;
  readonly rootOnTop: boolean;
  readonly fill: FrameFill;
}

function paintMap(
  canvas: HTMLCanvasElement,
  { model, widthPx, heightPx, scale, rootOnTop, fill }: MapScene,
): void {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(heightPx * ratio);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const high = Math.max(0.5, scale > 2 ? scale - 0.5 : scale);
  // Most frames are thinner than a pixel here. What a level's pixel is full of hides the others: a live graph comes often.
  const lastPx: number[] = [];
  const painted: number[] = [];
  for (const frame of model.frames) {
    const firstPx = Math.floor(frame.x0 * widthPx * ratio);
    const endPx = Math.floor(frame.x1 * widthPx * ratio);
    const before = lastPx[frame.depth] === firstPx ? (painted[frame.depth] ?? 0) : 0;
    if (firstPx === endPx && before >= mostInPixel) continue;
    lastPx[frame.depth] = endPx;
    painted[frame.depth] = firstPx === endPx ? before + 1 : mostInPixel - 1;
    const y = rootOnTop ? frame.depth * scale : heightPx - (frame.depth + 1) * scale;
    context.fillStyle = fill(frame, model.table);
    context.fillRect(frame.x0 * widthPx, y, Math.max(0.4, (frame.x1 - frame.x0) * widthPx), high);
  }
}
