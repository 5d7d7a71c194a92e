/** A chunk ends in the middle of something, or something in it cannot be. */
export class JfrDamage extends Error {}

/**
 * Numbers and texts of a chunk, where they lie: big-endian, or LEB128 with a ninth byte of eight bits where the chunk says so.
 * https://github.com/openjdk/jdk/blob/master/src/hotspot/share/jfr/writers/jfrEncoders.hpp
 */
export class JfrReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #isCompressed: boolean;
  at: number;
  end: number;

  constructor(bytes: Uint8Array, isCompressed: boolean) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isCompressed = isCompressed;
    this.at = 0;
    this.end = bytes.length;
  }

  byte(): number {
    if (this.at >= this.end) throw new JfrDamage("it ends in a number");
    return this.bytes[this.at++] as number;
  }

  short(): number {
    return this.#isCompressed ? this.#varint() : this.#fixed(2);
  }

  int(): number {
    return this.#isCompressed ? this.#varint() | 0 : this.#fixed(4);
  }

  /** Exact up to 2^53; negative numbers are read as such. */
  long(): number {
    return this.#isCompressed ? this.#varint() : this.#fixed(8);
  }

  float(): number {
    const at = this.#skip(4);
    return this.#view.getFloat32(at);
  }

  double(): number {
    const at = this.#skip(8);
    return this.#view.getFloat64(at);
  }

  /** A count of things that take at least a byte each. */
  count(): number {
    const count = this.int();
    if (count < 0 || count > this.end - this.at) throw new JfrDamage("there is less than it says");
    return count;
  }

  /** The tag of a text says how it is stored; a text that is kept elsewhere is null, and its key is in `textKey`. */
  text(): string | null {
    const tag = this.byte();
    if (tag === 0 || tag === 1) return "";
    if (tag === 2) {
      this.textKey = this.long();
      return null;
    }
    const length = this.count();
    if (tag === 3 || tag === 5) {
      const at = this.#skip(length);
      const bytes = this.bytes.subarray(at, at + length);
      return tag === 3 ? utf8.decode(bytes) : latin1.decode(bytes);
    }
    if (tag !== 4) throw new JfrDamage("a text is stored in no way that is known");
    const units = new Uint16Array(length);
    for (let i = 0; i < length; i++) units[i] = this.short();
    return utf16.decode(units);
  }

  textKey = 0;

  #skip(bytes: number): number {
    const { at } = this;
    if (bytes > this.end - at) throw new JfrDamage("it ends in a value");
    this.at = at + bytes;
    return at;
  }

  #fixed(bytes: number): number {
    const at = this.#skip(bytes);
    if (bytes === 2) return this.#view.getInt16(at);
    if (bytes === 4) return this.#view.getInt32(at);
    return this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  #varint(): number {
    const { bytes, end } = this;
    let at = this.at;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 9; i++) {
      if (at >= end) throw new JfrDamage("it ends in a number");
      const byte = bytes[at++] as number;
      const bits = i === 8 ? byte : byte & 127;
      const shift = 7 * i;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (i === 8 || byte < 128) break;
    }
    this.at = at;
    return high === 0 ? low >>> 0 : high * 2 ** 32 + (low >>> 0);
  }
}

const utf8 = new TextDecoder("utf-8");
const latin1 = new TextDecoder("latin1");
const utf16 = new TextDecoder("utf-16le");
