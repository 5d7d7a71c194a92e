import {
  boxOf,
  chartHeightPx,
  type FlameBox,
  type FlameLook,
  type FlameSpan,
  type FlameWindow,
  isWhole,
  labelPx,
  levelsInView,
  spareRows,
  wholeSpan,
} from "./flame-geometry.ts";
import type { FlameFrame, FlameModel } from "./flame-model.ts";
import { createOverlay, type OverlayMarks } from "./flame-overlay.ts";
import { type CanvasColours, canvasColours, type PaintedModel, paintFlame } from "./flame-painter.ts";
import { between, inside, placeIn, seenFrom, within, zoomedAbout, zoomedFrame } from "./flame-place.ts";
import type { Strip } from "./flame-strip.ts";
import type { FlameSvg } from "./flame-svg.ts";
import { createLabels } from "./flame-text.ts";
import { createLabelRuler } from "./label-ruler.ts";

/**
 * So many named frames in view are d3-flame-graph's at most: it takes 0.1 ms for each, the canvas a hundredth. More
 * of them, and everything that moves, are painted.
 */
const mostSvgFrames = 160;
const zoomMs = 220;
/** After so long without a move the picture has come to rest. */
const restMs = 160;
/** A model sooner than this after the one before it belongs to a picture that grows, a busy machine's once a second. */
const growingMs = 1_500;

export interface FlameSurfaces {
  /** Where d3-flame-graph puts its svg. */
  readonly host: HTMLElement;
  /** Below it: frames too narrow for a name, or all of them. */
  readonly canvas: HTMLCanvasElement;
  /** Above it: hover and focus; matches and selection over d3-flame-graph's frames. */
  readonly overlay: SVGSVGElement;
}

export interface FlameChartEvents {
  /** What is on the screen has changed: part of the width, part of the height. */
  readonly painted: (span: FlameSpan, window: FlameWindow) => void;
  /** The part that was zoomed or panned to by hand, now at rest. */
  readonly rested: (span: FlameSpan) => void;
}

export interface FlameChart {
  /** A model with another root is moved to from where its frames were. */
  readonly show: (model: FlameModel, look: FlameLook, window: FlameWindow) => void;
  /** After scrolling: draws only when rows came into view that were not drawn. */
  readonly scrolled: (window: FlameWindow) => void;
  readonly mark: (mark: "hover" | "focus", frame: FlameFrame | null) => void;
  readonly span: () => FlameSpan;
  /** A part was zoomed or panned to by hand; not on the way of an animation. */
  readonly isByHand: () => boolean;
  /** Zooms about a share of the width, at once. false when there is nothing wider to show. */
  readonly zoomAbout: (share: number, factor: number) => boolean;
  /** By a share of the picture's width. */
  readonly panBy: (share: number) => void;
  readonly showAll: () => void;
  /** The next model with another root keeps what is on the screen where it is. */
  readonly keepPlace: () => void;
  readonly dispose: () => void;
}

interface Shown {
  readonly model: FlameModel;
  readonly look: FlameLook;
  readonly window: FlameWindow;
  readonly levels: readonly [number, number];
  readonly heightPx: number;
}

/** On the way from one span of a model to another, with the model before where there was another. */
interface Motion {
  readonly from: FlameSpan;
  readonly to: FlameSpan;
  readonly startMs: number;
  readonly before: FlameModel | null;
  /** Where the whole width of the one before lies in this one. */
  readonly place: FlameSpan;
}

/**
 * A picture at rest with few frames is d3-flame-graph's; anything larger, and anything that moves, is painted on a
 * canvas in the same place with the same look. Names reach the page as text nodes and pixels only.
 */
