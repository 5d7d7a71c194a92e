import type { ExportRequest } from "../exporter.ts";
import type { ReportParts } from "./panels/report-panel.ts";

const LANES = 16;
const BINS = 300;

/** What the panels of a report are written from, for a paper that is so wide and tables that are so long. */
export function partsOf(request: ExportRequest, inner: number, mostRows: number): ReportParts {
  const { selection } = request;
  return {
    selection,
    inner,
    mostRows,
    info: request.answer({ view: "info" }),
    flame: request.answer({ view: "flame", selection, widthPx: inner, minPx: 0.5, maxRows: 6000 }),
    timeline: request.answer({ view: "timeline", selection, bins: BINS, maxLanes: LANES }),
    answer: (query) => request.answer(query),
  };
}
