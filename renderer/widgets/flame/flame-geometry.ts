import type { FlameFrame, FlameModel } from "./flame-model.ts";

export const rowHeightPx = 18;
/** Rows above and below the visible part that are drawn too. */
export const spareRows = 12;
/** How the frames are shown, beside the frames themselves. */
export interface FlameLook {
  readonly widthPx: number;
  readonly rootOnTop: boolean;
  readonly selectedFunction: number;
  readonly fill: (frame: FlameFrame) => string;
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
  return Math.max(model.levels.length * rowHeightPx, window.heightPx);
}

export function boxOf(frame: FlameFrame, look: FlameLook, heightPx: number): FlameBox {
  const top = frame.depth * rowHeightPx;
  return {
    x: frame.x0 * look.widthPx,
    y: look.rootOnTop ? top : heightPx - top - rowHeightPx,
    width: (frame.x1 - frame.x0) * look.widthPx,
  };
}

/** First and last level to draw. */
export function levelsInView(
  model: FlameModel,
  look: FlameLook,
  window: FlameWindow,
): readonly [number, number] {
  const height = chartHeightPx(model, window);
  const topPx = look.rootOnTop ? window.topPx : height - window.topPx - window.heightPx;
  const first = Math.floor(topPx / rowHeightPx) - spareRows;
  const last = Math.ceil((topPx + window.heightPx) / rowHeightPx) + spareRows;
  return [Math.max(0, first), Math.min(model.levels.length - 1, last)];
}

/** Rectangles as one path, inset by half a line so that neighbours do not cover each other's outline. */
export function outline(boxes: readonly FlameBox[]): string {
  const parts: string[] = [];
  for (const box of boxes) {
    const width = Math.max(0.5, box.width - 2);
    parts.push(
      `M${round(box.x + 1)} ${round(box.y + 1)}h${round(width)}v${rowHeightPx - 2}h${round(-width)}z`,
    );
  }
  return parts.join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
