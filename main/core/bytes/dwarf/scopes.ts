import { float64, int32, uint8 } from "../../model/growable.ts";
import { DwarfCursor } from "../dwarf-cursor.ts";
import type { Abbreviation } from "./abbreviations.ts";
import { attribute, form, isAlternate, isReference, readForm, skipForm, tag } from "./forms.ts";
import { readRanges } from "./ranges.ts";
import type { DwarfUnit } from "./unit.ts";

/** A unit is read at once, as one piece of memory, while its scopes are collected. */
const MAX_UNIT_BYTES = 1 << 28;
const MAX_DEPTH = 1 << 16;
/** Below these nothing is code of its own, and a reader that knows where the next one begins may pass them over. */
const withoutCode: ReadonlySet<number> = new Set([
  // array, enumeration and subroutine types; call sites; template packs
  0x01, 0x04, 0x15, 0x48, 0x4109, 0x4107, 0x4108,
]);

/** By address. One of several ranges stands as often. */
interface FunctionsInOrder {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly scopes: Int32Array;
}

/** An entry of the file that several share, in the sign of its offset. */
const alternate = (offset: number): number => -offset - 2;

/**
 * Functions of one unit and the calls that were inlined into them, in the order in which they are nested: what is within a
 * scope follows it, up to its `end`. One pass over the unit, which may be taken in steps.
 */
export class UnitScopes {
  readonly unit: DwarfUnit;
  /** Whether it is a function; else an inlined call. */
  readonly isFunction = uint8();
  readonly lowPc = float64();
  readonly highPc = float64();
  /** Where its list of ranges is; -1 for one range. */
  readonly rangesAt = float64();
  /** The entry that says who it is. */
  readonly origin = float64();
  readonly callFile = int32();
  readonly callLine = int32();
  readonly end = int32();
  isDone = false;
  #cursor: DwarfCursor | null = null;
  /** By depth: the scope that began there, or -1. */
  readonly #open: number[] = [];
  #functions: FunctionsInOrder | null = null;

  constructor(unit: DwarfUnit) {
    this.unit = unit;
    if (unit.end - unit.start > MAX_UNIT_BYTES) throw new RangeError("the unit is too large");
  }

  /** Reads on, at most about so many bytes of the unit. */
  advance(maxBytes: number): void {
    const { unit } = this;
    // Reads how its numbers are to be read.
    unit.root;
    this.#cursor ??= new DwarfCursor(
      unit.info.bytes(unit.start, unit.end - unit.start),
      unit.entriesAt - unit.start,
    );
    try {
      this.#walk(this.#cursor, this.#cursor.at + maxBytes);
    } catch (error) {
      // What was read before the damage stands.
      if (!(error instanceof RangeError)) throw error;
      this.isDone = true;
    }
    if (!this.isDone) return;
    for (const scope of this.#open) if (scope !== -1) this.end.set(scope, this.end.length);
    this.#cursor = null;
    this.#functions = this.#functionsInOrder();
  }

