const NEWLINE = 10;
const RETURN = 13;

/** A line as a range of a buffer, without its line end. Only valid during the call. */
export type LineHandler = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * Cuts chunks into lines without making strings. Lines that lie in one chunk are handed over where they lie; only
 * one that crosses chunks is put together. "\n" and "\r\n" both end a line.
 */
export class LineSplitter {
  readonly #onLine: LineHandler;
  readonly #maxLineBytes: number;
  #carry = new Uint8Array(0);
  #carried = 0;
  #skipping = false;
  #cutLines = 0;

  /** A line longer than `maxLineBytes` is handed over cut to that. */
  constructor(onLine: LineHandler, maxLineBytes = 64 << 20) {
    this.#onLine = onLine;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Lines that were longer than allowed. */
  get cutLines(): number {
    return this.#cutLines;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    if (this.#carried > 0 || this.#skipping) {
      const end = chunk.indexOf(NEWLINE);
      if (end === -1) {
        this.#keep(chunk);
        return;
      }
      this.#keep(chunk.subarray(0, end));
      const carried = this.#carried;
      this.#carried = 0;
      this.#skipping = false;
      this.#line(this.#carry, 0, carried);
      from = end + 1;
    }
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end === -1) break;
      this.#line(chunk, from, end);
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /** What has come since the last line end. */
  rest(): Uint8Array {
    return this.#carry.subarray(0, this.#carried);
  }

  /** Hands over what has no line end; true if there was something. */
  end(): boolean {
    const carried = this.#carried;
    this.#carried = 0;
    this.#skipping = false;
    if (carried === 0) return false;
    this.#line(this.#carry, 0, carried);
    return true;
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    let last = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
    if (last - start > this.#maxLineBytes) {
      last = start + this.#maxLineBytes;
      this.#cutLines++;
    }
    this.#onLine(bytes, start, last);
  }

  #keep(part: Uint8Array): void {
    if (this.#skipping) return;
    // One byte of room for a "\r" that is not part of the line.
    const room = this.#maxLineBytes + 1 - this.#carried;
    const kept = part.length > room ? part.subarray(0, room + 1) : part;
    if (kept.length < part.length) this.#skipping = true;
    if (this.#carried + kept.length > this.#carry.length) {
      const next = new Uint8Array(Math.max(256, 2 * (this.#carried + kept.length)));
      next.set(this.#carry.subarray(0, this.#carried));
      this.#carry = next;
    }
    this.#carry.set(kept, this.#carried);
    this.#carried += kept.length;
  }
}
