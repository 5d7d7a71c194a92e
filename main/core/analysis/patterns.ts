import { compilePattern, matchesFunction } from "../model/pattern.ts";
import type { Profile } from "../model/profile.ts";
import type { TransformWhere } from "../model/transform.ts";

export { compilePattern } from "../model/pattern.ts";

/** Which functions of a growing profile match a pattern. Each is tested once. */
export class FunctionMatcher {
  readonly #pattern: RegExp;
  readonly #where: TransformWhere;
  #flags = new Uint8Array(0);
  #done = 0;

  constructor(pattern: string, where: TransformWhere = "name") {
    this.#pattern = compilePattern(pattern);
    this.#where = where;
  }

  flags(profile: Profile): Uint8Array {
    const { length } = profile.functions;
    if (length > this.#flags.length) {
      const grown = new Uint8Array(Math.max(length, this.#flags.length * 2));
      grown.set(this.#flags);
      this.#flags = grown;
    }
    for (; this.#done < length; this.#done++)
      this.#flags[this.#done] = matchesFunction(profile, this.#done, this.#pattern, this.#where) ? 1 : 0;
    return this.#flags;
  }
}
