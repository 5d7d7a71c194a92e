import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type DiffSide, type DiffTree, diffCollapsed, diffRows, diffTrees } from "#core/analysis/diff.ts";
import { diffFlame } from "#core/analysis/diff-flame.ts";
import { formatCount, formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { diffSvg } from "#core/exporters/diff-svg.ts";
import {
  type DiffChange,
  type DiffFlameTable,
  type DiffMode,
  type DiffRow,
  isAboveNoise,
  SIGNIFICANT_SIGMA,
} from "#core/model/diff-tables.ts";
import type { FlameTable, InfoTable } from "#core/model/tables.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import {
  type Command,
  exitCodes,
  numberFlag,
  type Options,
  type Parsed,
  parseWords,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { ask, type EngineClient, withEngine } from "../engine-client.ts";
import { selectionHelp, selectionOptions } from "../selection-flags.ts";
import { textTable, visible } from "../text-table.ts";

const sides = ["before", "after"] as const;
type SideName = (typeof sides)[number];

const sideOptions: Options = Object.fromEntries(
  sides.flatMap((side) =>
    [...Object.entries(selectionOptions), ["member", { type: "string" }] as const].map(([flag, option]) => [
      `${side}-${flag}`,
      option,
    ]),
  ),
);

/** The words for one side: the common ones, and those that have its name in front. */
function wordsOf(parsed: Parsed, side: SideName): Parsed {
  const own = (name: string): string | null => {
    if (!(name in sideOptions)) return name;
    return name.startsWith(`${side}-`) ? name.slice(side.length + 1) : null;
  };
  const given = parsed.given.flatMap(({ name, value }) => {
    const as = own(name);
    return as === null ? [] : [{ name: as, value }];
  });
  const values = Object.fromEntries(given.map(({ name, value }) => [name, value ?? true]));
  return { ...parsed, given, values };
}

interface Asked extends DiffSide {
  readonly title: string;
  readonly info: InfoTable;
  readonly isExact: boolean;
}

async function askSide(
  client: EngineClient,
  file: string,
  words: Parsed,
  terminal: Terminal,
): Promise<Asked> {
  const { profileId, title, selection } = await openSelected(client, file, words, terminal);
  const info = await ask(client, profileId, { view: "info" });
  const whole = (series: string): Promise<FlameTable> =>
    ask(client, profileId, {
      view: "flame",
      selection: { ...selection, series },
      widthPx: 0,
      maxRows: everyRow,
    });
  const tree = await whole(selection.series ?? "");
  const top = await ask(client, profileId, { view: "top", selection, limit: 1 });
  const counting = top.isExact ? null : countingSeries(info, tree.series);
  const counts = counting === null ? null : counting === tree.series ? tree : await whole(counting);
  const range = selection.rangeNs;
  const durationNs = range ? Math.min(range[1], info.durationNs) - range[0] : info.durationNs;
  await client.call("profile.close", { profileId });
  return { tree, counts, durationNs, title, info, isExact: top.isExact };
}

/**
 * The series that counts the samples of another one. Of allocations and heaps there is none: their numbers are all that
 * there were, or are scaled up from samples that the file does not tell.
 */
function countingSeries({ series }: InfoTable, id: string): string | null {
  const own = series.find((each) => each.id === id);
  if (!own || own.kind === "heap" || own.kind === "alloc") return null;
  const isCount = (unit: string): boolean => unit === "samples" || unit === "count";
  if (isCount(own.unit)) return id;
  const cut = id.lastIndexOf("/");
  if (cut === -1) return null;
  const siblings = series.filter((each) => each.id.startsWith(id.slice(0, cut + 1)) && isCount(each.unit));
  return siblings.find((each) => /\/(samples|count|hits)$/i.test(each.id))?.id ?? null;
}

const isSignificant = ({ sigma }: DiffChange): boolean => Math.abs(sigma) >= SIGNIFICANT_SIGMA;

const changeJson = (change: DiffChange) => ({
  before: change.before,
  after: change.after,
  change: change.change,
  state: change.state,
  sigma: Number.isNaN(change.sigma) ? null : Math.round(change.sigma * 100) / 100,
  aboveNoise: Number.isNaN(change.sigma) ? null : isSignificant(change),
});

/** The JSON contract of `diff --json` and `diff --as json-flame`. Values after are scaled by `factor`. */
function headJson(diff: DiffTree, before: Asked, after: Asked) {
  const side = ({ title, tree, durationNs, counts }: Asked) => ({
    title,
    series: tree.series,
    total: tree.totalValue,
    samples: counts?.totalValue ?? null,
    durationNs,
  });
  const { mode, factor } = diff.scale;
  return { by: mode, factor, unit: diff.unit, before: side(before), after: side(after) };
}

const rowJson = ({ name, self, total }: DiffRow) => ({
  function: name,
  self: changeJson(self),
  total: changeJson(total),
});

const flameJson = ({ rows, width, narrowNodes }: DiffFlameTable) => ({
  width,
  narrowNodes,
  boxes: rows.map(({ name, parent, depth, start, width: own, self, total }) => ({
    function: name,
    parent,
    depth,
    start,
    width: own,
    self: changeJson(self),
    total: changeJson(total),
  })),
});

const signed = (change: number, unit: string): string =>
  change === 0 ? "0" : `${change > 0 ? "+" : "-"}${formatValue(Math.abs(change), unit)}`;

/** "+12.3 %", "new", "gone": of what it was. */
const relative = ({ before, change, state }: DiffChange): string => {
  if (state === "new" || state === "gone") return state;
  return state === "same" ? "=" : `${change > 0 ? "+" : "-"}${formatPercent(Math.abs(change), before)}`;
};

const noise = ({ sigma, state }: DiffChange): string => {
  if (Number.isNaN(sigma) || state === "same") return "";
  return `${Math.abs(sigma).toFixed(1)}σ${Math.abs(sigma) >= SIGNIFICANT_SIGMA ? "" : " noise"}`;
};

function tableLines(rows: readonly DiffRow[], unit: string, main: "self" | "total", width: number): string[] {
  const other = main === "self" ? "total" : "self";
  const right = (title: string) => ({ title, align: "right" }) as const;
  return textTable(
    [
      right(main.toUpperCase()),
      right(""),
      right("BEFORE"),
      right("AFTER"),
      right("NOISE?"),
      right(other.toUpperCase()),
      right("BEFORE"),
      right("AFTER"),
      { title: "FUNCTION", align: "left" },
    ],
    rows.map((row) => [
      signed(row[main].change, unit),
      relative(row[main]),
      formatValue(row[main].before, unit),
      formatValue(row[main].after, unit),
      noise(row[main]),
      signed(row[other].change, unit),
      formatValue(row[other].before, unit),
      formatValue(row[other].after, unit),
      row.name,
    ]),
    width,
  );
}

/** Nodes that changed, with their callers, the larger changes first. */
function treeLines(diff: DiffTree, percent: number): string[] {
  const { rows } = diffFlame(diff, 100, percent, everyRow);
  const children = new Map<number, number[]>();
  rows.forEach(({ parent }, row) => {
    children.set(parent, [...(children.get(parent) ?? []), row]);
  });
  const size = (row: number): number => Math.abs(rows[row]?.total.change ?? 0);
  const pushed = (of: number): number[] =>
    (children.get(of) ?? []).toSorted((a, b) => size(a) - size(b) || b - a);
  const lines: string[][] = [];
  const waiting = pushed(-1);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    const each = rows[row];
    if (!each) continue;
    lines.push([
      signed(each.total.change, diff.unit),
      relative(each.total),
      formatValue(each.total.before, diff.unit),
      formatValue(each.total.after, diff.unit),
      noise(each.total),
      `${each.depth <= 40 ? "  ".repeat(each.depth) : `${"  ".repeat(40)}[${each.depth}] `}${each.name}`,
    ]);
    for (const child of pushed(row)) waiting.push(child);
  }
  const right = (title: string) => ({ title, align: "right" }) as const;
  return textTable(
    [
      right("TOTAL"),
      right(""),
      right("BEFORE"),
      right("AFTER"),
      right("NOISE?"),
      { title: "CALL TREE", align: "left" },
    ],
    lines,
  );
}

