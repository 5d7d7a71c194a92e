import { formatCount, formatDuration, formatPercent, formatValue } from "../base/numbers.ts";
import { formatInterval } from "../base/shares.ts";
import type { FlameTable, InfoTable, TimelineLane, TimelineTable, TopTable } from "../model/tables.ts";
import type { Exporter, ExportRequest } from "./exporter.ts";
import { adviceHtml } from "./report/advice.ts";
import { reportFacts } from "./report/facts.ts";
import { LETTER, MARGIN, pixel, ROW } from "./report/frame.ts";
import { framesMarkup, placeOf } from "./report/frames.ts";
import { htmlScript, htmlScriptHash } from "./report/html-script.ts";
import { htmlStyle } from "./report/html-style.ts";
import { clip, clippedXml, xmlText } from "./report/xml-text.ts";
import { textChunks } from "./text-chunks.ts";

/**
 * The report as one page without references to anything outside it: what was recorded, the threads over time, the flame graph,
 * and tables of functions and stacks, which say the same to who cannot see the graph. Complete without scripts; its own one
 * is known by its hash, and no other may run.
 */
export const html: Exporter = {
  id: "html",
  title: "HTML report",
  purpose:
    "One page that any browser shows: facts, threads over time, flame graph, tables to sort and search.",
  extension: "html",
  mimeType: "text/html",
  write: (request) => textChunks(page(request)),
};

const TOP_ROWS = 500;
const STACK_ROWS = 100;
/** What the page's style leaves of its width. */
const PAGE_PX = 1240;
/** Reports that are asked to be this wide fill the page. */
const FULL_PX = 1200;
const LANES = 16;
const BINS = 300;
const LANE_PX = 32;
const LONGEST_NAME = 400;

function* page(request: ExportRequest): Iterable<string> {
  const { selection } = request;
  const inner = request.widthPx >= FULL_PX ? PAGE_PX : Math.max(800, Math.round(request.widthPx));
  const info = request.answer({ view: "info" });
  const flame = request.answer({ view: "flame", selection, widthPx: inner, minPx: 0.5, maxRows: 6000 });
  const top = request.answer({ view: "top", selection, sort: "self", limit: TOP_ROWS });
  const timeline = request.answer({ view: "timeline", selection, bins: BINS, maxLanes: LANES });
  const title = request.title || info.target || "Profile";

  yield `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n`;
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '${htmlScriptHash}'; base-uri 'none'; form-action 'none'"/>\n`;
  yield `<meta name="viewport" content="width=device-width, initial-scale=1"/>\n`;
  yield `<title>${clippedXml(title, LONGEST_NAME)}</title>\n<style>${htmlStyle}</style>\n</head>\n<body>\n`;
  yield `<header><h1>${clippedXml(title, LONGEST_NAME)}</h1>\n`;
  const hasTime = timeline.timed && timeline.lanes.length > 0;
  yield `<nav aria-label="Parts of the report">${hasTime ? '<a href="#time">Threads over time</a>' : ""}<a href="#flame">Flame graph</a><a href="#top">Functions</a><a href="#stacks">Stacks</a></nav>\n`;
  yield* facts(reportFacts(info, flame, selection), info);
  yield* adviceHtml(request.answer({ view: "advice", series: selection.series }).findings);
  yield "</header>\n<main>\n";
  if (hasTime) yield* threads(timeline);
  yield* graph(flame, inner);
  yield* functions(top);
  yield* stacks(flame);
  yield `</main>\n<footer>Made by Flamewright</footer>\n<script>${htmlScript}</script>\n</body>\n</html>\n`;
}

