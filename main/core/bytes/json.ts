import { parseNumber, textOf } from "./ascii.ts";
import { elementsEnd, parseElements } from "./json-batch.ts";
import type { JsonValue } from "./json-value.ts";

/** Takes numbers of an array, many at a time and in their order. `values` is only good during the call. */
export interface NumberSink {
  numbers(values: Float64Array, count: number): void;
}

export interface ElementSink {
  element(value: JsonValue): void;
}

/** What a JSON text says, piece by piece. Nothing is kept: memory does not depend on the size of the text. */
export interface JsonHandler {
  beginObject(): void;
  endObject(): void;
  beginArray(): void;
  endArray(): void;
  key(text: string): void;
  string(text: string): void;
  number(value: number): void;
  /** true, false and null. */
  literal(value: boolean | null): void;
  /**
   * Asked after each `beginArray`: where the numbers of this array go, for arrays of millions. What else is in the array
   * comes as ever, and after the numbers before it. Arrays within such an array have no sink of their own.
   */
  sink?(): NumberSink | null;
  /**
   * Asked after each `beginArray`: who takes the objects and arrays of this one as whole values, which is much quicker
   * for millions of small ones. Only those that lie within a chunk and are no damaged JSON come that way; the others come
   * in pieces, as ever.
   */
  elements?(): ElementSink | null;
}

export interface JsonLimits {
  readonly maxDepth: number;
  /** Longer strings are cut to this. */
  readonly maxStringBytes: number;
}

const defaultLimits: JsonLimits = { maxDepth: 2_000_000, maxStringBytes: 16 << 20 };

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** What may come next. */
const expected = {
  value: 0,
  valueOrEnd: 1,
  key: 2,
  keyOrEnd: 3,
  colon: 4,
  commaOrEnd: 5,
  nothing: 6,
} as const;

/** The token that is being read. */
const NONE = 0;
const STRING = 1;
const WORD = 2;

const MINUS = 45;
/** Numbers that are handed over at once. */
const BLOCK = 2048;

/**
 * Reads JSON as it comes, without recursion. The first fault stops it and is in `fault`; what came before has been
 * handed over, so that of a damaged file everything up to the damage is read.
 */
export class JsonTokenizer {
  readonly #handler: JsonHandler;
  readonly #limits: JsonLimits;
  #expect: number = expected.value;
  /** Which brackets are open: OPEN_OBJECT or OPEN_ARRAY each. */
  #open = new Uint8Array(64);
  #depth = 0;
  #token = NONE;
  #isEscaped = false;
  #hasEscapes = false;
  /** What earlier chunks had of the token. */
  #carry = new Uint8Array(256);
  #carried = 0;
  #before = 0;
  #fault: string | null = null;
  /** Where the numbers of the array at `#sinkDepth` go. */
  #sink: NumberSink | null = null;
  #sinkDepth = -1;
  /** Who takes whole elements of the array at `#elementDepth`. */
  #elements: ElementSink | null = null;
  #elementDepth = -1;
  /** Up to here in the chunk elements come in pieces. */
  #piecesUntil = 0;
  readonly #block = new Float64Array(BLOCK);
  #blocked = 0;

