import * as v from "valibot";
import { parseDurationNs } from "#core/model/label-filter.ts";
import type { Selection } from "#core/model/query.ts";
import type { InfoTable } from "#core/model/tables.ts";
import { type Transform, type TransformWhere, transformSchema } from "#core/model/transform.ts";
import { type Options, type Parsed, textFlag, UsageError } from "./command.ts";

/** Flags that choose what is counted, the same for every command that asks about a file. */

const filterTypes = [
  "focus",
  "ignore",
  "hide",
  "show",
  "show-from",
  "prune-from",
  "tagfocus",
  "tagignore",
] as const;

export const selectionOptions: Options = {
  series: { type: "string" },
  value: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  until: { type: "string" },
  thread: { type: "string", multiple: true },
  process: { type: "string", multiple: true },
  transform: { type: "string", multiple: true },
  invert: { type: "boolean" },
  ...Object.fromEntries(filterTypes.map((type) => [type, { type: "string", multiple: true } as const])),
};

const transformHelp =
  "focus-function:NAME, focus-subtree:A > B > C, merge-function:NAME, merge-node:A > B, drop-function:NAME, " +
  "collapse-function:NAME, collapse-recursion[:REGEX], collapse-direct-recursion[:REGEX], collapse-module[:REGEX], " +
  "invert, or one as JSON";

export const selectionHelp: readonly (readonly [string, string])[] = [
  ["--series ID", "series to count, as `info` lists them; the first when left out"],
  ["--value NAME", "value of the series, where it has several"],
  [
    "--from T, --until T",
    "only from and up to a time since the start: 1.5s, 200ms, 40%; but for `export`, --to T ends too",
  ],
  ["--thread TEXT", "only threads of this tid, or whose name matches; can be given again for more"],
  ["--process TEXT", "only processes of this pid, or whose name matches; can be given again for more"],
  [
    "--focus REGEX",
    "only samples with a matching function; file:, binary: or any: in front tests those instead",
  ],
  ["--ignore REGEX", "only samples without a matching function"],
  ["--hide REGEX", "take matching functions out of the stacks"],
  ["--show REGEX", "leave only matching functions in the stacks"],
  ["--show-from REGEX", "cut what is above the outermost match"],
  ["--prune-from REGEX", "cut what is below the innermost match"],
  ["--tagfocus FILTER", "only samples with a label: REGEX, KEY=REGEX, 128kb:1mb, :100ms, KEY=1s:"],
  ["--tagignore FILTER", "only samples without such a label"],
  ["--transform T", `${transformHelp}; filters and transforms work in the order they are given`],
  ["--invert", "bottom up"],
];

export const memberHelp = [
  "--member NAME",
  "which profile of a folder or an archive",
] as const satisfies readonly [string, string];

/** Filters and transforms in the order of the words. */
export function transformsOf(parsed: Parsed): readonly Transform[] {
  const filters = new Set<string>(filterTypes);
  return parsed.given.flatMap(({ name, value }): Transform[] => {
    if (name === "invert") return [{ type: "invert" }];
    if (value === undefined) return [];
    if (name === "transform") return [namedTransform(value)];
    return filters.has(name) ? [filterOf(name, value)] : [];
  });
}

function filterOf(type: string, value: string): Transform {
  // A name like file::open is a name.
  const match = /^(name|file|binary|any):(?!:)(.*)$/s.exec(value);
  if (type === "tagfocus" || type === "tagignore" || !match) return checked({ type, pattern: value }, value);
  return checked({ type, pattern: match[2], where: match[1] as TransformWhere }, value);
}

