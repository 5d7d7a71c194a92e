import { formatCountOf, formatDuration, formatValue } from "../base/numbers.ts";
import type { Exporter, ExportRequest } from "./exporter.ts";
import { MARGIN } from "./report/frame.ts";
import { chosenPanels, reportPanels } from "./report/panels/index.ts";
import type { ReportParts } from "./report/panels/report-panel.ts";
import { partsOf } from "./report/parts.ts";
import { pictureOf } from "./report/picture-page.ts";
import { clip } from "./report/xml-text.ts";
import { textChunks } from "./text-chunks.ts";

const panels = reportPanels.map((panel) => ({ ...panel, isDefault: panel.isInPicture }));

/** The report as one picture. */
export const svg: Exporter = {
  id: "svg",
  title: "SVG report",
  purpose:
    "One picture that any browser shows: flame graph, top functions, what was recorded, and more that you choose.",
  extension: "svg",
  mimeType: "image/svg+xml",
  panels: panels.map(({ id, title, isDefault }) => ({ id, title, isDefault })),
  write: (request) => textChunks(report(request)),
};

const MOST_ROWS = 30;

function* report(request: ExportRequest): Iterable<string> {
  const width = Math.max(800, Math.round(request.widthPx));
  const parts = partsOf(request, width - 2 * MARGIN, MOST_ROWS);
  const drawings = chosenPanels(panels, request.panels ?? null).flatMap(({ draw }) => draw(parts) ?? []);
  yield* pictureOf({
    width,
    title: request.title || parts.info.target || "Profile",
    description: description(parts),
    notes: request.notes ?? "",
    drawings,
  });
}

const description = ({ info, flame }: ReportParts): string =>
  `Report of ${clip(info.target, 200) || "a profile"}: ${formatCountOf(flame.totalSamples, "sample")}, ${formatValue(flame.totalValue, flame.unit)} in all, over ${formatDuration(info.durationNs)}. In flame graphs callers are above what they call; width is weight.`;
