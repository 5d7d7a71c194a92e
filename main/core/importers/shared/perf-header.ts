import {
  hexDigit,
  isDigit,
  parseUnsigned,
  skipBlanks,
  startsWith,
  tokenEnd,
  trimEnd,
  ZERO,
} from "../../bytes/ascii.ts";

const COLON = 58;
const DOT = 46;
const SLASH = 47;
const MINUS = 45;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
/** A command name has 15 bytes, so even one full of spaces is over before this many words. */
const MAX_WORDS = 16;

/**
 * The first line of a sample of `perf script`, whatever fields were asked for:
 *
 *     comm pid/tid [cpu] misc seconds.nanos: period event: rest
 *
 * Every field may be missing, the command name may have spaces and digits in it, so it is read from the time
 * backwards. One object is used for all lines; -1 and empty ranges stand for fields that are missing.
 */
export class PerfHeader {
  commStart = 0;
  commEnd = 0;
  pid = -1;
  tid = -1;
  /** The line has pid/tid; without, the one number is the tid. */
  hasPid = false;
  cpu = -1;
  hasTime = false;
  seconds = 0;
  nanos = 0;
  period = -1;
  eventStart = 0;
  eventEnd = 0;
  restStart = 0;
  restEnd = 0;
  readonly #starts = new Int32Array(MAX_WORDS);
  readonly #ends = new Int32Array(MAX_WORDS);

