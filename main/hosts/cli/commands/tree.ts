import { formatCount, formatCountOf, formatPercent, formatValue } from "#core/base/numbers.ts";
import type { FlameTable } from "#core/model/tables.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import {
  type Command,
  exitCodes,
  numberFlag,
  onlyFile,
  printJson,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { ask, withEngine } from "../engine-client.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";
import { visible } from "../text-table.ts";

/** Rows in the order of reading: a node, then what it calls, the most expensive first. */
function depthFirst(table: FlameTable, sort: TreeSort): number[] {
  const children = new Map<number, number[]>();
  for (let row = 0; row < table.length; row++) {
    const above = table.parent[row] ?? -1;
    const siblings = children.get(above);
    if (siblings) siblings.push(row);
    else children.set(above, [row]);
  }
  const weight = sort === "self" ? table.self : table.value;
  // The last one is taken first, so siblings lie the cheapest (or last by name) first; rows of a table are by name.
  const pushed = (rows: number[]): number[] =>
    sort === "name"
      ? rows.toReversed()
      : rows.toSorted((a, b) => (weight[a] ?? 0) - (weight[b] ?? 0) || b - a);
  const order: number[] = [];
  const waiting = pushed(children.get(-1) ?? []);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    order.push(row);
    for (const child of pushed(children.get(row) ?? [])) waiting.push(child);
  }
  return order;
}

type TreeSort = "total" | "self" | "name";

const nameOf = (table: FlameTable, row: number): string => table.strings[table.name[row] ?? -1] ?? "";

/** The JSON contract of `tree FILE --json`: rows in the order of reading, callers before what they call. */
function treeJson(table: FlameTable, order: readonly number[]) {
  const placeOf = new Map(order.map((row, place) => [row, place]));
  return {
    series: table.series,
    unit: table.unit,
    total: table.totalValue,
    samples: table.totalSamples,
    rows: order.map((row) => ({
      function: nameOf(table, row),
      depth: table.depth[row] ?? 0,
      parent: placeOf.get(table.parent[row] ?? -1) ?? -1,
      self: table.self[row] ?? 0,
      total: table.value[row] ?? 0,
      samples: table.samples[row] ?? 0,
    })),
  };
}

/** Deeper frames are not moved further to the right: their depth is written instead. */
const MOST_INDENT = 40;

function treeLines(table: FlameTable, order: readonly number[], width: number): string[] {
  const cells = order.map((row) => [
    formatPercent(table.value[row] ?? 0, table.totalValue),
    formatValue(table.value[row] ?? 0, table.unit),
    formatPercent(table.self[row] ?? 0, table.totalValue),
    formatValue(table.self[row] ?? 0, table.unit),
  ]);
  const titles = ["TOTAL", "", "SELF", ""];
  const widths = titles.map((title, i) =>
    cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), title.length),
  );
  const line = (row: readonly string[], name: string): string => {
    const text = `${row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ")}  ${name}`;
    return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  };
  return [
    line(titles, "CALL TREE"),
    ...order.map((row, place) => {
      const depth = table.depth[row] ?? 0;
      const indent = depth <= MOST_INDENT ? "  ".repeat(depth) : `${"  ".repeat(MOST_INDENT)}[${depth}] `;
      return line(cells[place] ?? [], `${indent}${visible(nameOf(table, row))}`);
    }),
  ];
}

/** Of depth-first rows, those of at most `depth` frames and `limit` in all. */
const shownRows = (table: FlameTable, order: readonly number[], depth: number, limit: number): number[] =>
  order.filter((row) => (table.depth[row] ?? 0) < depth).slice(0, limit);

function print(
  terminal: Terminal,
  table: FlameTable,
  order: readonly number[],
  inAll: number,
  json: boolean,
): void {
  if (json) {
    printJson(terminal, treeJson(table, order));
    return;
  }
  const width = terminal.outIsTty ? terminal.columns : Number.POSITIVE_INFINITY;
  terminal.out(`${treeLines(table, order, width).join("\n")}\n`);
  const cut = inAll - order.length + table.narrowNodes;
  terminal.err(
    `${formatCount(order.length)} call nodes${cut > 0 ? ` (${formatCount(cut)} smaller, deeper or later ones left out)` : ""}, ` +
      `${formatCountOf(table.totalSamples, "sample")} of ${table.series}\n`,
  );
}

export const treeCommand: Command = {
  name: "tree",
  summary: "the call tree of a file, as text",
  usage: ["tree FILE [--invert] [--min PERCENT] [--depth N] [--focus REGEX] ... [--json]"],
  flags: [
    ["--min PERCENT", "leave out what costs less of the whole (default: 0.5; with --json: 0)"],
    ["--depth N", "frames to go down"],
    ["--limit N", "rows to print"],
    ["--sort total|self|name", "order of what a function calls (default: total)"],
    ...selectionHelp,
    memberHelp,
    ["--json", "print it as JSON"],
  ],
  examples: [
    "flamewright tree cpu.pb.gz --min 2",
    "flamewright tree perf.txt --invert --focus '^memcpy' --depth 5",
    "flamewright tree perf.txt --transform 'focus-function:parse' --transform collapse-recursion",
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      min: { type: "string" },
      depth: { type: "string" },
      limit: { type: "string" },
      sort: { type: "string" },
    });
    const file = onlyFile(parsed, "tree");
    const json = parsed.values.json === true;
    const sort = textFlag(parsed, "sort") || "total";
    if (sort !== "total" && sort !== "self" && sort !== "name")
      throw new UsageError("--sort takes total, self or name");
    const percent = numberFlag(parsed, "min", 0) ?? (json ? 0 : 0.5);
    const depth = numberFlag(parsed, "depth", 1) ?? everyRow;
    const limit = numberFlag(parsed, "limit", 1) ?? everyRow;
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      // A picture of 100 points in which everything from `percent` points up is drawn.
      const table = await ask(client, profileId, {
        view: "flame",
        selection,
        widthPx: 100,
        minPx: percent,
        maxRows: everyRow,
        inverted: parsed.values.flip === true,
      });
      const order = depthFirst(table, sort);
      print(terminal, table, shownRows(table, order, depth, limit), order.length, json);
      return exitCodes.done;
    });
  },
};
