import { float64, int32 } from "../../model/growable.ts";
import { DwarfCursor } from "../dwarf-cursor.ts";
import { form, readForm, skipForm } from "./forms.ts";
import type { DwarfUnit } from "./unit.ts";

const MAX_PROGRAM_BYTES = 1 << 28;
const MAX_FILES = 1 << 20;

interface LineHeader {
  /** By the number that the program, and declarations, have for them. */
  readonly files: readonly string[];
  readonly program: Uint8Array;
  readonly isBeforeFive: boolean;
  readonly minimumBytes: number;
  readonly operations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operands: Uint8Array;
  readonly addressBytes: number;
}

/** The line table of a unit. Its rows are read when the first is asked for. */
export class LineTable {
  readonly #header: LineHeader;
  #rows: LineRows | null = null;

  constructor(unit: DwarfUnit, at: number) {
    this.#header = readHeader(unit, at);
  }

  /** "" where there is none of the number. */
  file(number: number): string {
    return this.#header.files[number] ?? "";
  }

  /** File and line of the code at the address; line 0 where the compiler made it up, null where nothing is said. */
  find(address: number): { readonly file: string; readonly line: number } | null {
    this.#rows ??= readRows(this.#header);
    const row = this.#rows.find(address);
    if (row === -1) return null;
    return { file: this.file(this.#rows.files[row] ?? -1), line: this.#rows.lines[row] ?? 0 };
  }
}

function readHeader(unit: DwarfUnit, start: number): LineHeader {
  const section = unit.sections("debug_line");
  if (!section) throw new RangeError("there is no table of lines");
  const { from, length } = section.at(start, (cursor) => {
    const begin = cursor.at;
    const short = cursor.u32();
    const size = short === 0xffffffff ? cursor.u64() : short;
    return { from: cursor.at - begin, length: size };
  });
  if (length > MAX_PROGRAM_BYTES) throw new RangeError("a table of lines that is too long");
  const cursor = new DwarfCursor(section.bytes(start + from, length));
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new RangeError("a table of lines of a version that is not known");
  let { addressBytes } = unit;
  if (version >= 5) {
    addressBytes = cursor.u8();
    cursor.skip(1);
  }
  const offsetBytes = from === 12 ? 8 : 4;
  const headerBytes = offsetBytes === 8 ? cursor.u64() : cursor.u32();
  const programAt = cursor.at + headerBytes;
  const minimumBytes = cursor.u8();
  const operations = version >= 4 ? cursor.u8() : 1;
  cursor.skip(1);
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new RangeError("a table of lines that says nothing");
  const operands = cursor.bytes.subarray(cursor.at, cursor.at + opcodeBase - 1);
  cursor.skip(opcodeBase - 1);
  const { directory } = unit.root;
  const files = version >= 5 ? newFiles(cursor, unit, offsetBytes) : oldFiles(cursor, directory);
  return {
    files,
    program: cursor.bytes.subarray(programAt),
    isBeforeFive: version < 5,
    minimumBytes,
    operations: Math.max(1, operations),
    lineBase,
    lineRange,
    opcodeBase,
    operands,
    addressBytes,
  };
}

function oldFiles(cursor: DwarfCursor, directory: string): readonly string[] {
  const folders = [directory];
  for (let text = cursor.text(); text !== ""; text = cursor.text()) folders.push(joined(directory, text));
  const files = [""];
  for (let text = cursor.text(); text !== ""; text = cursor.text()) {
    if (files.length > MAX_FILES) throw new RangeError("too many files");
    files.push(joined(folders[cursor.uleb()] ?? directory, text));
    cursor.uleb();
    cursor.uleb();
  }
  return files;
}

function newFiles(cursor: DwarfCursor, unit: DwarfUnit, offsetBytes: number): readonly string[] {
  const sizes = { addressBytes: unit.addressBytes, offsetBytes, version: 5 };
  const folders: string[] = [];
  readEntries(cursor, unit, sizes, (text) => folders.push(joined(folders[0] ?? "", text)));
  const files: string[] = [];
  readEntries(cursor, unit, sizes, (text, folder) => files.push(joined(folders[folder] ?? "", text)));
  return files;
}

/** DW_LNCT_path and DW_LNCT_directory_index of each entry. */
function readEntries(
  cursor: DwarfCursor,
  unit: DwarfUnit,
  sizes: Parameters<typeof skipForm>[2],
  give: (path: string, directory: number) => void,
): void {
  const formats: (readonly [number, number])[] = [];
  for (let left = cursor.u8(); left > 0; left--) formats.push([cursor.uleb(), cursor.uleb()]);
  const count = cursor.uleb();
  if (count > MAX_FILES || (formats.length === 0 && count > 0)) throw new RangeError("too many files");
  for (let i = 0; i < count; i++) {
    let path = "";
    let directory = 0;
    for (const [content, of] of formats) {
      if (content === 1) path = unit.text(of, readForm(cursor, of, 0, sizes), cursor);
      else if (content === 2) directory = readForm(cursor, of, 0, sizes);
      else if (of === form.implicitConst) throw new RangeError("a form that says nothing");
      else skipForm(cursor, of, sizes);
    }
    give(path, directory);
  }
}

/** A path in a folder, without "." and "..": as tools that print it have it. */
function joined(folder: string, path: string): string {
  const whole = path.startsWith("/") || folder === "" ? path : `${folder}/${path}`;
  if (!/(^|\/)\.{1,2}(\/|$)|\/\//.test(whole)) return whole;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !whole.startsWith("/")) parts.push(part);
  }
  return (whole.startsWith("/") ? "/" : "") + parts.join("/");
}

/** Rows in the order of their addresses. A line of -1 ends a run of code. */
class LineRows {
  readonly addresses: Float64Array;
  readonly lines: Int32Array;
  readonly files: Int32Array;

  constructor(addresses: Float64Array, lines: Int32Array, files: Int32Array) {
    this.addresses = addresses;
    this.lines = lines;
    this.files = files;
  }

  find(address: number): number {
    let from = 0;
    let to = this.addresses.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.addresses[middle] as number) <= address) from = middle + 1;
      else to = middle;
    }
    const row = from - 1;
    return row === -1 || this.lines[row] === -1 ? -1 : row;
  }
}

