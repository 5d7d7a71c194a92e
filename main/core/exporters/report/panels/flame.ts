import { formatCountOf, formatValue } from "../../../base/numbers.ts";
import type { FlameTable } from "../../../model/tables.ts";
import type { Drawing } from "../blocks.ts";
import { boxesOf, deepestOf, drawingHtml, stillBoxes } from "../boxes.ts";
import { framesMarkup } from "../frames.ts";
import { headed, type ReportPanel, type ReportParts, section } from "./report-panel.ts";

/** The report's script zooms and searches in it. */
export const flame: ReportPanel = {
  id: "flame",
  title: "Flame graph",
  isDefault: true,
  isInPicture: true,
  *write({ flame: table, inner }) {
    yield section("flame", "Flame graph");
    yield* drawingHtml(graph(table, inner), inner, labelOf(table));
    yield "</section>\n";
  },
  draw: ({ flame: table, inner }) => headed("Flame graph", graph(table, inner), inner),
};

const labelOf = ({ totalSamples, totalValue, unit }: FlameTable): string =>
  `Flame graph: ${formatCountOf(totalSamples, "sample")}, ${formatValue(totalValue, unit)} in all`;

const graph = (table: FlameTable, inner: number): Drawing =>
  boxesOf({
    hint:
      table.length > 0
        ? "Width is weight, callers above. Point at a frame for its numbers."
        : "No samples in this selection.",
    label: "Frames",
    inner,
    deepest: deepestOf(table),
    boxes: (graphTop) => framesMarkup(table, graphTop, inner),
  });

/** Callers of what burns: drawn alike, without the controls, which are of one graph a report. */
export const inverted: ReportPanel = {
  id: "inverted",
  title: "Flame graph, inverted",
  isDefault: false,
  isInPicture: false,
  *write(parts) {
    const drawing = upsideDown(parts);
    if (!drawing) return;
    yield `${section("inverted", "Callers of what burns")}<p class="dim">${invertedHint}</p>\n`;
    yield* drawingHtml(drawing, parts.inner, "Inverted flame graph");
    yield "</section>\n";
  },
  draw(parts) {
    const drawing = upsideDown(parts);
    return drawing && headed("Callers of what burns", drawing, parts.inner);
  },
};

const invertedHint =
  "The innermost functions first, below each who called it. Point at a frame for its numbers.";

function upsideDown({ answer, selection, inner }: ReportParts): Drawing | null {
  const query = {
    view: "flame",
    selection,
    widthPx: inner,
    minPx: 0.5,
    maxRows: 3000,
    inverted: true,
  } as const;
  const table = answer(query);
  if (table.length === 0) return null;
  return stillBoxes(deepestOf(table), (graphTop) => framesMarkup(table, graphTop, inner));
}