function* facts(rows: readonly [string, string][], info: InfoTable): Iterable<string> {
  yield "<dl>\n";
  for (const [name, text] of rows) {
    const isWide = text.length > 60;
    yield `<dt>${xmlText(name)}</dt><dd${isWide ? ' class="wide"' : ""}>${clippedXml(text, 2000)}</dd>\n`;
  }
  yield "</dl>\n";
  if (info.notes.length > 0) {
    yield '<div class="notes" role="note"><strong>What to know about these numbers</strong>\n<ul>\n';
    for (const note of info.notes) yield `<li>${clippedXml(note, 2000)}</li>\n`;
    yield "</ul></div>\n";
  }
  yield `<details><summary>What was read</summary>\n<ul class="read">\n`;
  for (const line of info.read) yield `<li>${clippedXml(line, 2000)}</li>\n`;
  yield "</ul></details>\n";
}

function* threads(timeline: TimelineTable): Iterable<string> {
  const { lanes, threadsInAll, startNs, endNs } = timeline;
  yield `<section id="time" aria-labelledby="time-title"><h2 id="time-title">Threads over time</h2>\n<div class="lanes">\n`;
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

function* graph(flame: FlameTable, inner: number): Iterable<string> {
  const deepest = flame.depth.reduce((most, depth) => Math.max(most, depth), 0);
  const graphTop = 34;
  const height = flame.length > 0 ? graphTop + (deepest + 2) * ROW + 8 : graphTop;
  const hint =
    flame.length > 0
      ? "Width is weight, callers above. Point at a frame for its numbers."
      : "No samples in this selection.";
  yield `<section id="flame" aria-labelledby="flame-title"><h2 id="flame-title">Flame graph</h2>\n<div class="scroll">\n`;
  yield `<svg width="${inner}" height="${height}" viewBox="${MARGIN} 0 ${inner} ${height}" role="group" aria-label="Flame graph: ${formatCount(flame.totalSamples)} samples, ${formatValue(flame.totalValue, flame.unit)} in all">\n`;
  yield `<text id="details" x="${MARGIN}" y="16">${hint}</text>\n`;
  yield `<g class="controls" style="display:none"><text id="matched" class="dim" x="${MARGIN + inner - 270}" y="16" text-anchor="end"></text>`;
  const button = (id: string, x: number, label: string): string =>
    `<text id="${id}" class="button" role="button" tabindex="0" x="${x}" y="16" text-anchor="end">${label}</text>`;
  yield `${button("clear", MARGIN + inner - 180, "Clear search")}${button("reset", MARGIN + inner - 90, "Reset zoom")}${button("search", MARGIN + inner, "Search (Ctrl-F)")}</g>\n`;
  yield `<g id="graph" role="group" aria-label="Frames" data-left="${MARGIN}" data-width="${inner}" data-row="${ROW}" data-letter="${LETTER}">\n`;
  yield* framesMarkup(flame, graphTop, inner);
  yield "</g>\n</svg>\n</div>\n</section>\n";
}

interface Column {
  readonly title: string;
  readonly isNumber: boolean;
}

function* functions(top: TopTable): Iterable<string> {
  const caption =
    top.length < top.rowsInAll
      ? `The ${formatCount(top.length)} functions with the most self weight, of ${formatCount(top.rowsInAll)}.`
      : `${formatCount(top.length)} functions by self weight.`;
  const columns: readonly Column[] = [
    { title: "Self %", isNumber: true },
    { title: "Self", isNumber: true },
    { title: "Total %", isNumber: true },
    { title: "Total", isNumber: true },
    { title: "Samples", isNumber: true },
    { title: "Function", isNumber: false },
    { title: "Where", isNumber: false },
  ];
  yield `<section id="top" aria-labelledby="top-title"><h2 id="top-title">Functions</h2>\n`;
  yield `<p id="filtering" class="filter" hidden="hidden"><label>Filter (regular expression) <input id="filter" type="search" autocomplete="off" spellcheck="false"/></label> <span id="shown" class="dim" role="status"></span></p>\n`;
  yield `<div class="scroll"><table id="functions">\n<caption>${caption}</caption>\n<thead><tr>`;
  for (const [i, { title, isNumber }] of columns.entries())
    yield `<th scope="col"${isNumber ? ' class="number" data-kind="number"' : ""}${i === 0 ? ' aria-sort="descending"' : ""}><button type="button" disabled="disabled">${title}</button></th>`;
  yield "</tr></thead>\n<tbody>\n";
  const largest = top.self.reduce((most, self) => Math.max(most, self), 0);
  for (let row = 0; row < top.length; row++) {
    const self = top.self[row] as number;
    const total = top.total[row] as number;
    const samples = top.totalSamplesOf[row] as number;
    yield `<tr>${shareCell(self, top, largest)}${numberCell(self, formatValue(self, top.unit))}`;
    yield `${shareCell(total, top)}${numberCell(total, formatValue(total, top.unit))}${numberCell(samples, formatCount(samples))}`;
    yield `${textCell("name", top.strings[top.name[row] as number] ?? "")}${textCell("where", placeOf(top, row))}</tr>\n`;
  }
  yield "</tbody></table></div>\n</section>\n";
}

/** With where it truly lies, where it is an estimate. */
function shareCell(value: number, top: TopTable, largest = 0): string {
  const interval = formatInterval(value, top);
  const certain = interval === "" ? "" : ` <span class="dim certain">${interval}</span>`;
  return numberCell(value, `${formatPercent(value, top.totalValue)}${certain}`, largest);
}

const BAR_PX = 64;

/** With a bar in front of it where it is a share of the largest. */
function numberCell(value: number, text: string, largest = 0): string {
  const bar =
    largest > 0 ? `<span class="bar" style="width:${pixel((BAR_PX * value) / largest)}px"></span>` : "";
  return `<td class="number${bar === "" ? "" : " share"}" data-value="${value}">${bar}${text}</td>`;
}

function textCell(kind: string, text: string): string {
  const shown = clippedXml(text, LONGEST_NAME);
  return `<td class="${kind}" data-value="${shown}">${shown}</td>`;
}

/** What the graph shows, as a table: the stacks in which most time was spent, each from the root to what ran. */
function* stacks(flame: FlameTable): Iterable<string> {
  const rows = Array.from({ length: flame.length }, (_, row) => row)
    .filter((row) => (flame.self[row] as number) > 0)
    .sort((a, b) => (flame.self[b] as number) - (flame.self[a] as number));
  const shown = rows.slice(0, STACK_ROWS);
  const caption =
    shown.length < rows.length
      ? `The ${formatCount(shown.length)} heaviest stacks of the graph, of ${formatCount(rows.length)}: callers first.`
      : `${formatCount(shown.length)} stacks of the graph, the heaviest first: callers first.`;
  yield `<section id="stacks" aria-labelledby="stacks-title"><h2 id="stacks-title">Stacks</h2>\n<div class="scroll"><table>\n<caption>${caption}</caption>\n`;
  yield '<thead><tr><th scope="col" class="number">Self %</th><th scope="col" class="number">Self</th><th scope="col">Stack</th></tr></thead>\n<tbody>\n';
  for (const row of shown) {
    const self = flame.self[row] as number;
    yield `<tr><td class="number">${formatPercent(self, flame.totalValue)}</td><td class="number">${formatValue(self, flame.unit)}</td><td class="name">${stackText(flame, row)}</td></tr>\n`;
  }
  yield "</tbody></table></div>\n</section>\n";
}

const MAX_FRAMES = 60;

/** From the root inwards; of a very deep stack its middle is left out. */
function stackText(flame: FlameTable, leaf: number): string {
  const names: string[] = [];
  for (let row = leaf; row !== -1; row = flame.parent[row] as number)
    names.push(clip(flame.strings[flame.name[row] as number] ?? "", 120));
  names.reverse();
  const half = MAX_FRAMES / 2;
  const cut = names.length - MAX_FRAMES;
  const shown =
    cut > 0 ? [...names.slice(0, half), `… ${cut} more …`, ...names.slice(names.length - half)] : names;
  return shown.map(xmlText).join(" › ");
}
