import { resolve } from "node:path";
import { formatBytes } from "#core/base/numbers.ts";
import { ProblemError } from "#core/base/result.ts";
import { comparisonExporters } from "#core/exporters/comparison/index.ts";
import { changeJson, functionsJson, summaryJson } from "#core/exporters/comparison/json.ts";
import { sidesOf } from "#core/exporters/report/compare-words.ts";
import {
  type CompareFlameTable,
  type CompareQueryInput,
  type CompareSummaryTable,
  type CompareTableOf,
  type ComparisonInput,
  changeAt,
  compareModes,
} from "#core/model/compare.ts";
import { everyRow } from "../ask-file.ts";
import {
  type Command,
  exitCodes,
  numberFlag,
  type Parsed,
  parseWords,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { filesOf, openSides, sideOptions } from "../compare-sides.ts";
import { functionLines, overweightLines, treeLines } from "../compare-text.ts";
import { type EngineClient, withEngine } from "../engine-client.ts";
import { recordRuns, runsOrder } from "../record-runs.ts";
import { notesOf } from "../report-notes.ts";
import { compareOptions, selectionHelp, selectionOptions, viewOptions } from "../selection-flags.ts";
import { visible } from "../text-table.ts";
import { writeText } from "../write-text.ts";

const forms = ["table", "tree", "overweight", "json", "json-flame"] as const;
const files = comparisonExporters.map(({ id }) => id).filter((id) => id !== "json");

const ownOptions = {
  vs: { type: "boolean" },
  by: { type: "string" },
  as: { type: "string" },
  json: { type: "boolean" },
  sort: { type: "string" },
  limit: { type: "string" },
  min: { type: "string" },
  changed: { type: "boolean" },
  confidence: { type: "string" },
  title: { type: "string" },
  notes: { type: "string" },
  "notes-file": { type: "string" },
  panels: { type: "string" },
  output: { type: "string", short: "o" },
  member: { type: "string" },
  runs: { type: "string" },
  keep: { type: "string" },
  profiler: { type: "string" },
  "before-command": { type: "string" },
  "after-command": { type: "string" },
  ...selectionOptions,
  ...sideOptions,
} as const;

/** Of a comparison that was copied from the workbench, what has a meaning here. */
const pastedOptions = { ...viewOptions, ...compareOptions, ...ownOptions };

export const diffCommand: Command = {
  name: "diff",
  summary: "what changed between two profiles, parts of one, or repeated runs",
  usage: [
    "diff BEFORE AFTER [--by total|time|absolute] [--as FORM] [--focus REGEX] ...",
    "diff BEFORE… --vs AFTER… [--confidence 99] ...",
    "diff FILE --before-until T --after-from T ...",
    "diff --before-command LINE --after-command LINE [--runs 5] [--keep DIR] [--profiler ID] ...",
  ],
  flags: [
    ["--vs", "several runs a side: those in front of it against those behind it. A folder is the runs in it"],
    [
      "--before-command LINE, --after-command LINE",
      "record both first, in turn: before, after, before, after …; a line is split into words, no shell sees it",
    ],
    ["--runs N", "recordings of each (default: 5)"],
    ["--keep DIR", "keep the recordings: DIR/before, DIR/after"],
    ["--profiler ID", "record with this one"],
    ["--by total", "shares of the whole: as if each run weighed as much (default)"],
    ["--by time", "as if each run had been recorded as long"],
    ["--by absolute", "values as they are; `pprof -diff_base` shows these"],
    [
      "--as FORM",
      "table of functions (default), call tree, overweight: what grew more than its part, json, json-flame: boxes of a flame graph; " +
        comparisonExporters
          .flatMap(({ id, title }) => (files.includes(id) ? [`${id}: ${title}`] : []))
          .join(", "),
    ],
    ["--sort self|total|name", "order: by the size of the change (default: self)"],
    ["--limit N", "rows to print (default: 30; with json: all)"],
    ["--min PERCENT", "leave out of a tree or flame graph what is smaller (default: 0.5)"],
    ["--changed", "only rows whose change is more than noise"],
    ["--confidence PERCENT", "how sure an interval is (default: 99)"],
    ["--title TEXT", "title of a report"],
    ["--notes TEXT, --notes-file FILE", "what its reader should know: text, or a file of it"],
    [
      "--panels ID,...",
      `of a report: ${(comparisonExporters[0]?.panels ?? []).map(({ id }) => id).join(", ")}`,
    ],
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
    "flamewright diff --runs 5 --before-command './old --work' --after-command './new --work' --keep runs/",
    "flamewright diff old-*.fwp --vs new-*.fwp --json",
    "flamewright diff old.pb.gz new.pb.gz --by absolute --sort total --json",
    "flamewright diff run.fwp --before-until 10s --after-from 10s --by time",
    "flamewright diff a.txt b.txt --as collapsed | flamegraph.pl > diff.svg",
  ],
  run: async (args, terminal) => {
    const options = args.includes("--view") ? pastedOptions : ownOptions;
    const parsed = parseWords(args, options);
    const vs = args.indexOf("--vs");
    const recorded = runsOrder(parsed);
    const given =
      recorded === null
        ? filesOf(parsed, vs === -1 ? null : parseWords(args.slice(0, vs), options).positionals)
        : null;
    const as = oneOf(
      parsed.values.json === true ? "json" : textFlag(parsed, "as") || "table",
      [...forms, ...files],
      "--as",
    );
    const by = oneOf(textFlag(parsed, "by") || "total", compareModes, "--by");
    const confidence = confidenceOf(parsed);
    const asked = askedOf(parsed, as);
    return withEngine(terminal, async (client) => {
      const runs = recorded && (await recordRuns(client, recorded, terminal));
      const paths = given ?? { before: [runs?.before ?? ""], after: [runs?.after ?? ""] };
      const sides = await openSides(client, paths, parsed, terminal).finally(() => runs?.end());
      const comparison: ComparisonInput = { ...sides, by, ...(confidence === null ? {} : { confidence }) };
      const ask = async <Q extends CompareQueryInput>(query: Q): Promise<CompareTableOf<Q["view"]>> =>
        (await usageOf(client.call("compare.query", { comparison, query }))) as CompareTableOf<Q["view"]>;
      const summary = await ask({ view: "summary" });
      if (files.includes(as)) await writeExport(client, comparison, parsed, as, terminal);
      else await writeText(terminal, asked.output, await textOf(ask, as, asked, summary, terminal));
      terminal.err(`${summaryLines(summary).join("\n")}\n`);
      return exitCodes.done;
    });
  },
};

interface Asked {
  readonly sort: "self" | "total" | "name";
  readonly limit: number;
  readonly minPx: number;
  readonly changed: boolean;
  readonly output: string;
}

const askedOf = (parsed: Parsed, as: string): Asked => ({
  sort: oneOf(
    textFlag(parsed, "sort") || textFlag(parsed, "weight") || "self",
    ["self", "total", "name"] as const,
    "--sort",
  ),
  limit: numberFlag(parsed, "limit", 1) ?? (as === "table" || as === "overweight" ? 30 : everyRow),
  minPx: numberFlag(parsed, "min", 0) ?? 0.5,
  changed: parsed.values.changed === true || textFlag(parsed, "only") === "changed",
  output: textFlag(parsed, "output"),
});

function confidenceOf(parsed: Parsed): number | null {
  const percent = numberFlag(parsed, "confidence", 50);
  if (percent !== null && percent >= 99.999)
    throw new UsageError("--confidence takes a percentage from 50 to below 99.999");
  return percent === null ? null : percent / 100;
}

async function textOf(
  ask: <Q extends CompareQueryInput>(query: Q) => Promise<CompareTableOf<Q["view"]>>,
  as: string,
  { sort, limit, minPx, changed, output }: Asked,
  summary: CompareSummaryTable,
  terminal: Terminal,
): Promise<string> {
  const of = sort === "total" ? "total" : "self";
  const show = changed ? ("changed" as const) : ("all" as const);
  const width = terminal.outIsTty && output === "" ? terminal.columns : Number.POSITIVE_INFINITY;
  const text = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
  const functions = () =>
    ask({
      view: "functions",
      of,
      show,
      limit,
      ...(sort === "name" ? { sort: "name" as const, descending: false } : { sort: "change" as const }),
    });
  switch (as) {
    case "json":
      return json({ ...summaryJson(summary), rows: functionsJson(await functions()) });
    case "json-flame":
      return json({
        ...summaryJson(summary),
        ...flameJson(await ask({ view: "flame", widthPx: 100, minPx, maxRows: everyRow })),
      });
    case "tree":
      return text(treeLines(await ask({ view: "flame", widthPx: 100, minPx, maxRows: everyRow })));
    case "overweight":
      return text(
        overweightLines(await ask({ view: "functions", of, show, limit, sort: "overweight" }), of, width),
      );
    default:
      return text(functionLines(await functions(), of, width));
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const flameJson = ({ flame, self, total }: CompareFlameTable) => ({
  width: flame.totalValue,
  narrowNodes: flame.narrowNodes,
  boxes: Array.from({ length: flame.length }, (_, row) => ({
    function: flame.strings[flame.name[row] ?? -1] ?? "",
    parent: flame.parent[row],
    depth: flame.depth[row],
    start: flame.start[row],
    width: flame.value[row],
    self: changeJson(changeAt(self, row)),
    total: changeJson(changeAt(total, row)),
  })),
});

const summaryLines = (summary: CompareSummaryTable): string[] =>
  [...sidesOf(summary), ...summary.verdict, summary.basis].map(visible);

async function writeExport(
  client: EngineClient,
  comparison: ComparisonInput,
  parsed: Parsed,
  exporter: string,
  terminal: Terminal,
): Promise<void> {
  const panels = textFlag(parsed, "panels");
  const order = {
    comparison,
    exporter,
    title: textFlag(parsed, "title"),
    notes: await notesOf(parsed),
    panels: panels === "" ? null : panels.split(","),
  };
  const output = textFlag(parsed, "output");
  if (output !== "") {
    const { sizeBytes } = await client.call("compare.exportToFile", { ...order, path: resolve(output) });
    terminal.err(`wrote ${output} (${formatBytes(sizeBytes)})\n`);
    return;
  }
  await new Promise<void>((done, reject) => {
    client.stream("compare.export", order, {
      item: async (chunk) => {
        if (!process.stdout.write(chunk))
          await new Promise((drained) => process.stdout.once("drain", drained));
      },
      end: done,
      problem: (problem) => reject(new ProblemError(problem)),
    });
  });
}

/** What a person can mend with other words is a fault of the words. */
async function usageOf<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProblemError && ["other-units", "no-durations"].includes(error.problem.code))
      throw new UsageError(`${error.problem.message} ${error.problem.fix}`);
    throw error;
  }
}

function oneOf<T extends string>(text: string, choices: readonly T[], flag: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${flag} takes ${choices.join(", ")}; not ${text}`);
  return found;
}
