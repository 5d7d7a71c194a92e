import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";

interface OpenSlice {
  readonly frame: number;
  readonly startNs: number;
  readonly stack: number;
  readonly args: number;
  readonly category: number;
}

/** What a slice is called and of what kind it is: string indices. */
export interface SliceNames {
  readonly category: number;
  nameOf(frame: number): number;
}

/**
 * Calls of one thread as they begin and end, in order of time: each becomes an interval, and the time in which nothing
 * further inside ran becomes samples of its stack, so that a flame graph of them adds up.
 */
export class ThreadSlices {
  readonly #out: ProfileBuilder;
  readonly #series: SeriesBuilder;
  readonly #thread: number;
  readonly #names: SliceNames;
  readonly #maxDepth: number;
  readonly #open: OpenSlice[] = [];
  #lastNs = 0;
  #unbalanced = 0;
  #tooDeep = 0;

  constructor(
    out: ProfileBuilder,
    series: SeriesBuilder,
    thread: number,
    names: SliceNames,
    maxDepth: number,
  ) {
    this.#out = out;
    this.#series = series;
    this.#thread = thread;
    this.#names = names;
    this.#maxDepth = maxDepth;
  }

  /** Ends without a beginning, and calls that were open at the end. */
  get unbalanced(): number {
    return this.#unbalanced;
  }

  get tooDeep(): number {
    return this.#tooDeep;
  }

  get depth(): number {
    return this.#open.length;
  }

  get lastNs(): number {
    return this.#lastNs;
  }

  begin(timeNs: number, frame: number, args = NONE, category = this.#names.category): void {
    if (this.#open.length >= this.#maxDepth) {
      this.#tooDeep++;
      return;
    }
    this.#spend(timeNs);
    const stack = this.#out.stack(this.#open.at(-1)?.stack ?? NONE, frame);
    this.#open.push({ frame, startNs: this.#lastNs, stack, args, category });
  }

  /** Ends the innermost call of that frame; what is open inside of it ends too. `frame` NONE: the innermost. */
  end(timeNs: number, frame: number): void {
    let at = this.#open.length - 1;
    if (frame !== NONE) while (at >= 0 && this.#open[at]?.frame !== frame) at--;
    if (at < 0) {
      this.#unbalanced++;
      return;
    }
    this.#spend(timeNs);
    this.#unbalanced += this.#open.length - 1 - at;
    while (this.#open.length > at) this.#close(this.#lastNs);
  }

  /** No more: what is open ran until the last time that was seen, or until `timeNs`. */
  finish(timeNs = this.#lastNs): void {
    this.#unbalanced += this.#open.length;
    this.#spend(Math.max(timeNs, this.#lastNs));
    while (this.#open.length > 0) this.#close(this.#lastNs);
  }

  #spend(timeNs: number): void {
    // Times that go back are taken as the last one.
    const nowNs = Math.max(timeNs, this.#open.length > 0 ? this.#lastNs : timeNs);
    const inner = this.#open.at(-1);
    if (inner && nowNs > this.#lastNs)
      this.#series.add(this.#lastNs, this.#thread, inner.stack, nowNs - this.#lastNs);
    this.#lastNs = this.#series.time ? this.#out.seen(nowNs) : nowNs;
  }

  #close(timeNs: number): void {
    const slice = this.#open.pop();
    // Without times there are no intervals, only what was spent.
    if (!slice || !this.#series.time) return;
    this.#out.interval({
      start: slice.startNs,
      end: timeNs,
      thread: this.#thread,
      category: slice.category,
      name: this.#names.nameOf(slice.frame),
      stack: slice.stack,
      args: slice.args,
    });
  }
}
