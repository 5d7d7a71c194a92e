import { formatCount, formatCountOf, formatDuration } from "#core/base/numbers.ts";
import { columnsOfKind, firstOrder, type IoOrders, readOrders, turnedOrder } from "#core/model/io-order.ts";
import type { IoQuery } from "#core/model/query.ts";
import type { IoTable } from "#core/model/tables.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import {
  type Command,
  describeProblem,
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
import { optionFlags, optionHelp, optionValues } from "../record-flags.ts";
import { openScreen } from "../screen.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";
import { visible } from "../text-table.ts";
import { exitCodeOf, follow, recordTarget } from "./record.ts";

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

/** Recorded and not kept: a glance, or with --watch redrawn in place until it is stopped; with --json a line a second. */
async function liveIo(parsed: Parsed, terminal: Terminal): Promise<number> {
  const { by, query } = askedOf(parsed);
  const json = parsed.values.json === true;
  const isWatched = parsed.values.watch === true;
  const limit = numberFlag(parsed, "limit", 1);
  const launches = parsed.values.pid === undefined;
  const request = {
    profiler: textFlag(parsed, "profiler") || "proc-io",
    target: recordTarget(parsed),
    options: optionValues(parsed),
    durationS: numberFlag(parsed, "duration", 0.1) ?? (isWatched || launches ? null : glanceS),
  };
  const text = (table: IoTable, width: number): readonly string[] =>
    parsed.values.by === undefined ? everyTable(table, width) : linesBy(table, by, width);
  return withEngine(terminal, async (client) => {
    const { recordingId } = await client.call("recording.start", { request });
    const screen = openScreen(terminal);
    let head = "";
    let watched = false;
    let second = -1;
    const watch = (profileId: string): void => {
      watched = true;
      client.stream(
        "profile.watch",
        { profileId, query: { ...query, selection: {}, limit: limit ?? terminal.rows } },
        {
          item: ({ table, problem }) => {
            if (table?.view === "io") {
              screen.draw([head, "", ...text(table, terminal.columns)]);
              const now = Math.floor(table.spanNs / 1e9);
              if (json && now !== second) terminal.out(`${JSON.stringify(ioJson(table))}\n`);
              second = now;
            } else if (problem) screen.draw([head, "", ...describeProblem(problem).split("\n")]);
          },
        },
      );
    };
    const end = await follow(client, recordingId, terminal, (state) => {
      head = `${visible(state.target)}  ${state.phase}  ${formatDuration(state.elapsedNs)}  (Ctrl-C ends)`;
      if (isWatched && (terminal.outIsTty || json) && state.profileId !== "" && !watched)
        watch(state.profileId);
    }).finally(screen.close);
    if (end.problem) terminal.err(describeProblem(end.problem));
    if (end.phase === "done") {
      const table = await ask(client, end.profileId, { ...query, selection: {}, limit: limit ?? everyRow });
      if (json) terminal.out(`${JSON.stringify(ioJson(table))}\n`);
      else
        terminal.out(
          `${text(table, terminal.outIsTty ? terminal.columns : Number.POSITIVE_INFINITY).join("\n")}\n`,
        );
    }
    if (end.savedTo !== "") await client.call("sessions.delete", { sessionId: end.sessionId });
    return exitCodeOf(end);
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
    ["--pid N", "process to look at"],
    ["--watch", "until Ctrl-C, or its end"],
    ["--profiler ID", "profiler to use (default: proc-io, which needs no tool; perf-trace has the calls)"],
    ["--duration S", "end after so many seconds"],
    ...optionHelp,
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
      pid: { type: "string" },
      endpoint: { type: "string" },
      profiler: { type: "string" },
      duration: { type: "string" },
      ...optionFlags,
    });
    if (parsed.values.pid !== undefined || parsed.values.endpoint !== undefined || parsed.rest.length > 0)
      return liveIo(parsed, terminal);
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
