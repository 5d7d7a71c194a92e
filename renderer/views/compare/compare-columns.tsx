import { type Change, type CompareFunctionsTable, changeAt, isNoise } from "#core/model/compare.ts";
import type { GridColumn } from "../../widgets/grid.tsx";
import { sayAs } from "../../widgets/table-text.ts";
import {
  afterWords,
  beforeWords,
  certaintyWords,
  changeWords,
  plusMinusWords,
  ratioWords,
  valueWords,
} from "./compare-words.ts";

export const nameOfRow = (table: CompareFunctionsTable, row: number): string =>
  table.strings[table.name[row] ?? -1] ?? "";

/** The columns of the table of functions; a row is its index. */
export function compareColumns(
  table: CompareFunctionsTable,
  of: "self" | "total",
  withOverweight: boolean,
): readonly GridColumn<number>[] {
  const columns = table[of];
  const beside = of === "self" ? "total" : "self";
  // Columns go, the least important first, where the grid would be wider than its room.
  const more = withOverweight ? 124 : 0;
  const change = (row: number): Change => changeAt(columns, row);
  const largest = table[of].before.reduce(
    (most, before, row) => Math.max(most, Math.abs((columns.after[row] ?? 0) - before)),
    0,
  );
  const number = (
    id: string,
    title: string,
    track: string,
    fromPx: number,
    words: (row: number) => string,
    sortable = true,
  ): GridColumn<number> => ({ id, title, track, align: "end", fromPx, sortable, cell: (row) => words(row) });
  return [
    {
      id: "name",
      title: "Function",
      track: "minmax(120px, 1fr)",
      sortable: true,
      cell: (row) => (
        <span className="compare-name truncate" title={nameOfRow(table, row)}>
          {nameOfRow(table, row) || "(unnamed)"}
        </span>
      ),
    },
    ...(withOverweight
      ? [
          number("overweight", "Overweight", "108px", 0, (row) => {
            const value = columns.overweight[row] ?? 0;
            return value === 0 ? "0" : `${value > 0 ? "+" : "−"}${valueText(Math.abs(value), table)}`;
          }),
        ]
      : []),
    {
      id: "change",
      title: of === "self" ? "Self, change" : "Total, change",
      track: "minmax(150px, 190px)",
      align: "end",
      sortable: true,
      cell: (row) => (
        <ChangeCell change={change(row)} largest={largest} words={changeWords(change(row), table)} />
      ),
    },
    number(
      "half",
      "±",
      "76px",
      790 + more,
      (row) => (change(row).state === "same" ? "" : plusMinusWords(change(row).changeHalf, table)),
      false,
    ),
    number("before", "Before", "76px", withOverweight ? 640 : 0, (row) => beforeWords(change(row), table)),
    number("after", "After", "76px", withOverweight ? 640 : 0, (row) => afterWords(change(row), table)),
    number("ratio", "Ratio", "64px", 870 + more, (row) => ratioWords(change(row))),
    {
      id: "certainty",
      title: "Real?",
      track: "128px",
      fromPx: 690 + more,
      sortable: true,
      cell: (row) => <CertaintyCell change={change(row)} />,
    },
    number(
      "beside",
      of === "self" ? "Total, change" : "Self, change",
      "104px",
      990 + more,
      (row) => changeWords(changeAt(table[beside], row), table),
      false,
    ),
  ];
}

/** Overweight is in values as they are. */
const valueText = (value: number, table: CompareFunctionsTable): string =>
  valueWords(value, 1, { ...table, by: "absolute" });

sayAs(ChangeCell, ({ words }) => words);
sayAs(CertaintyCell, ({ change }) => certaintyWords(change));

/** A bar to the right of the middle for what has grown, to the left for what has shrunk. */
function ChangeCell({
  change,
  largest,
  words,
}: {
  readonly change: Change;
  readonly largest: number;
  readonly words: string;
}) {
  const share = largest > 0 ? Math.min(1, Math.abs(change.change) / largest) : 0;
  const kind = isNoise(change) ? "noise" : change.change > 0 ? "grown" : "shrunk";
  return (
    <span className="compare-change">
      <span className="compare-bar" aria-hidden="true">
        <span
          className="compare-bar-fill"
          data-kind={kind}
          style={{
            width: `${(share * 50).toFixed(2)}%`,
            ...(change.change < 0 ? { right: "50%" } : { left: "50%" }),
          }}
        />
      </span>
      <span className="compare-number">{words}</span>
    </span>
  );
}

export function CertaintyCell({ change }: { readonly change: Change }) {
  const sure = change.certainty === "beyond" && change.state !== "same";
  return (
    <span className="compare-certainty" data-sure={sure}>
      {sure ? <span aria-hidden="true">{change.change > 0 ? "▲ " : "▼ "}</span> : null}
      {certaintyWords(change)}
    </span>
  );
}
