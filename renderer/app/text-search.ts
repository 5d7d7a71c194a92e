import { patternProblem } from "./selection.ts";

/** Between slashes: a regular expression. */
const between = /^\/(.+)\/i?$/;
export const isPattern = (typed: string): boolean => between.test(typed.trim());

/** What was typed into the search field of a list. */
export interface TextSearch {
  /** What is wrong with the pattern, in words; "" for nothing. A wrong one hides no row. */
  readonly problem: string;
  /** Whether a row has it, by all the text that the row can be found by. */
  readonly matches: (text: string) => boolean;
}

/**
 * Words, all of which have to be somewhere, or a regular expression between slashes: `node 43`, `/^node \d+$/`. Capitals
 * do not count in either.
 */
export function textSearch(typed: string): TextSearch {
  const pattern = between.exec(typed.trim())?.[1];
  if (pattern === undefined) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return {
      problem: "",
      matches: (text) => {
        const lower = text.toLowerCase();
        return words.every((word) => lower.includes(word));
      },
    };
  }
  const problem = patternProblem(pattern);
  if (problem !== "") return { problem, matches: () => true };
  const expression = new RegExp(pattern, "imu");
  return { problem: "", matches: (text) => expression.test(text) };
}

/** "3 of 120" for the end of a search field; "" while nothing is searched. */
export const countOfMatches = (search: string, found: number, all: number): string =>
  search.trim() === "" ? "" : `${found.toLocaleString("en")} of ${all.toLocaleString("en")}`;
