import type { SideValue } from "./estimate.ts";

type Values = Readonly<Record<"self" | "total" | "selfCount" | "totalCount", Float64Array>>;

const columns = ["self", "total", "selfCount", "totalCount", "selfSquare", "totalSquare"] as const;
type Column = (typeof columns)[number];

/** Sums of runs by row; rows that come later were 0 in the runs before. */
export class RunSums {
  readonly #sums: Record<Column, Float64Array> = {
    self: none,
    total: none,
    selfCount: none,
    totalCount: none,
    selfSquare: none,
    totalSquare: none,
  };
  #runs = 0;

  /** The first run's arrays are taken over where nothing was there. */
  add(values: Values): void {
    const length = values.self.length;
    // Squares are of use from the second run on: a side of one has none.
    if (this.#runs === 1) {
      this.#sums.selfSquare = this.#sums.self.map((value) => value * value);
      this.#sums.totalSquare = this.#sums.total.map((value) => value * value);
    }
    if (this.#runs > 0)
      for (const [sum, of] of [
        ["selfSquare", "self"],
        ["totalSquare", "total"],
      ] as const) {
        const grown = sized(this.#sums[sum], length);
        const added = values[of];
        for (let row = 0; row < length; row++) grown[row] = grown[row] + added[row] * added[row];
        this.#sums[sum] = grown;
      }
    for (const name of ["self", "total", "selfCount", "totalCount"] as const) {
      const added = values[name];
      const grown = sized(this.#sums[name], added.length);
      for (let row = 0; row < added.length; row++) grown[row] = grown[row] + added[row];
      this.#sums[name] = grown;
    }
    this.#runs++;
  }

  sumOf(row: number, of: "self" | "total"): number {
    return this.#sums[of][row] ?? 0;
  }

  valueOf(row: number, of: "self" | "total", runs: number, scale: number): SideValue {
    const sum = (this.#sums[of][row] ?? 0) * scale;
    const squares = runs > 1 ? (this.#sums[`${of}Square`][row] ?? 0) * scale * scale : sum * sum;
    return { runs: Math.max(1, runs), sum, squares, count: this.#sums[`${of}Count`][row] ?? 0 };
  }
}

const none = new Float64Array(0);

function sized(values: Float64Array, length: number): Float64Array {
  if (values.length >= length) return values;
  const grown = new Float64Array(length);
  grown.set(values);
  return grown;
}