export function createFlameChart(surfaces: FlameSurfaces, events: FlameChartEvents): FlameChart {
  const { canvas } = surfaces;
  const labelOf = createLabels();
  const cutLabel = createLabelRuler();
  /** d3-flame-graph is fetched when a picture first comes to rest. */
  let svg: FlameSvg | null = null;
  let bySvg: Shown | null = null;
  let svgHandle = 0;
  let isDisposed = false;
  const overlay = createOverlay(surfaces.overlay);
  const marked: { hover: FlameFrame | null; focus: FlameFrame | null } = { hover: null, focus: null };
  let colours: { readonly look: FlameLook; readonly of: CanvasColours } | null = null;
  let shown: Shown | null = null;
  let span: FlameSpan = wholeSpan;
  let motion: Motion | null = null;
  let isMoving = false;
  let lastModelMs = Number.NEGATIVE_INFINITY;
  let keepsPlace = false;
  let frameHandle = 0;
  let restHandle = 0;

  const placeMark = (mark: "hover" | "focus"): void => {
    const frame = marked[mark];
    overlay.mark(
      mark,
      frame === null || shown === null ? null : boxOf(frame, shown.look, shown.heightPx, span),
    );
  };

  const partsOf = ({ model }: Shown): readonly PaintedModel[] => {
    const own: PaintedModel = { model, span, withAncestors: true };
    if (motion?.before == null) return [own];
    const old: PaintedModel = {
      model: motion.before,
      span: seenFrom(motion.place, span),
      withAncestors: true,
    };
    // The one with the outer root is below; the other has more of what lies within it.
    const isInner = motion.place[1] - motion.place[0] > 1;
    return isInner ? [old, { ...own, withAncestors: false }] : [own, { ...old, withAncestors: false }];
  };

  /** What d3-flame-graph would show of a picture at rest; null where it is the canvas's. */
  const namedAtRest = ({ model, look, levels }: Shown): readonly FlameFrame[] | null => {
    if (motion !== null || isMoving || !isWhole(span)) return null;
    const visible = model.levels.slice(levels[0], levels[1] + 1).flat();
    const named = visible.filter((frame) => (frame.x1 - frame.x0) * look.widthPx >= labelPx);
    return named.length <= mostSvgFrames ? named : null;
  };

  const drawNames = async (): Promise<void> => {
    const { createFlameSvg } = await import("./flame-svg.ts");
    svgHandle = 0;
    const named = shown === null ? null : namedAtRest(shown);
    if (isDisposed || shown === null || named === null) return;
    svg ??= createFlameSvg(surfaces.host, labelOf);
    svg.draw(named, shown.model, shown.look, shown.heightPx);
    bySvg = shown;
    // The canvas below still has them all.
    if (frameHandle === 0) frameHandle = requestAnimationFrame(step);
  };

  const paint = (): void => {
    if (shown === null) return;
    const { model, look, levels, heightPx } = shown;
    if (colours?.look.fill !== look.fill) colours = { look, of: canvasColours(canvas) };
    const named = namedAtRest(shown);
    // Of another model everything is painted at once, and the names follow in a task of their own.
    const isNamed = named !== null && bySvg?.model === model;
    if (isNamed) {
      if (bySvg !== null && !isSamePicture(bySvg, shown)) svg?.draw(named, model, look, heightPx);
      bySvg = shown;
    } else {
      if (bySvg !== null) svg?.draw([], model, look, heightPx);
      bySvg = null;
      if (named !== null && svgHandle === 0) svgHandle = window.setTimeout(() => void drawNames());
    }
    overlay.size(look.widthPx, heightPx);
    overlay.show(isNamed ? marksOf(shown, named) : null);
    const belowPx = isNamed ? labelPx : Number.POSITIVE_INFINITY;
    const parts = partsOf(shown);
    paintFlame(canvas, { parts, look, heightPx, levels, colours: colours.of, labelOf, cutLabel, belowPx });
    placeMark("hover");
    placeMark("focus");
    events.painted(span, shown.window);
  };

  const step = (nowMs: number): void => {
    frameHandle = 0;
    if (motion === null) {
      paint();
      return;
    }
    const share = Math.min(1, Math.max(0, (nowMs - motion.startMs) / zoomMs));
    if (share === 1) {
      span = motion.to;
      motion = null;
    } else {
      span = between(motion.from, motion.to, 1 - (1 - share) ** 3);
      frameHandle = requestAnimationFrame(step);
    }
    paint();
  };

  const moveTo = (to: FlameSpan, from: FlameSpan, before: FlameModel | null, place: FlameSpan): void => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) {
      motion = null;
      span = to;
      paint();
      return;
    }
    span = from;
    motion = { from, to, before, place, startMs: performance.now() };
    if (frameHandle === 0) frameHandle = requestAnimationFrame(step);
    paint();
  };

  const rest = (): void => {
    restHandle = 0;
    const wasMoved = !isWhole(span);
    if (isMoving) {
      isMoving = false;
      paint();
    }
    if (wasMoved && motion === null) events.rested(span);
  };
  const soonAtRest = (afterMs: number): void => {
    clearTimeout(restHandle);
    restHandle = window.setTimeout(rest, afterMs);
  };

  const moveByHand = (next: FlameSpan): void => {
    motion = null;
    span = inside(next);
    soonAtRest(restMs);
    paint();
  };

  const measure = (model: FlameModel, look: FlameLook, view: FlameWindow): Shown => ({
    model,
    look,
    window: view,
    levels: levelsInView(model, look, view),
    heightPx: chartHeightPx(model, view),
  });

  return {
    show: (model, look, view) => {
      const before = shown?.model ?? null;
      shown = measure(model, look, view);
      if (before !== model) {
        const nowMs = performance.now();
        isMoving = nowMs - lastModelMs < growingMs;
        lastModelMs = nowMs;
        if (isMoving) soonAtRest(growingMs);
      }
      if (before === null || before === model || zoomedFrame(before).id === zoomedFrame(model).id) {
        paint();
        return;
      }
      const place = placeIn(before, model);
      if (place === null) {
        motion = null;
        span = wholeSpan;
        paint();
      } else if (keepsPlace) {
        motion = null;
        span = inside(within(place, span));
        paint();
      } else moveTo(wholeSpan, within(place, span), before, place);
      keepsPlace = false;
    },
    scrolled: (view) => {
      if (shown === null) return;
      const { model, look, levels } = shown;
      const [first, last] = levelsInView(model, look, view);
      const spare = spareRows >> 1;
      const seenFirst = first === 0 ? 0 : first + spare;
      const seenLast = last === model.levels.length - 1 ? last : last - spare;
      if (seenFirst >= levels[0] && seenLast <= levels[1]) {
        shown = { ...shown, window: view };
        events.painted(span, view);
        return;
      }
      shown = measure(model, look, view);
      isMoving = true;
      soonAtRest(restMs);
      paint();
    },
    mark: (mark, frame) => {
      marked[mark] = frame;
      placeMark(mark);
    },
    span: () => span,
    isByHand: () => motion === null && !isWhole(span),
    zoomAbout: (share, factor) => {
      const next = zoomedAbout(span, share, factor);
      if (factor > 1 && isWhole(span)) return false;
      moveByHand(next);
      return true;
    },
    panBy: (share) => {
      const by = share * (span[1] - span[0]);
      moveByHand([span[0] + by, span[1] + by]);
    },
    showAll: () => {
      if (!isWhole(span)) moveTo(wholeSpan, span, null, wholeSpan);
    },
    keepPlace: () => {
      keepsPlace = true;
    },
    dispose: () => {
      cancelAnimationFrame(frameHandle);
      clearTimeout(restHandle);
      clearTimeout(svgHandle);
      isDisposed = true;
      svg?.dispose();
      surfaces.overlay.replaceChildren();
    },
  };
}

/** Nothing that d3-flame-graph draws differs. */
const isSamePicture = (a: Shown, b: Shown): boolean =>
  a.model === b.model &&
  a.look === b.look &&
  a.heightPx === b.heightPx &&
  a.levels[0] === b.levels[0] &&
  a.levels[1] === b.levels[1];

function marksOf({ model, look, heightPx }: Shown, frames: readonly FlameFrame[]): OverlayMarks {
  const strips: Record<Strip, FlameBox[]> = { solid: [], dashed: [], dotted: [] };
  const matched: FlameBox[] = [];
  const selected: FlameBox[] = [];
  for (const frame of frames) {
    const box = boxOf(frame, look, heightPx);
    const strip = look.strip(frame, model.table);
    if (strip !== null) strips[strip].push(box);
    if (frame.matched) matched.push(box);
    if (frame.function >= 0 && frame.function === look.selectedFunction) selected.push(box);
  }
  return { matched, selected, strips };
}
