const decoder = new TextDecoder();

/** Reads DWARF's numbers. Little endian; past the end it throws a RangeError. */
export class DwarfCursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  skip(count: number): void {
    this.at += count;
    if (!(this.at <= this.bytes.length)) throw new RangeError("it goes past the end");
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2, true);
  }

  u24(): number {
    return this.u16() + this.u8() * 2 ** 16;
  }

  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  /** Exact up to 2^53. */
  u64(): number {
    const low = this.u32();
    return this.u32() * 2 ** 32 + low;
  }

  i64(): number {
    const low = this.u32();
    return (this.u32() | 0) * 2 ** 32 + low;
  }

  uleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new RangeError("a number without an end");
  }

  /** A number of 64 bits without sign that is added to an address, and may have gone round: then it is below 0. */
  wrapped(): number {
    const parts = [0, 0, 0];
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      const part = i >> 2;
      parts[part] = (parts[part] ?? 0) + (byte & 0x7f) * 128 ** (i & 3);
      if (byte >= 0x80) continue;
      const [low = 0, middle = 0, high = 0] = parts;
      return (high >= 0x80 ? high - 0x100 : high) * 2 ** 56 + middle * 2 ** 28 + low;
    }
    throw new RangeError("a number without an end");
  }

  sleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? value - scale : value;
    }
    throw new RangeError("a number without an end");
  }

  text(): string {
    const from = this.at;
    this.skipText();
    return decoder.decode(this.bytes.subarray(from, this.at - 1));
  }

  skipText(): void {
    const end = this.bytes.indexOf(0, this.at);
    if (end === -1) throw new RangeError("a text without an end");
    this.at = end + 1;
  }

  /** Bytes with their number in front. */
  block(): Uint8Array {
    const size = this.uleb();
    this.skip(size);
    return this.bytes.subarray(this.at - size, this.at);
  }

  /** As DW_EH_PE_* says its form; what it is relative to is the caller's to add. */
  pointer(encoding: number): number {
    switch (encoding & 0x0f) {
      case 0x00:
      case 0x04:
        return this.u64();
      case 0x01:
        return this.uleb();
      case 0x02:
        return this.u16();
      case 0x03:
        return this.u32();
      case 0x09:
        return this.sleb();
      case 0x0a:
        return (this.u16() << 16) >> 16;
      case 0x0b:
        return this.u32() | 0;
      case 0x0c:
        return this.i64();
      default:
        throw new RangeError("a form of address that is not known");
    }
  }
}
