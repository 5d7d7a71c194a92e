import type { Exporter, ExportRequest } from "./exporter.ts";
import { pageHead, pageTail, userNotes } from "./report/page.ts";
import { chosenPanels, reportPanels } from "./report/panels/index.ts";
import { partsOf } from "./report/parts.ts";
import { textChunks } from "./text-chunks.ts";

/**
 * The report as one page without references to anything outside it: a title and notes, and the panels that were chosen: what was
 * recorded, the threads over time, the flame graph, tables of functions and stacks, which say the same to who cannot see the
 * graph. Complete without scripts; its own one is known by its hash, and no other may run.
 */
export const html: Exporter = {
  id: "html",
  title: "HTML report",
  purpose: "One page that any browser shows, prints and saves as PDF: of panels that you choose.",
  extension: "html",
  mimeType: "text/html",
  panels: reportPanels.map(({ id, title, isDefault }) => ({ id, title, isDefault })),
  write: (request) => textChunks(page(request)),
};

/** What the page's style leaves of its width. */
const PAGE_PX = 1240;
/** Reports that are asked to be this wide fill the page. */
const FULL_PX = 1200;
const MOST_ROWS = 500;

function* page(request: ExportRequest): Iterable<string> {
  const inner = request.widthPx >= FULL_PX ? PAGE_PX : Math.max(800, Math.round(request.widthPx));
  const parts = partsOf(request, inner, MOST_ROWS);
  const sections = chosenPanels(reportPanels, request.panels ?? null)
    .map(({ id, title, write }) => ({ id, title, text: [...write(parts)] }))
    .filter(({ text }) => text.length > 0);
  yield* pageHead(request.title || parts.info.target || "Profile", sections);
  yield* userNotes(request.notes ?? "");
  yield "</header>\n<main>\n";
  for (const { text } of sections) yield* text;
  yield* pageTail();
}
