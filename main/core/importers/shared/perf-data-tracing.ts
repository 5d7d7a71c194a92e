import { EndianReader } from "../../bytes/endian.ts";

/** A field of a tracepoint's record, as its format file says. */
export interface TraceField {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly isSigned: boolean;
  readonly isText: boolean;
  /** The field holds where the text is: from the record's start, or from the field's end. */
  readonly dynamic: "no" | "data" | "relative";
}

export interface TraceFormat {
  /** "sched:sched_switch" */
  readonly name: string;
  readonly fields: readonly TraceField[];
}

const MAX_PART_BYTES = 2 ** 27;

/**
 * The tracing data of a recording: the formats of its tracepoints, and kernel symbols in what older versions wrote.
 * https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/tools/perf/util/trace-event-read.c
 */
export class TracingData {
  readonly formats = new Map<number, TraceFormat>();
  kallsyms = "";

  /** false: it is damaged; the formats before that are there. */
  read(bytes: Uint8Array): boolean {
    const magic = [23, 8, 68, 116, 114, 97, 99, 105, 110, 103];
    if (magic.some((byte, i) => bytes[i] !== byte)) return false;
    const zero = bytes.indexOf(0, 10);
    if (zero === -1 || zero + 7 > bytes.length) return false;
    const cursor = new Cursor(new EndianReader(bytes, bytes[zero + 1] !== 1), zero + 7);
    try {
      this.#sections(cursor);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  #sections(cursor: Cursor): void {
    for (let i = 0; i < 2; i++) {
      cursor.cString();
      cursor.skip(cursor.u64());
    }
    for (let files = cursor.u32(); files > 0; files--) this.#format("ftrace", cursor.text(cursor.u64()));
    for (let systems = cursor.u32(); systems > 0; systems--) {
      const system = cursor.cString();
      for (let files = cursor.u32(); files > 0; files--) this.#format(system, cursor.text(cursor.u64()));
    }
    this.kallsyms = cursor.text(cursor.u32());
  }

  #format(system: string, text: string): void {
    const name = /^name: (.+)$/m.exec(text)?.[1];
    const id = /^ID: (\d{1,9})$/m.exec(text)?.[1];
    if (name === undefined || id === undefined) return;
    const fields: TraceField[] = [];
    for (const match of text.matchAll(fieldLine)) {
      const field = fieldOf(match);
      if (field && !field.name.startsWith("common_")) fields.push(field);
    }
    this.formats.set(Number(id), { name: `${system}:${name}`, fields });
  }
}

const fieldLine = /^\tfield:([^;\n]+);\toffset:(\d{1,6});\tsize:(\d{1,6});(?:\tsigned:(\d);)?/gm;

function fieldOf([, declaration = "", offset, size, signed]: RegExpMatchArray): TraceField | null {
  const parts = /^(.*?)\s*\b(\w+)(\[[^\]]*\])?$/.exec(declaration.trim());
  if (!parts) return null;
  const [, type = "", name = "", array] = parts;
  const dynamic = type.startsWith("__data_loc") ? "data" : type.startsWith("__rel_loc") ? "relative" : "no";
  const isChar = /\bchar\b/.test(type);
  return {
    name,
    offset: Number(offset),
    sizeBytes: Number(size),
    isSigned: signed === "1",
    isText: isChar && (dynamic !== "no" || array !== undefined),
    dynamic,
  };
}

/** What a field holds in one record: a text, a number, or null where it is neither or not there. */
export function fieldValue(
  reader: EndianReader,
  start: number,
  sizeBytes: number,
  field: TraceField,
): string | number | null {
  const at = start + field.offset;
  const end = start + sizeBytes;
  if (field.offset + field.sizeBytes > sizeBytes) return null;
  if (field.dynamic !== "no") {
    if (!field.isText || field.sizeBytes !== 4) return null;
    const place = reader.u32(at);
    const from = (field.dynamic === "data" ? start : at + 4) + (place & 0xffff);
    const to = Math.min(end, from + (place >>> 16));
    return from < to ? reader.cString(from, to) : "";
  }
  if (field.isText) return reader.cString(at, at + field.sizeBytes);
  return numberAt(reader, at, field);
}

function numberAt(
  reader: EndianReader,
  at: number,
  { sizeBytes, isSigned }: TraceField,
): number | string | null {
  const { view, isLittle } = reader;
  if (sizeBytes === 1) return isSigned ? view.getInt8(at) : view.getUint8(at);
  if (sizeBytes === 2) return isSigned ? view.getInt16(at, isLittle) : view.getUint16(at, isLittle);
  if (sizeBytes === 4) return isSigned ? view.getInt32(at, isLittle) : view.getUint32(at, isLittle);
  if (sizeBytes !== 8) return null;
  const value = isSigned ? view.getBigInt64(at, isLittle) : view.getBigUint64(at, isLittle);
  const number = Number(value);
  // An address or a mask does not fit a float64.
  return Number.isSafeInteger(number) ? number : `0x${BigInt.asUintN(64, value).toString(16)}`;
}

class Cursor {
  readonly #reader: EndianReader;
  #at: number;

  constructor(reader: EndianReader, at: number) {
    this.#reader = reader;
    this.#at = at;
  }

  u32(): number {
    this.#at += 4;
    return this.#reader.u32(this.#at - 4);
  }

  u64(): number {
    this.#at += 8;
    return this.#reader.u64(this.#at - 8);
  }

  skip(bytes: number): void {
    if (bytes > this.#reader.bytes.length - this.#at) throw new RangeError("past the end");
    this.#at += bytes;
  }

  text(bytes: number): string {
    if (bytes > MAX_PART_BYTES) throw new RangeError("too long");
    const from = this.#at;
    this.skip(bytes);
    return decoder.decode(this.#reader.bytes.subarray(from, this.#at));
  }

  cString(): string {
    const end = this.#reader.bytes.indexOf(0, this.#at);
    if (end === -1) throw new RangeError("past the end");
    const text = decoder.decode(this.#reader.bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }
}

const decoder = new TextDecoder();
