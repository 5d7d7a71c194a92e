import { formatCount, formatCountOf, formatDuration } from "#core/base/numbers.ts";
import { columnsOfKind, firstOrder, type IoOrders, readOrders, turnedOrder } from "#core/model/io-order.ts";
import type { IoQuery } from "#core/model/query.ts";
import type { IoTable } from "#core/model/tables.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import {
  type Command,
  exitCodes,
  numberFlag,
  onlyFile,
  type Parsed,
  printJson,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { ask, withEngine } from "../engine-client.ts";
import { everyTable, type IoKind, ioJson, ioKinds, linesBy } from "../io-text.ts";
import { isLive, liveFlags, liveHelp, showLive } from "../live-table.ts";
import { recordRequest } from "../record-flags.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";

const sorts: readonly IoQuery["sort"][] = ["total", "calls", "errors", "mean", "p99", "max", "bytes", "name"];
/** Long enough for rates. */
const glanceS = 1.2;

function print(terminal: Terminal, table: IoTable, by: IoKind): void {
  const isOfCalls = by !== "open" && by !== "disk" && by !== "thread";
  if (table.series === "" && isOfCalls) {
    terminal.err("No system calls were recorded: `flamewright record --profiler perf-trace` does.\n");
    return;
  }
  const width = terminal.outIsTty ? terminal.columns : Number.POSITIVE_INFINITY;
  const lines = linesBy(table, by, width);
  if (lines.length > 1) terminal.out(`${lines.join("\n")}\n`);
  if (!isOfCalls) {
    const rows = { open: table.openInAll, disk: table.disks.length, thread: table.threads.length }[by];
    // Disks are all there, and what was asked of them stands below.
    const shown = by === "disk" ? rows : Math.max(0, lines.length - 1);
    terminal.err(`${formatCount(shown)} of ${formatCountOf(rows, "row")}\n`);
    return;
  }
  const inAll = Number.isFinite(table.totalNs) ? `, ${formatDuration(table.totalNs)} in all` : "";
  terminal.err(
    `${formatCount(table.rows.length)} of ${formatCountOf(table.rowsInAll, "row")}, ${formatCountOf(table.calls, "call")}, ${formatCount(table.errors)} failed${inAll}\n`,
  );
}

interface Asked {
  readonly by: IoKind;
  readonly sort: IoQuery["sort"];
  readonly query: Omit<IoQuery, "selection" | "limit">;
}

function askedOf(parsed: Parsed): Asked {
  const by = ioKinds.find((each) => each === (textFlag(parsed, "by") || "call"));
  if (by === undefined) throw new UsageError(`--by takes one of: ${ioKinds.join(", ")}`);
  const asked = textFlag(parsed, "sort");
  const own = by === "open" || by === "disk" || by === "thread" ? columnsOfKind[by] : null;
  const allowed = own ?? sorts;
  if (asked !== "" && !allowed.includes(asked))
    throw new UsageError(`--sort takes one of: ${allowed.join(", ")}`);
  const sort = sorts.find((each) => own === null && each === asked) ?? "total";
  const query = {
    view: "io",
    by: by === "open" || by === "disk" || by === "thread" ? "call" : by,
    orders: ordersOf(parsed, by, own === null ? "" : asked),
    sort,
    descending: (sort !== "name") !== (parsed.values.reverse === true),
    filter: textFlag(parsed, "filter"),
    waiting: parsed.values.waiting === true,
  } as const;
  return { by, sort, query };
}

/** Those of a view that was copied, and the one that is asked for. */
function ordersOf(parsed: Parsed, by: IoKind, column: string): IoOrders {
  const pasted = readOrders(
    parsed.given.flatMap(({ name, value }) => (name === "table-order" ? [value ?? ""] : [])),
  );
  if (pasted === null) throw new UsageError("--table-order takes a table and a column, like open=-rate");
  if (column === "") return pasted;
  const order = firstOrder(column);
  return { ...pasted, [by]: parsed.values.reverse === true ? turnedOrder(order) : order };
}

/** A glance, unless it is watched or it is a command that is started: then until its end. */
function liveIo(parsed: Parsed, terminal: Terminal): Promise<number> {
  const { by, query } = askedOf(parsed);
  const isWatched = parsed.values.watch === true;
  const request = recordRequest(parsed, "proc-io");
  const isShort = !isWatched && request.target.kind !== "launch" && request.durationS === null;
  return showLive(parsed, terminal, {
    request: isShort ? { ...request, durationS: glanceS } : request,
    view: "io",
    query: (limit) => ({ ...query, selection: {}, limit }),
    lines: (table, width = Number.POSITIVE_INFINITY) =>
      parsed.values.by === undefined ? everyTable(table, width) : linesBy(table, by, width),
    json: ioJson,
    elapsedNs: ({ spanNs }) => spanNs,
    isGlance: !isWatched,
    rows: everyRow,
  });
}

export const ioCommand: Command = {
  name: "io",
  summary: "system calls, open files and sockets, disks: of a recording, or of a process as it is now",
  usage: [
    "io FILE [--by call|file|peer|stack|open|disk|thread] [--sort COLUMN] [--filter REGEX] [--waiting] [--json]",
    "io --pid N [--watch] [--profiler ID] [--duration S] [--by KIND] [--json]",
    "io [--profiler ID] [--watch] -- COMMAND ...",
  ],
  flags: [
    [
      "--by KIND",
      "one row a call, a file, a peer of sockets, the function that called; a file or socket that is open, a disk, a thread (default: call; live: all there is)",
    ],
    ["--sort COLUMN", `${sorts.join(", ")} (default: total); of what is open, disks and threads theirs`],
    ["--filter REGEX", "only rows whose name matches"],
    ["--waiting", "also calls that wait for whatever comes next: futex, poll, sleep"],
    ["--limit N", "rows to print"],
    ...selectionHelp,
    memberHelp,
    ["--json", "print it as JSON; with --watch as a line a second"],
    ["--watch", "until Ctrl-C, or its end"],
    ...liveHelp("proc-io, which needs no tool; perf-trace has the calls"),
  ],
  examples: [
    "flamewright io app.strace",
    "flamewright io app.strace --by file --sort bytes --json",
    "flamewright io --pid 4711",
    "flamewright io --pid 4711 --watch --profiler perf-trace --by file",
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      waiting: { type: "boolean" },
      watch: { type: "boolean" },
      by: { type: "string" },
      sort: { type: "string" },
      filter: { type: "string" },
      limit: { type: "string" },
      ...liveFlags,
    });
    if (isLive(parsed)) return liveIo(parsed, terminal);
    const file = onlyFile(parsed, "io");
    const { by, query } = askedOf(parsed);
    const limit = numberFlag(parsed, "limit", 1) ?? everyRow;
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const table = await ask(client, profileId, { ...query, selection, limit });
      if (parsed.values.json === true) printJson(terminal, ioJson(table));
      else print(terminal, table, by);
      return exitCodes.done;
    });
  },
};
