import { ProblemError, problemOf } from "../base/result.ts";

/**
 * Plain values with typed arrays as bytes: the same on a WebSocket and in a session file. All little-endian, as is
 * every machine that this runs on.
 *
 *     0   "FWC1"
 *     4   uint32: bytes of the header
 *     8   header: JSON, UTF-8, padded with spaces to a multiple of 8
 *         slabs, each padded with zeros to a multiple of 8, in the order in which the header mentions them
 *
 * In the header, what JSON cannot say is an object with the one key "$": [tag, ...]. An object that has such a key
 * itself becomes {"$": ["object", it]}.
 */
const MAGIC = 0x31435746;
const PREFIX_BYTES = 8;
/** Below V8's longest string, so that a header that passes is one that can be read. */
const MAX_HEADER_BYTES = 1 << 28;
const MAX_DEPTH = 256;
/** From here on a list of strings is cheaper as a slab than as JSON. */
const MIN_SLAB_STRINGS = 32;
const MIN_SLAB_TEXT = 1 << 16;
const STRING_BLOCK_BYTES = 1 << 20;

const arrayTypes = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type ArrayName = keyof typeof arrayTypes;
const isArrayName = (name: unknown): name is ArrayName =>
  typeof name === "string" && Object.hasOwn(arrayTypes, name);

/** The bytes of a value in chunks; those of typed arrays are views, not copies. Throws a TypeError for what is not data. */
export function encode(value: unknown): Uint8Array[] {
  const slabs: Uint8Array[] = [];
  const json = new TextEncoder().encode(JSON.stringify(toHeader(value, slabs, 0)));
  if (json.length > MAX_HEADER_BYTES) {
    throw new TypeError("the value has too much in it that is neither a typed array nor a list of strings");
  }
  const headerBytes = padded(json.length);
  const head = new Uint8Array(PREFIX_BYTES + headerBytes).fill(0x20, PREFIX_BYTES + json.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, headerBytes, true);
  head.set(json, PREFIX_BYTES);
  return [head, ...slabs];
}

/** `encode` as one piece, for transports that send messages whole. */
export function encodeWhole(value: unknown): Uint8Array<ArrayBuffer> {
  const chunks = encode(value);
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const padded = (sizeBytes: number): number => Math.ceil(sizeBytes / 8) * 8;

function addSlab(slabs: Uint8Array[], ...parts: Uint8Array[]): number {
  let sizeBytes = 0;
  for (const part of parts) {
    if (part.length > 0) slabs.push(part);
    sizeBytes += part.length;
  }
  if (sizeBytes % 8 !== 0) slabs.push(new Uint8Array(8 - (sizeBytes % 8)));
  return sizeBytes;
}

function toHeader(value: unknown, slabs: Uint8Array[], depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError("the value is nested too deeply, or contains itself");
  switch (typeof value) {
    case "string":
      if (value.length < MIN_SLAB_TEXT || !isWellFormed(value)) return value;
      return { $: ["text", addSlab(slabs, new TextEncoder().encode(value))] };
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: ["number", Object.is(value, -0) ? "-0" : String(value)] };
    case "undefined":
      return { $: ["undefined"] };
    case "bigint":
      return { $: ["bigint", String(value)] };
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) {
        return isStringList(value)
          ? stringSlabs(value, slabs)
          : Array.from(value, (item) => toHeader(item, slabs, depth + 1));
      }
      if (ArrayBuffer.isView(value)) return arraySlab(value, slabs);
      return objectHeader(value, slabs, depth);
    default:
      throw new TypeError(`a ${typeof value} is not data`);
  }
}

function objectHeader(value: object, slabs: Uint8Array[], depth: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && !isForeignPlain(prototype)) {
    throw new TypeError(`a ${value.constructor?.name ?? "class instance"} is not plain data`);
  }
  const header: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) define(header, key, toHeader(item, slabs, depth + 1));
  return Object.hasOwn(value, "$") ? { $: ["object", header] } : header;
}

