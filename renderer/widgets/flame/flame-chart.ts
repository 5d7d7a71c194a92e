import { select } from "d3-selection";
import {
  boxOf,
  chartHeightPx,
  type FlameLook,
  type FlameWindow,
  levelsInView,
  outline,
  rowHeightPx,
  spareRows,
} from "./flame-geometry.ts";
import type { FlameFrame, FlameModel } from "./flame-model.ts";
import { labelOf } from "./flame-text.ts";
import { instantFlameGraph } from "./instant-transitions.ts";

/** Narrower frames have no label in d3-flame-graph either. */
const labelPx = 35;

export interface FlameChart {
  readonly show: (model: FlameModel, look: FlameLook, window: FlameWindow) => void;
  /** After scrolling: draws only when rows came into view that were not drawn. */
  readonly scrolled: (window: FlameWindow) => void;
  readonly mark: (mark: "hover" | "focus", frame: FlameFrame | null) => void;
  readonly dispose: () => void;
}

/**
 * What d3-flame-graph walks. The table comes laid out and sorted from the engine, so the root only has to hand over
 * the frames that are in view: laying out again would pack siblings to the left, over the room of frames that were
 * too narrow, and would make the picture jump while it grows.
 */
interface ChartRoot extends ChartDatum {
  readonly eachBefore: () => ChartRoot;
  readonly descendants: () => readonly ChartDatum[];
}

interface ChartDatum {
  readonly id: number;
  readonly depth: number;
  x0: number;
  x1: number;
  value: number;
  readonly label: string;
  readonly fill: string;
  readonly data: { readonly value: number; readonly fade: boolean };
}

interface Drawn {
  readonly model: FlameModel;
  readonly look: FlameLook;
  readonly window: FlameWindow;
  readonly levels: readonly [number, number];
}

/** What the chart is born with; the library would lay out anything more by its own rules. */
const nothing: unknown = { value: 0 };

const noTooltip = Object.assign(() => undefined, {
  show: () => undefined,
  hide: () => undefined,
  destroy: () => undefined,
});

export interface FlameSurfaces {
  /** Where d3-flame-graph puts its svg. */
  readonly host: HTMLElement;
  /** Below it: frames too narrow for a name. */
  readonly canvas: HTMLCanvasElement;
  /** Above it: matches, selection, hover, focus. */
  readonly overlay: SVGSVGElement;
}

/**
 * Frames wide enough for a name are d3-flame-graph's: four elements each. The others, most of a large graph, look
 * the same painted on a canvas, at a hundredth of the cost. Names reach the page as text nodes and attribute values
 * only.
 */
export function createFlameChart({ host, canvas, overlay }: FlameSurfaces): FlameChart {
  const selection = select<HTMLElement, unknown>(host);
  const graph = instantFlameGraph<ChartDatum>()
    .cellHeight(rowHeightPx)
    .transitionDuration(0)
    .sort(false)
    .tooltip(noTooltip)
    .getName((datum) => datum.label ?? "")
    .setColorMapper((datum) => datum.fill);
  const layers = createLayers(overlay);
  const marked: { hover: FlameFrame | null; focus: FlameFrame | null } = { hover: null, focus: null };
  let drawn: Drawn | null = null;

  const placeMark = (mark: "hover" | "focus"): void => {
    const frame = marked[mark];
    const element = layers[mark];
    if (frame === null || drawn === null) {
      element.setAttribute("visibility", "hidden");
      return;
    }
    const box = boxOf(frame, drawn.look, chartHeightPx(drawn.model, drawn.window));
    element.setAttribute("visibility", "visible");
    element.setAttribute("x", String(box.x + 0.5));
    element.setAttribute("y", String(box.y + 0.5));
    element.setAttribute("width", String(Math.max(1, box.width - 1)));
    element.setAttribute("height", String(rowHeightPx - 1));
  };

  const draw = (model: FlameModel, look: FlameLook, window: FlameWindow): void => {
    const levels = levelsInView(model, look, window);
    const heightPx = chartHeightPx(model, window);
    const visible = model.levels.slice(levels[0], levels[1] + 1).flat();
    graph.width(look.widthPx).height(heightPx).inverted(look.rootOnTop);
    if (drawn === null) graph(selection.datum(nothing));
    const named = visible.filter((frame) => (frame.x1 - frame.x0) * look.widthPx >= labelPx);
    selection.datum(chartRoot(named, look));
    graph.update();
    const unnamed = visible.filter((frame) => (frame.x1 - frame.x0) * look.widthPx < labelPx);
    paintFrames(canvas, unnamed, look, heightPx, levels);
    selection.select("svg").attr("height", heightPx).attr("aria-hidden", "true");
    overlay.setAttribute("width", String(look.widthPx));
    overlay.setAttribute("height", String(heightPx));
    drawn = { model, look, window, levels };
    const boxes = (frames: readonly FlameFrame[]) => frames.map((frame) => boxOf(frame, look, heightPx));
    layers.matched.setAttribute("d", outline(boxes(visible.filter((frame) => frame.matched))));
    const selected = visible.filter(
      (frame) => frame.function >= 0 && frame.function === look.selectedFunction,
    );
    layers.selected.setAttribute("d", outline(boxes(selected)));
    placeMark("hover");
    placeMark("focus");
  };

  return {
    show: draw,
    scrolled: (window) => {
      if (drawn === null) return;
      const [first, last] = levelsInView(drawn.model, drawn.look, { ...window });
      const spare = spareRows >> 1;
      const seenFirst = first === 0 ? 0 : first + spare;
      const seenLast = last === drawn.model.levels.length - 1 ? last : last - spare;
      if (seenFirst >= drawn.levels[0] && seenLast <= drawn.levels[1]) return;
      draw(drawn.model, drawn.look, window);
    },
    mark: (mark, frame) => {
      marked[mark] = frame;
      placeMark(mark);
    },
    dispose: () => {
      if (drawn !== null) graph.destroy();
      overlay.replaceChildren();
    },
  };
}

