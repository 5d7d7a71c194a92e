import { shareInterval } from "#core/base/shares.ts";
import type { TopTable } from "#core/model/tables.ts";
import { placeOf } from "../../widgets/function-rows.ts";
import { oneCell } from "../../widgets/table-text.ts";

const headings = [
  "function",
  "kind",
  "file",
  "binary",
  "self %",
  "self % low",
  "self % high",
  "self",
  "self samples",
  "total %",
  "total % low",
  "total % high",
  "total",
  "total samples",
];

/** Rows as tab-separated text with a heading, values in the table's unit; all rows unless some are named. */
export function tableAsText(table: TopTable, rows?: readonly number[]): string {
  const lines = [headings.map((heading) => withUnit(heading, table.unit)).join("\t")];
  const count = rows?.length ?? table.length;
  for (let index = 0; index < count; index++) {
    const row = rows === undefined ? index : (rows[index] ?? -1);
    if (row >= 0 && row < table.length) lines.push(rowAsText(table, row));
  }
  return `${lines.join("\n")}\n`;
}

function rowAsText(table: TopTable, row: number): string {
  const place = placeOf(table, row);
  const self = table.self[row] ?? 0;
  const total = table.total[row] ?? 0;
  return [
    oneCell(place.name),
    place.kind,
    oneCell(place.at),
    oneCell(place.binary),
    share(self, table.totalValue),
    ...interval(self, table),
    String(self),
    String(table.selfSamples[row] ?? 0),
    share(total, table.totalValue),
    ...interval(total, table),
    String(total),
    String(table.totalSamplesOf[row] ?? 0),
  ].join("\t");
}

function withUnit(heading: string, unit: string): string {
  return heading === "self" || heading === "total" ? `${heading} (${unit})` : heading;
}

function share(value: number, whole: number): string {
  return whole > 0 ? ((100 * value) / whole).toFixed(2) : "0.00";
}

/** With 95 % certainty; empty for exact shares. */
function interval(value: number, table: TopTable): readonly [string, string] {
  const [low, high] = shareInterval(value, table) ?? [];
  return low === undefined || high === undefined
    ? ["", ""]
    : [(100 * low).toFixed(2), (100 * high).toFixed(2)];
}
