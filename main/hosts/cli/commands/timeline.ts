import { formatCount, formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import type { TimelineTable } from "#core/model/tables.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import { type Command, exitCodes, numberFlag, onlyFile, printJson, type Terminal } from "../command.ts";
import { ask, withEngine } from "../engine-client.ts";
import { memberHelp, noTimes, parseQuery, selectionHelp } from "../selection-flags.ts";
import { textTable } from "../text-table.ts";

const DEFAULT_BINS = 60;
/** Eighths of a line, for a lane as text. */
const bars = " ▁▂▃▄▅▆▇█";

/** Arrays instead of columns; times in ns from the profile's start. */
function timelineJson(table: TimelineTable) {
  const { view: _, lanes, counters, intervalLanes, ...head } = table;
  return {
    ...head,
    lanes: lanes.map(({ bins, highlighted: _lit, waiting, running, ...lane }) => ({
      ...lane,
      bins: [...bins],
      waiting: waiting && [...waiting],
      running: running && [...running],
    })),
    intervals: intervalLanes.map(({ strings: _s, start: _f, end: _e, name: _n, count: _c, ...lane }) => lane),
    counters: counters.map(({ time, value, ...counter }) => ({
      ...counter,
      time: [...time],
      value: [...value],
    })),
  };
}

function barsOf(bins: Float32Array, full: number): string {
  return Array.from(bins, (value) => {
    const height = Math.min(8, Math.max(0, (value / full) * 8));
    return bars[value > 0 ? Math.max(1, Math.round(height)) : 0];
  }).join("");
}

function print(terminal: Terminal, table: TimelineTable): void {
  const full = table.lanes.reduce((most, { bins }) => Math.max(most, ...bins), 0) || 1;
  const lines = [
    ...textTable(
      [
        { title: "THREAD", align: "left" },
        { title: "TID", align: "right" },
        { title: "SHARE", align: "right" },
        {
          title: `${formatDuration(table.startNs)} to ${formatDuration(table.endNs)}`,
          align: "left",
        },
      ],
      table.lanes.map((lane) => [
        lane.name,
        lane.tid >= 0 ? String(lane.tid) : "",
        formatPercent(lane.totalValue, table.totalValue),
        barsOf(lane.bins, full),
      ]),
    ),
  ];
  const intervals = table.intervalLanes.flatMap((lane) =>
    lane.names.map((each) => [
      each.name,
      lane.category,
      lane.tid >= 0 ? `${lane.threadName} ${lane.tid}` : lane.threadName,
      formatCount(each.count),
      formatDuration(each.totalNs),
      formatDuration(each.longestNs),
    ]),
  );
  if (intervals.length > 0)
    lines.push(
      "",
      ...textTable(
        [
          { title: "WHAT THREADS DID", align: "left" },
          { title: "KIND", align: "left" },
          { title: "THREAD", align: "left" },
          { title: "TIMES", align: "right" },
          { title: "IN ALL", align: "right" },
          { title: "LONGEST", align: "right" },
        ],
        intervals,
      ),
    );
  const counters = table.counters.map(({ name, unit, value }) => [
    name,
    formatValue(value[0] ?? 0, unit),
    formatValue(
      value.reduce((most, each) => Math.max(most, each), 0),
      unit,
    ),
    formatValue(value[value.length - 1] ?? 0, unit),
  ]);
  if (counters.length > 0)
    lines.push(
      "",
      ...textTable(
        [
          { title: "COUNTER", align: "left" },
          { title: "FIRST", align: "right" },
          { title: "MOST", align: "right" },
          { title: "LAST", align: "right" },
        ],
        counters,
      ),
    );
  terminal.out(`${lines.join("\n")}\n`);
}

export const timelineCommand: Command = {
  name: "timeline",
  summary: "threads, what they did and counters over time",
  usage: ["timeline FILE [--bins N] [--from TIME --until TIME] ... [--json]"],
  flags: [
    ["--bins N", `parts of the time (default: ${DEFAULT_BINS})`],
    ...selectionHelp,
    memberHelp,
    ["--json", "print it as JSON"],
  ],
  examples: ["flamewright timeline perf.txt", "flamewright timeline app.jfr --from 3s --until 3.4s --json"],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      bins: { type: "string" },
    });
    const file = onlyFile(parsed, "timeline");
    const bins = numberFlag(parsed, "bins", 1) ?? DEFAULT_BINS;
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const table = await ask(client, profileId, {
        view: "timeline",
        selection,
        bins,
        maxLanes: everyRow,
        maxIntervalLanes: everyRow,
      });
      if (parsed.values.json === true) printJson(terminal, timelineJson(table));
      else if (table.timed) print(terminal, table);
      else terminal.err(`${noTimes}\n`);
      return exitCodes.done;
    });
  },
};
