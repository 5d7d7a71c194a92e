import { DwarfCursor } from "../dwarf-cursor.ts";
import type { ReadAt } from "../elf.ts";

const PAGE_BYTES = 1 << 16;
const MAX_PAGES = 64;
/** What is read at once of what goes past its page. */
const LONG_BYTES = 1 << 20;

/** A section of debug information, of which only what is asked for is read. */
export class DwarfSection {
  readonly sizeBytes: number;
  readonly #read: ReadAt;
  readonly #pages = new Map<number, Uint8Array>();
  #last: Uint8Array = new Uint8Array(0);
  #lastNumber = -1;

  constructor(sizeBytes: number, read: ReadAt) {
    this.sizeBytes = sizeBytes;
    this.#read = read;
  }

  /** Not kept: for what is large. */
  bytes(offset: number, length: number): Uint8Array {
    if (!(offset >= 0) || offset + length > this.sizeBytes) throw new RangeError("it goes past its section");
    const bytes = this.#read(offset, length);
    if (bytes.length < length) throw new RangeError("the file is cut off");
    return bytes;
  }

  /** Reads what is short, from there on, by pages that are kept. The cursor's position is one in the bytes at hand. */
  at<T>(offset: number, use: (cursor: DwarfCursor) => T): T {
    if (!(offset >= 0) || offset >= this.sizeBytes) throw new RangeError("it lies outside of its section");
    const number = Math.floor(offset / PAGE_BYTES);
    try {
      return use(new DwarfCursor(this.#page(number), offset - number * PAGE_BYTES));
    } catch (error) {
      const isLast = (number + 1) * PAGE_BYTES >= this.sizeBytes;
      if (!(error instanceof RangeError) || isLast) throw error;
    }
    try {
      return use(this.#cursor(offset, PAGE_BYTES));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    return use(this.#cursor(offset, LONG_BYTES));
  }

  #cursor(offset: number, length: number): DwarfCursor {
    return new DwarfCursor(this.#read(offset, Math.min(length, this.sizeBytes - offset)));
  }

  text(offset: number): string {
    return this.at(offset, (cursor) => cursor.text());
  }

  #page(number: number): Uint8Array {
    if (number === this.#lastNumber) return this.#last;
    let page = this.#pages.get(number);
    if (page === undefined) {
      const from = number * PAGE_BYTES;
      page = this.#read(from, Math.min(PAGE_BYTES, this.sizeBytes - from));
    } else this.#pages.delete(number);
    this.#pages.set(number, page);
    this.#last = page;
    this.#lastNumber = number;
    const [oldest] = this.#pages.size > MAX_PAGES ? this.#pages.keys() : [];
    if (oldest !== undefined) this.#pages.delete(oldest);
    return page;
  }
}

/** Sections by the names that DWARF gives them, without dot and ending: "debug_info". */
export type DwarfSections = (name: string) => DwarfSection | null;
