import type { FlameTable } from "../model/tables.ts";
import type { ExportRequest } from "./exporter.ts";

/** The call tree of a selection with nothing pruned. */
export const wholeTree = (request: ExportRequest): FlameTable =>
  request.answer({
    view: "flame",
    selection: request.selection,
    widthPx: 0,
    maxRows: Number.MAX_SAFE_INTEGER,
  });