function summary(diff: DiffTree, before: Asked, after: Asked): string {
  const side = (name: string, asked: Asked): string =>
    `${name}: ${visible(asked.title)}, ${formatValue(asked.tree.totalValue, diff.unit)} of ${asked.tree.series}` +
    (asked.counts ? `, ${formatCount(asked.counts.totalValue)} samples` : "") +
    (asked.durationNs > 0 ? `, ${formatDuration(asked.durationNs)}` : "");
  const { factor, mode } = diff.scale;
  const scaled =
    mode === "absolute"
      ? ""
      : `after is multiplied by ${factor.toPrecision(4)}: ${mode === "total" ? "as if it weighed as much as before" : "as if it had been recorded as long as before"}\n`;
  const noisy = before.isExact
    ? "costs were counted: nothing of the change is sampling noise\n"
    : before.counts && after.counts
      ? `σ: standard errors of the sampled counts; under ${SIGNIFICANT_SIGMA} may be chance\n`
      : "how much is noise cannot be said: the files do not tell how many samples were taken\n";
  return `${side("before", before)}\n${side("after", after)}\n${scaled}${noisy}`;
}

async function write(terminal: Terminal, path: string, parts: Iterable<string>): Promise<void> {
  if (path === "") {
    for (const part of parts) terminal.out(part);
    return;
  }
  try {
    await writeFile(resolve(path), parts);
  } catch (error) {
    throw new ProblemError(
      problemOf(
        "not-written",
        `${path} could not be written.`,
        "Choose another file, in a folder that is there.",
        error instanceof Error ? error.message : String(error),
      ),
    );
  }
  terminal.err(`wrote ${path}\n`);
}

