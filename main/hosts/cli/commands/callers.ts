import { formatCount, formatCountOf, formatPercent, formatValue } from "#core/base/numbers.ts";
import { ProblemError, problemOf } from "#core/base/result.ts";
import type { ButterflyEdge, ButterflyFunction, ButterflyTable } from "#core/model/tables.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import { type Command, exitCodes, numberFlag, printJson, UsageError } from "../command.ts";
import { ask, withEngine } from "../engine-client.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";
import { textTable, visible } from "../text-table.ts";

type Side = "callers" | "callees";

const counted = (calls: number): number | null => (Number.isNaN(calls) ? null : calls);

const edgeJson = ({ name, value, samples, calls }: ButterflyEdge) => ({
  function: name,
  value,
  ...(Number.isNaN(calls) ? { samples } : { calls }),
});

/** The JSON contract of `callers` and `callees` with --json. */
const butterflyJson = (table: ButterflyTable, side: Side) => ({
  series: table.series,
  unit: table.unit,
  total: table.totalValue,
  functions: table.functions.map((each) => ({
    function: each.name,
    file: each.file,
    line: each.line,
    self: each.self,
    total: each.total,
    ...(table.isExact ? { calls: counted(each.calls) } : { samples: each.samples }),
    [side]: each[side].map(edgeJson),
  })),
});

function lines(table: ButterflyTable, each: ButterflyFunction, side: Side, width: number): string[] {
  const { unit, totalValue } = table;
  const calls = (value: number): string[] =>
    table.isExact ? [Number.isNaN(value) ? "" : formatCount(value)] : [];
  const head =
    `${visible(each.name)}: self ${formatValue(each.self, unit)} (${formatPercent(each.self, totalValue)}), ` +
    `total ${formatValue(each.total, unit)} (${formatPercent(each.total, totalValue)})` +
    (Number.isNaN(each.calls) ? "" : `, ${formatCountOf(each.calls, "call")}`);
  if (each[side].length === 0) return [head, `  no ${side}`];
  const rows = textTable(
    [
      { title: side === "callers" ? "CALLED BY" : "CALLS", align: "right" },
      { title: "", align: "right" },
      ...(table.isExact ? [{ title: "TIMES", align: "right" } as const] : []),
      { title: "FUNCTION", align: "left" },
    ],
    each[side].map((edge) => [
      formatPercent(edge.value, each.total),
      formatValue(edge.value, unit),
      ...calls(edge.calls),
      edge.name,
    ]),
    width,
  );
  return [head, ...rows.map((row) => `  ${row}`)];
}

const command = (side: Side, other: string): Command => ({
  name: side,
  summary:
    side === "callers" ? "who calls a function, and for how much" : "what a function calls, and for how much",
  usage: [`${side} FILE FUNCTION [--limit N] [--focus REGEX] ... [--json]`],
  flags: [
    ["FUNCTION", "regular expression on the name; several functions may match"],
    ["--limit N", `${side} to print of each function (default: 30; with --json: all)`],
    ["--functions N", "functions to print, the most expensive first (default: 10)"],
    ...selectionHelp,
    memberHelp,
    ["--json", "print it as JSON"],
  ],
  examples: [
    `flamewright ${side} cpu.pb.gz '^runtime.mallocgc$'`,
    `flamewright ${side} ${other} read --thread worker`,
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      limit: { type: "string" },
      functions: { type: "string" },
    });
    const [file, pattern, ...more] = parsed.positionals;
    if (file === undefined || pattern === undefined || more.length > 0)
      throw new UsageError(`${side} needs a file and the name of a function`);
    const json = parsed.values.json === true;
    const limit = numberFlag(parsed, "limit", 1) ?? (json ? everyRow : 30);
    const functions = numberFlag(parsed, "functions", 1) ?? 10;
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const table = await ask(client, profileId, { view: "butterfly", selection, pattern, functions, limit });
      if (table.functions.length === 0)
        throw new ProblemError(
          problemOf(
            "no-such-function",
            `No function matches ${JSON.stringify(pattern)}.`,
            "`top` lists them.",
          ),
        );
      if (json) printJson(terminal, butterflyJson(table, side));
      else {
        const width = terminal.outIsTty ? terminal.columns : Number.POSITIVE_INFINITY;
        const parts = table.functions.map((each) => lines(table, each, side, width).join("\n"));
        terminal.out(`${parts.join("\n\n")}\n`);
        terminal.err(
          `${formatCount(table.functions.length)} of ${formatCountOf(table.functionsInAll, "function")} that match\n`,
        );
      }
      return exitCodes.done;
    });
  },
});

export const callersCommand: Command = command("callers", "perf.txt");
export const calleesCommand: Command = command("callees", "perf.txt");
