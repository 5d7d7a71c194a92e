import type { GraphLayout } from "#core/model/graph-layout.ts";

/** Where the picture of a graph lies in its panel: pixels of the panel = graph × scale + (x, y). */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}
export interface Room {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** As the person put it, in a panel of a size; all of it; or what can be read of it. */
export type Placed = { readonly camera: Camera; readonly size: Room } | "all" | "readable";

export const LEAST_SCALE = 0.05;
export const MOST_SCALE = 3;
/** Names are to be read: what does not fit then begins with its heaviest function, at the top. */
const READABLE_SCALE = 0.7;

/** All of it, as large as it fits and never enlarged. */
export function fitted({ width, height }: GraphLayout, { widthPx, heightPx }: Room): Camera {
  if (width === 0 || height === 0 || widthPx === 0) return { x: 0, y: 0, scale: 1 };
  const scale = Math.min(1, Math.max(LEAST_SCALE, Math.min(widthPx / width, heightPx / height)));
  // What is higher than the panel begins at its top: the callers.
  return { scale, x: (widthPx - width * scale) / 2, y: Math.max(0, (heightPx - height * scale) / 2) };
}

/** All of it where its names can be read then, else its beginning. */
export function readable(layout: GraphLayout, room: Room): Camera {
  const fit = fitted(layout, room);
  const [heaviest] = layout.nodes;
  if (fit.scale >= READABLE_SCALE || !heaviest) return fit;
  const scale = READABLE_SCALE;
  const middle = layout.width * scale <= room.widthPx ? layout.width / 2 : heaviest.x;
  return {
    scale,
    x: room.widthPx / 2 - middle * scale,
    y: Math.min(8, 24 - (heaviest.y - heaviest.height) * scale),
  };
}

/** The same part of the graph in a panel of another size: its middle stays in the middle, as far zoomed in as before. */
export function refitted(camera: Camera, layout: GraphLayout, from: Room, to: Room): Camera {
  if (from.widthPx === 0 || (from.widthPx === to.widthPx && from.heightPx === to.heightPx)) return camera;
  const scale = (camera.scale * fitted(layout, to).scale) / fitted(layout, from).scale;
  const at = (roomPx: number, offset: number): number => (roomPx / 2 - offset) / camera.scale;
  return {
    scale,
    x: to.widthPx / 2 - at(from.widthPx, camera.x) * scale,
    y: to.heightPx / 2 - at(from.heightPx, camera.y) * scale,
  };
}

/** "all", or "0.7@-120,30/800x500": scale, offset, and the size of the panel in which it was put there. */
export const placedText = (placed: Placed): string => {
  if (typeof placed === "string") return placed;
  const { camera, size } = placed;
  const [x, y, width, height] = [camera.x, camera.y, size.widthPx, size.heightPx].map(Math.round);
  return `${Math.round(camera.scale * 1e4) / 1e4}@${x},${y}/${width}x${height}`;
};

/** null where the text means nothing. */
export function placedFrom(text: string): Placed | null {
  if (text === "all") return text;
  const match = /^(\d(?:\.\d{1,4})?)@(-?\d{1,7}),(-?\d{1,7})\/(\d{1,5})x(\d{1,5})$/.exec(text);
  const [scale = 0, x = 0, y = 0, widthPx = 0, heightPx = 0] = (match ?? []).slice(1).map(Number);
  const isSeen = scale >= LEAST_SCALE && scale <= MOST_SCALE && widthPx > 0 && heightPx > 0;
  return isSeen ? { camera: { x, y, scale }, size: { widthPx, heightPx } } : null;
}
