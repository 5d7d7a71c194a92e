import type { Profile } from "../model/profile.ts";

/** What a view calls functions: as the profile does, but for those that stand for a whole binary or file. */
export class ShownFunctions {
  readonly #profile: Profile;
  readonly #renamed: ReadonlyMap<number, number>;

  constructor(profile: Profile, renamed: ReadonlyMap<number, number>) {
    this.#profile = profile;
    this.#renamed = renamed;
  }

  /** String index. */
  name(func: number): number {
    return this.#renamed.get(func) ?? this.#profile.functions.name[func];
  }

  file(func: number): number {
    return this.#renamed.has(func) ? -1 : this.#profile.functions.file[func];
  }

  line(func: number): number {
    return this.#renamed.has(func) ? -1 : this.#profile.functions.line[func];
  }
}
