import { formatCount, formatDuration, formatValue } from "../../../base/numbers.ts";
import type { TimelineCounter, TimelineTable } from "../../../model/tables.ts";
import { pixel } from "../frame.ts";
import { clippedXml } from "../xml-text.ts";
import { type ReportPanel, section } from "./report-panel.ts";

/** Memory and whatever else was counted beside the samples. */
export const memory: ReportPanel = {
  id: "memory",
  title: "Memory and counters",
  isDefault: true,
  *write({ timeline }) {
    const counters = timeline.counters.filter(({ time }) => time.length > 1).slice(0, MOST_COUNTERS);
    if (counters.length === 0) return;
    yield `${section("memory", "Memory and counters")}<div class="lanes">\n`;
    for (const counter of counters) yield counterMarkup(counter, timeline);
    const { startNs, endNs } = timeline;
    yield `<div class="axis"><span>${formatDuration(startNs)}</span><span>${formatDuration((startNs + endNs) / 2)}</span><span>${formatDuration(endNs)}</span></div></div>\n`;
    const more = timeline.counters.length - counters.length;
    if (more > 0) yield `<p class="dim">${formatCount(more)} counters are not drawn.</p>\n`;
    yield "</section>\n";
  },
};

const MOST_COUNTERS = 12;
const WIDTH = 1000;
const HEIGHT = 48;

function counterMarkup(
  { name, unit, time, value }: TimelineCounter,
  { startNs, endNs }: TimelineTable,
): string {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const each of value) {
    low = Math.min(low, each);
    high = Math.max(high, each);
  }
  // From zero, unless all of it is far above: a rise is to be seen as large as it is.
  const floor = low > 0 && low < high * 0.5 ? 0 : Math.min(0, low);
  const span = endNs - startNs || 1;
  const points: string[] = [];
  for (let i = 0; i < value.length; i++) {
    const x = (WIDTH * ((time[i] as number) - startNs)) / span;
    const y = HEIGHT - 2 - ((HEIGHT - 4) * ((value[i] as number) - floor)) / (high - floor || 1);
    points.push(`${pixel(x)} ${pixel(y)}`);
  }
  const title = clippedXml(name || "counter", 120);
  const words = `${formatValue(value[0] as number, unit)} at first, ${formatValue(high, unit)} at most, ${formatValue(value.at(-1) as number, unit)} at last`;
  return (
    `<div class="lane-name"><span>${title}</span><span>${words}</span></div>\n` +
    `<svg class="counter" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}: ${words}">` +
    `<path class="line" d="M${points.join("L")}"/></svg>\n`
  );
}
