import { formatCount, formatCountOf, formatPercent, formatValue } from "#core/base/numbers.ts";
import { formatInterval, shareInterval } from "#core/base/shares.ts";
import type { TopTable } from "#core/model/tables.ts";
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
import { isLive, liveFlags, liveHelp, showLive } from "../live-table.ts";
import { recordRequest } from "../record-flags.ts";
import { memberHelp, parseQuery, selectionHelp, selectionOptions, transformsOf } from "../selection-flags.ts";
import { textTable } from "../text-table.ts";

const text = (table: TopTable, index: number): string => (index < 0 ? "" : (table.strings[index] ?? ""));

/**
 * The JSON contract of `top FILE --json`. Values are in the series' unit. `share` is self's, `totalShare` total's, 0 to 1;
 * the true one is between Low and High with 95 % certainty, which are null where it is exact. `sampleSize` is the number
 * of samples that the certainty goes by, 0 for exact profiles.
 */
const topJson = (table: TopTable) => ({
  series: table.series,
  unit: table.unit,
  total: table.totalValue,
  sampleSize: table.sampleSize,
  rows: Array.from({ length: table.length }, (_, row) => ({
    function: text(table, table.name[row] ?? -1),
    file: text(table, table.file[row] ?? -1),
    line: table.line[row] ?? -1,
    binary: text(table, table.binary[row] ?? -1),
    self: table.self[row] ?? 0,
    total: table.total[row] ?? 0,
    ...shareJson("share", table.self[row] ?? 0, table),
    ...shareJson("totalShare", table.total[row] ?? 0, table),
    ...(table.calls && {
      calls: counted(table.calls[row]),
      primitiveCalls: counted(table.primitiveCalls?.[row]),
    }),
  })),
});

function shareJson(name: "share" | "totalShare", value: number, table: TopTable) {
  const [low, high] = shareInterval(value, table) ?? [null, null];
  return {
    [name]: table.totalValue > 0 ? value / table.totalValue : 0,
    [`${name}Low`]: low,
    [`${name}High`]: high,
  };
}

/** null where nobody counted. */
const counted = (calls: number | undefined): number | null =>
  calls === undefined || Number.isNaN(calls) ? null : calls;

/** "12", and "12/3" where only 3 of them were not recursive. */
function callsText(table: TopTable, row: number): string {
  const calls = counted(table.calls?.[row]);
  const primitive = counted(table.primitiveCalls?.[row]);
  if (calls === null) return "";
  return primitive === null || primitive === calls
    ? formatCount(calls)
    : `${formatCount(calls)}/${formatCount(primitive)}`;
}

/** Where the share truly lies. */
const certain = { title: "95 % CERTAIN", align: "right" } as const;

function topLines(table: TopTable, width?: number): string[] {
  // Two more columns are worth their room where there is some.
  const sampled = table.sampleSize > 0 && (width === undefined || width >= 110);
  const rows = Array.from({ length: table.length }, (_, row) => {
    const self = table.self[row] ?? 0;
    const total = table.total[row] ?? 0;
    const file = text(table, table.file[row] ?? -1);
    const line = table.line[row] ?? -1;
    return [
      formatPercent(self, table.totalValue),
      ...(sampled ? [formatInterval(self, table)] : []),
      formatValue(self, table.unit),
      formatPercent(total, table.totalValue),
      ...(sampled ? [formatInterval(total, table)] : []),
      formatValue(total, table.unit),
      ...(table.calls ? [callsText(table, row)] : []),
      text(table, table.name[row] ?? -1),
      file === "" ? text(table, table.binary[row] ?? -1) : line > 0 ? `${file}:${line}` : file,
    ];
  });
  return textTable(
    [
      { title: "SELF", align: "right" },
      ...(sampled ? [certain] : []),
      { title: "", align: "right" },
      { title: "TOTAL", align: "right" },
      ...(sampled ? [certain] : []),
      { title: "", align: "right" },
      ...(table.calls ? [{ title: "CALLS", align: "right" } as const] : []),
      { title: "FUNCTION", align: "left" },
      { title: "WHERE", align: "left" },
    ],
    rows,
    width,
  );
}

type TopSort = "self" | "total" | "name";

/** A recording that is shown instead of kept; at its end the table as it was last. */
function liveTop(parsed: Parsed, terminal: Terminal, sort: TopSort): Promise<number> {
  const unfit = parsed.given.find(
    ({ name }) => name in selectionOptions && !["series", "transform", ...liveFilters].includes(name),
  );
  if (unfit) throw new UsageError(`--${unfit.name} is for files: stop the recording first`);
  const selection = { series: textFlag(parsed, "series"), transforms: [...transformsOf(parsed)] };
  return showLive(parsed, terminal, {
    request: recordRequest(parsed),
    view: "top",
    query: (limit) => ({ view: "top", selection, sort, limit }) as const,
    lines: topLines,
    json: topJson,
    elapsedNs: null,
  });
}

/** What can be said before it is known which threads and values there are. */
const liveFilters = [
  "preset",
  "focus",
  "ignore",
  "hide",
  "show",
  "show-from",
  "prune-from",
  "tagfocus",
  "tagignore",
];

export const topCommand: Command = {
  name: "top",
  summary: "the functions that cost most: of a file, or live",
  usage: [
    "top FILE [--series ID] [--focus REGEX] [--thread TEXT] ... [--limit N] [--json]",
    "top --pid N [--profiler ID] [--duration S] [--json]",
    "top [--duration S] -- COMMAND ...",
  ],
  flags: [
    ...selectionHelp,
    memberHelp,
    ["--limit N", "rows to print (default: 30; with --json: all)"],
    ["--sort self|total|name", "order (default: self)"],
    ["--json", "print it as JSON"],
    ...liveHelp("the recommended one"),
  ],
  examples: [
    "flamewright top slow.fwp",
    "flamewright top perf.txt --json --limit 5",
    "flamewright top cpu.pb.gz --focus json --tagfocus 'request=GET' --from 2s --until 10s",
    "flamewright top --pid 4711",
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      limit: { type: "string" },
      sort: { type: "string" },
      ...liveFlags,
    });
    const sort = textFlag(parsed, "sort") || "self";
    if (sort !== "self" && sort !== "total" && sort !== "name")
      throw new UsageError("--sort takes self, total or name");
    if (isLive(parsed)) return liveTop(parsed, terminal, sort);
    const file = onlyFile(parsed, "top");
    const json = parsed.values.json === true;
    const limit = numberFlag(parsed, "limit", 1) ?? (json ? everyRow : 30);
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const descending = (sort !== "name") !== (parsed.values.reverse === true);
      const table = await ask(client, profileId, { view: "top", selection, sort, descending, limit });
      if (json) printJson(terminal, topJson(table));
      else {
        terminal.out(`${topLines(table, terminal.outIsTty ? terminal.columns : undefined).join("\n")}\n`);
        terminal.err(
          `${formatCount(table.length)} of ${formatCountOf(table.rowsInAll, "function")}, ` +
            `${formatCountOf(table.totalSamples, "sample")} of ${table.series}${table.isExact ? ", counted exactly" : ""}\n`,
        );
      }
      return exitCodes.done;
    });
  },
};
