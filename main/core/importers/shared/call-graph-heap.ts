import { float64, int32 } from "../../model/growable.ts";

/** Indices by weight, the heaviest first; of equal ones the lowest. */
export class MaxHeap {
  readonly #item = int32();
  readonly #weight = float64();
  #length = 0;

  push(item: number, weight: number): void {
    let at = this.#length++;
    if (at === this.#item.length) {
      this.#item.push(item);
      this.#weight.push(weight);
    }
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(item, weight, this.#item.at(parent), this.#weight.at(parent))) break;
      this.#item.set(at, this.#item.at(parent));
      this.#weight.set(at, this.#weight.at(parent));
      at = parent;
    }
    this.#item.set(at, item);
    this.#weight.set(at, weight);
  }

  /** -1 when there is none. */
  pop(): number {
    if (this.#length === 0) return -1;
    const top = this.#item.at(0);
    const last = --this.#length;
    const item = this.#item.at(last);
    const weight = this.#weight.at(last);
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBeforeAt(child + 1, child)) child++;
      if (!this.#isBefore(this.#item.at(child), this.#weight.at(child), item, weight)) break;
      this.#item.set(at, this.#item.at(child));
      this.#weight.set(at, this.#weight.at(child));
      at = child;
    }
    this.#item.set(at, item);
    this.#weight.set(at, weight);
    return top;
  }

  #isBeforeAt(a: number, b: number): boolean {
    return this.#isBefore(this.#item.at(a), this.#weight.at(a), this.#item.at(b), this.#weight.at(b));
  }

  #isBefore(item: number, weight: number, otherItem: number, otherWeight: number): boolean {
    return weight > otherWeight || (weight === otherWeight && item < otherItem);
  }
}
