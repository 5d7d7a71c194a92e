import type { Profile } from "../model/profile.ts";

/** The texts that one view table uses, renumbered from 0; -1 stays -1. */
export class UsedStrings {
  readonly #profile: Profile;
  readonly #index = new Map<number, number>();
  readonly strings: string[] = [];

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  of(index: number): number {
    if (index === -1) return -1;
    let own = this.#index.get(index);
    if (own === undefined) {
      own = this.strings.length;
      this.#index.set(index, own);
      this.strings.push(this.#profile.strings[index] ?? "");
    }
    return own;
  }

  /** Index of the path of a binary. */
  binary(binary: number): number {
    return binary === -1 ? -1 : this.of(this.#profile.binaries.path[binary] ?? -1);
  }
}
