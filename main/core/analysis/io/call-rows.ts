import { float64, int32 } from "../../model/growable.ts";

/** Intervals of one thread's calls by when they began. A thread is in one call at a time: they come in that order. */
export class CallRows {
  readonly #rows = int32();
  readonly #starts = float64();
  #isSorted = true;
  #next = 0;

  add(row: number, startNs: number): void {
    const length = this.#starts.length;
    if (length > 0 && this.#starts.at(length - 1) > startNs) this.#isSorted = false;
    this.#rows.push(row);
    this.#starts.push(startNs);
  }

  /** -1 where there is none. Asked in order, each is found at once. */
  find(startNs: number): number {
    if (!this.#isSorted) this.#sort();
    if (this.#next < this.#starts.length && this.#starts.at(this.#next) === startNs)
      return this.#rows.at(this.#next++);
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts.at(middle) < startNs) low = middle + 1;
      else high = middle;
    }
    if (low === this.#starts.length || this.#starts.at(low) !== startNs) return -1;
    this.#next = low + 1;
    return this.#rows.at(low);
  }

  #sort(): void {
    const starts = this.#starts.view();
    const order = new Uint32Array(starts.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort((a, b) => (starts[a] as number) - (starts[b] as number) || a - b);
    this.#rows.reorder(order);
    this.#starts.reorder(order);
    this.#isSorted = true;
  }
}
