import { throwProblem } from "../base/result.ts";
import type { Profile } from "../model/profile.ts";

const MAX_PATTERN = 1000;

/** A regular expression as a person typed it. Throws the problem "bad-pattern". */
export function compilePattern(pattern: string): RegExp {
  if (pattern.length > MAX_PATTERN)
    throwProblem(
      "bad-pattern",
      `The pattern is ${pattern.length} characters long.`,
      `Use at most ${MAX_PATTERN} characters.`,
    );
  try {
    return new RegExp(pattern, "iu");
  } catch (error) {
    return throwProblem(
      "bad-pattern",
      `${JSON.stringify(pattern)} is not a regular expression.`,
      "Escape special characters with a backslash: \\( \\[ \\. \\* \\+ \\?",
      error instanceof Error ? error.message : "",
    );
  }
}

/** Which functions of a growing profile match a pattern, by name. Each is tested once. */
export class FunctionMatcher {
  readonly #pattern: RegExp;
  #flags = new Uint8Array(0);
  #done = 0;

  constructor(pattern: string) {
    this.#pattern = compilePattern(pattern);
  }

  flags(profile: Profile): Uint8Array {
    const { length, name } = profile.functions;
    if (length > this.#flags.length) {
      const grown = new Uint8Array(Math.max(length, this.#flags.length * 2));
      grown.set(this.#flags);
      this.#flags = grown;
    }
    for (; this.#done < length; this.#done++)
      this.#flags[this.#done] = this.#pattern.test(profile.strings[name[this.#done]] ?? "") ? 1 : 0;
    return this.#flags;
  }
}
