const encoder = new TextEncoder();

/** Writes protocol buffers into one growing buffer. https://protobuf.dev/programming-guides/encoding/ */
export class ProtobufWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written so far, as bytes of their own; the writer is empty after it. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  clear(): void {
    this.#length = 0;
  }

  /** An integer of any sign that a float64 holds exactly, as an int64. */
  varint(value: number): void {
    this.#room(10);
    if (value >= 0 && value < 2 ** 53) {
      let rest = value;
      while (rest >= 128) {
        this.#bytes[this.#length++] = (rest % 128) | 128;
        rest = Math.floor(rest / 128);
      }
      this.#bytes[this.#length++] = rest;
      return;
    }
    this.varint64(BigInt.asUintN(64, BigInt(value)));
  }

  varint64(value: bigint): void {
    this.#room(10);
    let rest = value;
    while (rest >= 128n) {
      this.#bytes[this.#length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  /** A number field; zero is what a field that is not there means. */
  number(field: number, value: number): void {
    if (value === 0) return;
    this.varint(field * 8);
    this.varint(value);
  }

  number64(field: number, value: bigint): void {
    if (value === 0n) return;
    this.varint(field * 8);
    this.varint64(BigInt.asUintN(64, value));
  }

  /** Lone surrogates become replacement characters: a string is UTF-8. */
  text(field: number, text: string): void {
    this.bytes(field, encoder.encode(text));
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.varint(field * 8 + 2);
    this.varint(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What `inner` holds, as a field; `inner` is empty after it. */
  message(field: number, inner: ProtobufWriter): void {
    this.bytes(field, inner.#bytes.subarray(0, inner.#length));
    inner.clear();
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
