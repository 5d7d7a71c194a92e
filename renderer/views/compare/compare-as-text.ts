import { type CompareFunctionsTable, changeAt } from "#core/model/compare.ts";
import {
  afterWords,
  beforeWords,
  certaintyWords,
  changeWords,
  plusMinusWords,
  ratioWords,
} from "./compare-words.ts";

const titles = ["", "±", "before", "after", "ratio", "real?"];

/** The table as tab-separated text, for a spreadsheet or a letter. */
export function comparisonAsText(table: CompareFunctionsTable): string {
  const head = [
    "Function",
    ...["Self", "Total"].flatMap((of) => titles.map((title) => `${of} ${title || "change"}`)),
  ];
  const lines = Array.from({ length: table.length }, (_, row) => [
    (table.strings[table.name[row] ?? -1] ?? "").replace(/[\t\r\n]+/g, " "),
    ...(["self", "total"] as const).flatMap((of) => {
      const change = changeAt(table[of], row);
      return [
        changeWords(change, table),
        plusMinusWords(change.changeHalf, table),
        beforeWords(change, table),
        afterWords(change, table),
        ratioWords(change),
        certaintyWords(change),
      ];
    }),
  ]);
  return [head, ...lines].map((cells) => cells.join("\t")).join("\n");
}