const SVG_WIDTH = 1200;
const MOST_BOXES = 6000;
const forms = ["table", "tree", "svg", "collapsed", "json", "json-flame"] as const;

export const diffCommand: Command = {
  name: "diff",
  summary: "what changed between two profiles, or two parts of one",
  usage: [
    "diff BEFORE AFTER [--by total|time|absolute] [--as table|tree|svg|collapsed|json|json-flame] [--focus REGEX] ...",
    "diff FILE --before-until T --after-from T ...",
  ],
  flags: [
    ["--by total", "shares of the whole: AFTER is scaled to weigh what BEFORE does (default)"],
    ["--by time", "as if AFTER had been recorded as long as BEFORE"],
    ["--by absolute", "values as they are; `pprof -diff_base` shows these"],
    [
      "--as FORM",
      "table of functions (default), call tree, svg: a flame graph, two-column collapsed stacks, json, json-flame: boxes of a flame graph",
    ],
    ["--sort self|total|name", "order: by the size of the change (default: self)"],
    ["--limit N", "rows to print (default: 30; with json: all)"],
    ["--min PERCENT", "leave out of a tree or flame graph what is smaller (default: 0.5)"],
    ["--changed", "only rows whose change is more than noise"],
    ["--json", "the same as --as json"],
    ["-o, --output FILE", "file to write; standard output when left out"],
    ...selectionHelp,
    [
      "--before-…, --after-…",
      "any of the flags above from --series on, for one side: --before-until 10s --after-thread main",
    ],
    ["--member NAME", "which profile of folders or archives; also --before-member, --after-member"],
  ],
  examples: [
    "flamewright diff old.pb.gz new.pb.gz",
    "flamewright diff old.pb.gz new.pb.gz --by absolute --sort total --json",
    "flamewright diff run.fwp --before-until 10s --after-from 10s --by time",
    "flamewright diff a.txt b.txt --as collapsed | flamegraph.pl > diff.svg",
  ],
  run: async (args, terminal) => {
    const parsed = parseWords(args, {
      by: { type: "string" },
      as: { type: "string" },
      json: { type: "boolean" },
      sort: { type: "string" },
      limit: { type: "string" },
      min: { type: "string" },
      changed: { type: "boolean" },
      output: { type: "string", short: "o" },
      member: { type: "string" },
      ...selectionOptions,
      ...sideOptions,
    });
    const [first, second = first, ...more] = parsed.positionals;
    if (first === undefined || more.length > 0) throw new UsageError("diff needs one or two files");
    if (parsed.positionals.length === 1 && !parsed.given.some(({ name }) => name in sideOptions))
      throw new UsageError("diff of one file needs --before-… or --after-… flags that say which parts");
    const by = oneOf<DiffMode>(textFlag(parsed, "by") || "total", ["total", "time", "absolute"], "--by");
    const as = oneOf(parsed.values.json === true ? "json" : textFlag(parsed, "as") || "table", forms, "--as");
    const sort = oneOf(textFlag(parsed, "sort") || "self", ["self", "total", "name"] as const, "--sort");
    const limit = numberFlag(parsed, "limit", 1) ?? (as === "table" ? 30 : everyRow);
    const percent = numberFlag(parsed, "min", 0) ?? 0.5;
    const output = textFlag(parsed, "output");
    return withEngine(terminal, async (client) => {
      const before = await askSide(client, first, wordsOf(parsed, "before"), terminal);
      const after = await askSide(client, second, wordsOf(parsed, "after"), terminal);
      if (before.tree.unit !== after.tree.unit)
        throw new UsageError(
          `${before.tree.series} is in ${before.tree.unit}, ${after.tree.series} in ${after.tree.unit}: choose with --before-series and --after-series`,
        );
      if (by === "time" && !(before.durationNs > 0 && after.durationNs > 0))
        throw new UsageError("--by time needs profiles that tell how long they were recorded");
      const diff = diffTrees(before, after, by);
      const rows = diffRows(diff, sort)
        .filter(
          ({ self, total }) => parsed.values.changed !== true || isAboveNoise(self) || isAboveNoise(total),
        )
        .slice(0, limit);
      const head = headJson(diff, before, after);
      const json = (value: object): string[] => [`${JSON.stringify(value, null, 2)}\n`];
      const width = terminal.outIsTty && output === "" ? terminal.columns : Number.POSITIVE_INFINITY;
      const main = sort === "total" ? "total" : "self";
      const text = (lines: readonly string[]): string[] => [`${lines.join("\n")}\n`];
      const parts = {
        table: () => text(tableLines(rows, diff.unit, main, width)),
        tree: () => text(treeLines(diff, percent)),
        svg: () =>
          diffSvg({
            flame: diffFlame(diff, SVG_WIDTH, 0.5, MOST_BOXES),
            title: `${before.title} → ${after.title}`,
            facts: summary(diff, before, after).trimEnd().split("\n"),
            widthPx: SVG_WIDTH,
          }),
        collapsed: () => diffCollapsed(diff),
        json: () => json({ ...head, rows: rows.map(rowJson) }),
        "json-flame": () => json({ ...head, ...flameJson(diffFlame(diff, 100, percent, everyRow)) }),
      }[as]();
      await write(terminal, output, parts);
      terminal.err(summary(diff, before, after));
      return exitCodes.done;
    });
  },
};

function oneOf<T extends string>(text: string, choices: readonly T[], flag: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${flag} takes ${choices.join(", ")}; not ${text}`);
  return found;
}
