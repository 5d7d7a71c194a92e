import { formatPercent, formatValue } from "../base/numbers.ts";
import {
  type DiffChange,
  type DiffFlameRow,
  type DiffFlameTable,
  isAboveNoise,
} from "../model/diff-tables.ts";
import { darkStyle, frameMarkup, LETTER, LONGEST_TITLE, MARGIN, ROW, style } from "./report/frame.ts";
import { reportScript } from "./report/script.ts";
import { clip, clippedXml } from "./report/xml-text.ts";

export interface DiffReport {
  readonly flame: DiffFlameTable;
  readonly title: string;
  /** What was compared, a line each. */
  readonly facts: readonly string[];
  readonly widthPx: number;
}

/**
 * Two profiles as one flame graph, each box as wide as the larger side: red has grown, blue has shrunk, the stronger the
 * more of the box it is; grey has not changed, or by no more than chance. The change is written into each box too.
 */
export function* diffSvg({ flame, title, facts, widthPx }: DiffReport): Iterable<string> {
  const inner = widthPx - 2 * MARGIN;
  const deepest = flame.rows.reduce((most, row) => Math.max(most, row.depth), 0);
  const factsTop = MARGIN + 42;
  const legendTop = factsTop + facts.length * 18;
  const graphTop = legendTop + 50;
  const height = graphTop + (deepest + 2) * ROW + MARGIN + 20;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n`;
  yield `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${height}" viewBox="0 0 ${widthPx} ${height}" role="group" aria-labelledby="report-title">\n`;
  yield `<title id="report-title">${clippedXml(title, LONGEST_TITLE)}</title>\n`;
  yield `<style>${style}</style>\n<style>${darkStyle}</style>\n`;
  yield `<rect class="page" width="${widthPx}" height="${height}" fill="none"/>\n`;
  yield `<text class="title" x="${MARGIN}" y="${MARGIN + 18}">${clippedXml(title, Math.floor(inner / 11))}</text>\n`;
  for (const [line, fact] of facts.entries())
    yield `<text class="mono" x="${MARGIN}" y="${factsTop + line * 18}">${clippedXml(fact, Math.floor(inner / LETTER))}</text>\n`;
  yield `<text class="dim" x="${MARGIN}" y="${legendTop}">Red has grown, blue has shrunk; grey has not changed, or by no more than chance. Boxes are as wide as the larger side.</text>\n`;
  yield `<text id="details" class="mono" x="${MARGIN}" y="${legendTop + 20}">Point at a box for its numbers.</text>\n`;
  // Shown by the script, which is what they are for.
  const right = widthPx - MARGIN;
  const controlsY = legendTop + 38;
  yield `<g class="controls" style="display:none"><text id="matched" class="dim" x="${right - 270}" y="${controlsY}" text-anchor="end"></text>`;
  yield `<text id="reset" class="button" role="button" tabindex="0" x="${right - 170}" y="${controlsY}" text-anchor="end">Reset zoom</text>`;
  yield `<text id="clear" class="button" role="button" tabindex="0" x="${right - 70}" y="${controlsY}" text-anchor="end">Clear search</text>`;
  yield `<text id="search" class="button" role="button" tabindex="0" x="${right}" y="${controlsY}" text-anchor="end">Search</text></g>\n`;
  yield `<g id="graph" role="group" aria-label="Flame graph of what changed" data-left="${MARGIN}" data-width="${inner}" data-row="${ROW}" data-letter="${LETTER}">\n`;
  const all = { x: 0, w: 1, depth: 0, parent: -1, name: "all", title: "all", fill: "hsl(220 10% 86%)" };
  if (flame.rows.length > 0) yield frameMarkup(all, graphTop, inner);
  for (const row of flame.rows)
    yield frameMarkup(
      {
        x: row.start / flame.width,
        w: row.width / flame.width,
        depth: row.depth + 1,
        parent: row.parent + 1,
        name: `${clip(row.name, LONGEST_TITLE)}${isAboveNoise(row.total) ? ` (${changeText(row.total)})` : ""}`,
        title: titleOf(row, flame.unit),
        fill: colourOf(row.total),
      },
      graphTop,
      inner,
    );
  yield "</g>\n";
  yield `<text class="dim" x="${MARGIN}" y="${height - 14}">Made by Flamewright</text>\n`;
  yield `<script>//<![CDATA[\n${reportScript}//]]></script>\n</svg>\n`;
}

const changeText = ({ before, change, state }: DiffChange): string =>
  state === "new" || state === "gone"
    ? state
    : state === "same"
      ? "="
      : `${change > 0 ? "+" : "-"}${formatPercent(Math.abs(change), before)}`;

function titleOf({ name, self, total }: DiffFlameRow, unit: string): string {
  const side = (change: DiffChange): string =>
    `${formatValue(change.before, unit)} → ${formatValue(change.after, unit)} (${changeText(change)})`;
  const noise =
    total.state === "same" || Number.isNaN(total.sigma)
      ? ""
      : ` · ${Math.abs(total.sigma).toFixed(1)}σ${isAboveNoise(total) ? "" : ", may be chance"}`;
  return `${clip(name, LONGEST_TITLE)} · total ${side(total)} · self ${side(self)}${noise}`;
}

/** From nearly white to a strong colour that black letters can still be read on. */
function colourOf(change: DiffChange): string {
  if (!isAboveNoise(change)) return "hsl(220 8% 84%)";
  const share = Math.abs(change.change) / Math.max(Math.abs(change.before), Math.abs(change.after));
  const light = Math.round(90 - 28 * Math.min(1, share));
  return change.change > 0 ? `hsl(4 85% ${light}%)` : `hsl(212 85% ${light}%)`;
}