/** A plain object of another realm (a vm context, a frame): its prototype has no prototype. */
const isForeignPlain = (prototype: unknown): boolean =>
  typeof prototype === "object" &&
  Object.getPrototypeOf(prototype) === null &&
  Object.hasOwn(prototype as object, "hasOwnProperty");

/** Assignment that does not trip over the key `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}

function arraySlab(array: ArrayBufferView, slabs: Uint8Array[]): unknown {
  const name = Object.prototype.toString.call(array).slice(8, -1);
  if (!isArrayName(name)) throw new TypeError(`a ${name} is not plain data`);
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return { $: [name, addSlab(slabs, bytes)] };
}

function isStringList(list: readonly unknown[]): list is readonly string[] {
  if (list.length < MIN_SLAB_STRINGS) return false;
  for (const item of list) if (typeof item !== "string") return false;
  return true;
}

/** Lone surrogates have no UTF-8; texts with one stay in the header, where JSON escapes them. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** ["strings", bytes of the blob, bytes of the offsets, {index: text that has no UTF-8}]. Offsets are the ends. */
function stringSlabs(list: readonly string[], slabs: Uint8Array[]): unknown {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const ends = new Float64Array(list.length);
  const exceptions: Record<string, string> = {};
  let block = new Uint8Array(STRING_BLOCK_BYTES);
  let used = 0;
  let total = 0;
  const flush = (): void => {
    parts.push(block.subarray(0, used));
    used = 0;
  };
  for (let i = 0; i < list.length; i++) {
    const text = list[i] as string;
    if (isWellFormed(text)) {
      const worst = text.length * 3;
      if (worst > block.length - used) {
        flush();
        block = new Uint8Array(Math.max(STRING_BLOCK_BYTES, worst));
      }
      const { written } = encoder.encodeInto(text, block.subarray(used));
      used += written;
      total += written;
    } else exceptions[i] = text;
    ends[i] = total;
  }
  flush();
  const offsets = total < 2 ** 32 ? Uint32Array.from(ends) : ends;
  const blobBytes = addSlab(slabs, ...parts);
  const offsetBytes = addSlab(slabs, new Uint8Array(offsets.buffer));
  return { $: ["strings", list.length, blobBytes, offsetBytes, exceptions] };
}

function bad(what: string): never {
  throw new ProblemError(
    problemOf(
      "bad-bytes",
      "The data is damaged or not from Flamewright.",
      "Load it again from where it came from.",
      what,
    ),
  );
}

/**
 * The value back. Typed arrays are views on `bytes` where alignment allows it. Every length is held against the
 * input before anything is allocated; a ProblemError "bad-bytes" for everything else.
 */
export function decode(bytes: Uint8Array): unknown {
  if (bytes.length < PREFIX_BYTES) bad("shorter than its prefix");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) bad("does not begin with FWC1");
  const headerBytes = view.getUint32(4, true);
  const end = PREFIX_BYTES + headerBytes;
  if (headerBytes % 8 !== 0 || headerBytes > MAX_HEADER_BYTES || end > bytes.length) bad("header length");
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(PREFIX_BYTES, end)));
  } catch {
    bad("the header is not JSON");
  }
  const slabs = new SlabReader(bytes, end);
  const value = fromHeader(header, slabs, 0);
  slabs.expectEnd();
  return value;
}

class SlabReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  take(sizeBytes: unknown): Uint8Array {
    if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
      bad("slab length");
    const end = this.#at + padded(sizeBytes);
    if (end > this.#bytes.length) bad("a slab reaches past the end");
    const slab = this.#bytes.subarray(this.#at, this.#at + sizeBytes);
    this.#at = end;
    return slab;
  }

