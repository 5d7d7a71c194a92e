import { titleOf } from "../report/compare-words.ts";
import { MARGIN } from "../report/frame.ts";
import { chosenPanels } from "../report/panels/index.ts";
import { pictureOf } from "../report/picture-page.ts";
import { textChunks } from "../text-chunks.ts";
import type { ComparisonExporter, ComparisonRequest } from "./comparison-exporter.ts";
import { type ComparisonParts, comparisonPanels } from "./panels.ts";

const panels = comparisonPanels.map((panel) => ({ ...panel, isDefault: panel.isInPicture }));

/** The comparison as one picture: red has grown, blue has shrunk, and each box says by how much. */
export const svg: ComparisonExporter = {
  id: "svg",
  title: "SVG report",
  purpose: "one picture: the verdict, the differential flame graph, tables that you choose; prints",
  extension: "svg",
  mimeType: "image/svg+xml",
  panels: panels.map(({ id, title, isDefault }) => ({ id, title, isDefault })),
  write: (request) => textChunks(picture(request)),
};

const WIDTH = 1200;
const MOST_ROWS = 30;

function* picture(request: ComparisonRequest): Iterable<string> {
  const summary = request.answer({ view: "summary" });
  const parts: ComparisonParts = { request, summary, inner: WIDTH - 2 * MARGIN, mostRows: MOST_ROWS };
  const drawings = chosenPanels(panels, request.panels).flatMap(({ draw }) => draw(parts) ?? []);
  yield* pictureOf({
    width: WIDTH,
    title: request.title || titleOf(summary),
    description: summary.verdict.join(" "),
    notes: request.notes,
    drawings,
  });
}
