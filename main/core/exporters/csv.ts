import { shareInterval } from "../base/shares.ts";
import { functionKinds } from "../model/profile.ts";
import type { TopTable } from "../model/tables.ts";
import type { Exporter } from "./exporter.ts";
import { textChunks } from "./text-chunks.ts";

/**
 * The table of functions: RFC 4180, every field in quotes, texts exactly as they are. A spreadsheet may take a text that
 * begins with = for a formula, quoted or not: import the columns as text there.
 */
export const csv: Exporter = {
  id: "csv",
  title: "CSV (functions)",
  purpose: "The table of functions, for spreadsheets.",
  extension: "csv",
  mimeType: "text/csv",
  write: (request) =>
    textChunks(
      lines(
        request.answer({
          view: "top",
          selection: request.selection,
          sort: "self",
          limit: Number.MAX_SAFE_INTEGER,
        }),
      ),
    ),
};

const columns = [
  "function",
  "self",
  "self_percent",
  "self_percent_low",
  "self_percent_high",
  "total",
  "total_percent",
  "total_percent_low",
  "total_percent_high",
  "unit",
  "self_samples",
  "total_samples",
  "file",
  "line",
  "binary",
  "kind",
] as const;

function* lines(table: TopTable): Iterable<string> {
  yield line(columns);
  const text = (index: number): string => table.strings[index] ?? "";
  const percent = (value: number): string =>
    table.totalValue > 0 ? String(Number(((100 * value) / table.totalValue).toFixed(6))) : "0";
  for (let row = 0; row < table.length; row++)
    yield line([
      text(table.name[row]),
      String(table.self[row]),
      percent(table.self[row]),
      ...interval(table.self[row], table),
      String(table.total[row]),
      percent(table.total[row]),
      ...interval(table.total[row], table),
      table.unit,
      String(table.selfSamples[row]),
      String(table.totalSamplesOf[row]),
      text(table.file[row]),
      table.line[row] >= 0 ? String(table.line[row]) : "",
      text(table.binary[row]),
      functionKinds[table.kind[row]] ?? "",
    ]);
}

/** Where the true percentage is with 95 % certainty; empty where it is exact. */
const interval = (value: number, table: TopTable): readonly string[] =>
  shareInterval(value, table)?.map((share) => String(Number((100 * share).toFixed(6)))) ?? ["", ""];

const line = (fields: readonly string[]): string =>
  `${fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")}\r\n`;
