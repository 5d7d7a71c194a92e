import { formatDuration } from "#core/base/numbers.ts";
import { fail, ok, type Result } from "#core/base/result.ts";
import { joinWords, splitWords } from "#core/base/shell-words.ts";
import { parseDurationNs } from "#core/model/label-filter.ts";
import { everything, type Selection } from "#core/model/query.ts";
import {
  BadWords,
  type GivenWords,
  givenIn,
  selectionFlags,
  selectionFrom,
  wordsOfSelection,
} from "#core/model/selection-words.ts";
import { viewFlags } from "#core/model/view-words.ts";
import type { DocumentView } from "./document-view.ts";
import { type ProfileDocument, slotOf } from "./store/document.ts";
import { timelineWords, type ViewWord, withWords, wordsFor } from "./view-words.ts";

/**
 * What is on the screen of a profile as one line: the flags of the command line, and the view, the selected function and
 * the search. `flamewright open FILE` and `flamewright top FILE` take the same words.
 */

export const viewWordsOf = (views: readonly DocumentView[], tab: string): readonly ViewWord[] => [
  ...(views.find(({ id }) => id === tab)?.words ?? []),
  ...timelineWords,
];

export function stateText(document: ProfileDocument, views: readonly DocumentView[]): string {
  const { history, tab, selectedName } = document;
  const { search, lastNs } = history.present;
  const words = ["--view", tab];
  const add = (flag: string, value: string): void => {
    if (value !== "") words.push(...(value.startsWith("-") ? [`--${flag}=${value}`] : [`--${flag}`, value]));
  };
  add("function", selectedName);
  add("search", search);
  if (lastNs !== null) add("last", `${lastNs / 1e9}s`);
  return joinWords([
    ...words,
    ...wordsFor(viewWordsOf(views, tab), document),
    ...wordsOfSelection(history.present, slotOf(document, "info").table),
  ]);
}

export interface ViewState {
  /** "" to stay where one is. */
  readonly view: string;
  /** Name of the selected function, "" for none. */
  readonly function: string;
  readonly selection: Selection;
  /** What the views remember, as it was given. */
  readonly given: GivenWords;
}

/** What a line of such words means for this profile. Problem "bad-state" where it means nothing. */
export function readState(
  text: string,
  document: ProfileDocument,
  views: readonly DocumentView[],
): Result<ViewState> {
  const info = slotOf(document, "info").table;
  const bad = (message: string): Result<never> =>
    fail(
      "bad-state",
      `${message}.`,
      "Paste what “Copy the view as text” gave, or flags as `flamewright top --help` lists them.",
    );
  const words = splitWords(text.trim());
  if (!words.ok) return bad(words.problem.message.replace(/\.$/, ""));
  if (!info) return bad("The profile is still being read");
  try {
    const given = givenIn(words.value, [...selectionFlags, ...viewFlags]);
    const own = (flag: string): string => given.findLast(({ name }) => name === flag)?.value ?? "";
    const view = own("view");
    if (view !== "" && !views.some(({ id }) => id === view))
      return bad(`There is no view "${view}"; there is ${views.map(({ id }) => id).join(", ")}`);
    const lastNs = own("last") === "" ? null : parseDurationNs(own("last"));
    if (own("last") !== "" && lastNs === null)
      return bad(`--last takes a time like ${formatDuration(10e9)}, not ${own("last")}`);
    const selection: Selection = {
      ...everything,
      ...selectionFrom(given, info),
      search: own("search"),
      lastNs,
    };
    const parts = viewWordsOf(views, view === "" ? document.tab : view);
    const { bad: wrong } = withWords(document, parts, given, false);
    if (wrong !== "") return bad(`${wrong} means nothing here`);
    return ok({ view, function: own("function"), selection, given });
  } catch (error) {
    if (error instanceof BadWords) return bad(error.message);
    throw error;
  }
}

/** What the words make of what views remember: all of the view that is named, of another one what is given. */
export const withState = (
  document: ProfileDocument,
  { view, given }: ViewState,
  views: readonly DocumentView[],
): ProfileDocument => withWords(document, viewWordsOf(views, document.tab), given, view !== "").document;
