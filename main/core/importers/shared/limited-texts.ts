import { NONE, type ProfileBuilder } from "../../model/builder.ts";

/** Nearly every text differs from the others, and a Map of strings has an end: past this many no more are kept. */
const MAX_TEXTS = 2_000_000;

/** Arguments and results of calls, as far as there is room for them. */
export class LimitedTexts {
  readonly #out: ProfileBuilder;
  readonly #what: string;
  #count = 0;

  /** `what` they are, for the note: "arguments of calls". */
  constructor(out: ProfileBuilder, what: string) {
    this.#out = out;
    this.#what = what;
  }

  /** String index, or NONE where there is no more room. */
  of(text: string): number {
    if (this.#count >= MAX_TEXTS) {
      this.#out.note(`Only the first ${MAX_TEXTS} ${this.#what} were kept.`);
      return NONE;
    }
    this.#count++;
    return this.#out.string(text);
  }
}
