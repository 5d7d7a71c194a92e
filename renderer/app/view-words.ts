import { parseDurationNs } from "#core/model/label-filter.ts";
import { type GivenWords, secondsText } from "#core/model/selection-words.ts";
import { viewFlags } from "#core/model/view-words.ts";
import type { ProfileDocument } from "./store/document.ts";
import { type TimelineState, timelineInitial, timelineStateOf, withTimelineState } from "./timeline-state.ts";

type Patch = Partial<ProfileDocument>;
type Range = readonly [startNs: number, endNs: number];

/** A part of what a view shows, as a flag of `viewFlags`. */
export interface ViewWord {
  readonly name: string;
  /** Its values; none where it is as it is by itself, "" for a flag that has none. */
  read(document: ProfileDocument): readonly string[];
  /** What values make of a document, none for as it is by itself; null where they mean nothing. */
  write(document: ProfileDocument, values: readonly string[]): Patch | null;
}

/** Words for the fields of what a view remembers. */
export function fieldWords<S extends object>(
  stateOf: (document: ProfileDocument) => S,
  initial: S,
  patched: (document: ProfileDocument, part: Partial<S>) => Patch,
) {
  /** Its texts and back; null where a text means nothing. */
  const word = <K extends keyof S>(
    name: string,
    field: K,
    toText: (value: S[K]) => readonly string[],
    fromText: (values: readonly string[]) => S[K] | null,
  ): ViewWord => ({
    name,
    read: (document) => {
      const value = stateOf(document)[field];
      return JSON.stringify(value) === JSON.stringify(initial[field]) ? [] : toText(value);
    },
    write: (document, values) => {
      const value = values.length === 0 ? initial[field] : fromText(values);
      if (value === null && values.length > 0) return null;
      const part: Partial<S> = {};
      part[field] = value as S[K];
      return patched(document, part);
    },
  });
  type Of<T> = { [K in keyof S]: T extends S[K] ? K : S[K] extends T ? K : never }[keyof S];
  const last = (values: readonly string[]): string => values.at(-1) ?? "";
  return {
    word,
    choice: <K extends keyof S>(name: string, field: K, choices: readonly (S[K] & string)[]): ViewWord =>
      word(
        name,
        field,
        (value) => [String(value)],
        (values) => choices.find((each) => each === last(values)) ?? null,
      ),
    text: <K extends Of<string>>(name: string, field: K): ViewWord =>
      word(
        name,
        field,
        (value) => [String(value)],
        (values) => last(values) as S[K],
      ),
    /** Whole numbers from 0 on. */
    number: <K extends Of<number>>(name: string, field: K): ViewWord =>
      word(
        name,
        field,
        (value) => [String(value)],
        (values) => (/^\d{1,15}$/.test(last(values)) ? (Number(last(values)) as S[K]) : null),
      ),
    /** Says that it is the other way than by itself. */
    turned: <K extends Of<boolean>>(name: string, field: K): ViewWord =>
      word(
        name,
        field,
        () => [""],
        () => !initial[field] as S[K],
      ),
    range: <K extends keyof S>(name: string, field: K): ViewWord =>
      word(
        name,
        field,
        (value) => [rangeText(value as Range)],
        (values) => rangeOf(last(values)) as S[K] | null,
      ),
  };
}

/** A sorted table: the column, and whether it is the other way round than that column is by itself. */
export function sortWords<C extends string>(
  columns: readonly C[],
  byItself: C,
  read: (document: ProfileDocument) => { readonly sort: C; readonly descending: boolean },
  write: (document: ProfileDocument, sort: C, descending: boolean) => Patch,
  /** Those that begin with the least, as names do. */
  ascending: readonly string[] = ["name"],
): readonly ViewWord[] {
  const natural = (column: C): boolean => !ascending.includes(column);
  return [
    {
      name: "sort",
      read: (document) => (read(document).sort === byItself ? [] : [read(document).sort]),
      write: (document, values) => {
        const text = values.at(-1) ?? byItself;
        const column = columns.find((each) => each === text);
        return column === undefined ? null : write(document, column, natural(column));
      },
    },
    {
      name: "reverse",
      read: (document) => (read(document).descending === natural(read(document).sort) ? [] : [""]),
      write: (document, values) => {
        const { sort } = read(document);
        return write(document, sort, natural(sort) !== values.length > 0);
      },
    },
  ];
}

