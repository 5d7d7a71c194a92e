import { movedInside, type TimeRange, zoomedRange } from "../../app/timeline-state.ts";
import { pxOf, type TimeScale, timeAt } from "../../widgets/time-scale.ts";

/** What a drag holds: a new range from its anchor, an edge of the old one, or the whole of it. */
export type Grip =
  | { readonly kind: "new"; readonly anchorNs: number }
  | { readonly kind: "edge"; readonly fixedNs: number }
  | { readonly kind: "move"; readonly range: TimeRange; readonly fromNs: number };

const edgePx = 5;
/** A shorter drag is a click. */
const clickPx = 4;

/** What the pointer would hold at a place. */
export function gripAt(scale: TimeScale, range: TimeRange | null, px: number, moving: boolean): Grip {
  const atNs = timeAt(scale, px);
  if (range !== null) {
    const left = Math.abs(px - pxOf(scale, range[0]));
    const right = Math.abs(px - pxOf(scale, range[1]));
    if (left <= edgePx && left <= right) return { kind: "edge", fixedNs: range[1] };
    if (right <= edgePx) return { kind: "edge", fixedNs: range[0] };
    if (moving && atNs > range[0] && atNs < range[1]) return { kind: "move", range, fromNs: atNs };
  }
  return { kind: "new", anchorNs: atNs };
}

/** The range while dragging; null while a new one is too short to be meant. */
export function draggedTo(scale: TimeScale, grip: Grip, px: number): TimeRange | null {
  const toNs = timeAt(scale, px);
  if (grip.kind === "move") return shifted(scale, grip.range, toNs - grip.fromNs);
  const from = grip.kind === "new" ? grip.anchorNs : grip.fixedNs;
  if (grip.kind === "new" && Math.abs(pxOf(scale, from) - px) < clickPx) return null;
  return ordered(from, toNs);
}

function ordered(a: number, b: number): TimeRange {
  return a <= b ? [a, b] : [b, a];
}

/** A range moved as a whole, stopped at the ends. */
function shifted(scale: TimeScale, range: TimeRange, byNs: number): TimeRange {
  const by = Math.min(scale.endNs - range[1], Math.max(scale.startNs - range[0], byNs));
  return [range[0] + by, range[1] + by];
}

/** The cursor after a key; null for keys that do not move it. */
export function cursorAfter(scale: TimeScale, cursorNs: number, key: string, fast: boolean): number | null {
  const span = scale.endNs - scale.startNs;
  const step = fast ? span / 10 : span / 100;
  const clamp = (timeNs: number) => Math.min(scale.endNs, Math.max(scale.startNs, timeNs));
  switch (key) {
    case "ArrowLeft":
      return clamp(cursorNs - step);
    case "ArrowRight":
      return clamp(cursorNs + step);
    case "PageUp":
      return clamp(cursorNs - span / 10);
    case "PageDown":
      return clamp(cursorNs + span / 10);
    case "Home":
      return scale.startNs;
    case "End":
      return scale.endNs;
    default:
      return null;
  }
}

/** The range after the cursor moved with Shift: from the far end of the old one, or from where the cursor was. */
export function extended(range: TimeRange | null, fromNs: number, toNs: number): TimeRange {
  if (range === null) return ordered(fromNs, toNs);
  const anchor = Math.abs(fromNs - range[0]) <= Math.abs(fromNs - range[1]) ? range[1] : range[0];
  return ordered(anchor, toNs);
}

/** What a key does to the part of the time that is in view: Perfetto's W, A, S and D, and plus and minus. */
export function viewAfter(
  scale: TimeScale,
  cursorNs: number,
  key: string,
  durationNs: number,
): TimeRange | null | undefined {
  const shown: TimeRange = [scale.startNs, scale.endNs];
  const step = (scale.endNs - scale.startNs) / 5;
  switch (key.toLowerCase()) {
    case "w":
    case "+":
    case "=":
      return zoomedRange(shown, cursorNs, 1 / keyZoom, durationNs);
    case "s":
    case "-":
      return zoomedRange(shown, cursorNs, keyZoom, durationNs);
    case "a":
      return movedInside([shown[0] - step, shown[1] - step], durationNs);
    case "d":
      return movedInside([shown[0] + step, shown[1] + step], durationNs);
    case "0":
      return null;
    default:
      return undefined;
  }
}

const keyZoom = 1.6;
