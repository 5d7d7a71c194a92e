import * as v from "valibot";
import { parseDurationNs } from "./label-filter.ts";
import { presetAt, presetOf, presets } from "./presets.ts";
import type { Selection } from "./query.ts";
import type { InfoTable } from "./tables.ts";
import {
  isSameTransform,
  type Transform,
  type TransformWhere,
  transformSchema,
  transformSubject,
} from "./transform.ts";

/**
 * A selection as words, the same on the command line and in the text that the workbench copies and takes back:
 * "--from 3s --until 3.4s --thread worker --focus parse".
 */

/** Flags with their values, in the order of the words; undefined for a flag without one. */
export type GivenWords = readonly { readonly name: string; readonly value: string | undefined }[];

/** The words say nothing that this profile has, or nothing at all; the message says what would do. */
export class BadWords extends Error {}

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

/** The flags: with a value or without, and whether they may be given again. */
export const selectionFlags: readonly {
  readonly name: string;
  readonly hasValue: boolean;
  readonly isMany: boolean;
}[] = [
  ...["series", "value", "from", "to", "until"].map((name) => ({ name, hasValue: true, isMany: false })),
  ...["thread", "process", "transform", "preset", ...filterTypes].map((name) => ({
    name,
    hasValue: true,
    isMany: true,
  })),
  { name: "invert", hasValue: false, isMany: false },
];

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
    "only samples with a matching function; file:, binary:, any: or kind: in front tests those instead",
  ],
  ["--ignore REGEX", "only samples without a matching function"],
  ["--hide REGEX", "take matching functions out of the stacks"],
  ["--show REGEX", "leave only matching functions in the stacks"],
  ["--show-from REGEX", "cut what is above the outermost match"],
  ["--prune-from REGEX", "cut what is below the innermost match"],
  ["--tagfocus FILTER", "only samples with a label: REGEX, KEY=REGEX, 128kb:1mb, :100ms, KEY=1s:"],
  ["--tagignore FILTER", "only samples without such a label"],
  ["--transform T", `${transformHelp}; filters and transforms work in the order they are given`],
  ["--preset NAME", `filters that belong together: ${presets.map(({ id }) => id).join(", ")}`],
  ["--invert", "bottom up"],
];

/** Filters and transforms in the order of the words. */
export function transformsOf(words: GivenWords): readonly Transform[] {
  const filters = new Set<string>(filterTypes);
  return words.flatMap(({ name, value }): Transform[] => {
    if (name === "invert") return [{ type: "invert" }];
    if (value === undefined) return [];
    if (name === "transform") return [namedTransform(value)];
    if (name === "preset") return [...presetNamed(value)];
    return filters.has(name) ? [filterOf(name, value)] : [];
  });
}

function presetNamed(id: string): readonly Transform[] {
  const preset = presetOf(id);
  if (preset) return preset.transforms;
  throw new BadWords(
    `there is no preset ${JSON.stringify(id)}; there is ${presets.map((each) => each.id).join(", ")}`,
  );
}

function filterOf(type: string, value: string): Transform {
  // A name like file::open is a name.
  const match = /^(name|file|binary|any|kind):(?!:)(.*)$/s.exec(value);
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
  throw new BadWords(`--transform takes ${transformHelp}; not ${text}`);
}

/** What the flags select of a profile. */
export function selectionFrom(words: GivenWords, info: InfoTable): Partial<Selection> {
  const threads = threadsOf(words, info);
  const processes = given(words, "process");
  return {
    series: seriesOf(words, info),
    rangeNs: rangeOf(words, info),
    threads,
    processes:
      processes.length === 0
        ? null
        : matching("process", processes, info.processes, ({ pid, name }) => [String(pid), name]),
    transforms: [...transformsOf(words)],
  };
}

const lastOf = (words: GivenWords, flag: string): string => given(words, flag).at(-1) ?? "";

const given = (words: GivenWords, flag: string): readonly string[] =>
  words.flatMap(({ name, value }) => (name === flag && value !== undefined ? [value] : []));

function threadsOf(words: GivenWords, info: InfoTable): number[] | null {
  const wanted = given(words, "thread");
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
      throw new BadWords(
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
    throw new BadWords(`${JSON.stringify(text)} is not a regular expression`);
  }
}

/** A series' id; with --value that of one of its values. A series that does not exist is the engine's to refuse. */
function seriesOf(words: GivenWords, info: InfoTable): string {
  const series = lastOf(words, "series");
  const value = lastOf(words, "value");
  if (value === "") return series;
  const found = info.series.find(
    ({ id }) =>
      (series === "" || id === series || id.startsWith(`${series}/`)) &&
      (id.endsWith(`/${value}`) || id === value),
  );
  if (found) return found.id;
  throw new BadWords(
    `there is no value ${JSON.stringify(value)}; there is ${info.series.map(({ id }) => id).join(", ")}`,
  );
}

