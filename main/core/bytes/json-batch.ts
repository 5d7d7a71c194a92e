import type { JsonValue } from "./json-value.ts";

const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Elements are parsed so many bytes at once: few enough that what is made of them dies young. */
const BATCH_BYTES = 1 << 16;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Where the objects and arrays that begin at `start`, with commas between them, end: after the last that is whole, of
 * about a batch; `start` where none is. Brackets are counted, not matched: what is parsed is checked there.
 */
export function elementsEnd(chunk: Uint8Array, start: number): number {
  const length = chunk.length;
  const enough = Math.min(length, start + BATCH_BYTES);
  let end = start;
  let at = afterBlanks(chunk, start);
  while (at < enough) {
    let byte = chunk[at] as number;
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) break;
    let depth = 1;
    at++;
    while (depth > 0 && at < length) {
      byte = chunk[at++] as number;
      if (byte === QUOTE) {
        while (at < length) {
          byte = chunk[at++] as number;
          if (byte === QUOTE) break;
          if (byte === BACKSLASH) at++;
        }
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
    }
    if (depth > 0) break;
    end = at;
    at = afterBlanks(chunk, at);
    if (chunk[at] !== COMMA) break;
    at = afterBlanks(chunk, at + 1);
  }
  return end;
}

function afterBlanks(chunk: Uint8Array, start: number): number {
  let at = start;
  for (; at < chunk.length; at++) {
    const byte = chunk[at];
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break;
  }
  return at;
}

let scratch = new Uint8Array(BATCH_BYTES + 2);

/** The elements from `start` to `end` as values, or null where they are no JSON. */
export function parseElements(chunk: Uint8Array, start: number, end: number): readonly JsonValue[] | null {
  const size = end - start + 2;
  if (size > scratch.length) scratch = new Uint8Array(size * 2);
  scratch[0] = OPEN_ARRAY;
  scratch.set(chunk.subarray(start, end), 1);
  scratch[size - 1] = CLOSE_ARRAY;
  try {
    return JSON.parse(utf8.decode(scratch.subarray(0, size)));
  } catch {
    return null;
  }
}
