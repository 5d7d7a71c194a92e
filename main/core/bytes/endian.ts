/** Numbers and texts of one byte order, where they lie. Reading past the end throws a RangeError, as DataView does. */
export class EndianReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly isLittle: boolean;

  constructor(bytes: Uint8Array, isLittle: boolean) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.isLittle = isLittle;
  }

  u16(at: number): number {
    return this.view.getUint16(at, this.isLittle);
  }

  u32(at: number): number {
    return this.view.getUint32(at, this.isLittle);
  }

  i32(at: number): number {
    return this.view.getInt32(at, this.isLittle);
  }

  /** The low half of 64 bits. */
  low(at: number): number {
    return this.view.getUint32(this.isLittle ? at : at + 4, this.isLittle);
  }

  /** The high half of 64 bits. */
  high(at: number): number {
    return this.view.getUint32(this.isLittle ? at + 4 : at, this.isLittle);
  }

  /** 64 bits without sign; exact up to 2^53. */
  u64(at: number): number {
    return this.high(at) * 2 ** 32 + this.low(at);
  }

  /** Up to the next zero byte, or `end`, as text. */
  cString(at: number, end = this.bytes.length): string {
    const zero = this.bytes.subarray(0, end).indexOf(0, at);
    return decoder.decode(this.bytes.subarray(at, zero === -1 ? end : zero));
  }
}

const decoder = new TextDecoder();