  constructor(handler: JsonHandler, limits: JsonLimits = defaultLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  /** What is wrong with the text, or null. */
  get fault(): string | null {
    return this.#fault;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#fault === null) {
      if (this.#token === STRING) at = this.#string(chunk, at);
      else if (this.#token === WORD) at = this.#word(chunk, at);
      else if (this.#depth === this.#sinkDepth) at = this.#numbers(chunk, at);
      else if (this.#depth === this.#elementDepth) at = this.#whole(chunk, at);
      else at = this.#structure(chunk, at);
    }
    this.#before += chunk.length;
    this.#piecesUntil = 0;
  }

  /** No more text: a fault unless it was whole. */
  end(): void {
    if (this.#fault !== null) return;
    if (this.#token === WORD) this.#wordEnd(this.#carry, 0, this.#carried);
    if (this.#fault === null && this.#expect !== expected.nothing) this.#fail("it ends too early", 0);
    this.#flush();
  }

  #fail(what: string, at: number): void {
    this.#fault ??= `${what} (at byte ${this.#before + at})`;
    this.#flush();
  }

  #flush(): void {
    const count = this.#blocked;
    this.#blocked = 0;
    if (count > 0) this.#sink?.numbers(this.#block, count);
  }

  /** Whole numbers of an array that has a sink, as far as they go. All else is left to the slow way. */
  #numbers(chunk: Uint8Array, start: number): number {
    const block = this.#block;
    const end = chunk.length;
    let isValue = this.#expect !== expected.commaOrEnd;
    let at = start;
    while (at < end) {
      const byte = chunk[at] as number;
      if (byte === 32 || byte === 10 || byte === 13 || byte === 9) {
        at++;
        continue;
      }
      if (!isValue) {
        if (byte !== COMMA) break;
        isValue = true;
        this.#expect = expected.value;
        at++;
        continue;
      }
      let next = byte === MINUS ? at + 1 : at;
      const first = next;
      let value = 0;
      let digit = next < end ? (chunk[next] as number) - 48 : 10;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        next++;
        if (next === end) break;
        digit = (chunk[next] as number) - 48;
      }
      // No number, one that goes on in the next chunk, a fraction, or one of more digits than are exact.
      if (next === first || next === end || next - first > 15 || isWordByte(chunk[next] as number)) break;
      isValue = false;
      block[this.#blocked++] = byte === MINUS ? -value : value;
      if (this.#blocked === BLOCK) this.#flush();
      at = next;
    }
    if (!isValue) this.#expect = expected.commaOrEnd;
    if (at === end) return at;
    const byte = chunk[at] as number;
    if (isValue && isWordByte(byte)) {
      this.#begin(WORD);
      return at;
    }
    this.#flush();
    return this.#structure(chunk, at);
  }

  /** Elements that lie within the chunk, where one may begin. */
  #whole(chunk: Uint8Array, start: number): number {
    const mayBegin = this.#expect === expected.value || this.#expect === expected.valueOrEnd;
    if (!mayBegin || start < this.#piecesUntil) return this.#structure(chunk, start);
    const end = elementsEnd(chunk, start);
    if (end === start) return this.#structure(chunk, start);
    const values = parseElements(chunk, start, end);
    if (values === null) {
      this.#piecesUntil = end;
      return this.#structure(chunk, start);
    }
    for (const value of values) this.#elements?.element(value);
    this.#expect = expected.commaOrEnd;
    return end;
  }

  #structure(chunk: Uint8Array, start: number): number {
    let at = start;
    let byte = chunk[at] as number;
    while (byte === 32 || byte === 10 || byte === 13 || byte === 9) {
      if (++at === chunk.length) return at;
      byte = chunk[at] as number;
    }
    const expect = this.#expect;
    switch (byte) {
      case COMMA:
        if (expect !== expected.commaOrEnd) this.#fail("unexpected comma", at);
        else this.#expect = this.#open[this.#depth - 1] === OPEN_OBJECT ? expected.key : expected.value;
        return at + 1;
      case COLON:
        if (expect !== expected.colon) this.#fail("unexpected colon", at);
        else this.#expect = expected.value;
        return at + 1;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        this.#close(byte, at);
        return at + 1;
      case QUOTE:
        if (expect >= expected.colon) this.#fail("unexpected string", at);
        else this.#begin(STRING);
        return at + 1;
      default:
    }
    if (expect !== expected.value && expect !== expected.valueOrEnd) {
      this.#fail("unexpected text", at);
      return at;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#push(byte, at);
      return at + 1;
    }
    this.#begin(WORD);
    return at;
  }

  #begin(token: number): void {
    this.#token = token;
    this.#carried = 0;
    this.#isEscaped = false;
    this.#hasEscapes = false;
  }

  #push(bracket: number, at: number): void {
    if (this.#depth >= this.#limits.maxDepth) {
      this.#fail("it is nested too deeply", at);
      return;
    }
    if (this.#depth === this.#open.length) {
      const next = new Uint8Array(this.#open.length * 2);
      next.set(this.#open);
      this.#open = next;
    }
    this.#open[this.#depth++] = bracket;
    if (bracket === OPEN_OBJECT) {
      this.#expect = expected.keyOrEnd;
      this.#handler.beginObject();
    } else {
      this.#expect = expected.valueOrEnd;
      this.#handler.beginArray();
      if (this.#sink === null) {
        this.#sink = this.#handler.sink?.() ?? null;
        if (this.#sink !== null) this.#sinkDepth = this.#depth;
      }
      if (this.#elements === null) {
        this.#elements = this.#handler.elements?.() ?? null;
        if (this.#elements !== null) this.#elementDepth = this.#depth;
      }
    }
  }

  #close(bracket: number, at: number): void {
    const isObject = bracket === CLOSE_OBJECT;
    const mayEnd =
      this.#expect === expected.commaOrEnd ||
      this.#expect === (isObject ? expected.keyOrEnd : expected.valueOrEnd);
    if (this.#depth === 0 || !mayEnd || (this.#open[this.#depth - 1] === OPEN_OBJECT) !== isObject) {
      this.#fail("unexpected bracket", at);
      return;
    }
    if (this.#depth === this.#sinkDepth) {
      this.#flush();
      this.#sink = null;
      this.#sinkDepth = -1;
    }
    if (this.#depth === this.#elementDepth) {
      this.#elements = null;
      this.#elementDepth = -1;
    }
    this.#depth--;
    if (isObject) this.#handler.endObject();
    else this.#handler.endArray();
    this.#afterValue();
  }

  #afterValue(): void {
    this.#expect = this.#depth === 0 ? expected.nothing : expected.commaOrEnd;
  }

  /** Goes on to the closing quote, or to the end of the chunk. */
  #string(chunk: Uint8Array, start: number): number {
    let at = start;
    let isEscaped = this.#isEscaped;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) {
        isEscaped = true;
        this.#hasEscapes = true;
      } else if (byte === QUOTE) break;
    }
    if (at === chunk.length) {
      this.#isEscaped = isEscaped;
      this.#keep(chunk, start, at);
      return at;
    }
    this.#token = NONE;
    if (this.#carried > 0) {
      this.#keep(chunk, start, at);
      this.#stringEnd(this.#carry, 0, this.#carried);
    } else this.#stringEnd(chunk, start, Math.min(at, start + this.#limits.maxStringBytes));
    return at + 1;
  }

  #stringEnd(bytes: Uint8Array, start: number, end: number): void {
    const raw = textOf(bytes, start, end);
    const text = this.#hasEscapes ? unescaped(raw) : raw;
    if (this.#expect === expected.key || this.#expect === expected.keyOrEnd) {
      this.#expect = expected.colon;
      this.#handler.key(text);
    } else {
      this.#afterValue();
      this.#handler.string(text);
    }
  }

