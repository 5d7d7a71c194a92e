/** Fewer numbers are allocated as quickly as they are found. */
const LEAST = 1 << 16;
const MOST_BUFFERS = 8;

/**
 * Large arrays that are used again: each question about a tree of a million nodes needs several, and fresh ones cost more
 * than what is done with them (the kernel clears them page by page, and every few of them start a garbage collection).
 */
export class ArrayPool {
  readonly #buffers: ArrayBuffer[] = [];

  /** What is in it is anything. */
  take(length: number): Float64Array<ArrayBuffer> {
    const sizeBytes = length * Float64Array.BYTES_PER_ELEMENT;
    const at = this.#buffers.findIndex(
      ({ byteLength }) => byteLength >= sizeBytes && byteLength <= 2 * sizeBytes,
    );
    const [buffer = new ArrayBuffer(sizeBytes)] = at === -1 ? [] : this.#buffers.splice(at, 1);
    return new Float64Array(buffer, 0, length);
  }

  zeros(length: number): Float64Array<ArrayBuffer> {
    return length < LEAST ? new Float64Array(length) : this.take(length).fill(0);
  }

  copy(values: Float64Array): Float64Array<ArrayBuffer> {
    const own = this.take(values.length);
    own.set(values);
    return own;
  }

  /** Nobody may look at it any more. */
  give({ buffer, length }: Float64Array): void {
    if (length < LEAST || !(buffer instanceof ArrayBuffer)) return;
    this.#buffers.push(buffer);
    if (this.#buffers.length > MOST_BUFFERS) this.#buffers.shift();
  }
}
