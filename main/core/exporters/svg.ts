import { formatCount, formatDuration, formatPercent, formatValue } from "../base/numbers.ts";
import type { FlameTable, InfoTable, TopTable } from "../model/tables.ts";
import type { Exporter, ExportRequest } from "./exporter.ts";
import { adviceSvg } from "./report/advice.ts";
import { reportFacts } from "./report/facts.ts";
import { darkStyle, LETTER, LONGEST_TITLE, MARGIN, pixel, ROW, style } from "./report/frame.ts";
import { framesMarkup, placeOf } from "./report/frames.ts";
import { chosenPanels } from "./report/panels/index.ts";
import { reportScript } from "./report/script.ts";
import { clip, clippedXml, xmlText } from "./report/xml-text.ts";
import { textChunks } from "./text-chunks.ts";

const panels = [
  { id: "metadata", title: "What was recorded", isDefault: true },
  { id: "advice", title: "What may mislead", isDefault: true },
  { id: "flame", title: "Flame graph", isDefault: true },
  { id: "top", title: "Functions", isDefault: true },
] as const;

/**
 * The report: one SVG without references to anything outside it. It is complete without scripts; where scripts run,
 * its own small one zooms, searches and shows details.
 */
export const svg: Exporter = {
  id: "svg",
  title: "SVG report",
  purpose: "One picture that any browser shows: flame graph, top functions, what was recorded.",
  extension: "svg",
  mimeType: "image/svg+xml",
  panels,
  write: (request) => textChunks(report(request)),
};

const TOP_ROWS = 30;
/** Lines of what the person has to say; a page has room for more. */
const MOST_NOTES = 40;
const TABLE_ROW = 18;

function* report(request: ExportRequest): Iterable<string> {
  const width = Math.max(800, Math.round(request.widthPx));
  const inner = width - 2 * MARGIN;
  const info = request.answer({ view: "info" });
  const flame = request.answer({
    view: "flame",
    selection: request.selection,
    widthPx: inner,
    minPx: 0.5,
    maxRows: 6000,
  });
  const top = request.answer({ view: "top", selection: request.selection, sort: "self", limit: TOP_ROWS });
  const has = new Set(chosenPanels(panels, request.panels ?? null).map(({ id }) => id));
  const facts = has.has("metadata") ? reportFacts(info, flame, request.selection) : [];

  const title = request.title || info.target || "Profile";
  const words = (request.notes ?? "").split(/\r?\n/).filter((line) => line.trim() !== "");
  const head = headLines(title, words, facts, has.has("metadata") ? info.notes : [], inner);
  const { findings } = request.answer({ view: "advice", series: request.selection.series });
  const advice = adviceSvg(has.has("advice") ? findings : [], head.height, inner);
  const graphTop = advice.bottom + 40;
  const deepest = flame.depth.reduce((most, depth) => Math.max(most, depth), 0);
  const tableTop = has.has("flame") ? graphTop + (deepest + 2) * ROW + 40 : advice.bottom + 40;
  const height = (has.has("top") ? tableTop + 34 + top.length * TABLE_ROW : tableTop - 40) + MARGIN + 20;

  yield `<?xml version="1.0" encoding="UTF-8"?>\n`;
  yield `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-labelledby="report-title report-description">\n`;
  yield `<title id="report-title">${clippedXml(title, LONGEST_TITLE)}</title>\n`;
  yield `<desc id="report-description">${xmlText(description(info, flame))}</desc>\n`;
  yield `<style>${style}</style>\n<style>${darkStyle}</style>\n`;
  yield `<rect class="page" width="${width}" height="${height}" fill="none"/>\n`;
  yield head.text;
  yield advice.text;
  if (has.has("flame")) yield* graph(flame, graphTop, inner);
  if (has.has("top")) yield* table(top, tableTop, width);
  yield `<text class="dim" x="${MARGIN}" y="${height - 14}">Made by Flamewright</text>\n`;
  yield `<script>//<![CDATA[\n${reportScript}//]]></script>\n</svg>\n`;
}

const description = (info: InfoTable, flame: FlameTable): string =>
  `Flame graph of ${clip(info.target, 200) || "a profile"}: ${formatCount(flame.totalSamples)} samples, ${formatValue(flame.totalValue, flame.unit)} in all, over ${formatDuration(info.durationNs)}. Callers are above what they call; width is weight. A table of the top functions follows.`;

