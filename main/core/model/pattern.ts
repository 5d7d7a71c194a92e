import { throwProblem } from "../base/result.ts";
import { kindAt, type Profile } from "./profile.ts";
import type { TransformWhere } from "./transform.ts";

const MAX_PATTERN = 1000;

/** A regular expression as a person typed it, whatever the case. Throws the problem "bad-pattern". */
export function compilePattern(pattern: string): RegExp {
  if (pattern.length > MAX_PATTERN)
    throwProblem(
      "bad-pattern",
      `The pattern is ${pattern.length} characters long.`,
      `Use at most ${MAX_PATTERN} characters.`,
    );
  try {
    // Go's way to say what holds here anyway: people bring their pprof patterns.
    return new RegExp(pattern.replace(/^\(\?i\)/, ""), "iu");
  } catch (error) {
    return throwProblem(
      "bad-pattern",
      `${JSON.stringify(pattern)} is not a regular expression.`,
      "Escape special characters with a backslash: \\( \\[ \\. \\* \\+ \\?",
      error instanceof Error ? error.message : "",
    );
  }
}

/** Is it the name (or file, binary, kind) of this function that a pattern means? What is unknown matches nothing. */
export function matchesFunction(
  { strings, functions, binaries }: Profile,
  func: number,
  pattern: RegExp,
  where: TransformWhere,
): boolean {
  const matches = (index: number): boolean => index !== -1 && pattern.test(strings[index] ?? "");
  const binary = functions.binary[func];
  return (
    ((where === "name" || where === "any") && matches(functions.name[func])) ||
    ((where === "file" || where === "any") && matches(functions.file[func])) ||
    ((where === "binary" || where === "any") && binary !== -1 && matches(binaries.path[binary])) ||
    (where === "kind" && pattern.test(kindAt(functions.kind[func])))
  );
}
