import type { ProfileBuilder } from "../../model/builder.ts";

/** More than a large machine has processes times what is told of each. */
const MAX_COUNTERS = 200_000;

/** Counters by name; a text with ever new names does not make ever new counters. */
export class LimitedCounters {
  readonly #out: ProfileBuilder;
  readonly #names = new Set<string>();

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  add(name: string, unit: string, timeNs: number, value: number): void {
    if (!this.#names.has(name)) {
      if (this.#names.size >= MAX_COUNTERS) {
        this.#out.note(`Only the first ${MAX_COUNTERS} counters were read.`);
        return;
      }
      this.#names.add(name);
    }
    this.#out.counter(name, name, unit, timeNs, value);
  }
}
