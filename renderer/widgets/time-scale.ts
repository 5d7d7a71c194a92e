import { textScale } from "./text-scale.ts";

/** Times are ns from the profile's start, places are CSS pixels from the left edge of the plots. */
export interface TimeScale {
  readonly startNs: number;
  readonly endNs: number;
  readonly widthPx: number;
}

export function pxOf(scale: TimeScale, timeNs: number): number {
  const span = scale.endNs - scale.startNs;
  return span > 0 ? ((timeNs - scale.startNs) / span) * scale.widthPx : 0;
}

export function timeAt(scale: TimeScale, px: number): number {
  if (!(scale.widthPx > 0)) return scale.startNs;
  const share = Math.min(1, Math.max(0, px / scale.widthPx));
  return scale.startNs + share * (scale.endNs - scale.startNs);
}

/** Right edges of a live timeline: each holds for a while, so that the scale does not change with every update. */
const liveStepsNs: readonly (readonly [belowNs: number, stepNs: number])[] = [
  [10e9, 10e9],
  [60e9, 10e9],
  [300e9, 30e9],
  [1800e9, 120e9],
  [Number.POSITIVE_INFINITY, 600e9],
];

/**
 * What the plots show. A profile that grows from zero gets room ahead; a window that slides ("last 10 seconds")
 * and one that is finished are shown as they are.
 */
export function domainOf(startNs: number, endNs: number, live: boolean): readonly [number, number] {
  const end = endNs > startNs ? endNs : startNs + 1;
  if (!live || startNs > 0) return [startNs, end];
  for (const [below, step] of liveStepsNs) {
    if (end <= below) return [startNs, Math.max(1, Math.ceil(end / step)) * step];
  }
  return [startNs, end];
}

const stepsNs: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * 1e3),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * 1e6),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * 1e9),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * 60e9),
  ...[1, 2, 3, 6, 12, 24].map((n) => n * 3600e9),
];
/** Room that a tick's label needs. */
const tickPx = 72;
/** Its text alone. */
const labelPx = 46;

export interface Tick {
  readonly timeNs: number;
  readonly label: string;
}

export function ticksOf(scale: TimeScale): readonly Tick[] {
  const span = scale.endNs - scale.startNs;
  const wanted = Math.max(1, Math.floor(scale.widthPx / tickPx));
  const step =
    stepsNs.find((candidate) => span / candidate <= wanted) ?? Math.ceil(span / wanted / 86400e9) * 86400e9;
  const ticks: Tick[] = [];
  for (let index = Math.ceil(scale.startNs / step); index * step <= scale.endNs; index++) {
    ticks.push({ timeNs: index * step, label: tickLabel(index * step, step) });
  }
  return ticks;
}

/** A label begins at its tick: nearer to the right edge there is no room for one. */
export const hasLabelRoom = (scale: TimeScale, timeNs: number): boolean =>
  pxOf(scale, timeNs) <= scale.widthPx - labelPx * textScale();

/** "0.25 s", "12 s", "1:30", "1:02:00": as many digits as the step needs. */
function tickLabel(timeNs: number, stepNs: number): string {
  const seconds = timeNs / 1e9;
  if (stepNs >= 1e9 && seconds >= 60) return clockText(Math.round(seconds));
  const decimals = stepNs >= 1e9 ? 0 : Math.min(9, Math.ceil(-Math.log10(stepNs / 1e9) - 1e-9));
  return `${seconds.toFixed(decimals)}\u00a0s`;
}

/** A point in time to the width of one pixel: "12.34 s", "1:30.5". */
export function timeText(timeNs: number, scale: TimeScale): string {
  const pixelNs = (scale.endNs - scale.startNs) / Math.max(1, scale.widthPx);
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(pixelNs / 1e9))));
  const seconds = timeNs / 1e9;
  if (seconds < 60) return `${seconds.toFixed(decimals)}\u00a0s`;
  const rest = (seconds % 60).toFixed(Math.min(decimals, 3));
  const carried = Number(rest) >= 60;
  const whole = Math.floor(seconds / 60) * 60 + (carried ? 60 : 0);
  const fraction = carried ? "" : (rest.split(".")[1] ?? "");
  const clock = clockText(whole + (carried ? 0 : Math.floor(seconds % 60)));
  return fraction === "" ? clock : `${clock}.${fraction}`;
}

function clockText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
