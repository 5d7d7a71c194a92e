import type { DwarfCursor } from "../dwarf-cursor.ts";

/** Numbers of the DWARF standard, versions 4 and 5, and of GNU's extensions. https://dwarfstd.org/doc/DWARF5.pdf */

export const tag = { inlinedSubroutine: 0x1d, subprogram: 0x2e } as const;

export const attribute = {
  sibling: 0x01,
  name: 0x03,
  statements: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  directory: 0x1b,
  origin: 0x31,
  file: 0x3a,
  line: 0x3b,
  specification: 0x47,
  ranges: 0x55,
  callFile: 0x58,
  callLine: 0x59,
  linkageName: 0x6e,
  stringOffsets: 0x72,
  addresses: 0x73,
  rangeLists: 0x74,
  splitName: 0x76,
  mipsLinkageName: 0x2007,
  gnuSplitName: 0x2130,
  gnuRanges: 0x2132,
  gnuAddresses: 0x2133,
} as const;

export const form = {
  addr: 0x01,
  string: 0x08,
  strp: 0x0e,
  refAddr: 0x10,
  indirect: 0x16,
  secOffset: 0x17,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  lineStrp: 0x1f,
  implicitConst: 0x21,
  rangesx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx4: 0x28,
  addrx1: 0x29,
  addrx4: 0x2c,
  gnuAddress: 0x1f01,
  gnuString: 0x1f02,
  gnuRefAlt: 0x1f20,
  gnuStrpAlt: 0x1f21,
} as const;

export interface FormSizes {
  readonly addressBytes: number;
  /** 4, or 8 in files of more than 4 GiB. */
  readonly offsetBytes: number;
  readonly version: number;
}

/** Bytes of a value; -1 where its own bytes say. */
export function fixedBytes(of: number, { addressBytes, offsetBytes, version }: FormSizes): number {
  switch (of) {
    case 0x19:
    case form.implicitConst:
      return 0;
    case 0x0b:
    case 0x0c:
    case 0x11:
    case form.strx1:
    case form.addrx1:
      return 1;
    case 0x05:
    case 0x12:
    case 0x26:
    case 0x2a:
      return 2;
    case 0x27:
    case 0x2b:
      return 3;
    case 0x06:
    case 0x13:
    case form.refSup4:
    case form.strx4:
    case form.addrx4:
      return 4;
    case 0x07:
    case 0x14:
    case 0x20:
    case form.refSup8:
      return 8;
    case 0x1e:
      return 16;
    case form.addr:
      return addressBytes;
    case form.refAddr:
      return version < 3 ? addressBytes : offsetBytes;
    case form.strp:
    case form.secOffset:
    case form.strpSup:
    case form.lineStrp:
    case form.gnuRefAlt:
    case form.gnuStrpAlt:
      return offsetBytes;
    default:
      return -1;
  }
}

/**
 * The number that stands there: an address, an index, an offset, a constant, by its form; of a text within the entry where
 * it begins, of a block NaN.
 */
export function readForm(cursor: DwarfCursor, of: number, implicit: number, sizes: FormSizes): number {
  switch (of) {
    case form.implicitConst:
      return implicit;
    case 0x19:
      return 1;
    case form.string: {
      const { at } = cursor;
      cursor.skipText();
      return at;
    }
    case 0x0d:
      return cursor.sleb();
    case 0x0f:
    case 0x15:
    case form.strx:
    case form.addrx:
    case 0x22:
    case form.rangesx:
    case form.gnuAddress:
    case form.gnuString:
      return cursor.uleb();
    case 0x09:
    case 0x18:
      cursor.skip(cursor.uleb());
      return Number.NaN;
    case 0x0a:
      cursor.skip(cursor.u8());
      return Number.NaN;
    case 0x03:
      cursor.skip(cursor.u16());
      return Number.NaN;
    case 0x04:
      cursor.skip(cursor.u32());
      return Number.NaN;
    case form.indirect: {
      const actual = cursor.uleb();
      if (actual === form.indirect || actual === form.implicitConst)
        throw new RangeError("a form that says nothing");
      return readForm(cursor, actual, 0, sizes);
    }
    default:
      return readFixed(cursor, fixedBytes(of, sizes));
  }
}

function readFixed(cursor: DwarfCursor, sizeBytes: number): number {
  switch (sizeBytes) {
    case 1:
      return cursor.u8();
    case 2:
      return cursor.u16();
    case 3:
      return cursor.u24();
    case 4:
      return cursor.u32();
    case 8:
      return cursor.u64();
    case 16:
      cursor.skip(16);
      return Number.NaN;
    default:
      throw new RangeError("a form that is not known");
  }
}

/** Passes over the value. */
export function skipForm(cursor: DwarfCursor, of: number, sizes: FormSizes): void {
  const bytes = fixedBytes(of, sizes);
  if (bytes === -1) readForm(cursor, of, 0, sizes);
  else cursor.skip(bytes);
}

export const isReference = (of: number): boolean => of >= 0x11 && of <= 0x15;
export const isAlternate = (of: number): boolean =>
  of === form.gnuRefAlt || of === form.refSup4 || of === form.refSup8;
export const isIndexedAddress = (of: number): boolean =>
  of === form.addrx || (of >= form.addrx1 && of <= form.addrx4) || of === form.gnuAddress;
export const isIndexedString = (of: number): boolean =>
  of === form.strx || (of >= form.strx1 && of <= form.strx4) || of === form.gnuString;
