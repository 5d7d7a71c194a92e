import { textScale } from "../text-scale.ts";
import { type FlameLook, type FlameSpan, framesInSpan, rowHeightPx, topOf } from "./flame-geometry.ts";
import type { FlameFrame, FlameModel } from "./flame-model.ts";
import { stripDashes } from "./flame-strip.ts";
import type { LabelOf } from "./flame-text.ts";
import type { CutLabel } from "./label-ruler.ts";

/** One model and the part of it that fills the picture; the next one is drawn over it. */
export interface PaintedModel {
  readonly model: FlameModel;
  readonly span: FlameSpan;
  /** Callers of what is zoomed into are left to the model below. */
  readonly withAncestors: boolean;
}

export interface FlameScene {
  readonly parts: readonly PaintedModel[];
  readonly look: FlameLook;
  readonly heightPx: number;
  readonly levels: readonly [number, number];
  readonly colours: CanvasColours;
  readonly labelOf: LabelOf;
  readonly cutLabel: CutLabel;
  /** Frames that are so wide are someone else's. */
  readonly belowPx: number;
}

/** The theme's colours and type, read once a theme: asking the cascade costs more than painting. */
export interface CanvasColours {
  readonly font: string;
  readonly text: string;
  readonly fadedText: string;
  readonly match: string;
  readonly outline: string;
}

export function canvasColours(canvas: HTMLCanvasElement): CanvasColours {
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    font: style.font,
    text: colour("--frame-text"),
    fadedText: colour("--text"),
    match: colour("--match"),
    outline: colour("--frame-outline"),
  };
}

/** Room in a frame's box that its label leaves free, as in the style sheet. */
const labelMarginPx = 4;
const baselinePx = 13;
const narrowestLabelPx = 22;
const fadedAlpha = 0.4;

