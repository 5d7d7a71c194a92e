import { float64 } from "../../model/growable.ts";
import type { IoRow } from "../../model/tables.ts";

/** What calls of one kind add up to. */
export class IoTotals {
  readonly name: string;
  readonly #call: string;
  readonly #isTimed: boolean;
  calls = 0;
  errors = 0;
  totalNs = 0;
  bytes = 0;
  #isSummed = false;
  /** Of sums, where each says it. */
  #longestNs = 0;
  readonly #durations = float64();

  constructor(name: string, call: string, isTimed: boolean) {
    this.name = name;
    this.#call = call;
    this.#isTimed = isTimed;
  }

  /** `longestNs`: of a sum of several calls, the longest of them, where that is known. */
  add(durationNs: number, calls: number, errors: number, bytes: number, longestNs?: number): void {
    this.calls += calls;
    this.errors += errors;
    this.bytes += bytes;
    if (!this.#isTimed) return;
    this.totalNs += durationNs;
    if (calls !== 1) this.#isSummed = true;
    this.#longestNs = Math.max(this.#longestNs, longestNs ?? (calls === 1 ? durationNs : Number.NaN));
    this.#durations.push(durationNs);
  }

  row(): IoRow {
    const durations = this.#isSummed ? new Float64Array(0) : this.#durations.view();
    const at = (share: number): number =>
      durations.length === 0
        ? Number.NaN
        : nth(durations, Math.max(0, Math.ceil(durations.length * share) - 1));
    return {
      name: this.name,
      call: this.#call,
      calls: this.calls,
      errors: this.errors,
      totalNs: this.#isTimed ? this.totalNs : Number.NaN,
      meanNs: this.#isTimed ? this.totalNs / this.calls : Number.NaN,
      p50Ns: at(0.5),
      p99Ns: at(0.99),
      maxNs: this.#isSummed ? this.#longestNs : at(1),
      bytes: this.bytes,
    };
  }
}

/** The value that sorting would put at `index`, without sorting all of a million: Hoare's selection. Moves the values. */
function nth(values: Float64Array, index: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1] as number;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] as number) < pivot) left++;
      while ((values[right] as number) > pivot) right--;
      if (left > right) break;
      const kept = values[left] as number;
      values[left++] = values[right] as number;
      values[right--] = kept;
    }
    if (index <= right) high = right;
    else if (index >= left) low = left;
    else break;
  }
  return values[index] as number;
}
