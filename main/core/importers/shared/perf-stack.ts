import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { PerfFrames } from "./perf-frames.ts";

/** The lines of one stack as they come, innermost first, and then the stack they make. */
export class PerfStack {
  readonly #out: ProfileBuilder;
  readonly #frames: PerfFrames;
  readonly #maxDepth: number;
  #rows = new Int32Array(128);
  #places = new Int32Array(128);
  #depth = 0;
  #isCut = false;
  /** Some line was inlined or has a source place: the short way is not enough. */
  #isSpecial = false;

  constructor(out: ProfileBuilder, maxDepth: number) {
    this.#out = out;
    this.#frames = new PerfFrames(out);
    this.#maxDepth = maxDepth;
  }

  /** There were frames, and not one had a name. */
  get isNameless(): boolean {
    return this.#frames.isNameless;
  }

  get depth(): number {
    return this.#depth;
  }

  clear(): void {
    this.#depth = 0;
    this.#isSpecial = false;
    this.#isCut = false;
  }

  frameLine(bytes: Uint8Array, start: number, end: number): void {
    const depth = this.#depth;
    if (depth >= this.#maxDepth) {
      this.#isCut = true;
      return;
    }
    if (depth === this.#rows.length) {
      this.#rows = doubled(this.#rows);
      this.#places = doubled(this.#places);
    }
    const row = this.#frames.row(bytes, start, end);
    this.#rows[depth] = row;
    this.#places[depth] = NONE;
    if (this.#frames.isInlined(row)) this.#isSpecial = true;
    this.#depth = depth + 1;
  }

  /** A line with the source place of the frame before it; other lines are passed over. */
  placeLine(bytes: Uint8Array, start: number, end: number): void {
    if (this.#depth === 0) return;
    const place = this.#frames.place(bytes, start, end);
    if (place === NONE) return;
    this.#places[this.#depth - 1] = place;
    this.#isSpecial = true;
  }

  /** The outermost frame is in code that nobody knows: the unwinder lost its way. */
  get isLost(): boolean {
    return this.#depth > 0 && this.#frames.isLost(this.#rows[this.#depth - 1] as number);
  }

  /** The stack's index; NONE for no frames. */
  build(): number {
    if (this.#isCut)
      this.#out.note(`Stacks deeper than ${this.#maxDepth} frames were cut at their outer end.`);
    return this.#isSpecial ? this.#buildSpecial() : this.#buildPlain();
  }

  #buildPlain(): number {
    const out = this.#out;
    const frames = this.#frames;
    const rows = this.#rows;
    let stack = NONE;
    for (let i = this.#depth - 1; i >= 0; i--) stack = out.stack(stack, frames.frame(rows[i] as number));
    return stack;
  }

  /** Inlined lines come before the line they are inlined into, so from the outside in the depth counts up. */
  #buildSpecial(): number {
    let stack = NONE;
    let into = NONE;
    let inlineDepth = 0;
    for (let i = this.#depth - 1; i >= 0; i--) {
      const row = this.#rows[i] as number;
      const place = this.#places[i] as number;
      if (this.#frames.isInlined(row) || this.#frames.isInlinedPlace(place)) inlineDepth++;
      else {
        into = row;
        inlineDepth = 0;
      }
      const frame = this.#frames.frameIn(row, into, inlineDepth, place);
      stack = this.#out.stack(stack, frame);
    }
    return stack;
  }
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const next = new Int32Array(column.length * 2);
  next.set(column);
  return next;
}
