import { textOf } from "../../bytes/ascii.ts";

/** An event that has not ended after this is damage. */
const MAX_EVENT_BYTES = 1 << 20;

/**
 * Numbers and texts of MOJO as they arrive. Where they end in the middle of an event `isShort` is set, and the event is read
 * again with the next chunk.
 */
export class MojoReader {
  #bytes = new Uint8Array(0);
  #at = 0;
  #begun = 0;
  #isShort = false;

  push(chunk: Uint8Array): void {
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(chunk);
      return;
    }
    const next = new Uint8Array(this.#bytes.length + chunk.length);
    next.set(this.#bytes);
    next.set(chunk, this.#bytes.length);
    this.#bytes = next;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  get isShort(): boolean {
    return this.#isShort;
  }

  get isTooLong(): boolean {
    return this.#bytes.length - this.#begun > MAX_EVENT_BYTES;
  }

  begin(): void {
    this.#begun = this.#at;
    this.#isShort = false;
  }

  rewind(): void {
    this.#at = this.#begun;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Forgets what was read. */
  compact(): void {
    this.#bytes = this.#bytes.slice(this.#at);
    this.#at = 0;
  }

  byte(): number {
    if (this.#at < this.#bytes.length) return this.#bytes[this.#at++] as number;
    this.#isShort = true;
    return 0;
  }

  /** Six bits, a sign and whether there is more; then seven bits and whether there is more. Exact to 2^53. */
  number(): number {
    let byte = this.byte();
    const isNegative = (byte & 0x40) !== 0;
    let value = byte & 0x3f;
    let scale = 64;
    while ((byte & 0x80) !== 0 && !this.#isShort) {
      byte = this.byte();
      // No number has more than 64 bits.
      if (scale < 2 ** 64) value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    return isNegative ? -value : value;
  }

  /** Up to a zero byte. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) {
      this.#isShort = true;
      return "";
    }
    const text = textOf(this.#bytes, this.#at, end);
    this.#at = end + 1;
    return text;
  }
}
