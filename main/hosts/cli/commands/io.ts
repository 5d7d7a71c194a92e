import { formatBytes, formatCount, formatDuration } from "#core/base/numbers.ts";
import type { IoQuery } from "#core/model/query.ts";
import type { IoRow, IoTable } from "#core/model/tables.ts";
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
import { type Column, textTable } from "../text-table.ts";

const sorts: readonly IoQuery["sort"][] = ["total", "calls", "errors", "mean", "p99", "max", "bytes", "name"];
const kinds: readonly IoQuery["by"][] = ["call", "file", "peer", "stack"];

/** What JSON has no number for is null. */
const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

const rowJson = (row: IoRow) => ({
  name: row.name,
  calls: row.calls,
  errors: row.errors,
  totalNs: known(row.totalNs),
  meanNs: known(row.meanNs),
  p50Ns: known(row.p50Ns),
  p99Ns: known(row.p99Ns),
  maxNs: known(row.maxNs),
  bytes: row.bytes,
});

/** The JSON contract of `io FILE --json`. */
const ioJson = (table: IoTable) => ({
  spanNs: table.spanNs,
  calls: table.calls,
  errors: table.errors,
  totalNs: known(table.totalNs),
  rows: table.rows.map(rowJson),
  histogram: {
    limitsNs: table.bucketLimitsNs,
    calls: Array.from(table.histogram),
  },
  slowest: table.slowest.map(({ call, file, startNs, durationNs }) => ({ call, file, startNs, durationNs })),
});

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "");
const right = (title: string): Column => ({ title, align: "right" });
const columns = (by: IoQuery["by"]): readonly Column[] => [
  right("TOTAL"),
  right("CALLS"),
  right("ERRORS"),
  right("MEAN"),
  right("P99"),
  right("MAX"),
  right("BYTES"),
  { title: by.toUpperCase(), align: "left" },
];
const cellsOf = (row: IoRow): readonly string[] => [
  time(row.totalNs),
  formatCount(row.calls),
  row.errors === 0 ? "" : formatCount(row.errors),
  time(row.meanNs),
  time(row.p99Ns),
  time(row.maxNs),
  row.bytes === 0 ? "" : formatBytes(row.bytes),
  row.name,
];

function print(terminal: Terminal, table: IoTable, by: IoQuery["by"]): void {
  if (table.series === "") {
    terminal.err("No system calls were recorded: `flamewright record --profiler strace` does.\n");
    return;
  }
  const width = terminal.outIsTty ? terminal.columns : Number.POSITIVE_INFINITY;
  if (table.rows.length > 0)
    terminal.out(`${textTable(columns(by), table.rows.map(cellsOf), width).join("\n")}\n`);
  terminal.err(
    `${formatCount(table.rows.length)} of ${formatCount(table.rowsInAll)} rows, ${formatCount(table.calls)} calls, ${formatCount(table.errors)} failed, ${time(table.totalNs)} in all\n`,
  );
}

export const ioCommand: Command = {
  name: "io",
  summary: "the system calls of a recording: how often, how long, on what",
  usage: ["io FILE [--by call|file|peer|stack] [--sort COLUMN] [--filter REGEX] [--waiting] [--json]"],
  flags: [
    ["--by KIND", "one row a call, a file, a peer of sockets, or the function that called (default: call)"],
    ["--sort COLUMN", `${sorts.join(", ")} (default: total)`],
    ["--filter REGEX", "only rows whose name matches"],
    ["--waiting", "also calls that wait for whatever comes next: futex, poll, sleep"],
    ["--limit N", "rows to print"],
    ...selectionHelp,
    memberHelp,
    ["--json", "print it as JSON"],
  ],
  examples: ["flamewright io app.strace", "flamewright io app.strace --by file --sort bytes --json"],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      waiting: { type: "boolean" },
      by: { type: "string" },
      sort: { type: "string" },
      filter: { type: "string" },
      limit: { type: "string" },
    });
    const file = onlyFile(parsed, "io");
    const sort = sorts.find((each) => each === (textFlag(parsed, "sort") || "total"));
    if (sort === undefined) throw new UsageError(`--sort takes one of: ${sorts.join(", ")}`);
    const by = kinds.find((each) => each === (textFlag(parsed, "by") || "call"));
    if (by === undefined) throw new UsageError(`--by takes one of: ${kinds.join(", ")}`);
    const limit = numberFlag(parsed, "limit", 1) ?? everyRow;
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const table = await ask(client, profileId, {
        view: "io",
        selection,
        by,
        sort,
        descending: (sort !== "name") !== (parsed.values.reverse === true),
        filter: textFlag(parsed, "filter"),
        waiting: parsed.values.waiting === true,
        limit,
      });
      if (parsed.values.json === true) printJson(terminal, ioJson(table));
      else print(terminal, table, by);
      return exitCodes.done;
    });
  },
};
