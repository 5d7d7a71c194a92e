import { formatCount, formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import { ProblemError } from "#core/base/result.ts";
import type { TopTable } from "#core/model/tables.ts";
import {
  type Command,
  describeProblem,
  exitCodes,
  numberFlag,
  onlyFile,
  type Parsed,
  parseWords,
  printJson,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { ask, openFile, withEngine } from "../engine-client.ts";
import { optionFlags, optionHelp, optionValues } from "../record-flags.ts";
import { textTable } from "../text-table.ts";
import { follow, recordTarget } from "./record.ts";

const text = (table: TopTable, index: number): string => (index < 0 ? "" : (table.strings[index] ?? ""));

/** The JSON contract of `top FILE --json`. Values are in the series' unit. */
const topJson = (table: TopTable) => ({
  series: table.series,
  unit: table.unit,
  total: table.totalValue,
  samples: table.totalSamples,
  rows: Array.from({ length: table.length }, (_, row) => ({
    function: text(table, table.name[row] ?? -1),
    file: text(table, table.file[row] ?? -1),
    line: table.line[row] ?? -1,
    binary: text(table, table.binary[row] ?? -1),
    self: table.self[row] ?? 0,
    total: table.total[row] ?? 0,
    selfSamples: table.selfSamples[row] ?? 0,
    totalSamples: table.totalSamplesOf[row] ?? 0,
  })),
});

function topLines(table: TopTable, width?: number): string[] {
  const rows = Array.from({ length: table.length }, (_, row) => {
    const self = table.self[row] ?? 0;
    const total = table.total[row] ?? 0;
    const file = text(table, table.file[row] ?? -1);
    const line = table.line[row] ?? -1;
    return [
      formatPercent(self, table.totalValue),
      formatValue(self, table.unit),
      formatPercent(total, table.totalValue),
      formatValue(total, table.unit),
      text(table, table.name[row] ?? -1),
      file === "" ? text(table, table.binary[row] ?? -1) : line > 0 ? `${file}:${line}` : file,
    ];
  });
  return textTable(
    [
      { title: "SELF", align: "right" },
      { title: "", align: "right" },
      { title: "TOTAL", align: "right" },
      { title: "", align: "right" },
      { title: "FUNCTION", align: "left" },
      { title: "WHERE", align: "left" },
    ],
    rows,
    width,
  );
}

/** A recording that is shown instead of kept: redrawn in place while it runs. */
function liveTop(parsed: Parsed, terminal: Terminal): Promise<number> {
  if (parsed.values.json) throw new UsageError("top --json takes a file; use record, then top FILE --json");
  const target = recordTarget(parsed);
  const series = textFlag(parsed, "series");
  return withEngine(async (client) => {
    const request = {
      profiler: textFlag(parsed, "profiler"),
      target,
      options: optionValues(parsed),
      durationS: numberFlag(parsed, "duration", 0.1),
    };
    const { recordingId } = await client.call("recording.start", { request });
    let head = "";
    let body: readonly string[] = [];
    const draw = (): void => {
      if (!terminal.outIsTty) return;
      const lines = [head, "", ...body].slice(0, terminal.rows - 1);
      terminal.out(`\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
    };
    let watching = "";
    const end = await follow(client, recordingId, terminal, (state) => {
      head =
        `${state.target}  ${state.phase}  ${formatDuration(state.elapsedNs)}  ` +
        `${formatCount(state.samples)} samples  ${formatCount(state.lostSamples)} lost  (Ctrl-C ends)`;
      draw();
      if (state.profileId === "" || watching !== "") return;
      watching = state.profileId;
      client.stream(
        "profile.watch",
        {
          profileId: watching,
          query: {
            view: "top",
            selection: { series },
            limit: numberFlag(parsed, "limit", 1) ?? terminal.rows,
          },
        },
        {
          item: ({ table, problem }) => {
            if (problem) head = describeProblem(problem).trimEnd();
            if (table?.view === "top") body = topLines(table, terminal.columns);
            draw();
          },
          problem: (problem) => terminal.err(describeProblem(problem)),
        },
      );
    });
    if (end.problem) terminal.err(describeProblem(end.problem));
    if (end.phase === "done" && end.profileId !== "" && !terminal.outIsTty) {
      const table = await ask(client, end.profileId, {
        view: "top",
        selection: { series },
        limit: numberFlag(parsed, "limit", 1) ?? 30,
      });
      terminal.out(`${topLines(table).join("\n")}\n`);
    }
    if (end.sessionId !== "" && end.savedTo !== "")
      await client.call("sessions.delete", { sessionId: end.sessionId });
    if (end.phase === "failed" && !end.problem)
      throw new ProblemError({
        code: "failed",
        message: "The recording failed.",
        fix: "See `flamewright doctor`.",
      });
    return end.phase === "done" ? exitCodes.done : exitCodes.failed;
  });
}

export const topCommand: Command = {
  name: "top",
  summary: "the functions that cost most: of a file, or live",
  usage: [
    "top FILE [--series ID] [--limit N] [--json]",
    "top --pid N [--profiler ID] [--duration S]",
    "top -- COMMAND ...",
  ],
  flags: [
    ["--series ID", "series to count, as `info` lists them; the first when left out"],
    ["--limit N", "rows to print (default: 30; with --json: all)"],
    ["--sort self|total", "order (default: self)"],
    ["--json", "print it as JSON"],
    ["--pid N", "process to watch live"],
    ["--profiler ID", "profiler to use; the recommended one when left out"],
    ["--duration S", "end after so many seconds"],
    ...optionHelp,
  ],
  examples: [
    "flamewright top slow.fwp",
    "flamewright top perf.txt --json --limit 5",
    "flamewright top --pid 4711",
  ],
  run: async (args, terminal) => {
    const parsed = parseWords(args, {
      json: { type: "boolean" },
      series: { type: "string" },
      limit: { type: "string" },
      sort: { type: "string" },
      pid: { type: "string" },
      endpoint: { type: "string" },
      profiler: { type: "string" },
      duration: { type: "string" },
      ...optionFlags,
    });
    const sort = textFlag(parsed, "sort") || "self";
    if (sort !== "self" && sort !== "total") throw new UsageError("--sort takes self or total");
    if (parsed.values.pid !== undefined || parsed.values.endpoint !== undefined || parsed.rest.length > 0)
      return liveTop(parsed, terminal);
    const file = onlyFile(parsed, "top");
    const json = parsed.values.json === true;
    const limit = numberFlag(parsed, "limit", 1) ?? (json ? Number.MAX_SAFE_INTEGER : 30);
    return withEngine(async (client) => {
      const { profileId } = await openFile(client, file, terminal);
      const selection = { series: textFlag(parsed, "series") };
      const table = await ask(client, profileId, { view: "top", selection, sort, limit });
      if (json) printJson(terminal, topJson(table));
      else {
        terminal.out(`${topLines(table, terminal.outIsTty ? terminal.columns : undefined).join("\n")}\n`);
        terminal.err(
          `${formatCount(table.length)} of ${formatCount(table.rowsInAll)} functions, ` +
            `${formatCount(table.totalSamples)} samples of ${table.series}\n`,
        );
      }
      return exitCodes.done;
    });
  },
};
