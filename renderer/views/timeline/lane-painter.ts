import type { TimelineLane, TimelineTable } from "#core/model/tables.ts";
import { fittedText } from "../../widgets/fitted-text.ts";
import { plainName } from "../../widgets/function-text.ts";
import { pxOf, type Tick, type TimeScale } from "../../widgets/time-scale.ts";
import { type IntervalRow, intervalName, type TimelineRow } from "./timeline-rows.ts";

/** What can be hit by a finger or an unsteady hand: WCAG 2.2, 2.5.8. */
const leastLanePx = 25;
export const mostLanePx = 40;
/** Free room above a lane's highest value. */
const headroomPx = 3;
const narrowestLabelPx = 28;
const labelMarginPx = 4;

/** Lanes share the room that is left over, within reason. */
export function laneHeightFor(lanes: number, roomPx: number): number {
  return Math.max(leastLanePx, Math.min(mostLanePx, Math.floor(roomPx / Math.max(1, lanes))));
}

export interface LaneColours {
  readonly lane: string;
  readonly lit: string;
  readonly line: string;
  readonly text: string;
  readonly font: string;
  readonly series: readonly string[];
}

export interface LaneScene {
  readonly table: TimelineTable;
  readonly rows: readonly TimelineRow[];
  readonly scale: TimeScale;
  readonly lanePx: number;
  readonly ticks: readonly Tick[];
  readonly colours: LaneColours;
  /** The value that fills a lane's height. */
  readonly full: number;
  /** Lanes that are not asked for are drawn faint. */
  readonly isFaint: (lane: { readonly thread: number }) => boolean;
}

/** All lanes on one canvas, crisp at the screen's own resolution. */
export function paintLanes(canvas: HTMLCanvasElement, scene: LaneScene): void {
  const { rows, scale, colours, lanePx } = scene;
  const heightPx = rows.length * lanePx;
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.round(scale.widthPx * ratio), Math.round(heightPx * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, scale.widthPx, heightPx);
  context.fillStyle = colours.line;
  for (const tick of scene.ticks) {
    context.fillRect(Math.round(pxOf(scale, tick.timeNs)), 0, 1 / ratio, heightPx);
  }
  const waits = hatchOf(context, colours.lane);
  rows.forEach((row, index) => {
    const bottom = (index + 1) * lanePx - 1;
    context.fillStyle = colours.line;
    context.fillRect(0, bottom, scale.widthPx, 1 / ratio);
    if (row.kind === "process") {
      context.fillStyle = scene.table.showsWaits ? waits : colours.lane;
      fillBins(context, row.bins, scene, bottom, Math.max(scene.full, ...row.bins));
      return;
    }
    context.globalAlpha = scene.isFaint(row.lane) ? 0.3 : 1;
    if (row.kind === "intervals") paintIntervals(context, row, scene, bottom);
    else paintThread(context, row.lane, scene, bottom, waits);
    context.globalAlpha = 1;
  });
}

/** What runs from the ground up, what waits hatched above it, where the selected function ran or waited over both. */
function paintThread(
  context: CanvasRenderingContext2D,
  lane: TimelineLane,
  scene: LaneScene,
  bottom: number,
  waits: CanvasPattern | string,
): void {
  const { bins, highlighted } = lane;
  const runs = scene.table.showsWaits ? lane.running : bins;
  const waiting = scene.table.showsWaits ? bins : lane.waiting;
  const fill = (values: Float32Array, style: CanvasPattern | string): void => {
    context.fillStyle = style;
    fillBins(context, values, scene, bottom, scene.full);
  };
  const aboveRuns = (values: Float32Array): Float32Array =>
    values.map((value, bin) => (value > 0 ? value + (runs?.[bin] ?? 0) : 0));
  if (waiting !== null) fill(aboveRuns(waiting), waits);
  if (highlighted !== null && scene.table.showsWaits) fill(aboveRuns(highlighted), scene.colours.lit);
  if (runs !== null) fill(runs, scene.colours.lane);
  if (highlighted !== null && !scene.table.showsWaits) fill(highlighted, scene.colours.lit);
}

function paintIntervals(
  context: CanvasRenderingContext2D,
  { lane }: IntervalRow,
  { scale, lanePx, colours }: LaneScene,
  bottom: number,
): void {
  const colour = colours.series[hashOf(lane.category) % Math.max(1, colours.series.length)] ?? colours.lane;
  const top = bottom - lanePx + headroomPx;
  const height = lanePx - headroomPx - 2;
  const alpha = context.globalAlpha;
  for (let box = 0; box < lane.start.length; box++) {
    const start = Math.round(pxOf(scale, lane.start[box] ?? 0));
    const right = Math.max(start + 1, Math.round(pxOf(scale, lane.end[box] ?? 0)));
    if (right < 0 || start > scale.widthPx) continue;
    // What happened at the very end is drawn inside the edge.
    const left = Math.min(start, Math.floor(scale.widthPx) - 2);
    context.fillStyle = colour;
    context.globalAlpha = alpha * 0.3;
    context.fillRect(left, top, right - left, height);
    context.globalAlpha = alpha;
    context.fillRect(left, top, right - left < 16 && right > start + 1 ? 1 : 2, height);
    const from = Math.max(0, left) + labelMarginPx;
    const room = Math.min(scale.widthPx, right) - from;
    if (room < narrowestLabelPx) continue;
    context.save();
    context.beginPath();
    context.rect(from, top, room - 2, height);
    context.clip();
    context.font = colours.font;
    context.textBaseline = "middle";
    context.fillStyle = colours.text;
    const label = fittedText(context, plainName(intervalName(lane, box)), room - 2);
    context.fillText(label, from, top + height / 2 + 0.5);
    context.restore();
  }
}

const hashOf = (text: string): number => {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (Math.imul(value, 31) + text.charCodeAt(at)) >>> 0;
  return value;
};

function fillBins(
  context: CanvasRenderingContext2D,
  bins: Float32Array,
  { table, scale, lanePx }: LaneScene,
  bottomPx: number,
  full: number,
): void {
  const left = pxOf(scale, table.startNs);
  const binPx = (pxOf(scale, table.endNs) - left) / Math.max(1, bins.length);
  const room = lanePx - 1 - headroomPx;
  context.beginPath();
  for (let bin = 0; bin < bins.length; bin++) {
    const share = Math.min(1, (bins[bin] ?? 0) / full);
    if (!(share > 0)) continue;
    const height = Math.max(1, share * room);
    // Edges on whole pixels leave no seams between neighbours.
    const from = Math.round(left + bin * binPx);
    const to = Math.max(from + 1, Math.round(left + (bin + 1) * binPx));
    context.rect(from, bottomPx - height, to - from, height);
  }
  context.fill();
}

const hatches = new Map<string, CanvasPattern>();

/** Slanted lines; where there are no patterns, the plain colour. Made once a colour. */
function hatchOf(context: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
  const known = hatches.get(colour);
  if (known !== undefined) return known;
  const tile = document.createElement("canvas");
  tile.width = 5;
  tile.height = 5;
  const brush = tile.getContext("2d");
  if (brush === null) return colour;
  brush.strokeStyle = colour;
  brush.beginPath();
  for (const from of [-5, 0, 5]) {
    brush.moveTo(from, 5);
    brush.lineTo(from + 5, 0);
  }
  brush.stroke();
  const pattern = context.createPattern(tile, "repeat");
  if (pattern === null) return colour;
  hatches.set(colour, pattern);
  return pattern;
}
