/** A line of an indented tree: its values include those of the lines below it. */
interface OpenLine<T> {
  readonly depth: number;
  readonly item: T;
  /** What is left when the lines below are taken away. */
  readonly own: number[];
}

/** Called when a line's own share is known. `path` is from the outermost line to this one; only valid during the call. */
export type OwnShare<T> = (path: readonly T[], own: readonly number[]) => void;

/**
 * Trees that tools print as indented lines with inclusive values, as the lines come: each line is closed, and its own
 * share given out, when a line that is no deeper comes. Deeper lines than `maxDepth` count for the line above.
 */
export class IndentedCalls<T> {
  readonly #share: OwnShare<T>;
  readonly #maxDepth: number;
  readonly #open: OpenLine<T>[] = [];
  readonly #path: T[] = [];
  #tooDeep = 0;

  constructor(maxDepth: number, share: OwnShare<T>) {
    this.#maxDepth = maxDepth;
    this.#share = share;
  }

  /** Lines that were too deep. */
  get tooDeep(): number {
    return this.#tooDeep;
  }

  line(depth: number, item: T, values: readonly number[]): void {
    this.#close(depth);
    if (this.#open.length >= this.#maxDepth) {
      this.#tooDeep++;
      return;
    }
    const parent = this.#open.at(-1);
    if (parent)
      for (let i = 0; i < values.length; i++) parent.own[i] = (parent.own[i] ?? 0) - (values[i] ?? 0);
    this.#open.push({ depth, item, own: [...values] });
    this.#path.push(item);
  }

  /** The tree is over. */
  end(): void {
    this.#close(Number.NEGATIVE_INFINITY);
  }

  #close(depth: number): void {
    for (let last = this.#open.at(-1); last && last.depth >= depth; last = this.#open.at(-1)) {
      // Rounded values may add up to more than the line above says.
      this.#share(
        this.#path,
        last.own.map((value) => Math.max(0, value)),
      );
      this.#open.pop();
      this.#path.pop();
    }
  }
}
