import type { DwarfCursor } from "../dwarf-cursor.ts";
import { type Abbreviation, AbbreviationTable } from "./abbreviations.ts";
import { attribute, type FormSizes, form, isIndexedAddress, isIndexedString, readForm } from "./forms.ts";
import type { DwarfSection, DwarfSections } from "./section.ts";

/** Attributes that the entry at the head of a unit has. */
export interface UnitRoot {
  readonly lowPc: number;
  readonly highPc: number;
  /** Where its list of ranges is; -1 for none. */
  readonly rangesAt: number;
  readonly directory: string;
  /** Its table of lines; -1 for none. */
  readonly linesAt: number;
  /** The file with the rest of it, where the compiler split it. */
  readonly splitName: string;
}

/** One compilation: what stands at its head, and how its numbers are read. */
export class DwarfUnit implements FormSizes {
  readonly sections: DwarfSections;
  readonly info: DwarfSection;
  /** Of its header, in .debug_info. */
  readonly start: number;
  readonly end: number;
  /** Of its first entry. */
  readonly entriesAt: number;
  readonly version: number;
  readonly offsetBytes: number;
  readonly addressBytes: number;
  readonly isSplit: boolean;
  readonly abbreviations: AbbreviationTable;
  /** What a split unit takes its addresses and lines from. */
  readonly skeleton: DwarfUnit | null;
  #stringOffsetsAt = 0;
  #addressesAt = 0;
  #rangeListsAt = 0;
  #gnuRangesAt = 0;
  #root: UnitRoot | null = null;

  constructor(sections: DwarfSections, info: DwarfSection, header: UnitHeader, skeleton: DwarfUnit | null) {
    const table = sections("debug_abbrev");
    if (!table) throw new RangeError("there are no abbreviations");
    this.sections = sections;
    this.info = info;
    this.start = header.start;
    this.end = header.end;
    this.entriesAt = header.entriesAt;
    this.version = header.version;
    this.offsetBytes = header.offsetBytes;
    this.addressBytes = header.addressBytes;
    this.skeleton = skeleton;
    this.isSplit = skeleton !== null;
    this.abbreviations = new AbbreviationTable(table, header.abbreviationsAt, header);
    if (skeleton === null || this.version < 5) return;
    // Of split units these tables stand alone in their files, behind their headers.
    this.#stringOffsetsAt = this.offsetBytes === 8 ? 16 : 8;
    this.#rangeListsAt = this.offsetBytes === 8 ? 20 : 12;
  }

  get root(): UnitRoot {
    this.#root ??= this.#readRoot();
    return this.#root;
  }

  /** Of the address that stands there, or its index in the table of addresses. */
  address(of: number, value: number): number {
    return isIndexedAddress(of) ? this.indexedAddress(value) : value;
  }

  indexedAddress(index: number): number {
    if (this.skeleton) return this.skeleton.indexedAddress(index);
    const table = this.sections("debug_addr");
    if (!table) return Number.NaN;
    return table.at(this.#addressesAt + index * this.addressBytes, (cursor) => this.readAddress(cursor));
  }

  readAddress(cursor: DwarfCursor): number {
    return this.addressBytes === 8 ? cursor.u64() : cursor.u32();
  }

  /** Where the list of ranges is that a DW_AT_ranges names. */
  rangesAt(of: number, value: number): number {
    if (of !== form.rangesx)
      return this.version < 5 && this.skeleton ? value + this.skeleton.#gnuRangesAt : value;
    const { offsetBytes } = this;
    const table = this.sections("debug_rnglists");
    if (!table) return -1;
    return table.at(
      this.#rangeListsAt + value * offsetBytes,
      (cursor) => this.#rangeListsAt + (offsetBytes === 8 ? cursor.u64() : cursor.u32()),
    );
  }

  /** The text of an attribute whose value was read from `cursor`. */
  text(of: number, value: number, cursor: DwarfCursor): string {
    if (of === form.string) return textAt(cursor, value);
    if (of === form.strp) return this.sections("debug_str")?.text(value) ?? "";
    if (of === form.lineStrp) return this.sections("debug_line_str")?.text(value) ?? "";
    if (of === form.strpSup || of === form.gnuStrpAlt)
      return this.sections("alternate_str")?.text(value) ?? "";
    if (!isIndexedString(of)) return "";
    const offset = this.sections("debug_str_offsets")?.at(
      this.#stringOffsetsAt + value * this.offsetBytes,
      (offsets) => (this.offsetBytes === 8 ? offsets.u64() : offsets.u32()),
    );
    return offset === undefined ? "" : (this.sections("debug_str")?.text(offset) ?? "");
  }

  #readRoot(): UnitRoot {
    return this.info.at(this.entriesAt, (cursor) => {
      const code = cursor.uleb();
      if (code === 0) return noRoot;
      const abbreviation = this.abbreviations.get(code);
      const values = attributesOf(cursor, abbreviation, this);
      const number = (name: number): number => values.get(name)?.value ?? Number.NaN;
      const or = (value: number, otherwise: number): number => (Number.isNaN(value) ? otherwise : value);
      // First what the others are read by.
      this.#stringOffsetsAt = or(number(attribute.stringOffsets), this.#stringOffsetsAt);
      this.#addressesAt = or(number(attribute.addresses), or(number(attribute.gnuAddresses), 0));
      this.#rangeListsAt = or(number(attribute.rangeLists), this.#rangeListsAt);
      this.#gnuRangesAt = or(number(attribute.gnuRanges), 0);
      const text = (name: number): string => {
        const found = values.get(name);
        return found ? this.text(found.form, found.value, cursor) : "";
      };
      const low = values.get(attribute.lowPc);
      const high = values.get(attribute.highPc);
      const ranges = values.get(attribute.ranges);
      const lowPc = low ? this.address(low.form, low.value) : Number.NaN;
      return {
        lowPc,
        highPc: high ? this.highPc(lowPc, high.form, high.value) : Number.NaN,
        rangesAt: ranges ? this.rangesAt(ranges.form, ranges.value) : -1,
        directory: text(attribute.directory),
        linesAt: or(number(attribute.statements), -1),
        splitName: text(attribute.splitName) || text(attribute.gnuSplitName),
      };
    });
  }

