import { formatDuration, formatPercent, formatValue } from "../../base/numbers.ts";
import {
  type Change,
  type CompareFunctionsTable,
  type CompareSummaryTable,
  changeAt,
  isNoise,
} from "../../model/compare.ts";
import { changeText, compareFramesMarkup } from "../report/compare-frames.ts";
import { sidesOf, titleOf } from "../report/compare-words.ts";
import { LETTER, MARGIN, ROW } from "../report/frame.ts";
import { pageHead, pageTail, userNotes } from "../report/page.ts";
import { chosenPanels } from "../report/panels/index.ts";
import { section } from "../report/panels/report-panel.ts";
import { clippedXml, xmlText } from "../report/xml-text.ts";
import { textChunks } from "../text-chunks.ts";
import type { ComparisonExporter, ComparisonRequest } from "./comparison-exporter.ts";

interface Panel {
  readonly id: string;
  readonly title: string;
  readonly isDefault: boolean;
  write(request: ComparisonRequest, summary: CompareSummaryTable): Iterable<string>;
}

const WIDTH = 1240;
const ROWS = 200;

const panels: readonly Panel[] = [
  { id: "verdict", title: "Verdict", isDefault: true, write: (_, summary) => verdict(summary) },
  {
    id: "flame",
    title: "Flame graph",
    isDefault: true,
    write: ({ answer }) => graph(answer({ view: "flame", widthPx: WIDTH, minPx: 0.5, maxRows: 6000 })),
  },
  {
    id: "top",
    title: "Functions",
    isDefault: true,
    write: ({ answer }) =>
      rows("top", "Functions by change", answer({ view: "functions", limit: ROWS }), "self"),
  },
  {
    id: "overweight",
    title: "Overweight",
    isDefault: true,
    write: ({ answer }) =>
      rows(
        "overweight",
        "What grew more than its part",
        answer({ view: "functions", sort: "overweight", limit: 30 }),
        "self",
      ),
  },
  { id: "metadata", title: "What was compared", isDefault: true, write: (_, summary) => runsOf(summary) },
];

/** The comparison as one page without references to anything outside it. */
export const html: ComparisonExporter = {
  id: "html",
  title: "HTML report",
  purpose:
    "one page: the verdict, the differential flame graph, tables with intervals, what was compared; prints",
  extension: "html",
  mimeType: "text/html",
  panels: panels.map(({ id, title, isDefault }) => ({ id, title, isDefault })),
  write: (request) => textChunks(page(request)),
};

function* page(request: ComparisonRequest): Iterable<string> {
  const summary = request.answer({ view: "summary" });
  const sections = chosenPanels(panels, request.panels)
    .map(({ id, title, write }) => ({ id, title, text: [...write(request, summary)] }))
    .filter(({ text }) => text.length > 0);
  yield* pageHead(request.title || titleOf(summary), sections);
  yield* userNotes(request.notes);
  yield "</header>\n<main>\n";
  for (const { text } of sections) yield* text;
  yield* pageTail();
}

function* verdict({ verdict: sentences, basis }: CompareSummaryTable): Iterable<string> {
  const [whole = "", ...others] = sentences;
  yield `${section("verdict", "Verdict")}<p class="verdict">${xmlText(whole)}</p>\n<ul>\n`;
  for (const sentence of others) yield `<li>${clippedXml(sentence, 1000)}</li>\n`;
  yield `</ul>\n<p class="dim">${xmlText(basis)}</p>\n</section>\n`;
}

