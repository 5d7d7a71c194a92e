import { Growable } from "./growable.ts";

/**
 * Interns rows of up to six integers: open addressing over typed arrays, no object a key. Gives each distinct row
 * a dense index in order of first appearance.
 */
export class RowInterner {
  readonly #width: number;
  readonly #rows: Growable<Int32Array>;
  #table: Int32Array;
  #mask: number;
  #count = 0;

  constructor(width: number) {
    this.#width = width;
    this.#rows = new Growable(Int32Array);
    this.#table = new Int32Array(256).fill(-1);
    this.#mask = 255;
  }

  get length(): number {
    return this.#count;
  }

  /** Index of the row (a, b, c, d, e, f cut to the width), added if it is new: then the index equals the old length. */
  intern(a: number, b: number, c = 0, d = 0, e = 0, f = 0): number {
    let slot = hash(a, b, c, d, e, f) & this.#mask;
    for (;;) {
      const index = this.#table[slot] as number;
      if (index === -1) break;
      if (this.#equals(index, a, b, c, d, e, f)) return index;
      slot = (slot + 1) & this.#mask;
    }
    const index = this.#count++;
    this.#table[slot] = index;
    const row = [a, b, c, d, e, f];
    for (let i = 0; i < this.#width; i++) this.#rows.push(row[i] as number);
    if (this.#count * 2 > this.#mask) this.#rehash();
    return index;
  }

  #equals(index: number, a: number, b: number, c: number, d: number, e: number, f: number): boolean {
    const rows = this.#rows;
    const at = index * this.#width;
    if (rows.at(at) !== (a | 0) || rows.at(at + 1) !== (b | 0)) return false;
    if (this.#width > 2 && rows.at(at + 2) !== (c | 0)) return false;
    if (this.#width > 3 && rows.at(at + 3) !== (d | 0)) return false;
    if (this.#width > 4 && rows.at(at + 4) !== (e | 0)) return false;
    return this.#width <= 5 || rows.at(at + 5) === (f | 0);
  }

  #rehash(): void {
    this.#table = new Int32Array((this.#mask + 1) * 2).fill(-1);
    this.#mask = this.#table.length - 1;
    const rows = this.#rows;
    const width = this.#width;
    for (let index = 0; index < this.#count; index++) {
      const at = index * width;
      const part = (i: number): number => (i < width ? rows.at(at + i) : 0);
      let slot = hash(part(0), part(1), part(2), part(3), part(4), part(5)) & this.#mask;
      while (this.#table[slot] !== -1) slot = (slot + 1) & this.#mask;
      this.#table[slot] = index;
    }
  }
}

function hash(a: number, b: number, c: number, d: number, e: number, f: number): number {
  let h = Math.imul(a | 0, 0x9e3779b1) ^ Math.imul(b | 0, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35) ^ Math.imul(c | 0, 0x27d4eb2f) ^ Math.imul(d | 0, 0x165667b1);
  h = Math.imul(h ^ (h >>> 13), 0x9e3779b1) ^ Math.imul(e | 0, 0x7feb352d) ^ Math.imul(f | 0, 0x846ca68b);
  return h ^ (h >>> 16);
}
