import { formatPercent, formatValue } from "#core/base/numbers.ts";
import {
  type Change,
  type CompareFlameTable,
  type CompareFunctionsTable,
  changeAt,
} from "#core/model/compare.ts";
import { textTable, visible } from "./text-table.ts";

/** A comparison as text for a terminal. */

const signed = (change: number, unit: string): string =>
  change === 0 ? "0" : `${change > 0 ? "+" : "-"}${formatValue(Math.abs(change), unit)}`;

/** "+12.3 %", "new", "gone": of what it was. */
const relative = ({ before, change, state }: Change): string => {
  if (state === "new" || state === "gone") return state;
  return state === "same" ? "=" : `${change > 0 ? "+" : "-"}${formatPercent(Math.abs(change), before)}`;
};

const plusMinus = ({ changeHalf, state }: Change, unit: string): string =>
  Number.isFinite(changeHalf) && state !== "same" ? `±${formatValue(changeHalf, unit)}` : "";

const noise = ({ certainty, state }: Change): string =>
  state === "same" || certainty === "unknown" ? "" : certainty === "beyond" ? "beyond" : "within";

const right = (title: string) => ({ title, align: "right" }) as const;

export function functionLines(table: CompareFunctionsTable, main: "self" | "total", width: number): string[] {
  const other = main === "self" ? "total" : "self";
  const { unit } = table;
  return textTable(
    [
      right(main.toUpperCase()),
      right(""),
      right("±"),
      right("BEFORE"),
      right("AFTER"),
      right("NOISE"),
      right(other.toUpperCase()),
      right("BEFORE"),
      right("AFTER"),
      { title: "FUNCTION", align: "left" },
    ],
    Array.from({ length: table.length }, (_, row) => {
      const of = changeAt(table[main], row);
      const beside = changeAt(table[other], row);
      return [
        signed(of.change, unit),
        relative(of),
        plusMinus(of, unit),
        formatValue(of.before, unit),
        formatValue(of.after, unit),
        noise(of),
        signed(beside.change, unit),
        formatValue(beside.before, unit),
        formatValue(beside.after, unit),
        table.strings[table.name[row] ?? -1] ?? "",
      ];
    }),
    width,
  );
}

/** What weighs more than its part of how the whole grew, the most first. */
export function overweightLines(
  table: CompareFunctionsTable,
  main: "self" | "total",
  width: number,
): string[] {
  const { unit } = table;
  const columns = table[main];
  return textTable(
    [
      right("OVERWEIGHT"),
      right(main.toUpperCase()),
      right(""),
      right("BEFORE"),
      right("AFTER"),
      right("NOISE"),
      { title: "FUNCTION", align: "left" },
    ],
    Array.from({ length: table.length }, (_, row) => {
      const of = changeAt(columns, row);
      return [
        signed(columns.overweight[row] ?? 0, unit),
        signed(of.change, unit),
        relative(of),
        formatValue(of.before, unit),
        formatValue(of.after, unit),
        noise(of),
        table.strings[table.name[row] ?? -1] ?? "",
      ];
    }),
    width,
  );
}

const DEEPEST = 40;

/** Nodes that changed, with their callers, the larger changes first. */
export function treeLines({ flame, total, unit }: CompareFlameTable): string[] {
  const children = new Map<number, number[]>();
  const changes = Array.from({ length: flame.length }, (_, row) => changeAt(total, row));
  for (let row = 0; row < flame.length; row++) {
    const parent = flame.parent[row] ?? -1;
    const siblings = children.get(parent);
    if (siblings) siblings.push(row);
    else children.set(parent, [row]);
  }
  // What moved from one call to another changed both by as much but for the last digits.
  const size = (row: number): number => Number(Math.abs(changes[row]?.change ?? 0).toPrecision(9));
  const pushed = (of: number): number[] =>
    (children.get(of) ?? []).toSorted((a, b) => size(a) - size(b) || b - a);
  const lines: string[][] = [];
  const waiting = pushed(-1);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    const change = changes[row];
    if (!change) continue;
    const depth = flame.depth[row] ?? 0;
    const name = flame.strings[flame.name[row] ?? -1] ?? "";
    lines.push([
      signed(change.change, unit),
      relative(change),
      plusMinus(change, unit),
      formatValue(change.before, unit),
      formatValue(change.after, unit),
      noise(change),
      `${depth <= DEEPEST ? "  ".repeat(depth) : `${"  ".repeat(DEEPEST)}[${depth}] `}${visible(name)}`,
    ]);
    for (const child of pushed(row)) waiting.push(child);
  }
  return textTable(
    [
      right("TOTAL"),
      right(""),
      right("±"),
      right("BEFORE"),
      right("AFTER"),
      right("NOISE"),
      { title: "CALL TREE", align: "left" },
    ],
    lines,
  );
}
