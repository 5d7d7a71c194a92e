import { attribute } from "./forms.ts";
import { LineTable } from "./lines.ts";
import { referenceOf } from "./scopes.ts";
import type { DwarfSection, DwarfSections } from "./section.ts";
import { attributesOf, DwarfUnit, readUnitHeader, type UnitHeader } from "./unit.ts";

const MAX_UNITS = 1 << 20;
const MAX_NAMED = 1 << 16;
/** Declarations of declarations of what was inlined. */
const MAX_REFERENCES = 8;
const MAX_LINE_TABLES = 32;

/** Who a function is. */
export interface Described {
  /** As the linker has it, where that is another one than in the source. */
  readonly name: string;
  /** Where it is declared: "" and -1 where that is not said. */
  readonly file: string;
  readonly line: number;
}

/** Debug information of one file: its units, and entries by where they are. */
export class DwarfFile {
  readonly sections: DwarfSections;
  readonly info: DwarfSection;
  /** What it shares with other files (.gnu_debugaltlink, DWARF 5's supplementary file). */
  readonly #alternate: () => DwarfFile | null;
  readonly #skeleton: DwarfUnit | null;
  readonly #headers: UnitHeader[] = [];
  readonly #units = new Map<number, DwarfUnit>();
  readonly #described = new Map<number, Described>();
  readonly #lines = new Map<number, LineTable | null>();
  #headersUntil = 0;

  constructor(
    sections: DwarfSections,
    info: DwarfSection,
    alternate: () => DwarfFile | null,
    skeleton: DwarfUnit | null = null,
  ) {
    this.sections = sections;
    this.info = info;
    this.#alternate = alternate;
    this.#skeleton = skeleton;
  }

  /** The next unit of code, in the order of the file; null after the last. */
  nextUnit(): DwarfUnit | null {
    while (this.#headersUntil < this.info.sizeBytes && this.#headers.length < MAX_UNITS) {
      let header: ReturnType<typeof readUnitHeader>;
      try {
        header = readUnitHeader(this.info, this.#headersUntil);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#headersUntil = Number.POSITIVE_INFINITY;
        return null;
      }
      this.#headersUntil = header.end;
      if (!("start" in header)) continue;
      this.#headers.push(header);
      if (!header.isType) return this.#unit(header);
    }
    return null;
  }

  /** The unit that an offset lies in. */
  unitAt(offset: number): DwarfUnit | null {
    while (this.#headersUntil <= offset) if (this.nextUnit() === null) break;
    let low = 0;
    let high = this.#headers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#headers[middle]?.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const header = this.#headers[low - 1];
    return header && offset < header.end ? this.#unit(header) : null;
  }

  #unit(header: UnitHeader): DwarfUnit {
    let unit = this.#units.get(header.start);
    if (!unit) {
      unit = new DwarfUnit(this.sections, this.info, header, this.#skeleton);
      this.#units.set(header.start, unit);
    }
    return unit;
  }

  /** The table of lines of a unit, for its rows and its files; null where it has none. */
  linesOf(unit: DwarfUnit): LineTable | null {
    const of = unit.skeleton ?? unit;
    const at = of.root.linesAt;
    const known = this.#lines.get(at);
    if (known !== undefined) return known;
    let table: LineTable | null = null;
    try {
      table = at === -1 ? null : new LineTable(of, at);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    this.#lines.set(at, table);
    for (const oldest of this.#lines.keys())
      if (this.#lines.size > MAX_LINE_TABLES) this.#lines.delete(oldest);
    return table;
  }

  /** Who the function is whose entry is there. A negative offset is one of the shared file. */
  describe(offset: number): Described {
    const known = this.#described.get(offset);
    if (known) return known;
    if (this.#described.size >= MAX_NAMED) this.#described.clear();
    const described = this.#describe(offset);
    this.#described.set(offset, described);
    return described;
  }

  #describe(from: number): Described {
    let name = "";
    let linked = "";
    let file = "";
    let line = -1;
    let inFile: DwarfFile | null = this;
    let offset = from;
    try {
      for (let step = 0; step < MAX_REFERENCES && inFile && !Number.isNaN(offset); step++) {
        if (offset < 0) {
          inFile = inFile.#alternate();
          offset = -offset - 2;
          continue;
        }
        const entry: Entry | null = inFile.#entry(offset);
        if (entry === null) break;
        name ||= entry.name;
        linked ||= entry.linked;
        file ||= entry.file;
        if (line === -1) line = entry.line;
        offset = entry.next;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    return { name: linked || name, file, line };
  }

  #entry(offset: number): Entry | null {
    const unit = this.unitAt(offset);
    if (!unit) return null;
    unit.root;
    return this.info.at(offset, (cursor) => {
      const values = attributesOf(cursor, unit.abbreviations.get(cursor.uleb()), unit);
      const text = (of: number): string => {
        const found = values.get(of);
        return found ? unit.text(found.form, found.value, cursor) : "";
      };
      const file = values.get(attribute.file)?.value ?? -1;
      const next = values.get(attribute.origin) ?? values.get(attribute.specification);
      return {
        name: text(attribute.name),
        linked: text(attribute.linkageName) || text(attribute.mipsLinkageName),
        file: file === -1 ? "" : (this.linesOf(unit)?.file(file) ?? ""),
        line: values.get(attribute.line)?.value ?? -1,
        next: next ? referenceOf(unit, next.form, next.value) : Number.NaN,
      };
    });
  }
}

interface Entry {
  readonly name: string;
  readonly linked: string;
  readonly file: string;
  readonly line: number;
  readonly next: number;
}
