import {
  type Change,
  type CompareFunctionsTable,
  type FunctionsQuery,
  isNoise,
} from "../../model/compare.ts";
import { compilePattern } from "../../model/pattern.ts";
import { changeColumns } from "./change-columns.ts";
import type { JoinedTree } from "./joined-tree.ts";

/** Functions by how much they changed. */
export function functions(joined: JoinedTree, query: FunctionsQuery): CompareFunctionsTable {
  const filter = query.filter === "" ? null : compilePattern(query.filter);
  const other = query.of === "self" ? "total" : "self";
  const rows: Row[] = [];
  for (let name = 0; name < joined.strings.length; name++) {
    const text = joined.strings[name] ?? "";
    const total = joined.nameChange(name, "total");
    if (total.before === 0 && total.after === 0) continue;
    if (filter && !filter.test(text)) continue;
    const self = joined.nameChange(name, "self");
    const row =
      query.of === "self"
        ? { name, text, main: self, other: total }
        : { name, text, main: total, other: self };
    if (isShown(row.main, query.show) || (query.show === "changed" && isShown(row.other, "changed")))
      rows.push(row);
  }
  rows.sort(orderOf(joined, query));
  const limited = rows.slice(0, query.limit);
  const strings = limited.map(({ text }) => text);
  const columnsOf = (of: "main" | "other") =>
    changeColumns(
      limited.length,
      (row) => (limited[row] as Row)[of],
      (change) => joined.overweight(change),
    );
  return {
    view: "functions",
    ...joined.facts,
    strings,
    length: limited.length,
    name: Int32Array.from(limited, (_, row) => row),
    ...({ [query.of]: columnsOf("main"), [other]: columnsOf("other") } as Pick<
      CompareFunctionsTable,
      "self" | "total"
    >),
    rowsInAll: rows.length,
  };
}

interface Row {
  readonly name: number;
  readonly text: string;
  readonly main: Change;
  readonly other: Change;
}

function isShown(change: Change, show: FunctionsQuery["show"]): boolean {
  switch (show) {
    case "all":
      return true;
    case "changed":
      return !isNoise(change);
    default:
      return change.state === show;
  }
}

function orderOf(joined: JoinedTree, { sort, descending }: FunctionsQuery): (a: Row, b: Row) => number {
  const byName = (a: Row, b: Row): number => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);
  const sign = descending ? -1 : 1;
  if (sort === "name") return (a, b) => sign * byName(a, b);
  const size = (value: number): number => (Number.isNaN(value) ? -1 : Math.abs(value));
  const keys: Readonly<Record<Exclude<FunctionsQuery["sort"], "name">, (change: Change) => number>> = {
    before: ({ before }) => before,
    after: ({ after }) => after,
    change: ({ change }) => size(change),
    // What is new has grown without bound.
    ratio: ({ before, after }) => (before === 0 ? (after === 0 ? 0 : Number.MAX_VALUE) : after / before),
    certainty: ({ sigma }) =>
      Number.isFinite(sigma) ? size(sigma) : Number.isNaN(sigma) ? -1 : Number.MAX_VALUE,
    overweight: (change) => joined.overweight(change),
  };
  const key = keys[sort];
  return (a, b) =>
    sign * (key(a.main) - key(b.main)) ||
    sign * (size(a.other.change) - size(b.other.change)) ||
    byName(a, b);
}
