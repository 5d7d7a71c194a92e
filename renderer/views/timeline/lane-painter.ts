import type { TimelineLane, TimelineTable } from "#core/model/tables.ts";
import { pxOf, type Tick, type TimeScale } from "../../widgets/time-scale.ts";

const leastLanePx = 20;
const mostLanePx = 40;
/** Free room above a lane's highest value. */
const headroomPx = 3;

/** Lanes share the room that is left over, within reason. */
export function laneHeightFor(lanes: number, roomPx: number): number {
  return Math.max(leastLanePx, Math.min(mostLanePx, Math.floor(roomPx / Math.max(1, lanes))));
}

export interface LaneColours {
  readonly lane: string;
  readonly lit: string;
  readonly line: string;
}

export interface LaneScene {
  readonly table: TimelineTable;
  readonly scale: TimeScale;
  readonly lanePx: number;
  readonly ticks: readonly Tick[];
  readonly colours: LaneColours;
  /** The value that fills a lane's height. */
  readonly full: number;
  /** Lanes that are not asked for are drawn faint. */
  readonly isFaint: (lane: TimelineLane) => boolean;
}

/** All lanes on one canvas, crisp at the screen's own resolution. */
export function paintLanes(canvas: HTMLCanvasElement, scene: LaneScene): void {
  const { table, scale, colours, lanePx } = scene;
  const heightPx = table.lanes.length * lanePx;
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
  table.lanes.forEach((lane, index) => {
    const bottom = (index + 1) * lanePx - 1;
    context.fillStyle = colours.line;
    context.fillRect(0, bottom, scale.widthPx, 1 / ratio);
    context.globalAlpha = scene.isFaint(lane) ? 0.3 : 1;
    context.fillStyle = colours.lane;
    fillBins(context, lane.bins, scene, bottom);
    if (lane.highlighted !== null) {
      context.fillStyle = colours.lit;
      fillBins(context, lane.highlighted, scene, bottom);
    }
    context.globalAlpha = 1;
  });
}

function fillBins(
  context: CanvasRenderingContext2D,
  bins: Float32Array,
  { table, scale, lanePx, full }: LaneScene,
  bottomPx: number,
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