function namedTransform(text: string): Transform {
  if (text.startsWith("{")) return checked(jsonOf(text), text);
  const cut = text.indexOf(":");
  const type = cut === -1 ? text : text.slice(0, cut);
  const subject = cut === -1 ? "" : text.slice(cut + 1);
  if (new Set<string>(filterTypes).has(type)) return filterOf(type, subject);
  if (type === "focus-subtree" || type === "merge-node")
    return checked({ type, path: subject.split(/\s+>\s+/) }, text);
  if (type === "invert") return { type };
  return checked(
    type.startsWith("collapse-") && type !== "collapse-function"
      ? { type, pattern: subject }
      : { type, function: subject },
    text,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function checked(value: unknown, text: string): Transform {
  const result = v.safeParse(transformSchema, value);
  if (result.success) return result.output;
  throw new UsageError(`--transform takes ${transformHelp}; not ${text}`);
}

/** What the flags select of a profile. */
export function selectionOf(parsed: Parsed, info: InfoTable): Partial<Selection> {
  const threads = threadsOf(parsed, info);
  const processes = given(parsed, "process");
  return {
    series: seriesOf(parsed, info),
    rangeNs: rangeOf(parsed, info),
    threads,
    processes:
      processes.length === 0
        ? null
        : matching("process", processes, info.processes, ({ pid, name }) => [String(pid), name]),
    transforms: [...transformsOf(parsed)],
  };
}

const given = (parsed: Parsed, flag: string): readonly string[] =>
  parsed.given.flatMap(({ name, value }) => (name === flag && value !== undefined ? [value] : []));

function threadsOf(parsed: Parsed, info: InfoTable): number[] | null {
  const wanted = given(parsed, "thread");
  if (wanted.length === 0) return null;
  return matching("thread", wanted, info.threads, ({ tid, name }) => [String(tid), name]).map(
    (row) => info.threads[row]?.index ?? -1,
  );
}

/** Rows whose number is one of the texts, or whose name matches one. */
function matching<T>(
  what: string,
  texts: readonly string[],
  rows: readonly T[],
  of: (row: T) => readonly [number: string, name: string],
): number[] {
  const found = new Set<number>();
  for (const text of texts) {
    const byNumber = rows.flatMap((row, i) => (of(row)[0] === text ? [i] : []));
    const expression = patternOf(text);
    const picked =
      byNumber.length > 0
        ? byNumber
        : rows.flatMap((row, i) => (of(row)[1] === text || expression.test(of(row)[1]) ? [i] : []));
    if (picked.length === 0) {
      const names = [...new Set(rows.map((row) => of(row).join(" ")))].slice(0, 10);
      throw new UsageError(
        `there is no ${what} ${JSON.stringify(text)}${names.length > 0 ? `; there is ${names.join(", ")}` : ""}`,
      );
    }
    for (const row of picked) found.add(row);
  }
  return [...found].sort((a, b) => a - b);
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "iu");
  } catch {
    throw new UsageError(`${JSON.stringify(text)} is not a regular expression`);
  }
}

/** A series' id; with --value that of one of its values. A series that does not exist is the engine's to refuse. */
function seriesOf(parsed: Parsed, info: InfoTable): string {
  const series = textFlag(parsed, "series");
  const value = textFlag(parsed, "value");
  if (value === "") return series;
  const found = info.series.find(
    ({ id }) =>
      (series === "" || id === series || id.startsWith(`${series}/`)) &&
      (id.endsWith(`/${value}`) || id === value),
  );
  if (found) return found.id;
  throw new UsageError(
    `there is no value ${JSON.stringify(value)}; there is ${info.series.map(({ id }) => id).join(", ")}`,
  );
}

function rangeOf(parsed: Parsed, { durationNs }: InfoTable): [number, number] | null {
  const from = timeOf(parsed, "from", durationNs);
  const to = timeOf(parsed, "until", durationNs) ?? timeOf(parsed, "to", durationNs);
  if (from === null && to === null) return null;
  if (durationNs <= 0) throw new UsageError(noTimes);
  // The last sample is at the very end, and ranges end before their end.
  const range: [number, number] = [from ?? 0, to ?? durationNs + 1];
  if (range[0] >= range[1]) throw new UsageError("--from must be before --until");
  return range;
}

export const noTimes = "--from and --until need samples with times; these have none";

function timeOf(parsed: Parsed, flag: string, durationNs: number): number | null {
  const text = textFlag(parsed, flag);
  if (text === "") return null;
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const timeNs = percent ? (Number(percent[1]) / 100) * durationNs : parseDurationNs(text);
  if (timeNs === null) throw new UsageError(`--${flag} takes a time like 1.5s, 200ms or 40%, not ${text}`);
  return timeNs;
}