  expectEnd(): void {
    if (this.#at !== this.#bytes.length) bad("bytes are left over");
  }
}

function fromHeader(header: unknown, slabs: SlabReader, depth: number): unknown {
  if (depth > MAX_DEPTH * 2) bad("nested too deeply");
  if (typeof header !== "object" || header === null) return header;
  if (Array.isArray(header)) {
    const list: unknown[] = header;
    for (let i = 0; i < list.length; i++) list[i] = fromHeader(list[i], slabs, depth + 1);
    return list;
  }
  if (Object.hasOwn(header, "$")) return fromTag((header as { $: unknown }).$, slabs, depth);
  return objectFrom(header, slabs, depth);
}

function objectFrom(header: object, slabs: SlabReader, depth: number): unknown {
  const value: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(header)) define(value, key, fromHeader(item, slabs, depth + 1));
  return value;
}

function fromTag(parts: unknown, slabs: SlabReader, depth: number): unknown {
  if (!Array.isArray(parts)) bad("tag");
  const [tag, first] = parts as unknown[];
  if (isArrayName(tag)) return arrayFrom(tag, slabs.take(first));
  switch (tag) {
    case "undefined":
      return undefined;
    case "number":
      if (first !== "NaN" && first !== "Infinity" && first !== "-Infinity" && first !== "-0") bad("number");
      return Number(first);
    case "bigint":
      if (typeof first !== "string" || !/^-?\d{1,400}$/.test(first)) bad("bigint");
      return BigInt(first);
    case "text":
      return textFrom(slabs.take(first));
    case "strings":
      return stringsFrom(parts, slabs);
    case "object":
      if (typeof first !== "object" || first === null || Array.isArray(first)) bad("object");
      return objectFrom(first, slabs, depth + 1);
    default:
      return bad("unknown tag");
  }
}

function arrayFrom(name: ArrayName, slab: Uint8Array): unknown {
  const type = arrayTypes[name];
  const width = type.BYTES_PER_ELEMENT;
  if (slab.length % width !== 0) bad("array length");
  // Not `slice`: a Node Buffer's shares memory and stays where it is.
  const aligned = slab.byteOffset % width === 0 ? slab : new Uint8Array(slab);
  return new type(aligned.buffer as ArrayBuffer, aligned.byteOffset, slab.length / width);
}

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textFrom(slab: Uint8Array): string {
  try {
    return textDecoder.decode(slab);
  } catch {
    return bad("text");
  }
}

function stringsFrom(parts: readonly unknown[], slabs: SlabReader): string[] {
  const [, count, blobBytes, offsetBytes, exceptions] = parts;
  const blob = slabs.take(blobBytes);
  const offsetSlab = slabs.take(offsetBytes);
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 1) bad("string count");
  if (offsetSlab.length !== count * 4 && offsetSlab.length !== count * 8) bad("string offsets");
  const wide = offsetSlab.length === count * 8;
  const ends = arrayFrom(wide ? "Float64Array" : "Uint32Array", offsetSlab) as Uint32Array | Float64Array;
  let last = 0;
  for (let i = 0; i < count; i++) {
    const end = ends[i] as number;
    if (!(end >= last) || (wide && !Number.isSafeInteger(end))) bad("string offsets");
    last = end;
  }
  if (last !== blob.length) bad("string offsets");
  const list = readStrings(blob, ends);
  if (typeof exceptions !== "object" || exceptions === null) bad("string exceptions");
  for (const [key, text] of Object.entries(exceptions)) {
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= count || typeof text !== "string") {
      bad("string exceptions");
    }
    list[index] = text;
  }
  return list;
}

/** Decodes many strings at a time: where a block is ASCII, its strings are slices of one. */
function readStrings(blob: Uint8Array, ends: Uint32Array | Float64Array): string[] {
  const list: string[] = [];
  let start = 0;
  for (let i = 0; i < ends.length; ) {
    let next = i + 1;
    while (next < ends.length && (ends[next] as number) - start <= STRING_BLOCK_BYTES) next++;
    const blockEnd = ends[next - 1] as number;
    const block = textFrom(blob.subarray(start, blockEnd));
    const isAscii = block.length === blockEnd - start;
    let from = start;
    for (; i < next; i++) {
      const to = ends[i] as number;
      list.push(isAscii ? block.slice(from - start, to - start) : textFrom(blob.subarray(from, to)));
      from = to;
    }
    start = blockEnd;
  }
  return list;
}
