import { formatCount, formatDuration, formatPercent, formatValue } from "../../../base/numbers.ts";
import type { TimelineLane, TimelineTable } from "../../../model/tables.ts";
import { pixel } from "../frame.ts";
import { clippedXml } from "../xml-text.ts";
import { type ReportPanel, section } from "./report-panel.ts";

export const timeline: ReportPanel = {
  id: "timeline",
  title: "Threads over time",
  isDefault: true,
  *write({ timeline: table }) {
    if (table.timed && table.lanes.length > 0) yield* lanesOf(table);
  },
};

const LANE_PX = 32;

function* lanesOf(timeline: TimelineTable): Iterable<string> {
  const { lanes, threadsInAll, startNs, endNs } = timeline;
  yield `${section("time", "Threads over time")}<div class="lanes">\n`;
  for (const lane of lanes) yield laneMarkup(lane, timeline);
  yield `<div class="axis"><span>${formatDuration(startNs)}</span><span>${formatDuration((startNs + endNs) / 2)}</span><span>${formatDuration(endNs)}</span></div></div>\n`;
  const hidden = threadsInAll - lanes.filter(({ thread }) => thread !== -1).length;
  if (hidden > 0) yield `<p class="dim">${formatCount(hidden)} threads with less are not drawn.</p>\n`;
  yield "</section>\n";
}

function laneMarkup(lane: TimelineLane, timeline: TimelineTable): string {
  const { bins } = lane;
  const most = bins.reduce((largest, value) => Math.max(largest, value), 0);
  const steps: string[] = [];
  for (let i = 0; i < bins.length; i++) {
    const y = pixel(LANE_PX - (most > 0 ? ((bins[i] as number) / most) * (LANE_PX - 2) : 0));
    steps.push(`L${i} ${y}L${i + 1} ${y}`);
  }
  const name = clippedXml(lane.name || "unnamed", 80);
  const share = formatPercent(lane.totalValue, timeline.totalValue);
  const value = formatValue(lane.totalValue, timeline.unit);
  return (
    `<div class="lane-name"><span>${name} <span class="dim">${lane.tid >= 0 ? lane.tid : ""}</span></span><span>${value}, ${share}</span></div>\n` +
    `<svg viewBox="0 0 ${bins.length} ${LANE_PX}" preserveAspectRatio="none" role="img" aria-label="${name}: ${value} over time, ${share} of all">` +
    `<path class="lane" d="M0 ${LANE_PX}${steps.join("")}L${bins.length} ${LANE_PX}Z"/></svg>\n`
  );
}
