import { formatCount, formatDuration, formatPercent, formatValue } from "../../../base/numbers.ts";
import type { TimelineIntervalLane, TimelineLane, TimelineTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { pixel } from "../frame.ts";
import { AXIS_PX, axis, ground, HEAD_PX, laneHead } from "../time-picture.ts";
import { panelOf } from "./report-panel.ts";

/** What each thread used of the CPU, and what it did: collections, locks, calls. */
export const timeline = panelOf(
  { id: "timeline", title: "Threads over time", isDefault: true, isInPicture: false },
  ({ timeline: table, inner }) => (table.timed && table.lanes.length > 0 ? blocksOf(table, inner) : []),
);

const LANE_PX = 30;
const BOX_PX = 10;
const GAP_PX = 8;
const MOST_INTERVAL_LANES = 8;

function blocksOf(table: TimelineTable, width: number): readonly Block[] {
  const { lanes, threadsInAll, startNs, endNs } = table;
  const intervals = table.intervalLanes.slice(0, MOST_INTERVAL_LANES);
  const markup: string[] = [];
  let y = 0;
  for (const lane of lanes) {
    markup.push(...laneMarkup(lane, table, y, width));
    y += HEAD_PX + LANE_PX + GAP_PX;
  }
  for (const lane of intervals) {
    markup.push(...intervalMarkup(lane, table, y, width));
    y += HEAD_PX + BOX_PX + GAP_PX;
  }
  markup.push(...marksMarkup(table, y, width), axis(y, width, startNs, endNs));
  const hidden = threadsInAll - lanes.filter(({ thread }) => thread !== -1).length;
  const left = table.intervalLanesInAll - intervals.length;
  const words = [
    hidden > 0 ? `${formatCount(hidden)} threads with less are not drawn.` : "",
    left > 0 ? `${formatCount(left)} more kinds of what threads did are not drawn.` : "",
  ].filter(Boolean);
  return [
    { kind: "picture", label: labelOf(table), width, height: y + AXIS_PX, markup },
    ...words.map((text): Block => ({ kind: "words", text })),
  ];
}

const labelOf = ({ lanes, totalValue }: TimelineTable): string =>
  `Threads over time: ${lanes.map(({ name, totalValue: own }) => `${name || "unnamed"} ${formatPercent(own, totalValue)}`).join(", ")}`;

function laneMarkup(lane: TimelineLane, timeline: TimelineTable, y: number, width: number): string[] {
  const { bins, name, tid } = lane;
  const most = bins.reduce((largest, value) => Math.max(largest, value), 0);
  const [top, bottom] = [y + HEAD_PX, y + HEAD_PX + LANE_PX];
  const steps: string[] = [];
  for (let i = 0; i < bins.length; i++) {
    const height = pixel(bottom - (most > 0 ? ((bins[i] as number) / most) * (LANE_PX - 2) : 0));
    steps.push(
      `L${pixel((width * i) / bins.length)} ${height}L${pixel((width * (i + 1)) / bins.length)} ${height}`,
    );
  }
  const share = formatPercent(lane.totalValue, timeline.totalValue);
  const words = `${formatValue(lane.totalValue, timeline.unit)}, ${share}`;
  return [
    laneHead(y, width, `${name || "unnamed"}${tid >= 0 ? ` ${tid}` : ""}`, words),
    `${ground(top, width, LANE_PX)}<path class="lane" d="M0 ${bottom}${steps.join("")}L${width} ${bottom}Z"/>\n`,
  ];
}

function intervalMarkup(
  lane: TimelineIntervalLane,
  timeline: TimelineTable,
  y: number,
  width: number,
): string[] {
  const { category, threadName, tid, intervals, totalNs, start, end } = lane;
  const span = timeline.endNs - timeline.startNs || 1;
  const top = y + HEAD_PX;
  let boxes = "";
  for (let i = 0; i < start.length; i++) {
    const x = (width * ((start[i] as number) - timeline.startNs)) / span;
    const wide = Math.max(0.5, (width * ((end[i] as number) - (start[i] as number))) / span);
    boxes += `M${pixel(x)} ${top}h${pixel(wide)}v${BOX_PX}h-${pixel(wide)}z`;
  }
  const who = [threadName, tid >= 0 ? String(tid) : ""].filter(Boolean).join(" ");
  const words = `${formatCount(intervals)} in ${formatDuration(totalNs)}`;
  return [
    laneHead(y, width, who === "" ? category : `${category}: ${who}`, words),
    `${ground(top, width, BOX_PX)}<path class="hot" d="${boxes}"/>\n`,
  ];
}

function marksMarkup({ marks, startNs, endNs }: TimelineTable, height: number, width: number): string[] {
  const span = endNs - startNs || 1;
  const inside = marks.filter(({ timeNs }) => timeNs >= startNs && timeNs <= endNs).slice(0, 200);
  if (inside.length === 0) return [];
  const lines = inside.map(({ timeNs }) => `M${pixel((width * (timeNs - startNs)) / span)} 0v${height}`);
  return [`<path class="mark" d="${lines.join("")}"/>\n`];
}
