import { compareFramesMarkup } from "../report/compare-frames.ts";
import { sidesOf, titleOf } from "../report/compare-words.ts";
import { darkStyle, LETTER, LONGEST_TITLE, MARGIN, ROW, style } from "../report/frame.ts";
import { reportScript } from "../report/script.ts";
import { clippedXml } from "../report/xml-text.ts";
import { textChunks } from "../text-chunks.ts";
import type { ComparisonExporter, ComparisonRequest } from "./comparison-exporter.ts";

export const svg: ComparisonExporter = {
  id: "svg",
  title: "SVG",
  purpose: "a differential flame graph that stands alone: zoom, search, prints",
  extension: "svg",
  mimeType: "image/svg+xml",
  write: (request) => textChunks(parts(request)),
};

const WIDTH = 1200;
const MOST_BOXES = 6000;

/**
 * Two profiles as one flame graph, each box as wide as the larger side: red has grown, blue has shrunk, the stronger the
 * more of the box it is; grey has not changed, or by no more than chance. The change is written into each box too.
 */
function* parts({ answer, title: given, notes }: ComparisonRequest): Iterable<string> {
  const summary = answer({ view: "summary" });
  const table = answer({ view: "flame", widthPx: WIDTH, minPx: 0.5, maxRows: MOST_BOXES });
  const title = given || titleOf(summary);
  const facts = [
    ...summary.verdict,
    ...sidesOf(summary),
    summary.basis,
    ...notes.split("\n").filter(Boolean),
  ];
  const widthPx = WIDTH;
  const inner = widthPx - 2 * MARGIN;
  const deepest = table.flame.depth.reduce((most, depth) => Math.max(most, depth), 0);
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
  yield* compareFramesMarkup(table, graphTop, inner);
  yield "</g>\n";
  yield `<text class="dim" x="${MARGIN}" y="${height - 14}">Made by Flamewright</text>\n`;
  yield `<script>//<![CDATA[\n${reportScript}//]]></script>\n</svg>\n`;
}