/** The canvas covers the levels that are drawn, not the whole height: stacks can be thousands of frames deep. */
export function paintFlame(canvas: HTMLCanvasElement, scene: FlameScene): void {
  const { look, heightPx, levels } = scene;
  const [first, last] = levels;
  const rows = last - first + 1;
  const topPx = look.rootOnTop ? first * rowHeightPx() : heightPx - (last + 1) * rowHeightPx();
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.round(look.widthPx * ratio), Math.round(rows * rowHeightPx() * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${look.widthPx}px`;
  canvas.style.height = `${rows * rowHeightPx()}px`;
  canvas.style.transform = `translateY(${topPx}px)`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const painter = new FramePainter(context, scene, ratio, topPx);
  for (const part of scene.parts) painter.paint(part);
}

/** The frames of one picture. Boxes in device pixels, so that edges are crisp; words in CSS pixels. */
class FramePainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #scene: FlameScene;
  readonly #ratio: number;
  readonly #topPx: number;
  readonly #line: number;
  #hatch: CanvasPattern | null = null;

  constructor(context: CanvasRenderingContext2D, scene: FlameScene, ratio: number, topPx: number) {
    this.#context = context;
    this.#scene = scene;
    this.#ratio = ratio;
    this.#topPx = topPx;
    this.#line = Math.max(1, Math.round(ratio));
    context.font = scaledFont(scene.colours.font, ratio);
  }

  paint({ model, span, withAncestors }: PaintedModel): void {
    const { look, heightPx, levels, belowPx } = this.#scene;
    const scale = look.widthPx / (span[1] - span[0]);
    const [first, last] = levels;
    for (let depth = first; depth <= last; depth++) {
      const level = model.levels[depth];
      if (level === undefined) continue;
      const [from, to] = framesInSpan(level, span);
      const y = topOf(depth, look, heightPx) - this.#topPx;
      for (let place = from; place < to; place++) {
        const frame = level[place];
        if (frame === undefined || (frame.ancestor && !withAncestors)) continue;
        const left = Math.max(0, (frame.x0 - span[0]) * scale);
        const right = Math.min(look.widthPx, (frame.x1 - span[0]) * scale);
        if (right - left < belowPx) this.#frame(frame, model, left, right, y);
      }
    }
  }

  #frame(frame: FlameFrame, model: FlameModel, leftPx: number, rightPx: number, yPx: number): void {
    const { look, colours, labelOf } = this.#scene;
    const context = this.#context;
    const ratio = this.#ratio;
    const left = Math.round(leftPx * ratio);
    const right = Math.max(left + 1, Math.round(rightPx * ratio) - this.#line);
    const top = Math.round(yPx * ratio);
    const height = Math.round((yPx + rowHeightPx()) * ratio) - this.#line - top;
    context.fillStyle = look.fill(frame, model.table);
    if (frame.ancestor) context.globalAlpha = fadedAlpha;
    context.fillRect(left, top, right - left, height);
    context.globalAlpha = 1;
    const strip = look.strip(frame, model.table);
    if (strip !== null && right - left > 2 * this.#line)
      this.#strip(stripDashes[strip], left, right, top + height);
    if (frame.matched) this.#matched(left, top, right - left, height);
    if (frame.function >= 0 && frame.function === look.selectedFunction)
      this.#outlined(colours.outline, left, top, right - left, height);
    const roomPx = rightPx - leftPx - 2 * labelMarginPx;
    if (roomPx < narrowestLabelPx) return;
    context.fillStyle = frame.ancestor ? colours.fadedText : colours.text;
    const label = this.#scene.cutLabel(context, labelOf(frame, roomPx), roomPx * ratio);
    context.fillText(label, left + labelMarginPx * ratio, top + baselinePx * textScale() * ratio);
  }

  #strip(dashes: readonly number[], left: number, right: number, bottom: number): void {
    const context = this.#context;
    const thick = 2 * this.#line;
    context.fillStyle = this.#scene.colours.text;
    context.globalAlpha = stripAlpha;
    const [line, gap] = dashes;
    if (line === undefined || gap === undefined) context.fillRect(left, bottom - thick, right - left, thick);
    else
      for (let at = left; at < right; at += (line + gap) * this.#ratio)
        context.fillRect(at, bottom - thick, Math.min(line * this.#ratio, right - at), thick);
    context.globalAlpha = 1;
  }

  #matched(left: number, top: number, width: number, height: number): void {
    const context = this.#context;
    const { match } = this.#scene.colours;
    this.#hatch ??= hatchOf(context, match, this.#ratio);
    context.fillStyle = width > 4 * this.#line ? (this.#hatch ?? match) : match;
    context.globalAlpha = width > 4 * this.#line ? 0.34 : 1;
    context.fillRect(left, top, width, height);
    context.globalAlpha = 1;
    this.#outlined(match, left, top, width, height);
  }

  #outlined(colour: string, left: number, top: number, width: number, height: number): void {
    const context = this.#context;
    const thick = 2 * this.#line;
    context.fillStyle = colour;
    if (width <= 2 * thick) return void context.fillRect(left, top, width, height);
    context.fillRect(left, top, width, thick);
    context.fillRect(left, top + height - thick, width, thick);
    context.fillRect(left, top, thick, height);
    context.fillRect(left + width - thick, top, thick, height);
  }
}

const stripAlpha = 0.55;

const scaledFont = (font: string, ratio: number): string =>
  ratio === 1 ? font : font.replace(/([\d.]+)px/, (_, px: string) => `${Number(px) * ratio}px`);

/** Slanted lines, as in the overlay. */
function hatchOf(context: CanvasRenderingContext2D, colour: string, ratio: number): CanvasPattern | null {
  const side = Math.round(8 * ratio);
  const tile = document.createElement("canvas");
  tile.width = side;
  tile.height = side;
  const brush = tile.getContext("2d");
  if (brush === null) return null;
  brush.strokeStyle = colour;
  brush.lineWidth = 2.4 * ratio;
  brush.beginPath();
  for (const from of [-side, 0, side]) {
    brush.moveTo(from, 0);
    brush.lineTo(from + side, side);
  }
  brush.stroke();
  return context.createPattern(tile, "repeat");
}
