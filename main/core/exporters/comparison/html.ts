import { titleOf } from "../report/compare-words.ts";
import { pageHead, pageTail, userNotes } from "../report/page.ts";
import { chosenPanels } from "../report/panels/index.ts";
import { textChunks } from "../text-chunks.ts";
import type { ComparisonExporter, ComparisonRequest } from "./comparison-exporter.ts";
import { type ComparisonParts, comparisonPanels } from "./panels.ts";

/** The comparison as one page without references to anything outside it. */
export const html: ComparisonExporter = {
  id: "html",
  title: "HTML report",
  purpose:
    "one page: the verdict, the differential flame graph, tables with intervals, what was compared; prints",
  extension: "html",
  mimeType: "text/html",
  panels: comparisonPanels.map(({ id, title, isDefault }) => ({ id, title, isDefault })),
  write: (request) => textChunks(page(request)),
};

const WIDTH = 1240;
const MOST_ROWS = 200;

function* page(request: ComparisonRequest): Iterable<string> {
  const summary = request.answer({ view: "summary" });
  const parts: ComparisonParts = { request, summary, inner: WIDTH, mostRows: MOST_ROWS };
  const sections = chosenPanels(comparisonPanels, request.panels)
    .map(({ id, title, write }) => ({ id, title, text: [...write(parts)] }))
    .filter(({ text }) => text.length > 0);
  yield* pageHead(request.title || titleOf(summary), sections);
  yield* userNotes(request.notes);
  yield "</header>\n<main>\n";
  for (const { text } of sections) yield* text;
  yield* pageTail();
}
