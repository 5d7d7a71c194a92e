import type { FlameFrame, FlameModel } from "./flame-model.ts";

export type FlameMove = "caller" | "callee" | "previous" | "next" | "first" | "last" | "deeper" | "shallower";

/** A page key goes so many levels. */
const pageLevels = 10;

/** Where the keyboard goes from a frame. Sideways moves stay on the level, also past the siblings. */
export function moveFrom(model: FlameModel, from: FlameFrame, move: FlameMove): FlameFrame {
  switch (move) {
    case "caller":
      return from.parent ?? from;
    case "callee":
      return widestOf(from.children) ?? from;
    case "previous":
      return beside(model, from, -1);
    case "next":
      return beside(model, from, 1);
    case "first":
      return model.zoomPath[model.zoomPath.length - 1] ?? model.root;
    case "last":
      return widestChainEnd(from, Number.POSITIVE_INFINITY);
    case "deeper":
      return widestChainEnd(from, pageLevels);
    case "shallower": {
      let frame = from;
      for (let step = 0; step < pageLevels && frame.parent !== null; step++) frame = frame.parent;
      return frame;
    }
  }
}

/** The move a key stands for; up and down follow the picture. */
export function moveOfKey(key: string, rootOnTop: boolean): FlameMove | null {
  switch (key) {
    case "ArrowLeft":
      return "previous";
    case "ArrowRight":
      return "next";
    case "ArrowUp":
      return rootOnTop ? "caller" : "callee";
    case "ArrowDown":
      return rootOnTop ? "callee" : "caller";
    case "Home":
      return "first";
    case "End":
      return "last";
    case "PageUp":
      return rootOnTop ? "shallower" : "deeper";
    case "PageDown":
      return rootOnTop ? "deeper" : "shallower";
    default:
      return null;
  }
}

function beside(model: FlameModel, from: FlameFrame, step: number): FlameFrame {
  const level = model.levels[from.depth] ?? [];
  return level[level.indexOf(from) + step] ?? from;
}

function widestOf(frames: readonly FlameFrame[]): FlameFrame | undefined {
  let widest: FlameFrame | undefined;
  for (const frame of frames) {
    if (widest === undefined || frame.x1 - frame.x0 > widest.x1 - widest.x0) widest = frame;
  }
  return widest;
}

function widestChainEnd(from: FlameFrame, levels: number): FlameFrame {
  let frame = from;
  for (let step = 0; step < levels; step++) {
    const next = widestOf(frame.children);
    if (next === undefined) break;
    frame = next;
  }
  return frame;
}
