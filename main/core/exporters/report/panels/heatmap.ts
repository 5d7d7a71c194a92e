import { formatCount, formatDuration, formatValue } from "../../../base/numbers.ts";
import type { HeatmapTable } from "../../../model/tables.ts";
import { type ReportPanel, section } from "./report-panel.ts";

/** Seconds from left to right, the parts of each from its beginning at the top. */
export const heatmap: ReportPanel = {
  id: "heatmap",
  title: "Heat map",
  isDefault: false,
  *write({ answer, selection }) {
    const table = answer({ view: "heatmap", selection, rows: 20, maxColumns: 200, columnNs: 100e6 });
    if (table.timed && table.columns > 0 && table.largest > 0) yield* map(table);
  },
};

const CELL_PX = 10;
/** Steps of strength: more cannot be told apart. */
const STEPS = 8;

function* map(table: HeatmapTable): Iterable<string> {
  const { columns, rows, values, largest, columnNs, unit, startNs, endNs } = table;
  const [width, height] = [columns * CELL_PX, rows * CELL_PX];
  const column = formatDuration(columnNs);
  yield section("heatmap", "Heat map");
  yield `<p class="dim">Each column is ${column}, from top to bottom; the darker, the more was going on: ${formatValue(largest, unit)} at most in ${formatDuration(columnNs / rows)}.</p>\n`;
  yield `<div class="lanes"><svg class="heat" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="Heat map: ${formatCount(columns)} columns of ${column}">`;
  // One path a step: a few elements, however many cells.
  const paths = Array.from({ length: STEPS }, (): string[] => []);
  for (let at = 0; at < columns; at++)
    for (let row = 0; row < rows; row++) {
      const value = values[at * rows + row] as number;
      if (!(value > 0)) continue;
      const step = Math.min(STEPS - 1, Math.floor((STEPS * value) / largest));
      paths[step]?.push(`M${at * CELL_PX} ${row * CELL_PX}h${CELL_PX}v${CELL_PX}h-${CELL_PX}z`);
    }
  for (const [step, cells] of paths.entries())
    if (cells.length > 0)
      yield `<path class="hot" fill-opacity="${(step + 1) / STEPS}" d="${cells.join("")}"/>`;
  yield `</svg>\n<div class="axis"><span>${formatDuration(startNs)}</span><span>${formatDuration(endNs)}</span></div></div>\n</section>\n`;
}
