import { EndianReader } from "./endian.ts";

/** Bytes of a file at an offset: fewer where it ends. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

export interface ElfSegment {
  readonly offset: number;
  readonly address: number;
  readonly sizeBytes: number;
}

/** What profilers need of an ELF file. https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html */
export interface ElfFile {
  /** Hex, "" where the file has none. */
  readonly buildId: string;
  /** File name and CRC-32 of where the debug information is; null where it is not said. */
  readonly debugLink: { readonly name: string; readonly crc: number } | null;
  /** Code, by program header. */
  readonly segments: readonly ElfSegment[];
  /** Functions of .symtab, or else .dynsym, in the order of their addresses. */
  readonly symbols: ElfSymbols;
  /** Variables of the same table. */
  readonly variables: ElfSymbols;
  /** The symbols are all there were at link time, not only the ones that are exported. */
  readonly hasSymtab: boolean;
}

const SECTION_SYMTAB = 2;
const SECTION_NOTE = 7;
const SECTION_NOBITS = 8;
const SECTION_COMPRESSED = 0x800;
const SECTION_DYNSYM = 11;
const SEGMENT_LOAD = 1;
const EXECUTABLE = 1;
const SECTION_EXECUTABLE = 4;
const NOTE_BUILD_ID = 3;
const SYMBOL_NONE = 0;
const SYMBOL_OBJECT = 1;
const SYMBOL_FUNCTION = 2;
const SYMBOL_INDIRECT = 10;
const MAX_TABLE_BYTES = 2 ** 30;
const MAX_SECTIONS = 65_536;

interface Section {
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
}

/** Whether these bytes begin an ELF file. */
export const isElf = (head: Uint8Array): boolean =>
  head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;

