/**
 * Interns rows of two to six integers: open addressing over typed arrays, no object a key. Gives each distinct row
 * a dense index in order of first appearance.
 */
export class RowInterner {
  readonly #width: number;
  #rows: Int32Array;
  #table: Int32Array;
  #mask: number;
  #count = 0;

  constructor(width: number) {
    if (width < 2 || width > 6) throw new RangeError("a row has two to six integers");
    this.#width = width;
    this.#rows = new Int32Array(64 * width);
    this.#table = new Int32Array(256).fill(-1);
    this.#mask = 255;
  }

  get length(): number {
    return this.#count;
  }

  /** Index of the row (a, b, c, d, e, f cut to the width), added if it is new: then the index equals the old length. */
  intern(a: number, b: number, c = 0, d = 0, e = 0, f = 0): number {
    const width = this.#width;
    if (width === 2) return this.internPair(a | 0, b | 0);
    const rows = this.#rows;
    const table = this.#table;
    const mask = this.#mask;
    let slot = hash(a, b, c, width > 3 ? d : 0, width > 4 ? e : 0, width > 5 ? f : 0) & mask;
    for (;;) {
      const index = table[slot] as number;
      if (index === -1) break;
      const at = index * width;
      if (
        rows[at] === (a | 0) &&
        rows[at + 1] === (b | 0) &&
        rows[at + 2] === (c | 0) &&
        (width < 4 || rows[at + 3] === (d | 0)) &&
        (width < 5 || rows[at + 4] === (e | 0)) &&
        (width < 6 || rows[at + 5] === (f | 0))
      ) {
        return index;
      }
      slot = (slot + 1) & mask;
    }
    const at = this.#grow();
    this.#rows[at] = a;
    this.#rows[at + 1] = b;
    this.#rows[at + 2] = c;
    if (width > 3) this.#rows[at + 3] = d;
    if (width > 4) this.#rows[at + 4] = e;
    if (width > 5) this.#rows[at + 5] = f;
    return this.#add(slot);
  }

  /** `intern` for rows of two, where every frame of every sample passes. Both are integers already. */
  internPair(a: number, b: number): number {
    const rows = this.#rows;
    const table = this.#table;
    const mask = this.#mask;
    let slot = hashPair(a, b) & mask;
    for (;;) {
      const index = table[slot] as number;
      if (index === -1) break;
      if (rows[index * 2] === a && rows[index * 2 + 1] === b) return index;
      slot = (slot + 1) & mask;
    }
    const at = this.#grow();
    this.#rows[at] = a;
    this.#rows[at + 1] = b;
    return this.#add(slot);
  }

  /** Makes room for one more row and gives the place where it goes. */
  #grow(): number {
    const at = this.#count * this.#width;
    if (at === this.#rows.length) {
      const next = new Int32Array(this.#rows.length * 2);
      next.set(this.#rows);
      this.#rows = next;
    }
    return at;
  }

  #add(slot: number): number {
    const index = this.#count++;
    this.#table[slot] = index;
    if (this.#count * 2 > this.#mask) this.#rehash();
    return index;
  }

  #rehash(): void {
    const table = new Int32Array((this.#mask + 1) * 2).fill(-1);
    const mask = table.length - 1;
    const rows = this.#rows;
    const width = this.#width;
    const part = (at: number, i: number): number => (i < width ? (rows[at + i] as number) : 0);
    for (let index = 0; index < this.#count; index++) {
      const at = index * width;
      const key =
        width === 2
          ? hashPair(rows[at] as number, rows[at + 1] as number)
          : hash(part(at, 0), part(at, 1), part(at, 2), part(at, 3), part(at, 4), part(at, 5));
      let slot = key & mask;
      while (table[slot] !== -1) slot = (slot + 1) & mask;
      table[slot] = index;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

function hashPair(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}

function hash(a: number, b: number, c: number, d: number, e: number, f: number): number {
  let h = Math.imul(a | 0, 0x9e3779b1) ^ Math.imul(b | 0, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35) ^ Math.imul(c | 0, 0x27d4eb2f) ^ Math.imul(d | 0, 0x165667b1);
  h = Math.imul(h ^ (h >>> 13), 0x9e3779b1) ^ Math.imul(e | 0, 0x7feb352d) ^ Math.imul(f | 0, 0x846ca68b);
  return h ^ (h >>> 16);
}