  /** A number or a literal: goes on to what cannot be part of it. */
  #word(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length && isWordByte(chunk[at] as number)) at++;
    if (at === chunk.length) {
      this.#keep(chunk, start, at);
      return at;
    }
    this.#token = NONE;
    if (this.#carried > 0) {
      this.#keep(chunk, start, at);
      this.#wordEnd(this.#carry, 0, this.#carried);
    } else this.#wordEnd(chunk, start, at);
    return at;
  }

  #wordEnd(bytes: Uint8Array, start: number, end: number): void {
    this.#token = NONE;
    const value = parseNumber(bytes, start, end);
    this.#afterValue();
    if (!Number.isNaN(value)) {
      if (this.#depth === this.#sinkDepth) {
        this.#block[this.#blocked++] = value;
        if (this.#blocked === BLOCK) this.#flush();
      } else this.#handler.number(value);
      return;
    }
    this.#flush();
    const word = textOf(bytes, start, Math.min(end, start + 32));
    if (word === "true") this.#handler.literal(true);
    else if (word === "false") this.#handler.literal(false);
    else if (word === "null") this.#handler.literal(null);
    else this.#fail("unexpected text", 0);
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    const room = this.#limits.maxStringBytes - this.#carried;
    const part = chunk.subarray(start, Math.min(end, start + room));
    if (this.#carried + part.length > this.#carry.length) {
      const next = new Uint8Array(2 * (this.#carried + part.length));
      next.set(this.#carry.subarray(0, this.#carried));
      this.#carry = next;
    }
    this.#carry.set(part, this.#carried);
    this.#carried += part.length;
  }
}

/** Letters, digits, "+", "-", ".": everything that numbers and literals are made of. */
const isWordByte = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) ||
  (byte >= 97 && byte <= 122) ||
  (byte >= 65 && byte <= 90) ||
  byte === 43 ||
  byte === 45 ||
  byte === 46;

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Unknown and cut escapes are taken for the character itself. */
const unescaped = (raw: string): string =>
  raw.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S])|$)/g, (_all, hex?: string, character?: string) =>
    hex !== undefined
      ? String.fromCharCode(Number.parseInt(hex, 16))
      : (escapes[character ?? ""] ?? character ?? ""),
  );
