import { float64, int32 } from "../../model/growable.ts";
import { DwarfFile } from "./file.ts";
import { readRanges } from "./ranges.ts";
import { UnitScopes } from "./scopes.ts";
import type { DwarfSections } from "./section.ts";
import type { DwarfUnit } from "./unit.ts";

/** A function whose code is at an address: the one of the symbol table, or a call that the compiler inlined there. */
export interface CodePlace {
  /** "" where the symbol says it. */
  readonly name: string;
  /** Where the function is declared: "" and -1 where that is not known. */
  readonly file: string;
  readonly declaredLine: number;
  /** The line of that file which the address is of; -1 where it is not known, or in another file. */
  readonly line: number;
}

/** What looking at the head of a unit counts as. */
const ROOT_BYTES = 256;

/** Sections of other files that one may name. */
export interface DwarfLinks {
  /** .gnu_debugaltlink, or .debug_sup. */
  alternate?(): DwarfSections | null;
  /** The ".dwo" file of a unit that the compiler split. */
  split?(name: string, directory: string): DwarfSections | null;
}

/**
 * Functions, inlined calls and lines by address, from DWARF 2 to 5. Only the units that hold an address are read, each one
 * once and in steps of about `stepBytes`, so that whoever draws a picture need not wait for the largest of them.
 */
export class DwarfInlines {
  readonly #main: DwarfFile | null;
  readonly #links: DwarfLinks;
  readonly #stepBytes: number;
  readonly #starts = float64();
  readonly #ends = float64();
  /** The furthest of all ends up to there. */
  readonly #reach = float64();
  readonly #unitOf = int32();
  readonly #units: DwarfUnit[] = [];
  readonly #scopes = new Map<number, UnitScopes | null>();
  readonly #splits = new Map<number, DwarfFile | null>();
  #isListed = false;
  /** Units that were asked for and are not read to their end. */
  readonly #waiting = new Set<UnitScopes>();
  /** Grows when what was asked for in vain has come. */
  revision = 0;

  constructor(sections: DwarfSections, links: DwarfLinks = {}, stepBytes = Number.POSITIVE_INFINITY) {
    this.#links = links;
    this.#stepBytes = stepBytes;
    let alternateFile: DwarfFile | null | undefined;
    const alternate = (): DwarfFile | null => {
      if (alternateFile === undefined) {
        const shared = links.alternate?.() ?? null;
        const sharedInfo = shared?.("debug_info") ?? null;
        alternateFile = shared && sharedInfo && new DwarfFile(shared, sharedInfo, () => null);
      }
      return alternateFile;
    };
    const withShared: DwarfSections = (name) =>
      name === "alternate_str" ? (links.alternate?.()?.("debug_str") ?? null) : sections(name);
    const info = sections("debug_info");
    this.#main = info && new DwarfFile(withShared, info, alternate);
  }

