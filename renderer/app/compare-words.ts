import { fail, ok, type Result } from "#core/base/result.ts";
import { joinWords, splitWords } from "#core/base/shell-words.ts";
import { compareModes } from "#core/model/compare.ts";
import { BadWords, type GivenWords, givenIn, selectionFlags } from "#core/model/selection-words.ts";
import { compareFlags, viewFlags } from "#core/model/view-words.ts";
import {
  type CompareRun,
  type CompareSide,
  type CompareState,
  compareShows,
  compareSorts,
  compareTabs,
} from "./store/compare.ts";

const sides = ["before", "after"] as const;

/**
 * A comparison as the words of `flamewright open` and `flamewright diff`: its sides and what is selected of them, by what they are made
 * comparable, and what is on the screen of it. Problem "no-words" where a side has something that no path leads to.
 */
export function compareText(compare: CompareState): Result<string> {
  const [before, after] = [pathsOf(compare.before), pathsOf(compare.after)];
  if (!before || !after)
    return fail(
      "no-words",
      "A side has a part of a folder, or a file that was given to the browser: no path leads to it.",
      "Export the comparison instead, or put files, folders or sessions on both sides.",
    );
  const [ofBefore, ofAfter] = [flagsOf(compare.before), flagsOf(compare.after)];
  if (!ofBefore || !ofAfter)
    return fail(
      "no-words",
      "The runs of a side are different parts of their profiles, or parts that no flag names.",
      "Export the comparison instead, or select the same range, threads and filters of every run of a side.",
    );
  const isSame = JSON.stringify(ofBefore) === JSON.stringify(ofAfter);
  const parts = isSame ? ofBefore : [...ofSide("before", ofBefore), ...ofSide("after", ofAfter)];
  const words: string[] = [...before, "--vs", ...after, ...parts, "--view", "compare"];
  const add = (flag: string, value: string, byItself: string): void => {
    if (value !== byItself)
      words.push(...(value.startsWith("-") ? [`--${flag}=${value}`] : [`--${flag}`, value]));
  };
  add("by", compare.by, "total");
  add("confidence", String(Math.round(compare.confidence * 1e5) / 1e3), "99");
  add("tab", compare.tab, "flame");
  add("weight", compare.of, "self");
  add("column", compare.sort, "change");
  if (!compare.descending) words.push("--reverse");
  add("only", compare.show, "all");
  add("function", compare.selectedName, "");
  add("search", compare.search, "");
  if (compare.inverted) words.push("--flip");
  if (compare.zoomRoot >= 0) words.push("--zoom", String(compare.zoomRoot));
  return ok(joinWords(words));
}

/** null where a run cannot be had from a path, or not all that a path leads to is there. */
function pathsOf(runs: readonly CompareRun[]): readonly string[] | null {
  const counts = new Map<string, number>();
  for (const { origin } of runs) {
    if (origin === null) return null;
    counts.set(origin.path, (counts.get(origin.path) ?? 0) + 1);
  }
  const isWhole = runs.every(({ origin }) => origin !== null && counts.get(origin.path) === origin.runs);
  return runs.length > 0 && isWhole ? [...counts.keys()] : null;
}

/** What is selected of each run alike; null where they differ, or where it cannot be said. */
function flagsOf(runs: readonly CompareRun[]): readonly string[] | null {
  const [first, ...others] = runs.map(({ flags }) => flags);
  const same = JSON.stringify(first);
  return first && others.every((flags) => JSON.stringify(flags) === same) ? first : null;
}

/** A value never begins as a flag does: such a one is joined to its own. */
const ofSide = (side: CompareSide, flags: readonly string[]): readonly string[] =>
  flags.map((word) => (word.startsWith("--") ? `--${side}-${word.slice(2)}` : word));

/** One side: its paths, and what is selected of each. */
export interface AskedSide {
  readonly paths: readonly string[];
  readonly selected: GivenWords;
}

export interface AskedComparison {
  readonly before: AskedSide;
  readonly after: AskedSide;
  readonly shown: Partial<CompareState>;
}

/** What a command line asks to compare: `--view=compare --before=A --after=B`; null where it asks for another view. */
export function comparisonIn(words: string): AskedComparison | null {
  const split = splitWords(words);
  if (!split.ok || !split.value.includes("--view=compare")) return null;
  const many = (name: string) => ({ name, hasValue: true });
  const ofSides = selectionFlags.flatMap(({ name, hasValue }) =>
    sides.map((side) => ({ name: `${side}-${name}`, hasValue })),
  );
  try {
    const given = givenIn(split.value, [
      ...viewFlags,
      ...compareFlags,
      ...selectionFlags,
      ...ofSides,
      ...sides.map(many),
    ]);
    const side = (which: CompareSide): AskedSide => ({
      paths: given.flatMap(({ name, value }) => (name === which && value !== undefined ? [value] : [])),
      selected: given.flatMap(({ name, value }) => {
        const own = name.startsWith(`${which}-`) ? name.slice(which.length + 1) : name;
        return selectionFlags.some((flag) => flag.name === own) ? [{ name: own, value }] : [];
      }),
    });
    return { before: side("before"), after: side("after"), shown: shownBy(given) };
  } catch (error) {
    if (error instanceof BadWords) return null;
    throw error;
  }
}

/** What means nothing is as it is by itself. */
function shownBy(given: GivenWords): Partial<CompareState> {
  const last = (flag: string): string => given.findLast(({ name }) => name === flag)?.value ?? "";
  const has = (flag: string): boolean => given.some(({ name }) => name === flag);
  const one = <T extends string>(flag: string, choices: readonly T[], byItself: T): T =>
    choices.find((each) => each === last(flag)) ?? byItself;
  const percent = Number(last("confidence"));
  return {
    by: one("by", compareModes, "total"),
    confidence: percent >= 50 && percent < 99.999 ? Math.round(percent * 1e3) / 1e5 : 0.99,
    tab: one("tab", compareTabs, "flame"),
    of: one<"self" | "total">("weight", ["self", "total"], "self"),
    sort: one("column", compareSorts, "change"),
    descending: !has("reverse"),
    show: one("only", compareShows, "all"),
    selectedName: last("function"),
    search: last("search"),
    inverted: has("flip"),
    zoomRoot: /^\d{1,9}$/.test(last("zoom")) ? Number(last("zoom")) : -1,
  };
}
