import { type ChangeColumns, changeAt } from "../../model/compare.ts";
import { textChunks } from "../text-chunks.ts";
import type { ComparisonExporter, ComparisonRequest } from "./comparison-exporter.ts";

export const csv: ComparisonExporter = {
  id: "csv",
  title: "CSV",
  purpose: "the table of functions, for a spreadsheet",
  extension: "csv",
  mimeType: "text/csv",
  write: (request) => textChunks(lines(request)),
};

const columns = ["before", "after", "change", "plus_minus", "state", "noise", "overweight"] as const;

function* lines({ answer }: ComparisonRequest): Iterable<string> {
  const table = answer({ view: "functions", limit: Number.MAX_SAFE_INTEGER });
  const names = (["self", "total"] as const).flatMap((of) => columns.map((column) => `${of}_${column}`));
  yield line(["function", "unit", ...names]);
  for (let row = 0; row < table.length; row++)
    yield line([
      table.strings[table.name[row]] ?? "",
      table.unit,
      ...cells(table.self, row),
      ...cells(table.total, row),
    ]);
}

function cells(of: ChangeColumns, row: number): string[] {
  const { before, after, change, changeHalf, state, certainty } = changeAt(of, row);
  const half = Number.isFinite(changeHalf) ? String(changeHalf) : "";
  return [String(before), String(after), String(change), half, state, certainty, String(of.overweight[row])];
}

/** RFC 4180, every field in quotes, texts exactly as they are. */
const line = (fields: readonly string[]): string =>
  `${fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")}\r\n`;