/** Reads what is there; null where it is no ELF file or its tables are not in it. */
export function readElf(read: ReadAt): ElfFile | null {
  try {
    const head = read(0, 64);
    return isElf(head) ? new ElfReader(read, head).file() : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Bytes of sections by name, with where each lies in the file's addresses; those that are packed are left out. */
export function readElfSections(
  read: ReadAt,
  wanted: readonly string[],
): ReadonlyMap<string, { readonly address: number; readonly bytes: Uint8Array }> {
  try {
    const head = read(0, 64);
    return isElf(head) ? new ElfReader(read, head).named(wanted) : new Map();
  } catch (error) {
    if (error instanceof RangeError) return new Map();
    throw error;
  }
}

/** Where a section is in the file. */
export interface ElfSectionPlace {
  readonly offset: number;
  readonly sizeBytes: number;
  /** It begins with a header that says how it is packed. */
  readonly isCompressed: boolean;
}

/** Sections whose bytes are in the file, by name. */
export function findElfSections(read: ReadAt): ReadonlyMap<string, ElfSectionPlace> {
  try {
    const head = read(0, 64);
    return isElf(head) ? new ElfReader(read, head).places() : new Map();
  } catch (error) {
    if (error instanceof RangeError) return new Map();
    throw error;
  }
}

class ElfReader {
  readonly #read: ReadAt;
  readonly #is64: boolean;
  readonly #isLittle: boolean;
  readonly #head: EndianReader;

  constructor(read: ReadAt, head: Uint8Array) {
    this.#read = read;
    this.#is64 = head[4] === 2;
    this.#isLittle = head[5] !== 2;
    this.#head = new EndianReader(head, this.#isLittle);
  }

  file(): ElfFile {
    const sections = this.#sections();
    const names = this.#table(sections[this.#head.u16(this.#is64 ? 62 : 50)]);
    const link = sections.find(({ name }) => names.cString(name) === ".gnu_debuglink");
    const symtab = sections.find(({ type, sizeBytes }) => type === SECTION_SYMTAB && sizeBytes > 0);
    const table = symtab ?? sections.find(({ type }) => type === SECTION_DYNSYM);
    return {
      buildId: this.#buildId(sections),
      debugLink: link ? this.#debugLink(link) : null,
      segments: this.#segments(),
      symbols: table ? this.#symbols(table, sections, "functions") : noSymbols,
      variables: table ? this.#symbols(table, sections, "variables") : noSymbols,
      hasSymtab: symtab !== undefined,
    };
  }

  named(wanted: readonly string[]): ReadonlyMap<string, { address: number; bytes: Uint8Array }> {
    const sections = this.#sections();
    const names = this.#table(sections[this.#head.u16(this.#is64 ? 62 : 50)]);
    const found = new Map<string, { address: number; bytes: Uint8Array }>();
    for (const section of sections) {
      const name = names.cString(section.name);
      const isThere = section.type !== SECTION_NOBITS && (section.flags & SECTION_COMPRESSED) === 0;
      if (!wanted.includes(name) || !isThere || section.sizeBytes > MAX_TABLE_BYTES) continue;
      found.set(name, { address: section.address, bytes: this.#table(section).bytes });
    }
    return found;
  }

  places(): ReadonlyMap<string, ElfSectionPlace> {
    const sections = this.#sections();
    const names = this.#table(sections[this.#head.u16(this.#is64 ? 62 : 50)]);
    const places = new Map<string, ElfSectionPlace>();
    for (const { name, type, flags, offset, sizeBytes } of sections) {
      if (type === SECTION_NOBITS || sizeBytes === 0) continue;
      const isCompressed = (flags & SECTION_COMPRESSED) !== 0;
      places.set(names.cString(name), { offset, sizeBytes, isCompressed });
    }
    return places;
  }

  #word(reader: EndianReader, at: number): number {
    return this.#is64 ? reader.u64(at) : reader.u32(at);
  }

  #part(offset: number, length: number): EndianReader {
    if (length > MAX_TABLE_BYTES) throw new RangeError("a table is too large");
    return new EndianReader(this.#read(offset, length), this.#isLittle);
  }

  #table(section: Section | undefined): EndianReader {
    return section
      ? this.#part(section.offset, section.sizeBytes)
      : new EndianReader(new Uint8Array(0), true);
  }

  #segments(): ElfSegment[] {
    const is64 = this.#is64;
    const offset = this.#word(this.#head, is64 ? 32 : 28);
    const size = this.#head.u16(is64 ? 54 : 42);
    const count = this.#head.u16(is64 ? 56 : 44);
    if (size < (is64 ? 56 : 32)) return [];
    const reader = this.#part(offset, size * count);
    const segments: ElfSegment[] = [];
    for (let at = 0; at + size <= reader.bytes.length; at += size) {
      const flags = reader.u32(at + (is64 ? 4 : 24));
      if (reader.u32(at) !== SEGMENT_LOAD || (flags & EXECUTABLE) === 0) continue;
      segments.push({
        offset: this.#word(reader, at + (is64 ? 8 : 4)),
        address: this.#word(reader, at + (is64 ? 16 : 8)),
        sizeBytes: this.#word(reader, at + (is64 ? 40 : 20)),
      });
    }
    return segments;
  }

  #sections(): Section[] {
    const is64 = this.#is64;
    const offset = this.#word(this.#head, is64 ? 40 : 32);
    const size = this.#head.u16(is64 ? 58 : 46);
    const count = Math.min(this.#head.u16(is64 ? 60 : 48), MAX_SECTIONS);
    if (offset === 0 || size < (is64 ? 64 : 40)) return [];
    const reader = this.#part(offset, size * count);
    const sections: Section[] = [];
    for (let at = 0; at + size <= reader.bytes.length; at += size)
      sections.push({
        name: reader.u32(at),
        type: reader.u32(at + 4),
        flags: this.#word(reader, at + 8),
        address: this.#word(reader, at + (is64 ? 16 : 12)),
        offset: this.#word(reader, at + (is64 ? 24 : 16)),
        sizeBytes: this.#word(reader, at + (is64 ? 32 : 20)),
        link: reader.u32(at + (is64 ? 40 : 24)),
      });
    return sections;
  }

  #buildId(sections: readonly Section[]): string {
    for (const section of sections) {
      if (section.type !== SECTION_NOTE || section.sizeBytes > 65_536) continue;
      const id = findBuildId(this.#table(section));
      if (id !== "") return id;
    }
    return "";
  }

  #debugLink(section: Section): ElfFile["debugLink"] {
    const reader = this.#table(section);
    const { length } = reader.bytes;
    if (length < 8) return null;
    return { name: reader.cString(0), crc: reader.u32(length - 4) };
  }

  #symbols(table: Section, sections: readonly Section[], what: "functions" | "variables"): ElfSymbols {
    const is64 = this.#is64;
    const size = is64 ? 24 : 16;
    const reader = this.#table(table);
    const texts = this.#table(sections[table.link]).bytes;
    const rows = new SymbolRows(Math.floor(reader.bytes.length / size));
    for (let at = 0; at + size <= reader.bytes.length; at += size) {
      const info = reader.bytes[at + (is64 ? 4 : 12)] as number;
      const section = reader.u16(at + (is64 ? 6 : 14));
      const type = info & 15;
      const isCode = ((sections[section]?.flags ?? 0) & SECTION_EXECUTABLE) !== 0;
      const isFunction =
        isCode && (type === SYMBOL_FUNCTION || type === SYMBOL_INDIRECT || type === SYMBOL_NONE);
      if (what === "functions" ? !isFunction : type !== SYMBOL_OBJECT || section === 0) continue;
      const name = reader.u32(at);
      // Marks of the assembler ("$x") are no functions.
      if (name === 0 || (type === SYMBOL_NONE && texts[name] === 36)) continue;
      const value = at + (is64 ? 8 : 4);
      const bytes = this.#word(reader, at + (is64 ? 16 : 8));
      rows.add(
        is64 ? reader.high(value) : 0,
        is64 ? reader.low(value) : reader.u32(value),
        bytes,
        name,
        rank(info, bytes),
      );
    }
    return rows.finish(texts);
  }
}