  /** From the function inwards; none where nothing is said of the address, null where that is not read yet. */
  find(pc: number): readonly CodePlace[] | null {
    // The first question takes one step, however many follow: `advance` takes the others.
    if (!this.#isListed && (this.#units.length > 0 || !this.#list(this.#stepBytes))) return null;
    const number = this.#unitNumber(pc);
    const unit = this.#units[number];
    if (!unit) return [];
    const scopes = this.#scopesOf(number, unit);
    if (scopes === null) return this.#lineOnly(unit, pc);
    if (!scopes.isDone && !this.#waiting.has(scopes)) {
      this.#waiting.add(scopes);
      this.#step(scopes);
    }
    if (!scopes.isDone) return null;
    const found = scopes.find(pc);
    return found.length === 0 ? this.#lineOnly(unit, pc) : this.#placesOf(number, unit, scopes, found, pc);
  }

  /** Names of what was inlined into the function at the address, and of `around` calls before and behind those. */
  namesNear(pc: number, around: number): readonly string[] {
    const number = this.#unitNumber(pc);
    const scopes = this.#scopes.get(number);
    const [from] = scopes?.isDone ? scopes.find(pc) : [];
    if (!scopes || from === undefined) return [];
    const file = this.#fileOf(number);
    const names = new Set<string>();
    const last = Math.min(scopes.end.length, scopes.end.at(from) + around);
    for (let scope = Math.max(0, from - around); scope < last; scope++)
      if (scopes.isFunction.at(scope) === 0) names.add(file?.describe(scopes.origin.at(scope)).name ?? "");
    return [...names];
  }

  /** Goes on with what was asked for. */
  advance(): void {
    if (!this.#isListed && this.#units.length > 0 && this.#list(this.#stepBytes)) this.revision++;
    for (const scopes of this.#waiting) this.#step(scopes);
  }

  #step(scopes: UnitScopes): void {
    scopes.advance(this.#stepBytes);
    if (scopes.isDone && this.#waiting.delete(scopes)) this.revision++;
  }

  #scopesOf(number: number, unit: DwarfUnit): UnitScopes | null {
    let scopes = this.#scopes.get(number);
    if (scopes === undefined) {
      scopes = attempt(() => {
        const { splitName } = unit.root;
        const split = splitName === "" ? null : this.#split(number, unit);
        return new UnitScopes(split?.nextUnit() ?? unit);
      });
      this.#scopes.set(number, scopes);
    }
    return scopes;
  }

  #split(number: number, unit: DwarfUnit): DwarfFile | null {
    const { splitName, directory } = unit.root;
    const sections = this.#links.split?.(splitName, directory) ?? null;
    const info = sections?.("debug_info") ?? null;
    const file = sections && info && new DwarfFile(sections, info, () => null, unit);
    this.#splits.set(number, file);
    return file;
  }

  #placesOf(
    number: number,
    unit: DwarfUnit,
    scopes: UnitScopes,
    found: readonly number[],
    pc: number,
  ): readonly CodePlace[] {
    const file = this.#fileOf(number);
    const lines = this.#main?.linesOf(unit) ?? null;
    return found.map((scope, i) => {
      const inner = found[i + 1];
      const isFunction = i === 0;
      const { name, file: declared, line: declaredLine } = file?.describe(scopes.origin.at(scope)) ?? unknown;
      const place =
        inner === undefined
          ? (lines?.find(pc) ?? null)
          : { file: lines?.file(scopes.callFile.at(inner)) ?? "", line: scopes.callLine.at(inner) };
      const isSame = place !== null && place.line > 0 && (declared === "" || place.file === declared);
      return {
        name: isFunction ? "" : name,
        file: declared || (place?.file ?? ""),
        declaredLine,
        line: isSame ? place.line : -1,
      };
    });
  }

  #fileOf(number: number): DwarfFile | null {
    return this.#splits.get(number) ?? this.#main;
  }

  /** Code of an assembler has lines, and no functions. */
  #lineOnly(unit: DwarfUnit, pc: number): readonly CodePlace[] {
    const place = this.#main?.linesOf(unit)?.find(pc) ?? null;
    if (!place || place.file === "") return [];
    return [{ name: "", file: place.file, declaredLine: -1, line: place.line > 0 ? place.line : -1 }];
  }

  /** Lists which unit holds what; false where that takes another step. */
  #list(budget: number): boolean {
    if (this.#isListed) return true;
    const main = this.#main;
    for (let left = budget; main && left > 0; left -= ROOT_BYTES) {
      const unit = main.nextUnit();
      if (unit === null) break;
      const number = this.#units.push(unit) - 1;
      attempt(() => this.#listUnit(unit, number));
      if (left <= ROOT_BYTES) return false;
    }
    const order = new Uint32Array(this.#starts.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    const starts = this.#starts;
    order.sort((a, b) => starts.at(a) - starts.at(b) || a - b);
    if (order.length > 0) for (const column of [starts, this.#ends, this.#unitOf]) column.reorder(order);
    let furthest = 0;
    for (let i = 0; i < order.length; i++) {
      furthest = Math.max(furthest, this.#ends.at(i));
      this.#reach.push(furthest);
    }
    this.#isListed = true;
    return true;
  }

  #listUnit(unit: DwarfUnit, number: number): void {
    const add = (start: number, end: number): void => {
      this.#starts.push(start);
      this.#ends.push(end);
      this.#unitOf.push(number);
    };
    const { lowPc, highPc, rangesAt } = unit.root;
    if (rangesAt !== -1) readRanges(unit, rangesAt, add);
    else if (lowPc > 0 && highPc > lowPc) add(lowPc, highPc);
  }

  #unitNumber(pc: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts.at(middle) <= pc) low = middle + 1;
      else high = middle;
    }
    // Ranges may lie within larger ones: none before holds an address that no end so far reaches.
    for (let i = low - 1; i >= 0 && pc < this.#reach.at(i); i--)
      if (pc < this.#ends.at(i)) return this.#unitOf.at(i);
    return -1;
  }
}

const unknown = { name: "", file: "", line: -1 };

/** null where it is damaged, or too large. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