  /** False, with fields in any state, when the line is something else. */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    this.clear();
    let words = 0;
    let timeWord = -1;
    let at = skipBlanks(bytes, start, end);
    while (at < end && words < MAX_WORDS) {
      const wordEnd = tokenEnd(bytes, at, end);
      this.#starts[words] = at;
      this.#ends[words] = wordEnd;
      if (this.#readTime(bytes, at, wordEnd)) timeWord = words;
      words++;
      at = skipBlanks(bytes, wordEnd, end);
      if (timeWord !== -1) break;
    }
    if (timeWord === -1) return this.#parseUntimed(bytes, words, start, end);
    this.hasTime = true;
    let word = timeWord - 1;
    if (word >= 1 && !this.#isCpu(bytes, word) && !this.#isPid(bytes, word)) word--;
    if (word >= 0 && this.#readCpu(bytes, word)) word--;
    if (word >= 0 && this.#readPid(bytes, word)) word--;
    else word = timeWord - 1;
    this.#setComm(0, word);
    this.#readEvent(bytes, at, end);
    return true;
  }

  /** Without a time only "comm pid [cpu] period event:", "comm pid/tid" and "comm pid ip symbol" are samples. */
  #parseUntimed(bytes: Uint8Array, words: number, start: number, end: number): boolean {
    for (let word = 0; word < words; word++) {
      if (this.#isPeriod(bytes, start, word)) {
        this.#readEvent(bytes, this.#starts[word] as number, end);
        if (this.eventEnd === this.eventStart) continue;
        this.#setComm(0, word - 1);
        return true;
      }
      if (!this.#isPid(bytes, word)) continue;
      let next = word + 1;
      const hasCpu = next < words && this.#isCpu(bytes, next);
      if (hasCpu) next++;
      const from = next < words ? (this.#starts[next] as number) : end;
      this.#readEvent(bytes, from, end);
      const isBare = from === end && word > 0;
      // One line a sample, without an event: "comm pid ip symbol".
      const isOneLine = word > 0 && hexLength(bytes, from, end) >= 5 && tokenEnd(bytes, from, end) < end;
      if (this.eventEnd === this.eventStart && !isBare && !isOneLine) continue;
      this.#readPid(bytes, word);
      if (hasCpu) this.#readCpu(bytes, next - 1);
      this.#setComm(0, word - 1);
      return true;
    }
    return false;
  }

  /**
   * A number alone in front of an event is a thread's, or a period: perf pads those to ten digits, threads to seven at
   * most.
   */
  #isPeriod(bytes: Uint8Array, lineStart: number, word: number): boolean {
    const from = this.#starts[word] as number;
    const to = this.#ends[word] as number;
    if (parseUnsigned(bytes, from, to) < 0) return false;
    const before = word === 0 ? lineStart : (this.#ends[word - 1] as number) + 1;
    return to - before >= 10;
  }

  /** A header with no field at all. */
  clear(): void {
    this.commStart = this.commEnd = 0;
    this.pid = this.tid = this.cpu = this.period = -1;
    this.hasPid = this.hasTime = false;
    this.eventStart = this.eventEnd = this.restStart = this.restEnd = 0;
  }

  #setComm(first: number, last: number): void {
    if (last < first) return;
    this.commStart = this.#starts[first] as number;
    this.commEnd = this.#ends[last] as number;
  }

  /** "4097.522760399:", "666709.771979:" */
  #readTime(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < 4 || bytes[end - 1] !== COLON || !isDigit(bytes[start] as number)) return false;
    let at = start;
    let seconds = 0;
    for (; isDigit(bytes[at] as number); at++) seconds = seconds * 10 + (bytes[at] as number) - ZERO;
    if (bytes[at] !== DOT) return false;
    at++;
    const digits = end - 1 - at;
    if (digits < 1 || digits > 9) return false;
    let nanos = parseUnsigned(bytes, at, end - 1);
    if (nanos < 0) return false;
    for (let i = digits; i < 9; i++) nanos *= 10;
    this.seconds = seconds;
    this.nanos = nanos;
    return true;
  }

  #isCpu(bytes: Uint8Array, word: number): boolean {
    const start = this.#starts[word] as number;
    const end = this.#ends[word] as number;
    return (
      bytes[start] === OPEN_BRACKET &&
      bytes[end - 1] === CLOSE_BRACKET &&
      parseUnsigned(bytes, start + 1, end - 1) >= 0
    );
  }

  #readCpu(bytes: Uint8Array, word: number): boolean {
    if (!this.#isCpu(bytes, word)) return false;
    this.cpu = parseUnsigned(bytes, (this.#starts[word] as number) + 1, (this.#ends[word] as number) - 1);
    return true;
  }

  /** "12270", "12270/12272"; a dead thread is "-1". */
  #isPid(bytes: Uint8Array, word: number): boolean {
    const start = this.#starts[word] as number;
    const end = this.#ends[word] as number;
    if (end - start > 21) return false;
    const slash = bytes.subarray(start, end).indexOf(SLASH);
    if (slash === -1) return isId(bytes, start, end);
    return isId(bytes, start, start + slash) && isId(bytes, start + slash + 1, end);
  }

  #readPid(bytes: Uint8Array, word: number): boolean {
    if (!this.#isPid(bytes, word)) return false;
    const start = this.#starts[word] as number;
    const end = this.#ends[word] as number;
    const slash = bytes.subarray(start, end).indexOf(SLASH);
    this.hasPid = slash !== -1;
    this.tid = parseUnsigned(bytes, slash === -1 ? start : start + slash + 1, end);
    this.pid = slash === -1 ? this.tid : parseUnsigned(bytes, start, start + slash);
    return true;
  }

  #readEvent(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    let wordEnd = tokenEnd(bytes, at, end);
    const number = parseUnsigned(bytes, at, wordEnd);
    let period = -1;
    if (number >= 0) {
      const next = skipBlanks(bytes, wordEnd, end);
      const nextEnd = tokenEnd(bytes, next, end);
      if (isEvent(bytes, next, nextEnd)) {
        period = number;
        at = next;
        wordEnd = nextEnd;
      }
    }
    if (isEvent(bytes, at, wordEnd)) {
      this.period = period;
      this.eventStart = at;
      this.eventEnd = wordEnd - 1;
      at = wordEnd;
    } else if (startsWith(bytes, at, wordEnd, "PERF_RECORD_")) {
      this.eventStart = at;
      this.eventEnd = wordEnd;
      at = wordEnd;
    }
    this.restStart = skipBlanks(bytes, at, end);
    this.restEnd = trimEnd(bytes, this.restStart, end);
  }
}

const isEvent = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 2 && bytes[end - 1] === COLON && !isNumberToken(bytes, start, end - 1);

const isNumberToken = (bytes: Uint8Array, start: number, end: number): boolean =>
  parseUnsigned(bytes, start, end) >= 0;

function isId(bytes: Uint8Array, start: number, end: number): boolean {
  const from = bytes[start] === MINUS ? start + 1 : start;
  const value = parseUnsigned(bytes, from, end);
  return value >= 0 && value <= 0x7fffffff;
}

/** Bytes of the hex number (1 to 16 digits) that begins at `start` and ends at a blank or the end; 0 for none. */
export function hexLength(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && hexDigit(bytes[at] as number) >= 0) at++;
  const length = at - start;
  if (length === 0 || length > 16) return 0;
  return at === end || bytes[at] === 32 || bytes[at] === 9 ? length : 0;
}