/** Which of several names for one address is the one to show: sized ones, functions, and global before weak before local. */
function rank(info: number, bytes: number): number {
  const binding = info >> 4;
  const bound = binding === 1 ? 2 : binding === 2 ? 1 : 0;
  return (bytes > 0 ? 8 : 0) + ((info & 15) === SYMBOL_NONE ? 0 : 4) + bound;
}

/** The build id in the bytes of a section of notes, or of /sys/kernel/notes; "" where there is none. */
export function findBuildId(reader: EndianReader): string {
  const { bytes } = reader;
  for (let at = 0; at + 12 <= bytes.length; ) {
    const nameBytes = reader.u32(at);
    const dataBytes = reader.u32(at + 4);
    const data = at + 12 + Math.ceil(nameBytes / 4) * 4;
    if (data + dataBytes > bytes.length) return "";
    if (reader.u32(at + 8) === NOTE_BUILD_ID && reader.cString(at + 12, at + 12 + nameBytes) === "GNU")
      return Array.from(bytes.subarray(data, data + dataBytes), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join("");
    at = data + Math.ceil(dataBytes / 4) * 4;
  }
  return "";
}

class SymbolRows {
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #names: Uint32Array;
  readonly #ranks: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#highs = new Uint32Array(capacity);
    this.#lows = new Uint32Array(capacity);
    this.#sizes = new Float64Array(capacity);
    this.#names = new Uint32Array(capacity);
    this.#ranks = new Uint8Array(capacity);
  }

  add(high: number, low: number, sizeBytes: number, name: number, rankOf: number): void {
    const row = this.#length++;
    this.#highs[row] = high;
    this.#lows[row] = low;
    this.#sizes[row] = sizeBytes;
    this.#names[row] = name;
    this.#ranks[row] = rankOf;
  }

  /** In order of address; of one address only the best name. */
  finish(texts: Uint8Array): ElfSymbols {
    const at = (column: Uint32Array | Float64Array | Uint8Array, row: number): number =>
      column[row] as number;
    const order = new Uint32Array(this.#length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort(
      (a, b) =>
        at(this.#highs, a) - at(this.#highs, b) ||
        at(this.#lows, a) - at(this.#lows, b) ||
        at(this.#ranks, b) - at(this.#ranks, a) ||
        a - b,
    );
    const kept = order.filter(
      (row, i) =>
        i === 0 ||
        at(this.#highs, row) !== at(this.#highs, order[i - 1] as number) ||
        at(this.#lows, row) !== at(this.#lows, order[i - 1] as number),
    );
    return new ElfSymbols(
      Uint32Array.from(kept, (row) => at(this.#highs, row)),
      Uint32Array.from(kept, (row) => at(this.#lows, row)),
      Float64Array.from(kept, (row) => at(this.#sizes, row)),
      Uint32Array.from(kept, (row) => at(this.#names, row)),
      texts,
    );
  }
}

/** Functions by address. A row is one; names are decoded when asked for. */
export class ElfSymbols {
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #names: Uint32Array;
  readonly #texts: Uint8Array;

  constructor(
    highs: Uint32Array,
    lows: Uint32Array,
    sizes: Float64Array,
    names: Uint32Array,
    texts: Uint8Array,
  ) {
    this.highs = highs;
    this.lows = lows;
    this.#sizes = sizes;
    this.#names = names;
    this.#texts = texts;
  }

  get length(): number {
    return this.highs.length;
  }

  name(row: number): string {
    const from = this.#names[row] as number;
    const end = this.#texts.indexOf(0, from);
    return decoder.decode(this.#texts.subarray(from, end === -1 ? this.#texts.length : end));
  }

  /** Bytes of the function; of one without a size, as far as the next. */
  sizeOf(row: number): number {
    const size = this.#sizes[row] as number;
    if (size > 0 || row + 1 >= this.length) return size;
    const high = (this.highs[row + 1] as number) - (this.highs[row] as number);
    return high * 2 ** 32 + ((this.lows[row + 1] as number) - (this.lows[row] as number));
  }

  /** The function that holds the address; -1 for none. One without a size goes on to the next. */
  find(high: number, low: number): number {
    const row = lastAtOrBefore(this.highs, this.lows, high, low);
    if (row === -1) return -1;
    const size = this.#sizes[row] as number;
    const into = (high - (this.highs[row] as number)) * 2 ** 32 + (low - (this.lows[row] as number));
    return size === 0 || into < size ? row : -1;
  }
}

const noSymbols = new ElfSymbols(
  new Uint32Array(0),
  new Uint32Array(0),
  new Float64Array(0),
  new Uint32Array(0),
  new Uint8Array(0),
);

/** Row of the last address that is not past the one that is asked for, in columns that ascend; -1 for none. */
export function lastAtOrBefore(highs: Uint32Array, lows: Uint32Array, high: number, low: number): number {
  let from = 0;
  let to = highs.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const at = highs[middle] as number;
    if (at < high || (at === high && (lows[middle] as number) <= low)) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

const decoder = new TextDecoder();
