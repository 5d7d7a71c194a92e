import { textOf } from "../../bytes/ascii.ts";

/**
 * Python's marshal, versions 0 to 5: data, and code objects, which the module profile has in its keys. Nothing is nested
 * by recursion.
 * https://github.com/python/cpython/blob/main/Python/marshal.c
 */
export type Marshalled = null | boolean | number | string | MarshalList | MarshalDict | MarshalCode;

export interface MarshalList {
  readonly type: "list";
  readonly items: Marshalled[];
}

/** Keys and values in turn: keys may be tuples. */
export interface MarshalDict {
  readonly type: "dict";
  readonly items: Marshalled[];
}

/** A code object: eight values, its first line, and one or two values more; which ones depends on Python's version. */
export interface MarshalCode {
  readonly type: "code";
  readonly items: Marshalled[];
}

export interface MarshalResult {
  readonly value: Marshalled;
  /** Why reading ended early; what was complete by then is in the value. */
  readonly damage: string | null;
  readonly end: number;
}

/** More values than this are not read: every one takes memory. */
const MAX_VALUES = 50e6;
const REFERABLE = 0x80;
const code = (character: string): number => character.charCodeAt(0);

export const marshalType = {
  null: code("0"),
  none: code("N"),
  false: code("F"),
  true: code("T"),
  stopIteration: code("S"),
  ellipsis: code("."),
  int: code("i"),
  int64: code("I"),
  floatText: code("f"),
  float: code("g"),
  complexText: code("x"),
  complex: code("y"),
  long: code("l"),
  bytes: code("s"),
  interned: code("t"),
  stringReference: code("R"),
  reference: code("r"),
  code: code("c"),
  tuple: code("("),
  smallTuple: code(")"),
  list: code("["),
  dict: code("{"),
  set: code("<"),
  frozenSet: code(">"),
  unicode: code("u"),
  ascii: code("a"),
  asciiInterned: code("A"),
  shortAscii: code("z"),
  shortAsciiInterned: code("Z"),
} as const;

interface Open {
  readonly value: MarshalList | MarshalDict | MarshalCode;
  /** Items that are still to come; -1 up to a null (a dict). */
  left: number;
}

class MarshalDamage extends Error {}

const CODE_VALUES = 8;

/** Where it was written and what it is called. Python 3.11 has one tuple of variables less, and a byte string of their kinds. */
export function placeOfCode({ items }: MarshalCode): {
  readonly file: Marshalled | undefined;
  readonly name: Marshalled | undefined;
  readonly line: Marshalled | undefined;
} {
  const at = typeof items[4] === "string" ? 5 : 6;
  return { file: items[at], name: items[at + 1], line: items[CODE_VALUES] };
}

