import type { FlameSpan } from "./flame-geometry.ts";
import { wholeSpan } from "./flame-geometry.ts";
import type { FlameFrame, FlameModel } from "./flame-model.ts";

/** The frame that fills the width: what is zoomed into, or the root. */
export const zoomedFrame = (model: FlameModel): FlameFrame =>
  model.zoomPath[model.zoomPath.length - 1] ?? model.root;

/**
 * Where the whole width of one model lies in another of the same profile, in the other's shares: zoomed into a tenth of
 * it, it is ten times as wide as the picture. null where neither holds the other's root.
 */
export function placeIn(before: FlameModel, after: FlameModel): FlameSpan | null {
  const [from, to] = [zoomedFrame(before), zoomedFrame(after)];
  if (from.id === to.id) return wholeSpan;
  const inner = before.byId.get(to.id);
  if (inner !== undefined && !inner.ancestor && inner.x1 > inner.x0) {
    const width = inner.x1 - inner.x0;
    return [-inner.x0 / width, (1 - inner.x0) / width];
  }
  const outer = after.byId.get(from.id);
  if (outer !== undefined && !outer.ancestor && outer.x1 > outer.x0) return [outer.x0, outer.x1];
  return null;
}

/** A part of a width, in the shares of what that width is a part of. */
export const within = ([from, to]: FlameSpan, [start, end]: FlameSpan): FlameSpan => [
  from + start * (to - from),
  from + end * (to - from),
];

/** The other way round: a part of what holds `outer`, in the shares of `outer`. */
export const seenFrom = ([from, to]: FlameSpan, [start, end]: FlameSpan): FlameSpan => [
  (start - from) / (to - from),
  (end - from) / (to - from),
];

/** Between two spans, so that what is drawn moves evenly on the screen. */
export function between(a: FlameSpan, b: FlameSpan, share: number): FlameSpan {
  const [scaleA, scaleB] = [1 / (a[1] - a[0]), 1 / (b[1] - b[0])];
  const scale = scaleA + (scaleB - scaleA) * share;
  const offset = -a[0] * scaleA + (-b[0] * scaleB + a[0] * scaleA) * share;
  return [-offset / scale, (1 - offset) / scale];
}

/** Narrower parts than this could not be told apart by sums of floating point numbers. */
const leastWidth = 1e-7;

/** As wide as it is where there is room, moved so that it lies inside of the whole. */
export function inside([from, to]: FlameSpan): FlameSpan {
  const width = Math.min(1, Math.max(leastWidth, to - from));
  if (width > 0.999_999) return wholeSpan;
  const start = Math.max(0, Math.min(1 - width, from));
  return [start, start + width];
}

/** Zoomed by a factor (under 1: closer) about a share of the picture's width. */
export function zoomedAbout([from, to]: FlameSpan, share: number, factor: number): FlameSpan {
  const at = from + share * (to - from);
  return [at - (at - from) * factor, at + (to - at) * factor];
}

/** The innermost frame that holds a span, for asking what lies below it in more detail. */
export function holderOf(model: FlameModel, [from, to]: FlameSpan): FlameFrame {
  let frame = zoomedFrame(model);
  for (;;) {
    const inner = frame.children.find((child) => child.x0 <= from && child.x1 >= to);
    if (inner === undefined) return frame;
    frame = inner;
  }
}
