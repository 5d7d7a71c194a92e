import { formatCount, formatCountOf, formatDuration, formatPercent } from "#core/base/numbers.ts";
import type { LocksQuery } from "#core/model/query.ts";
import type { LockRow, LocksTable } from "#core/model/tables.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import {
  type Command,
  exitCodes,
  numberFlag,
  onlyFile,
  type Parsed,
  printJson,
  textFlag,
  UsageError,
} from "../command.ts";
import { ask, withEngine } from "../engine-client.ts";
import { isLive, liveFlags, liveHelp, showLive } from "../live-table.ts";
import { recordRequest } from "../record-flags.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";
import { type Column, textTable, visible } from "../text-table.ts";

const sorts: readonly LocksQuery["sort"][] = [
  "total",
  "share",
  "waits",
  "threads",
  "mean",
  "p50",
  "p99",
  "max",
  "lock",
  "kind",
];

/** What JSON has no number for is null. */
const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The JSON contract of `locks FILE --json`. */
const rowJson = (row: LockRow) => ({
  lock: row.lock,
  kind: row.kind,
  address: row.address,
  idle: row.isIdle,
  waits: row.waits,
  unfinished: row.open,
  threads: row.threads,
  totalNs: row.totalNs,
  meanNs: known(row.meanNs),
  p50Ns: known(row.p50Ns),
  p99Ns: known(row.p99Ns),
  maxNs: known(row.maxNs),
  share: known(row.share),
  waiter: row.waiter,
  holder: row.holder,
  holderFunction: row.holderFunction,
  holderShare: known(row.holderShare),
});

const locksJson = (table: LocksTable) => ({
  spanNs: table.spanNs,
  waits: table.waits,
  totalNs: table.totalNs,
  idle: table.idle,
  deadlocks: table.deadlocks,
  rows: table.rows.map(rowJson),
});

const right = (title: string): Column => ({ title, align: "right" });
const left = (title: string): Column => ({ title, align: "left" });
const columns: readonly Column[] = [
  right("TOTAL"),
  right("SHARE"),
  right("WAITS"),
  right("THREADS"),
  right("MEAN"),
  right("P99"),
  right("MAX"),
  left("KIND"),
  left("LOCK"),
  left("WAITER"),
  left("HELD BY"),
];

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "");

const cellsOf = (row: LockRow): readonly string[] => [
  time(row.totalNs),
  Number.isFinite(row.share) ? formatPercent(row.share, 1) : "",
  formatCount(row.waits),
  row.threads === 0 ? "" : formatCount(row.threads),
  time(row.meanNs),
  time(row.p99Ns),
  time(row.maxNs),
  row.kind,
  row.lock,
  row.waiter,
  [row.holder, row.holderFunction].filter((text) => text !== "").join(" in "),
];

const lines = (table: LocksTable, width?: number): string[] => [
  ...(table.rows.length > 0 ? textTable(columns, table.rows.map(cellsOf), width) : []),
  ...table.deadlocks.map((words) => `deadlock: ${visible(words)}`),
];

function summary({ rows, rowsInAll, waits, totalNs, idle, isRecorded }: LocksTable): string {
  if (!isRecorded) return "Nothing about locks was recorded: `flamewright record --profiler locks` does.";
  return (
    `${formatCount(rows.length)} of ${formatCountOf(rowsInAll, "lock")}, ${formatCountOf(waits, "wait")} of ${time(totalNs)} in all` +
    (idle.waits > 0
      ? `; waiting for work or a signal is hidden (${formatCountOf(idle.waits, "time")}; --idle shows it)`
      : "")
  );
}

type Asked = Omit<LocksQuery, "limit" | "selection">;

function askedOf(parsed: Parsed): Asked {
  const asked = textFlag(parsed, "sort") || "total";
  const sort = sorts.find((each) => each === asked);
  if (sort === undefined) throw new UsageError(`--sort takes one of: ${sorts.join(", ")}`);
  return {
    view: "locks",
    sort,
    descending: (sort !== "lock" && sort !== "kind") !== (parsed.values.reverse === true),
    filter: textFlag(parsed, "filter"),
    idle: parsed.values.idle === true,
  };
}

export const locksCommand: Command = {
  name: "locks",
  summary: "the locks of a recording, or of a process live: who waited, for how long, who held them",
  usage: [
    "locks FILE [--sort COLUMN] [--filter REGEX] [--idle] [--json]",
    "locks --pid N [--profiler ID] [--duration S] [--json]",
    "locks [--profiler ID] [--duration S] -- COMMAND ...",
  ],
  flags: [
    ["--sort COLUMN", `${sorts.join(", ")} (default: total)`],
    ["--filter REGEX", "only locks whose name, kind, waiter or holder matches"],
    ["--idle", "also what waits for work or a signal: condition variables, idle pools"],
    ["--limit N", "rows to print"],
    ...selectionHelp,
    memberHelp,
    ["--json", "print it as JSON; live as a line a second"],
    ...liveHelp("locks, the best that answers"),
  ],
  examples: [
    "flamewright locks waits.flamewright",
    "flamewright locks app.jfr --sort p99 --json",
    "flamewright locks --pid 4711",
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      idle: { type: "boolean" },
      sort: { type: "string" },
      filter: { type: "string" },
      limit: { type: "string" },
      ...liveFlags,
    });
    const query = askedOf(parsed);
    if (isLive(parsed))
      return showLive(parsed, terminal, {
        request: recordRequest(parsed, "locks"),
        view: "locks",
        query: (limit) => ({ ...query, selection: {}, limit }),
        lines: (table, width) => [...lines(table, width), "", summary(table)],
        json: locksJson,
        elapsedNs: ({ spanNs }) => spanNs,
        rows: everyRow,
      });
    const file = onlyFile(parsed, "locks");
    const limit = numberFlag(parsed, "limit", 1) ?? everyRow;
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const table = await ask(client, profileId, { ...query, selection, limit });
      if (parsed.values.json === true) printJson(terminal, locksJson(table));
      else {
        const found = lines(table, terminal.outIsTty ? terminal.columns : undefined);
        if (found.length > 0) terminal.out(`${found.join("\n")}\n`);
        terminal.err(`${summary(table)}\n`);
      }
      return exitCodes.done;
    });
  },
};
