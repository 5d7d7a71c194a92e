import type { DwarfCursor } from "../dwarf-cursor.ts";
import { attribute, type FormSizes, fixedBytes } from "./forms.ts";
import type { DwarfSection } from "./section.ts";

/** What entries of one kind consist of. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** DW_AT_*, DW_FORM_* and the constant of DW_FORM_implicit_const, three numbers an attribute. */
  readonly attributes: Float64Array;
  /** Of all attributes; -1 where it depends. */
  readonly sizeBytes: number;
  readonly hasSibling: boolean;
}

const MAX_ATTRIBUTES = 4096;
const MAX_CODES = 1 << 20;
const BATCH_BYTES = 4096;

/** The abbreviations of a unit: read as far as one is asked for. */
export class AbbreviationTable {
  readonly #section: DwarfSection;
  readonly #sizes: FormSizes;
  readonly #known = new Map<number, Abbreviation>();
  #at: number;
  #isDone = false;

  constructor(section: DwarfSection, at: number, sizes: FormSizes) {
    this.#section = section;
    this.#at = at;
    this.#sizes = sizes;
  }

  get(code: number): Abbreviation {
    for (;;) {
      const known = this.#known.get(code);
      if (known) return known;
      if (this.#isDone || this.#known.size > MAX_CODES)
        throw new RangeError("an abbreviation that is not there");
      this.#next();
    }
  }

  #next(): void {
    const section = this.#section;
    this.#at += section.at(this.#at, (cursor) => {
      const from = cursor.at;
      // Many at once: each look at a section costs more than what is read.
      do this.#one(cursor);
      while (!this.#isDone && cursor.at - from < BATCH_BYTES && cursor.at + 256 < cursor.bytes.length);
      return cursor.at - from;
    });
  }

  #one(cursor: DwarfCursor): void {
    const code = cursor.uleb();
    if (code === 0) {
      this.#isDone = true;
      return;
    }
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() === 1;
    const attributes: number[] = [];
    let sizeBytes = 0;
    let hasSibling = false;
    for (;;) {
      const name = cursor.uleb();
      const form = cursor.uleb();
      if (name === 0 && form === 0) break;
      if (attributes.length > MAX_ATTRIBUTES * 3) throw new RangeError("too many attributes");
      attributes.push(name, form, form === IMPLICIT ? cursor.sleb() : 0);
      const bytes = fixedBytes(form, this.#sizes);
      sizeBytes = bytes === -1 || sizeBytes === -1 ? -1 : sizeBytes + bytes;
      if (name === attribute.sibling) hasSibling = true;
    }
    this.#known.set(code, {
      tag,
      hasChildren,
      attributes: Float64Array.from(attributes),
      sizeBytes,
      hasSibling,
    });
  }
}

const IMPLICIT = 0x21;
