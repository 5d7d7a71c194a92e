import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { float64, int32 } from "../../model/growable.ts";
import type { ImportContext } from "../importer.ts";
import { LegacyStacks } from "./legacy-stacks.ts";

/** Rows of two numbers and a stack, until the stacks are known at the end of the file. */
export class LegacyRows {
  readonly stacks: LegacyStacks;
  readonly #context: ImportContext;
  readonly #out: ProfileBuilder;
  readonly #node = int32();
  readonly #labels = int32();
  readonly #first = float64();
  readonly #second = float64();
  #tooMany = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.stacks = new LegacyStacks(out, context, true);
  }

  add(node: number, first: number, second = 0): void {
    if (this.#node.length >= this.#context.limits.maxSamples) {
      this.#tooMany++;
      return;
    }
    this.#node.push(node);
    this.#labels.push(NONE);
    this.#first.push(first);
    this.#second.push(second);
  }

  /** Of the row that was added last. */
  label(labels: number): void {
    if (this.#labels.length > 0) this.#labels.set(this.#labels.length - 1, labels);
  }

  write(series: SeriesBuilder): void {
    const made = this.stacks.finish();
    for (let row = 0; row < this.#node.length; row++) {
      const node = this.#node.at(row);
      const stack = node === NONE ? NONE : (made[node] as number);
      series.add(0, NONE, stack, this.#first.at(row), this.#second.at(row), this.#labels.at(row));
    }
    if (this.#tooMany > 0) this.#out.note(`${this.#tooMany} stacks more than the limit were left out.`);
  }
}
