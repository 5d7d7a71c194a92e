import { textScale } from "../text-scale.ts";
import type { FrameFill } from "./flame-fill.ts";
import type { FlameFrame, FlameModel } from "./flame-model.ts";
import type { FrameStrip } from "./flame-strip.ts";

/** Of texts of the size that is the default. */
const rowPx = 18;
/** As high as the texts ask for. */
export const rowHeightPx = (): number => Math.round(rowPx * textScale());
/** Rows above and below the visible part that are drawn too. */
export const spareRows = 12;
/** Narrower frames have no label in d3-flame-graph. */
export const labelPx = 35;

/** The part of a model's width that fills the picture, as shares: [0, 1] is all of it. */
export type FlameSpan = readonly [number, number];
export const wholeSpan: FlameSpan = [0, 1];
export const isWhole = ([from, to]: FlameSpan): boolean => from === 0 && to === 1;

/** How the frames are shown, beside the frames themselves. */
export interface FlameLook {
  readonly widthPx: number;
  readonly rootOnTop: boolean;
  readonly selectedFunction: number;
  readonly fill: FrameFill;
  readonly strip: FrameStrip;
}

/** The part of a chart that is scrolled into view. */
export interface FlameWindow {
  readonly topPx: number;
  readonly heightPx: number;
}

export interface FlameBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export function chartHeightPx(model: FlameModel, window: FlameWindow): number {
  return Math.max(model.levels.length * rowHeightPx(), window.heightPx);
}

/** Cut off at the edges of the picture. */
export function boxOf(
  frame: FlameFrame,
  look: FlameLook,
  heightPx: number,
  [from, to]: FlameSpan = wholeSpan,
): FlameBox {
  const scale = look.widthPx / (to - from);
  const left = clamp((frame.x0 - from) * scale, look.widthPx);
  const right = clamp((frame.x1 - from) * scale, look.widthPx);
  return { x: left, y: topOf(frame.depth, look, heightPx), width: right - left };
}

export function topOf(depth: number, look: FlameLook, heightPx: number): number {
  const top = depth * rowHeightPx();
  return look.rootOnTop ? top : heightPx - top - rowHeightPx();
}

const clamp = (px: number, mostPx: number): number => Math.max(0, Math.min(mostPx, px));

/** First and last level to draw. */
export function levelsInView(
  model: FlameModel,
  look: FlameLook,
  window: FlameWindow,
): readonly [number, number] {
  const height = chartHeightPx(model, window);
  const topPx = look.rootOnTop ? window.topPx : height - window.topPx - window.heightPx;
  const first = Math.floor(topPx / rowHeightPx()) - spareRows;
  const last = Math.ceil((topPx + window.heightPx) / rowHeightPx()) + spareRows;
  return [Math.max(0, first), Math.min(model.levels.length - 1, last)];
}

/** The frames of a level that a span shows: their first place and the one after their last. */
export function framesInSpan(level: readonly FlameFrame[], [from, to]: FlameSpan): readonly [number, number] {
  return [firstAt(level, (frame) => frame.x1 > from), firstAt(level, (frame) => frame.x0 >= to)];
}

/** The first place of a level from which on `holds` is true. */
function firstAt(level: readonly FlameFrame[], holds: (frame: FlameFrame) => boolean): number {
  let low = 0;
  let high = level.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const frame = level[middle];
    if (frame === undefined || holds(frame)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Rectangles as one path, inset by half a line so that neighbours do not cover each other's outline. */
export function outline(boxes: readonly FlameBox[]): string {
  const parts: string[] = [];
  for (const box of boxes) {
    const width = Math.max(0.5, box.width - 2);
    parts.push(
      `M${round(box.x + 1)} ${round(box.y + 1)}h${round(width)}v${rowHeightPx() - 2}h${round(-width)}z`,
    );
  }
  return parts.join("");
}

/** The lower edges of rectangles as one path. */
export function underline(boxes: readonly FlameBox[]): string {
  return boxes
    .map(
      (box) => `M${round(box.x)} ${round(box.y + rowHeightPx() - 2.5)}h${round(Math.max(0, box.width - 1))}`,
    )
    .join("");
}

const round = (px: number): number => Math.round(px * 100) / 100;