function* graph(table: Parameters<typeof compareFramesMarkup>[0]): Iterable<string> {
  const { flame } = table;
  if (flame.length === 0) return;
  const graphTop = 34;
  const deepest = flame.depth.reduce((most, depth) => Math.max(most, depth), 0);
  const height = graphTop + (deepest + 2) * ROW + 8;
  yield `${section("flame", "Flame graph of what changed")}<p class="dim">Red has grown, blue has shrunk, and each box says by how much; grey has not changed, or by no more than chance. Boxes are as wide as the larger side.</p>\n<div class="scroll">\n`;
  yield `<svg width="${WIDTH}" height="${height}" viewBox="${MARGIN} 0 ${WIDTH} ${height}" role="group" aria-label="Flame graph of what changed">\n`;
  yield `<text id="details" x="${MARGIN}" y="16">Point at a box for its numbers.</text>\n`;
  yield `<g class="controls" style="display:none"><text id="matched" class="dim" x="${MARGIN + WIDTH - 270}" y="16" text-anchor="end"></text>`;
  const button = (id: string, x: number, label: string): string =>
    `<text id="${id}" class="button" role="button" tabindex="0" x="${x}" y="16" text-anchor="end">${label}</text>`;
  yield `${button("clear", MARGIN + WIDTH - 180, "Clear search")}${button("reset", MARGIN + WIDTH - 90, "Reset zoom")}${button("search", MARGIN + WIDTH, "Search (Ctrl-F)")}</g>\n`;
  yield `<g id="graph" role="group" aria-label="Boxes" data-left="${MARGIN}" data-width="${WIDTH}" data-row="${ROW}" data-letter="${LETTER}">\n`;
  yield* compareFramesMarkup(table, graphTop, WIDTH);
  yield "</g>\n</svg>\n</div>\n</section>\n";
}

function* rows(
  id: string,
  title: string,
  table: CompareFunctionsTable,
  of: "self" | "total",
): Iterable<string> {
  const isOverweight = id === "overweight";
  const { unit, by, wholeBefore, wholeAfter } = table;
  const value = (amount: number, whole: number): string =>
    by === "total" ? formatPercent(amount, whole) : formatValue(amount, unit);
  const signed = (change: Change): string =>
    change.state === "same"
      ? "0"
      : `${change.change > 0 ? "+" : "-"}${value(Math.abs(change.change), wholeBefore)}`;
  const heads = [
    ...(isOverweight ? ["Overweight"] : []),
    "Change",
    "±",
    "Before",
    "After",
    "Of before",
    "Noise?",
  ];
  yield `${section(id, title)}<div class="scroll"><table>\n<caption>${
    table.length < table.rowsInAll
      ? `The first ${table.length} of ${table.rowsInAll} functions`
      : `${table.length} functions`
  }, by ${of} weight.</caption>\n<thead><tr>`;
  for (const head of heads) yield `<th scope="col" class="number">${head}</th>`;
  yield '<th scope="col">Function</th></tr></thead>\n<tbody>\n';
  for (let row = 0; row < table.length; row++) {
    const change = changeAt(table[of], row);
    const half =
      Number.isFinite(change.changeHalf) && change.state !== "same"
        ? `±${value(change.changeHalf, wholeBefore)}`
        : "";
    const overweight = table[of].overweight[row] as number;
    const cells = [
      ...(isOverweight
        ? [`${overweight > 0 ? "+" : overweight < 0 ? "-" : ""}${formatValue(Math.abs(overweight), unit)}`]
        : []),
      signed(change),
      half,
      value(change.before, wholeBefore),
      value(change.after, wholeAfter),
      changeText(change),
      change.state === "same" || change.certainty === "unknown"
        ? ""
        : change.certainty === "beyond"
          ? "beyond noise"
          : "within noise",
    ];
    yield `<tr${isNoise(change) ? ' class="noise"' : ""}>`;
    for (const cell of cells) yield `<td class="number">${cell}</td>`;
    yield `<td class="name">${clippedXml(table.strings[table.name[row] as number] ?? "", 400)}</td></tr>\n`;
  }
  yield "</tbody></table></div>\n</section>\n";
}

function* runsOf(summary: CompareSummaryTable): Iterable<string> {
  yield `${section("metadata", "What was compared")}<ul>\n`;
  for (const line of sidesOf(summary)) yield `<li>${clippedXml(line, 1000)}</li>\n`;
  yield '</ul>\n<div class="scroll"><table>\n<thead><tr><th scope="col">Side</th><th scope="col">Run</th><th scope="col">Series</th><th scope="col" class="number">Weight</th><th scope="col" class="number">Samples</th><th scope="col" class="number">Recorded</th></tr></thead>\n<tbody>\n';
  for (const side of ["before", "after"] as const)
    for (const { title, series, totalValue, samples, durationNs } of summary[side])
      yield `<tr><td>${side}</td><td class="name">${clippedXml(title, 300)}</td><td>${clippedXml(series, 100)}</td><td class="number">${formatValue(totalValue, summary.unit)}</td><td class="number">${samples ?? ""}</td><td class="number">${durationNs > 0 ? formatDuration(durationNs) : ""}</td></tr>\n`;
  yield "</tbody></table></div>\n</section>\n";
}