export function readMarshal(bytes: Uint8Array): MarshalResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const references: Marshalled[] = [];
  const strings: string[] = [];
  const open: Open[] = [];
  let at = 0;
  let count = 0;
  let root: Marshalled = null;
  let hasRoot = false;

  const take = (length: number): number => {
    if (length < 0 || length > bytes.length - at) throw new MarshalDamage("it ends in the middle");
    const start = at;
    at += length;
    return start;
  };
  const u8 = (): number => bytes[take(1)] as number;
  const i32 = (): number => view.getInt32(take(4), true);
  const f64 = (): number => view.getFloat64(take(8), true);
  const text = (length: number): string => {
    const start = take(length);
    return textOf(bytes, start, at);
  };
  const interned = (value: string): string => {
    strings.push(value);
    return value;
  };
  /** Digits of 15 bits; the sign is that of their count. */
  const long = (): number => {
    const digits = i32();
    let value = 0;
    const start = take(Math.abs(digits) * 2);
    for (let i = Math.abs(digits) - 1; i >= 0; i--)
      value = value * 32768 + view.getUint16(start + i * 2, true);
    return digits < 0 ? -value : value;
  };
  const known = <T>(list: readonly T[], index: number): T => {
    const value = list[index];
    if (index < 0 || value === undefined)
      throw new MarshalDamage(`it refers to value ${index}, which is not there`);
    return value;
  };

  const scalar = (type: number): Marshalled => {
    switch (type) {
      case marshalType.none:
      case marshalType.stopIteration:
      case marshalType.ellipsis:
        return null;
      case marshalType.false:
        return false;
      case marshalType.true:
        return true;
      case marshalType.int:
        return i32();
      case marshalType.int64:
        return Number(view.getBigInt64(take(8), true));
      case marshalType.floatText:
        return Number(text(u8()));
      case marshalType.float:
        return f64();
      case marshalType.complexText: {
        const real = Number(text(u8()));
        text(u8());
        return real;
      }
      case marshalType.complex: {
        const real = f64();
        f64();
        return real;
      }
      case marshalType.long:
        return long();
      case marshalType.bytes:
      case marshalType.unicode:
      case marshalType.ascii:
      case marshalType.asciiInterned:
        return text(i32());
      case marshalType.interned:
        return interned(text(i32()));
      case marshalType.shortAscii:
      case marshalType.shortAsciiInterned:
        return text(u8());
      case marshalType.stringReference:
        return known(strings, i32());
      case marshalType.reference:
        return known(references, i32());
      default:
        throw new MarshalDamage(`value ${count} is of a type that is not data (${type})`);
    }
  };

  const containerLength = (type: number): number => {
    switch (type) {
      case marshalType.dict:
        return -1;
      case marshalType.smallTuple:
        return u8();
      case marshalType.tuple:
      case marshalType.list:
      case marshalType.set:
      case marshalType.frozenSet: {
        const length = i32();
        // Every item takes a byte at least.
        if (length < 0 || length > bytes.length - at)
          throw new MarshalDamage("it has a length beyond its end");
        return length;
      }
      default:
        return -2;
    }
  };

  /** Four to six counts, then the bytes of the code: those tell how many counts there are. */
  const skipCounts = (): void => {
    const counts = [5, 6, 4].find((each) => {
      const type = (bytes[at + each * 4] ?? 0) & ~REFERABLE;
      return type === marshalType.bytes || type === marshalType.reference;
    });
    take((counts ?? 5) * 4);
  };

  const put = (value: Marshalled): void => {
    const top = open[open.length - 1];
    if (top) {
      top.value.items.push(value);
      if (top.left > 0) top.left--;
    } else {
      root = value;
      hasRoot = true;
    }
  };

  const step = (): void => {
    const byte = u8();
    const type = byte & ~REFERABLE;
    const top = open[open.length - 1];
    if (type === marshalType.null) {
      if (top?.left !== -1) throw new MarshalDamage("it has an end where there is nothing to end");
      open.pop();
      return;
    }
    if (++count > MAX_VALUES) throw new MarshalDamage(`it has more than ${MAX_VALUES} values`);
    if (type === marshalType.code) {
      const value: MarshalCode = { type: "code", items: [] };
      if (byte & REFERABLE) references.push(value);
      put(value);
      skipCounts();
      open.push({ value, left: CODE_VALUES });
      return;
    }
    const length = containerLength(type);
    if (length === -2) {
      const value = scalar(type);
      if (byte & REFERABLE) references.push(value);
      put(value);
      return;
    }
    const value: MarshalList | MarshalDict = { type: length === -1 ? "dict" : "list", items: [] };
    if (byte & REFERABLE) references.push(value);
    put(value);
    if (length !== 0) open.push({ value, left: length });
  };

  let damage: string | null = null;
  try {
    do {
      step();
      for (let top = open[open.length - 1]; top?.left === 0; top = open[open.length - 1]) {
        if (top.value.type === "code" && top.value.items.length === CODE_VALUES) {
          top.value.items.push(i32());
          top.left = typeof top.value.items[4] === "string" ? 2 : 1;
        } else open.pop();
      }
    } while (!hasRoot || open.length > 0);
  } catch (error) {
    if (!(error instanceof MarshalDamage)) throw error;
    damage = error.message;
  }
  return { value: root, damage, end: at };
}