function readRows(header: LineHeader): LineRows {
  const addresses = float64();
  const lines = int32();
  const files = int32();
  const { program, minimumBytes, operations, lineBase, lineRange, opcodeBase, operands } = header;
  const cursor = new DwarfCursor(program);
  let address = 0;
  let operation = 0;
  let file = 1;
  let line = 1;
  let begun = 0;
  const advance = (count: number): void => {
    if (operations === 1) address += minimumBytes * count;
    else {
      address += minimumBytes * Math.floor((operation + count) / operations);
      operation = (operation + count) % operations;
    }
  };
  const row = (at: number): void => {
    addresses.push(address);
    lines.push(at);
    files.push(file);
  };
  const reset = (): void => {
    address = 0;
    operation = 0;
    file = 1;
    line = 1;
  };
  /** DW_LNE_* */
  const extended = (): void => {
    const length = cursor.uleb();
    const end = cursor.at + length;
    if (length > 0) {
      const op = cursor.u8();
      if (op === 1) {
        row(-1);
        // What the linker threw out begins at 0.
        if (!(addresses.at(begun) > 0))
          for (const column of [addresses, lines, files]) column.truncate(begun);
        begun = addresses.length;
        reset();
      } else if (op === 2) {
        address = length === 9 ? cursor.u64() : cursor.u32();
        operation = 0;
      }
    }
    cursor.at = end;
  };
  try {
    while (!cursor.isAtEnd) {
      const op = cursor.u8();
      if (op >= opcodeBase) {
        const by = op - opcodeBase;
        advance(Math.floor(by / lineRange));
        line += lineBase + (by % lineRange);
        row(line);
        continue;
      }
      // DW_LNS_*
      switch (op) {
        case 0:
          extended();
          break;
        case 1:
          row(line);
          break;
        case 2:
          advance(cursor.uleb());
          break;
        case 3:
          line += cursor.sleb();
          break;
        case 4:
          file = cursor.uleb();
          break;
        case 8:
          advance(Math.floor((255 - opcodeBase) / lineRange));
          break;
        case 9:
          address += cursor.u16();
          operation = 0;
          break;
        default:
          for (let left = operands[op - 1] ?? 0; left > 0; left--) cursor.uleb();
      }
    }
  } catch (error) {
    // What was read before the damage stands.
    if (!(error instanceof RangeError)) throw error;
  }
  return inOrder(addresses.view().slice(), lines.view().slice(), files.view().slice());
}

/** Runs of code stand in any order. Of rows at one address the last one holds, as debuggers have it. */
function inOrder(addresses: Float64Array, lines: Int32Array, files: Int32Array): LineRows {
  const order = new Uint32Array(addresses.length);
  let isSorted = true;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    if (i > 0 && (addresses[i] as number) < (addresses[i - 1] as number)) isSorted = false;
  }
  if (isSorted) return new LineRows(addresses, lines, files);
  const at = (i: number): number => addresses[i] as number;
  // Where one run ends and another begins, the begin holds.
  const rank = (i: number): number => (lines[i] === -1 ? 0 : 1);
  order.sort((a, b) => at(a) - at(b) || rank(a) - rank(b) || a - b);
  return new LineRows(
    Float64Array.from(order, (i) => at(i)),
    Int32Array.from(order, (i) => lines[i] as number),
    Int32Array.from(order, (i) => files[i] as number),
  );
}
