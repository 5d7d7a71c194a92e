/** A message ended in the middle of something, or something in it cannot be. */
export class ProtobufDamage extends Error {}

export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Reads protocol buffers where they lie. Numbers are given in two halves, for 64 bits do not fit a float64; `number` and
 * `signed` are exact up to 2^53. https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  /** The last number that was read. */
  low = 0;
  high = 0;
  /** The field whose value comes next. */
  field = 0;
  wireType = 0;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Goes to the next field up to `end`; false where there is none. */
  next(end = this.end): boolean {
    if (this.at >= end) return false;
    this.varint();
    this.field = this.low >>> 3;
    this.wireType = this.low & 7;
    if (this.high !== 0 || this.field === 0) throw new ProtobufDamage("a field has no number");
    return true;
  }

  varint(): void {
    const { bytes, end } = this;
    let at = this.at;
    let byte = at < end ? (bytes[at++] as number) : -1;
    if (byte >= 0 && byte < 128) {
      this.at = at;
      this.low = byte;
      this.high = 0;
      return;
    }
    let low = 0;
    let high = 0;
    let shift = 0;
    for (;;) {
      if (byte < 0) throw new ProtobufDamage("it ends in a number");
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 64) high |= bits << (shift - 32);
      else throw new ProtobufDamage("a number is too long");
      if (byte < 128) break;
      shift += 7;
      byte = at < end ? (bytes[at++] as number) : -1;
    }
    this.at = at;
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** The last number, unsigned. */
  get number(): number {
    return this.high === 0 ? this.low : this.high * 2 ** 32 + this.low;
  }

  /** The last number as an int64. */
  get signed(): number {
    return this.high === 0 ? this.low : (this.high | 0) * 2 ** 32 + this.low;
  }

  /** Where the bytes of this field end; `at` is where they begin. */
  span(): number {
    this.varint();
    const length = this.number;
    if (length > this.end - this.at) throw new ProtobufDamage("a field is longer than what is left");
    return this.at + length;
  }

  skip(): void {
    switch (this.wireType) {
      case wire.varint:
        this.varint();
        return;
      case wire.fixed64:
        this.at += 8;
        break;
      case wire.bytes:
        this.at = this.span();
        return;
      case wire.fixed32:
        this.at += 4;
        break;
      default:
        throw new ProtobufDamage("a field is of an unknown kind");
    }
    if (this.at > this.end) throw new ProtobufDamage("it ends in a field");
  }
}