function rangeOf(words: GivenWords, { durationNs }: InfoTable): [number, number] | null {
  const from = timeOf(words, "from", durationNs);
  const to = timeOf(words, "until", durationNs) ?? timeOf(words, "to", durationNs);
  if (from === null && to === null) return null;
  if (durationNs <= 0) throw new BadWords(noTimes);
  // The last sample is at the very end, and ranges end before their end.
  const range: [number, number] = [from ?? 0, to ?? durationNs + 1];
  if (range[0] >= range[1]) throw new BadWords("--from must be before --until");
  return range;
}

export const noTimes = "--from and --until need samples with times; these have none";

function timeOf(words: GivenWords, flag: string, durationNs: number): number | null {
  const text = lastOf(words, flag);
  if (text === "") return null;
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const timeNs = percent ? (Number(percent[1]) / 100) * durationNs : parseDurationNs(text);
  if (timeNs === null) throw new BadWords(`--${flag} takes a time like 1.5s, 200ms or 40%, not ${text}`);
  return timeNs;
}

/** Flags of `known` in a row of words; throws BadWords at anything else. */
export function givenIn(
  words: readonly string[],
  known: readonly { readonly name: string; readonly hasValue: boolean }[],
): GivenWords {
  const given: { name: string; value: string | undefined }[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, name = "", joined] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = known.find((each) => each.name === name);
    if (!flag)
      throw new BadWords(
        `${word} is not known here; there is --${known.map(({ name: each }) => each).join(", --")}`,
      );
    if (!flag.hasValue) {
      if (joined !== undefined) throw new BadWords(`--${name} takes no value`);
      given.push({ name, value: undefined });
      continue;
    }
    const value = joined ?? words[++at];
    if (value === undefined) throw new BadWords(`--${name} needs a value`);
    given.push({ name, value });
  }
  return given;
}

/** The words that select the same again. `info` names threads, processes and series. */
export function wordsOfSelection(selection: Selection, info: InfoTable | null): readonly string[] {
  const { series, rangeNs, threads, processes, transforms } = selection;
  const words: string[] = [];
  const add = (flag: string, value: string): void => {
    // A value that begins like a flag is joined to its own.
    if (value.startsWith("-")) words.push(`--${flag}=${value}`);
    else words.push(`--${flag}`, value);
  };
  if (series !== "") add("series", series);
  if (rangeNs !== null) {
    add("from", secondsText(rangeNs[0]));
    add("until", secondsText(rangeNs[1]));
  }
  for (const index of threads ?? []) {
    const thread = info?.threads.find((each) => each.index === index);
    if (thread) add("thread", thread.tid >= 0 ? String(thread.tid) : exactly(thread.name));
  }
  for (const index of processes ?? []) {
    const process = info?.processes[index];
    if (process) add("process", process.pid >= 0 ? String(process.pid) : exactly(process.name));
  }
  let covered = 0;
  for (const [at, transform] of transforms.entries()) {
    if (at < covered) continue;
    const preset = presetAt(transforms, at);
    if (preset) {
      add("preset", preset.id);
      covered = at + preset.transforms.length;
      continue;
    }
    const plain = plainWords(transform);
    if (plain === null) add("transform", JSON.stringify(transform));
    else if (plain[1] === null) words.push(`--${plain[0]}`);
    else add(plain[0], plain[1]);
  }
  return words;
}

/** Whole nanoseconds, as seconds where those are short. */
export function secondsText(timeNs: number): string {
  const whole = Math.round(timeNs);
  return whole % 1e5 === 0 ? `${whole / 1e9}s` : `${whole}ns`;
}

const exactly = (name: string): string => `^${name.replace(/[$()*+./?[\\\]^{|}]/g, "\\$&")}$`;

/** Flag and value; null where only JSON says it without doubt. */
function plainWords(transform: Transform): readonly [flag: string, value: string | null] | null {
  if (transform.type === "invert") return ["invert", null];
  const filters: readonly string[] = filterTypes;
  if (!("pattern" in transform) || !filters.includes(transform.type)) {
    const subject = transformSubject(transform);
    const text = subject === "" ? transform.type : `${transform.type}:${subject}`;
    return isSame(() => namedTransform(text), transform) ? ["transform", text] : null;
  }
  const where = "where" in transform && transform.where !== undefined ? `${transform.where}:` : "";
  // Without a place in front, a pattern that looks like one has to name its own.
  const value = `${where}${transform.pattern}`;
  return isSame(() => filterOf(transform.type, value), transform) ? [transform.type, value] : null;
}

/** Are words read as the transform that they were made of? */
function isSame(read: () => Transform, transform: Transform): boolean {
  try {
    return isSameTransform(read(), transform);
  } catch (error) {
    if (error instanceof BadWords) return false;
    throw error;
  }
}