function headLines(
  title: string,
  words: readonly string[],
  facts: readonly [string, string][],
  notes: readonly string[],
  inner: number,
) {
  const perLine = Math.floor(inner / LETTER);
  const half = Math.floor(inner / 2);
  const lines: string[] = [];
  let y = MARGIN + 18;
  lines.push(
    `<text class="title" x="${MARGIN}" y="${y}">${clippedXml(title, Math.floor(inner / 11))}</text>\n`,
  );
  y += 26;
  for (const line of words.slice(0, MOST_NOTES)) {
    lines.push(`<text x="${MARGIN}" y="${y}">${clippedXml(line, perLine)}</text>\n`);
    y += 18;
  }
  if (words.length > 0) y += 8;
  let column = 0;
  for (const [name, text] of facts) {
    const wide = text.length > Math.floor((half - 110) / LETTER);
    if (wide && column === 1) {
      column = 0;
      y += 18;
    }
    const x = MARGIN + column * half;
    lines.push(`<text class="dim" x="${x}" y="${y}">${name}</text>`);
    const most = wide ? perLine - 14 : Math.floor((half - 100) / LETTER);
    lines.push(`<text x="${x + 90}" y="${y}">${clippedXml(text, most)}</text>\n`);
    if (wide || column === 1) {
      column = 0;
      y += 18;
    } else column = 1;
  }
  if (column === 1) y += 18;
  for (const note of notes.slice(0, 8)) {
    lines.push(`<text class="dim" x="${MARGIN}" y="${y}">Note</text>`);
    lines.push(`<text x="${MARGIN + 90}" y="${y}">${clippedXml(note, perLine - 14)}</text>\n`);
    y += 18;
  }
  return { text: lines.join(""), height: y };
}

function* graph(flame: FlameTable, graphTop: number, inner: number): Iterable<string> {
  const y = graphTop - 14;
  yield `<line class="rule" x1="${MARGIN}" x2="${MARGIN + inner}" y1="${y - 24}" y2="${y - 24}"/>\n`;
  const hint =
    flame.length > 0
      ? "Width is weight, callers above. Point at a frame for its numbers."
      : "No samples in this selection.";
  yield `<text id="details" x="${MARGIN}" y="${y - 4}">${hint}</text>\n`;
  yield `<g class="controls" style="display:none"><text id="matched" class="dim" x="${MARGIN + inner - 270}" y="${y - 4}" text-anchor="end"></text>`;
  const button = (id: string, x: number, label: string): string =>
    `<text id="${id}" class="button" role="button" tabindex="0" x="${x}" y="${y - 4}" text-anchor="end">${label}</text>`;
  yield `${button("clear", MARGIN + inner - 180, "Clear search")}${button("reset", MARGIN + inner - 90, "Reset zoom")}${button("search", MARGIN + inner, "Search (Ctrl-F)")}</g>\n`;
  yield `<g id="graph" role="group" aria-label="Flame graph" data-left="${MARGIN}" data-width="${inner}" data-row="${ROW}" data-letter="${LETTER}">\n`;
  yield* framesMarkup(flame, graphTop, inner);
  yield "</g>\n";
}

function* table(top: TopTable, tableTop: number, width: number): Iterable<string> {
  const columns = [
    { title: "Self", x: MARGIN + 64 },
    { title: "", x: MARGIN + 140 },
    { title: "Total", x: MARGIN + 214 },
    { title: "", x: MARGIN + 290 },
    { title: "Samples", x: MARGIN + 370 },
  ];
  const nameX = MARGIN + 394;
  const whereX = Math.round(nameX + (width - MARGIN - nameX) * 0.55);
  const nameLetters = Math.floor((whereX - nameX - 12) / LETTER);
  const whereLetters = Math.floor((width - MARGIN - whereX) / LETTER);
  yield `<g role="table" aria-label="Top functions by self weight">\n`;
  yield `<text class="heading" x="${MARGIN}" y="${tableTop - 18}">Top functions by self</text>\n<g role="row">`;
  for (const { title, x } of columns)
    if (title !== "")
      yield `<text role="columnheader" class="dim number" x="${x}" y="${tableTop + 8}">${title}</text>`;
  yield `<text role="columnheader" class="dim" x="${nameX}" y="${tableTop + 8}">Function</text>`;
  yield `<text role="columnheader" class="dim" x="${whereX}" y="${tableTop + 8}">Where</text></g>\n`;
  for (let row = 0; row < top.length; row++) {
    const y = tableTop + 18 + row * TABLE_ROW;
    const where = placeOf(top, row);
    const cells = [
      formatPercent(top.self[row], top.totalValue),
      formatValue(top.self[row], top.unit),
      formatPercent(top.total[row], top.totalValue),
      formatValue(top.total[row], top.unit),
      formatCount(top.totalSamplesOf[row]),
    ];
    if (row % 2 === 0)
      yield `<rect class="stripe" x="${MARGIN - 6}" y="${y}" width="${width - 2 * MARGIN + 12}" height="${TABLE_ROW}"/>`;
    const bar = top.totalValue > 0 ? (64 * top.self[row]) / top.totalValue : 0;
    yield `<rect class="bar" x="${pixel(MARGIN + 66 - bar)}" y="${y + 2}" width="${pixel(bar)}" height="${TABLE_ROW - 4}"/>`;
    yield `<g role="row">`;
    for (let i = 0; i < cells.length; i++)
      yield `<text role="cell" class="number" x="${columns[i].x}" y="${y + 13}">${cells[i]}</text>`;
    const name = top.strings[top.name[row]] ?? "";
    yield `<text role="cell" class="mono" x="${nameX}" y="${y + 13}">${clippedXml(name, nameLetters)}</text>`;
    yield `<text role="cell" class="mono dim" x="${whereX}" y="${y + 13}">${clippedXml(clipStart(where, whereLetters), whereLetters)}</text></g>\n`;
  }
  yield "</g>\n";
}

/** The end of a path says more than its start. */
const clipStart = (text: string, most: number): string =>
  text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