  /** An address, or how far it is from the low one. */
  highPc(lowPc: number, of: number, value: number): number {
    return of === form.addr || isIndexedAddress(of) ? this.address(of, value) : lowPc + value;
  }

  /** Addresses of its lists of ranges are relative to it. */
  get base(): number {
    const { lowPc } = (this.skeleton ?? this).root;
    return Number.isNaN(lowPc) ? 0 : lowPc;
  }
}

const noRoot: UnitRoot = {
  lowPc: Number.NaN,
  highPc: Number.NaN,
  rangesAt: -1,
  directory: "",
  linesAt: -1,
  splitName: "",
};

function textAt(cursor: DwarfCursor, from: number): string {
  const { at } = cursor;
  cursor.at = from;
  const text = cursor.text();
  cursor.at = at;
  return text;
}

interface AttributeValue {
  readonly form: number;
  readonly value: number;
}

/** All attributes of an entry whose code was read. */
export function attributesOf(
  cursor: DwarfCursor,
  { attributes }: Abbreviation,
  sizes: FormSizes,
): ReadonlyMap<number, AttributeValue> {
  const values = new Map<number, AttributeValue>();
  for (let i = 0; i < attributes.length; i += 3) {
    const of = attributes[i + 1] as number;
    const value = readForm(cursor, of, attributes[i + 2] as number, sizes);
    values.set(attributes[i] as number, { form: of, value });
  }
  return values;
}

export interface UnitHeader extends FormSizes {
  readonly start: number;
  readonly end: number;
  readonly entriesAt: number;
  readonly abbreviationsAt: number;
  /** It describes a type, not code. */
  readonly isType: boolean;
}

const unitType = { type: 2, skeleton: 4, splitCompile: 5, splitType: 6 } as const;

/** null where it is not a unit of a version that is known. Throws where the length itself is damaged. */
export function readUnitHeader(info: DwarfSection, start: number): UnitHeader | { readonly end: number } {
  return info.at(start, (cursor) => {
    const from = cursor.at;
    const short = cursor.u32();
    const offsetBytes = short === 0xffffffff ? 8 : 4;
    const length = offsetBytes === 8 ? cursor.u64() : short;
    const end = start + (cursor.at - from) + length;
    if (end > info.sizeBytes || length < 7) throw new RangeError("a unit that goes past the end");
    const version = cursor.u16();
    if (version < 2 || version > 5) return { end };
    const offset = (): number => (offsetBytes === 8 ? cursor.u64() : cursor.u32());
    let type = 0;
    let addressBytes: number;
    let abbreviationsAt: number;
    if (version < 5) {
      abbreviationsAt = offset();
      addressBytes = cursor.u8();
    } else {
      type = cursor.u8();
      addressBytes = cursor.u8();
      abbreviationsAt = offset();
      if (type === unitType.skeleton || type === unitType.splitCompile) cursor.skip(8);
    }
    if (addressBytes !== 8 && addressBytes !== 4) return { end };
    return {
      start,
      end,
      entriesAt: start + (cursor.at - from),
      version,
      offsetBytes,
      addressBytes,
      abbreviationsAt,
      isType: type === unitType.type || type === unitType.splitType,
    };
  });
}