function chartRoot(visible: readonly FlameFrame[], look: FlameLook): ChartRoot {
  const data = visible.map(
    (frame): ChartDatum => ({
      id: frame.id,
      depth: frame.depth,
      x0: frame.x0,
      x1: frame.x1,
      value: 0,
      label: labelOf(frame, (frame.x1 - frame.x0) * look.widthPx),
      fill: look.fill(frame),
      data: { value: 0, fade: frame.ancestor },
    }),
  );
  const root: ChartRoot = {
    id: Number.NaN,
    depth: 0,
    x0: 0,
    x1: 1,
    value: 0,
    label: "",
    fill: "",
    data: { value: 0, fade: false },
    eachBefore: () => root,
    descendants: () => data,
  };
  return root;
}

/** The canvas covers the levels that are drawn, not the whole height: stacks can be thousands of frames deep. */
function paintFrames(
  canvas: HTMLCanvasElement,
  frames: readonly FlameFrame[],
  look: FlameLook,
  heightPx: number,
  [first, last]: readonly [number, number],
): void {
  const rows = last - first + 1;
  const topPx = look.rootOnTop ? first * rowHeightPx : heightPx - (last + 1) * rowHeightPx;
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.round(look.widthPx * ratio), Math.round(rows * rowHeightPx * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${look.widthPx}px`;
  canvas.style.height = `${rows * rowHeightPx}px`;
  canvas.style.transform = `translateY(${topPx}px)`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const line = Math.max(1, Math.round(ratio));
  for (const frame of frames) {
    const box = boxOf(frame, look, heightPx);
    const left = Math.round(box.x * ratio);
    const right = Math.max(left + 1, Math.round((box.x + box.width) * ratio) - line);
    const top = Math.round((box.y - topPx) * ratio);
    const bottom = Math.round((box.y - topPx + rowHeightPx) * ratio) - line;
    context.fillStyle = look.fill(frame);
    context.fillRect(left, top, right - left, bottom - top);
  }
}

const svgNamespace = "http://www.w3.org/2000/svg";

interface Layers {
  readonly matched: SVGElement;
  readonly selected: SVGElement;
  readonly hover: SVGElement;
  readonly focus: SVGElement;
}

/** What is drawn over the frames. Matches are hatched as well as outlined: colour is never the only sign. */
function createLayers(overlay: SVGSVGElement): Layers {
  const add = (parent: SVGElement, name: string, attributes: Record<string, string>): SVGElement => {
    const element = document.createElementNS(svgNamespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  };
  overlay.replaceChildren();
  const hatchId = `flame-hatch-${Math.random().toString(36).slice(2)}`;
  const definitions = add(overlay, "defs", {});
  const hatch = add(definitions, "pattern", {
    id: hatchId,
    width: "6",
    height: "6",
    patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)",
  });
  add(hatch, "rect", { class: "flame-hatch", width: "2", height: "6" });
  return {
    matched: add(overlay, "path", { class: "flame-matched", fill: `url(#${hatchId})` }),
    selected: add(overlay, "path", { class: "flame-selected" }),
    hover: add(overlay, "rect", { class: "flame-hover", visibility: "hidden" }),
    focus: add(overlay, "rect", { class: "flame-focus", visibility: "hidden" }),
  };
}
