/** Typed-array columns that grow by doubling; `view` is the filled part, without a copy. */

type Column = Int32Array | Uint32Array | Uint8Array | Float64Array;

interface ColumnType<T extends Column> {
  new (length: number): T;
}

export class Growable<T extends Column> {
  readonly #type: ColumnType<T>;
  #data: T;
  #length = 0;

  constructor(type: ColumnType<T>, capacity = 64) {
    this.#type = type;
    this.#data = new type(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Appends and gives the index. */
  push(value: number): number {
    const index = this.#length;
    if (index === this.#data.length) this.#grow();
    this.#data[index] = value;
    this.#length = index + 1;
    return index;
  }

  /** Appends an array that is given away: an empty column is that array from then on. */
  adopt(values: T): void {
    if (this.#length > 0) {
      this.append(values, values.length);
      return;
    }
    this.#data = values;
    this.#length = values.length;
  }

  /** Appends the first `count` of some values. */
  append(values: Column, count: number): void {
    while (this.#length + count > this.#data.length) this.#grow();
    this.#data.set(count === values.length ? values : values.subarray(0, count), this.#length);
    this.#length += count;
  }

  at(index: number): number {
    return this.#data[index] as number;
  }

  set(index: number, value: number): void {
    this.#data[index] = value;
  }

  /** Forgets what comes after the first `length`. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** Forgets everything; the memory stays. */
  clear(): void {
    this.#length = 0;
  }

  /** The filled part. Shares memory: valid until the next push that grows, and never to be written to. */
  view(): T {
    return this.#data.subarray(0, this.#length) as T;
  }

  /** Puts what was at order[i] at i. */
  reorder(order: Uint32Array): void {
    const data = this.#data;
    const next = new this.#type(order.length);
    for (let i = 0; i < order.length; i++) next[i] = data[order[i] as number] as number;
    this.#data = next;
  }

  #grow(): void {
    const next = new this.#type(Math.max(64, this.#data.length * 2));
    next.set(this.#data);
    this.#data = next;
  }
}

export const int32 = (): Growable<Int32Array> => new Growable(Int32Array);
export const uint32 = (): Growable<Uint32Array> => new Growable(Uint32Array);
export const uint8 = (): Growable<Uint8Array> => new Growable(Uint8Array);
export const float64 = (): Growable<Float64Array> => new Growable(Float64Array);
