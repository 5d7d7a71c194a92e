import type { DwarfUnit } from "./unit.ts";

const MAX_RANGES = 1 << 20;

/** Calls `give` with each range of a list, as .debug_ranges (version 4) or .debug_rnglists have it. */
export function readRanges(unit: DwarfUnit, at: number, give: (start: number, end: number) => void): void {
  if (at < 0) return;
  if (unit.version < 5) readOld(unit, at, give);
  else readLists(unit, at, give);
}

function readOld(unit: DwarfUnit, at: number, give: (start: number, end: number) => void): void {
  const section = (unit.skeleton ?? unit).sections("debug_ranges");
  const largest = unit.addressBytes === 8 ? 2 ** 64 : 0xffffffff;
  const found: number[] = [];
  section?.at(at, (cursor) => {
    found.length = 0;
    let { base } = unit;
    for (let count = 0; count < MAX_RANGES; count++) {
      const start = unit.readAddress(cursor);
      const end = unit.readAddress(cursor);
      if (start === 0 && end === 0) return;
      if (start === largest) base = end;
      else found.push(base + start, base + end);
    }
  });
  giveAll(found, give);
}

function readLists(unit: DwarfUnit, at: number, give: (start: number, end: number) => void): void {
  const found: number[] = [];
  unit.sections("debug_rnglists")?.at(at, (cursor) => {
    found.length = 0;
    let { base } = unit;
    for (let count = 0; count < MAX_RANGES; count++) {
      // DW_RLE_*
      switch (cursor.u8()) {
        case 0x00:
          return;
        case 0x01:
          base = unit.indexedAddress(cursor.uleb());
          break;
        case 0x02:
          found.push(unit.indexedAddress(cursor.uleb()), unit.indexedAddress(cursor.uleb()));
          break;
        case 0x03: {
          const start = unit.indexedAddress(cursor.uleb());
          found.push(start, start + cursor.uleb());
          break;
        }
        case 0x04:
          found.push(base + cursor.wrapped(), base + cursor.wrapped());
          break;
        case 0x05:
          base = unit.readAddress(cursor);
          break;
        case 0x06:
          found.push(unit.readAddress(cursor), unit.readAddress(cursor));
          break;
        case 0x07: {
          const start = unit.readAddress(cursor);
          found.push(start, start + cursor.uleb());
          break;
        }
        default:
          throw new RangeError("a range of a kind that is not known");
      }
    }
  });
  giveAll(found, give);
}

function giveAll(found: readonly number[], give: (start: number, end: number) => void): void {
  for (let i = 0; i + 1 < found.length; i += 2) {
    const start = found[i] as number;
    const end = found[i + 1] as number;
    // What the linker threw out begins at 0, or where nothing can be.
    if (start > 0 && end > start) give(start, end);
  }
}