interface OpenNodes {
  readonly open: readonly number[];
  readonly follow: number | null;
}

/** Open nodes of a tree, and the one whose heaviest path is open too (-1 from the top): "3,7,12", "3>7", "none". */
export const openWord = (
  read: (document: ProfileDocument) => OpenNodes,
  write: (document: ProfileDocument, part: OpenNodes) => Patch,
): ViewWord => ({
  name: "open",
  read: (document) => {
    const { open, follow } = read(document);
    if (open.length === 0 && follow === -1) return [];
    return [`${open.join(",") || "none"}${follow === null ? "" : `>${follow}`}`];
  },
  write: (document, [text]) => {
    const found = /^(?:none|(\d+(?:,\d+)*))(?:>(-1|\d+))?$/.exec(text ?? "none>-1");
    if (!found) return null;
    const open = found[1] === undefined ? [] : found[1].split(",").map(Number);
    return write(document, { open, follow: found[2] === undefined ? null : Number(found[2]) });
  },
});

export const rangeText = ([start, end]: Range): string => `${secondsText(start)}..${secondsText(end)}`;

export function rangeOf(text: string): Range | null {
  const [from = "", to = "", ...more] = text.split("..");
  const [start, end] = [parseDurationNs(from), parseDurationNs(to)];
  return more.length > 0 || start === null || end === null || start >= end ? null : [start, end];
}

const ofTimeline = fieldWords<TimelineState>(timelineStateOf, timelineInitial, withTimelineState);

const everyOne = <T>(values: readonly string[], read: (text: string) => T | null): readonly T[] | null => {
  const all = values.map(read);
  return all.some((each) => each === null) ? null : all.filter((each) => each !== null);
};
const same = (text: string): string => text;

/** The timeline is above every view. */
export const timelineWords: readonly ViewWord[] = [
  ofTimeline.range("shown-time", "viewNs"),
  ofTimeline.word(
    "into",
    "committed",
    (ranges) => ranges.map(rangeText),
    (values) => everyOne(values, rangeOf),
  ),
  ofTimeline.word(
    "fold",
    "collapsed",
    (pids) => pids.map(String),
    (values) => everyOne(values, (text) => (/^-?\d+$/.test(text) ? Number(text) : null)),
  ),
  ofTimeline.word(
    "hide-lane",
    "hidden",
    (ids) => [...ids],
    (values) => everyOne(values, same),
  ),
  ofTimeline.word(
    "lane-order",
    "order",
    (ids) => [...ids],
    (values) => everyOne(values, same),
  ),
  ofTimeline.number("lanes", "maxLanes"),
  ofTimeline.choice("timeline", "mode", ["table", "lanes"]),
];

/** The flags and values that say what these words say. */
export const wordsFor = (words: readonly ViewWord[], document: ProfileDocument): readonly string[] =>
  words.flatMap(({ name, read }) =>
    read(document).flatMap((text) =>
      // A flag without a value, and a value that begins like a flag.
      isSwitch(name) ? [`--${name}`] : text.startsWith("-") ? [`--${name}=${text}`] : [`--${name}`, text],
    ),
  );

const switches = new Set(viewFlags.flatMap(({ name, hasValue }) => (hasValue ? [] : [name])));
const isSwitch = (name: string): boolean => switches.has(name);

/** What was given, one after the other; `isWhole`: what was not given is as it is by itself. The name of what means nothing. */
export function withWords(
  document: ProfileDocument,
  words: readonly ViewWord[],
  given: GivenWords,
  isWhole: boolean,
): { readonly document: ProfileDocument; readonly bad: string } {
  let next = document;
  for (const { name, write } of words) {
    const values = given.flatMap((each) => (each.name === name ? [each.value ?? ""] : []));
    if (values.length === 0 && !isWhole) continue;
    const patch = write(next, values);
    if (patch === null) return { document, bad: `--${name} ${values.join(" ")}` };
    next = { ...next, ...patch };
  }
  return { document: next, bad: "" };
}
