import { formatCount, formatValue } from "../../../base/numbers.ts";
import type { FlameTable } from "../../../model/tables.ts";
import { LETTER, MARGIN, ROW } from "../frame.ts";
import { framesMarkup } from "../frames.ts";
import { type ReportPanel, section } from "./report-panel.ts";

/** The page's script zooms and searches in it. */
export const flame: ReportPanel = {
  id: "flame",
  title: "Flame graph",
  isDefault: true,
  write: ({ flame: table, inner }) => graph(table, inner),
};

/** Callers of what burns: drawn alike, without the controls, which are of one graph a page. */
export const inverted: ReportPanel = {
  id: "inverted",
  title: "Flame graph, inverted",
  isDefault: false,
  *write({ answer, selection, inner }) {
    const table = answer({
      view: "flame",
      selection,
      widthPx: inner,
      minPx: 0.5,
      maxRows: 3000,
      inverted: true,
    });
    if (table.length === 0) return;
    const deepest = table.depth.reduce((most, depth) => Math.max(most, depth), 0);
    const height = 4 + (deepest + 2) * ROW;
    yield `${section("inverted", "Callers of what burns")}<p class="dim">The innermost functions first, below each who called it. Point at a frame for its numbers.</p>\n<div class="scroll">\n`;
    yield `<svg class="still" width="${inner}" height="${height}" viewBox="${MARGIN} 0 ${inner} ${height}" role="group" aria-label="Inverted flame graph">\n`;
    yield* framesMarkup(table, 2, inner);
    yield "</svg>\n</div>\n</section>\n";
  },
};

function* graph(flame: FlameTable, inner: number): Iterable<string> {
  const deepest = flame.depth.reduce((most, depth) => Math.max(most, depth), 0);
  const graphTop = 34;
  const height = flame.length > 0 ? graphTop + (deepest + 2) * ROW + 8 : graphTop;
  const hint =
    flame.length > 0
      ? "Width is weight, callers above. Point at a frame for its numbers."
      : "No samples in this selection.";
  yield `${section("flame", "Flame graph")}<div class="scroll">\n`;
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