  #walk(cursor: DwarfCursor, until: number): void {
    const { abbreviations } = this.unit;
    const open = this.#open;
    while (cursor.at < until) {
      if (cursor.isAtEnd) {
        this.isDone = true;
        return;
      }
      const at = cursor.at;
      const code = cursor.uleb();
      if (code === 0) {
        const scope = open.pop();
        if (scope !== undefined && scope !== -1) this.end.set(scope, this.end.length);
        if (open.length === 0) {
          this.isDone = true;
          return;
        }
        continue;
      }
      const abbreviation = abbreviations.get(code);
      const isFunction = abbreviation.tag === tag.subprogram;
      let scope = -1;
      if (isFunction || abbreviation.tag === tag.inlinedSubroutine) {
        const from = cursor.at;
        scope = this.#scope(cursor, abbreviation, at, isFunction);
        // A declaration, or what is inlined elsewhere.
        if (scope === -1 && isFunction && abbreviation.hasSibling && abbreviation.hasChildren) {
          cursor.at = from;
          this.#toSibling(cursor, abbreviation);
          continue;
        }
      } else if (abbreviation.hasSibling && abbreviation.hasChildren && withoutCode.has(abbreviation.tag)) {
        this.#toSibling(cursor, abbreviation);
        continue;
      } else this.#skip(cursor, abbreviation);
      if (abbreviation.hasChildren) {
        if (open.length >= MAX_DEPTH) throw new RangeError("entries nested too deep");
        open.push(scope);
      }
    }
  }

  #skip(cursor: DwarfCursor, { attributes, sizeBytes }: Abbreviation): void {
    if (sizeBytes !== -1) {
      cursor.skip(sizeBytes);
      return;
    }
    for (let i = 1; i < attributes.length; i += 3) skipForm(cursor, attributes[i] as number, this.unit);
  }

  #toSibling(cursor: DwarfCursor, { attributes }: Abbreviation): void {
    for (let i = 0; i < attributes.length; i += 3) {
      const value = readForm(cursor, attributes[i + 1] as number, attributes[i + 2] as number, this.unit);
      if (attributes[i] !== attribute.sibling) continue;
      if (!(value > cursor.at) || value > cursor.bytes.length)
        throw new RangeError("a sibling that is not one");
      cursor.at = value;
      return;
    }
  }

  /** Its row; -1 where it has no code. */
  #scope(cursor: DwarfCursor, { attributes }: Abbreviation, at: number, isFunction: boolean): number {
    const { unit } = this;
    let lowPc = Number.NaN;
    let high = Number.NaN;
    let highForm = 0;
    let rangesAt = -1;
    let origin = Number.NaN;
    let callFile = -1;
    let callLine = -1;
    for (let i = 0; i < attributes.length; i += 3) {
      const of = attributes[i + 1] as number;
      const value = readForm(cursor, of, attributes[i + 2] as number, unit);
      switch (attributes[i]) {
        case attribute.lowPc:
          lowPc = unit.address(of, value);
          break;
        case attribute.highPc:
          high = value;
          highForm = of;
          break;
        case attribute.ranges:
          rangesAt = unit.rangesAt(of, value);
          break;
        case attribute.origin:
          origin = referenceOf(unit, of, value);
          break;
        case attribute.callFile:
          callFile = value;
          break;
        case attribute.callLine:
          callLine = value;
          break;
      }
    }
    const highPc = Number.isNaN(high) ? lowPc + 1 : unit.highPc(lowPc, highForm, high);
    if (rangesAt === -1 && !(lowPc > 0 && highPc > lowPc)) return -1;
    this.isFunction.push(isFunction ? 1 : 0);
    this.lowPc.push(lowPc);
    this.highPc.push(highPc);
    this.rangesAt.push(rangesAt);
    this.origin.push(isFunction || Number.isNaN(origin) ? unit.start + at : origin);
    this.callFile.push(callFile);
    this.callLine.push(callLine);
    return this.end.push(this.end.length + 1);
  }

  #functionsInOrder(): FunctionsInOrder {
    const starts = float64();
    const ends = float64();
    const scopes = int32();
    for (let scope = 0; scope < this.end.length; scope++) {
      if (this.isFunction.at(scope) === 0) continue;
      this.#ranges(scope, (start, end) => {
        starts.push(start);
        ends.push(end);
        scopes.push(scope);
      });
    }
    const order = new Uint32Array(starts.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort((a, b) => starts.at(a) - starts.at(b) || a - b);
    for (const column of [starts, ends, scopes]) column.reorder(order);
    const count = order.length;
    return {
      starts: starts.view().slice(0, count),
      ends: ends.view().slice(0, count),
      scopes: scopes.view().slice(0, count),
    };
  }

  #ranges(scope: number, give: (start: number, end: number) => void): void {
    const rangesAt = this.rangesAt.at(scope);
    if (rangesAt === -1) give(this.lowPc.at(scope), this.highPc.at(scope));
    else guarded(() => readRanges(this.unit, rangesAt, give));
  }

  #holds(scope: number, pc: number): boolean {
    let isIn = false;
    this.#ranges(scope, (start, end) => {
      if (start <= pc && pc < end) isIn = true;
    });
    return isIn;
  }

  /** The function at the address and, inwards, the calls that were inlined there; none where the unit says nothing of it. */
  find(pc: number): readonly number[] {
    this.#functions ??= this.#functionsInOrder();
    const { starts, ends, scopes } = this.#functions;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= pc) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || pc >= (ends[low - 1] as number)) return [];
    const found = [scopes[low - 1] as number];
    const last = this.end.at(found[0] as number);
    for (let scope = (found[0] as number) + 1; scope < last; ) {
      if (this.isFunction.at(scope) === 0 && this.#holds(scope, pc)) {
        found.push(scope);
        // What else lies beside it does not hold the address.
        if (this.end.at(scope) === scope + 1) break;
        scope++;
      } else scope = this.end.at(scope);
    }
    return found;
  }
}

/** The entry that an attribute names, as `origin` has it. */
export function referenceOf(unit: DwarfUnit, of: number, value: number): number {
  if (isAlternate(of)) return alternate(value);
  if (isReference(of)) return unit.start + value;
  return of === form.refAddr ? value : Number.NaN;
}

function guarded(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
