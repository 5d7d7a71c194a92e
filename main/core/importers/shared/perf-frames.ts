import { hexDigit, skipBlanks, textOf, trimEnd } from "../../bytes/ascii.ts";
import { ByteInterner } from "../../bytes/byte-interner.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { int32, uint8, uint32 } from "../../model/growable.ts";
import { type FunctionKind, kindAt, kindIndex } from "../../model/profile.ts";
import { RowInterner } from "../../model/row-interner.ts";
import { isJitBinary, isKernelBinary, readJitName } from "./jit-names.ts";
import { hexLength } from "./perf-header.ts";

const NO_ADDRESS = 0xffffffff;
const CLOSE = 41;
const OPEN = 40;

const INLINED = 1;
/** Neither symbol nor binary is known: where such a frame is outermost, the unwinder lost its way. */
const LOST = 2;

interface BinaryPath {
  readonly text: string;
  /** NONE for "inlined" and "[unknown]". */
  readonly binary: number;
  readonly isJit: boolean;
  /** null where the address has to say. */
  readonly kind: FunctionKind | null;
}

/**
 * The frame lines of `perf script`, each distinct one read once:
 *
 *     <tab>            14c4 burn_a+0x34 (/srv/demo/cpu_fp)
 *     <tab>            27304 __libc_start_main_impl+0x84 (inlined)
 *
 * A row here is a distinct line.
 */
export class PerfFrames {
  readonly #out: ProfileBuilder;
  readonly #lines = new ByteInterner();
  readonly #paths = new ByteInterner();
  readonly #pathRows: BinaryPath[] = [];
  readonly #symbols = new ByteInterner();
  readonly #symbolName = int32();
  readonly #unknown: number;
  #hasNames = false;
  /** The frame of a line that was not inlined and has no source place. */
  readonly #frame = int32();
  readonly #flags = uint8();
  readonly #name = int32();
  /** The symbol as it stands there, where the name is a part of it. */
  readonly #whole = int32();
  readonly #binary = int32();
  readonly #kind = uint8();
  readonly #file = int32();
  readonly #line = int32();
  readonly #column = int32();
  readonly #high = uint32();
  readonly #low = uint32();
  readonly #placed = new RowInterner(4);
  readonly #placedFrame = int32();
  readonly #places = new ByteInterner();
  readonly #placeFile = int32();
  readonly #placeLine = int32();
  readonly #placeIsInlined = uint8();

  constructor(out: ProfileBuilder) {
    this.#out = out;
    this.#unknown = out.string("[unknown]");
  }

  /** Row of a frame line. */
  row(bytes: Uint8Array, start: number, end: number): number {
    const row = this.#lines.intern(bytes, start, end);
    if (row === this.#frame.length) this.#read(bytes, start, end);
    return row;
  }

  /** There are lines, and not one has a symbol. */
  get isNameless(): boolean {
    return this.#frame.length > 0 && !this.#hasNames;
  }

  isInlined(row: number): boolean {
    return (this.#flags.at(row) & INLINED) !== 0;
  }

  isLost(row: number): boolean {
    return (this.#flags.at(row) & LOST) !== 0;
  }

  /** The frame of a line that was not inlined. */
  frame(row: number): number {
    return this.#frame.at(row);
  }

  /**
   * The frame of a line in its surroundings: inlined `depth` deep into the line `into` (-1: unknown), at a source
   * place (-1: none). perf does not say which binary inlined code is from, but one address is in one binary.
   */
  frameIn(row: number, into: number, depth: number, place: number): number {
    const isSame =
      into !== NONE && this.#high.at(row) === this.#high.at(into) && this.#low.at(row) === this.#low.at(into);
    const from = depth > 0 && isSame ? into : row;
    const index = this.#placed.intern(row, from, depth, place);
    if (index === this.#placedFrame.length) this.#placedFrame.push(this.#makeFrame(row, from, depth, place));
    return this.#placedFrame.at(index);
  }

  #makeFrame(row: number, from: number, depth: number, place: number): number {
    const out = this.#out;
    const hasPlace = place !== NONE && this.#placeFile.at(place) !== NONE;
    return out.frame({
      function: out.function({
        name: this.#name.at(row),
        binary: this.#binary.at(from),
        kind: kindAt(this.#kind.at(from)),
        file: hasPlace ? this.#placeFile.at(place) : this.#file.at(row),
        line: hasPlace ? NONE : this.#line.at(row),
      }),
      addressHigh: this.#high.at(row),
      addressLow: this.#low.at(row),
      line: hasPlace ? this.#placeLine.at(place) : this.#line.at(row),
      column: hasPlace ? NONE : this.#column.at(row),
      inlineDepth: depth,
      symbol: this.#whole.at(row),
    });
  }

  /** Row of a source place ("  cpu.cpp:12", "  cpu.cpp:12 (inlined)"), or -1 when the line says nothing of the frame. */
  place(bytes: Uint8Array, start: number, end: number): number {
    const row = this.#places.intern(bytes, start, end);
    if (row === this.#placeLine.length) {
      const match = /^\s*(\S.*):(\d{1,9})(?: \(discriminator \d+\))?( \(inlined\))?$/.exec(
        textOf(bytes, start, end),
      );
      const [, file = "", line = "", inlined = ""] = match ?? [];
      const isKnown = match !== null && file !== "??";
      this.#placeFile.push(isKnown ? this.#out.string(file) : NONE);
      this.#placeLine.push(isKnown ? Number(line) : NONE);
      this.#placeIsInlined.push(inlined === "" ? 0 : 1);
    }
    return this.#placeFile.at(row) === NONE && !this.isInlinedPlace(row) ? NONE : row;
  }

  /** Where source places are asked for, they say what was inlined, and the frames' own lines do not. */
  isInlinedPlace(place: number): boolean {
    return place !== NONE && this.#placeIsInlined.at(place) === 1;
  }

  #read(bytes: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    let at = skipBlanks(bytes, start, end);
    const last = trimEnd(bytes, at, end);
    const digits = hexLength(bytes, at, last);
    let high = NO_ADDRESS;
    let low = NO_ADDRESS;
    if (digits > 0) {
      const half = Math.max(at, at + digits - 8);
      high = hexValue(bytes, at, half);
      low = hexValue(bytes, half, at + digits);
      at = skipBlanks(bytes, at + digits, last);
    }
    // Where symbols were asked for and this one has an empty name, its two blanks are there all the same.
    const isEmptyName = digits > 0 && bytes[at] === OPEN && bytes[at - 2] === 32;
    const open = binaryStart(bytes, at, last);
    const path = open === -1 ? this.#path(bytes, at, at) : this.#path(bytes, open + 1, last - 1);
    const symbolEnd = withoutOffset(bytes, at, open === -1 ? last : trimEnd(bytes, at, open));
    const isInlined = path.text === "inlined";
    const name = this.#symbol(bytes, at, symbolEnd);
    if (name !== this.#unknown) this.#hasNames = true;

    this.#flags.push(isInlined ? INLINED : path.binary === NONE && name === this.#unknown ? LOST : 0);
    this.#binary.push(path.binary);
    if (path.isJit) {
      const named = readJitName(out.text(name));
      const short = out.string(named.name);
      this.#name.push(short);
      this.#whole.push(short === name ? NONE : name);
      this.#kind.push(kindIndex(named.kind));
      this.#file.push(named.file === "" ? NONE : out.string(named.file));
      this.#line.push(named.line);
      this.#column.push(named.column);
    } else {
      this.#name.push(name);
      this.#whole.push(isEmptyName && name === this.#unknown ? out.string("") : NONE);
      this.#kind.push(kindIndex(path.kind ?? kindOfAddress(path.text, digits > 0 ? high : 0)));
      this.#file.push(NONE);
      this.#line.push(NONE);
      this.#column.push(NONE);
    }
    this.#high.push(high);
    this.#low.push(low);
    this.#frame.push(NONE);
    const row = this.#frame.length - 1;
    if (!isInlined) this.#frame.set(row, this.#makeFrame(row, row, 0, NONE));
  }

  /** What is in the brackets at the end of a line. */
  #path(bytes: Uint8Array, start: number, end: number): BinaryPath {
    const index = this.#paths.intern(bytes, start, end);
    const known = this.#pathRows[index];
    if (known) return known;
    const text = readPath(bytes, start, end);
    const isNone = text === "" || text === "inlined" || text === "[unknown]";
    const path: BinaryPath = {
      text,
      binary: isNone ? NONE : this.#out.binary(text),
      isJit: !isNone && isJitBinary(text),
      kind: isNone ? null : isKernelBinary(text) ? "kernel" : "native",
    };
    this.#pathRows.push(path);
    return path;
  }

  #symbol(bytes: Uint8Array, start: number, end: number): number {
    if (start >= end) return this.#unknown;
    const index = this.#symbols.intern(bytes, start, end);
    if (index === this.#symbolName.length) this.#symbolName.push(this.#out.string(textOf(bytes, start, end)));
    return this.#symbolName.at(index);
  }
}

/** For code that is in no file: the upper half of the address space is the kernel's on every 64-bit Linux. */
function kindOfAddress(path: string, high: number): FunctionKind {
  if (high >= 0xffff0000) return "kernel";
  return path === "[unknown]" ? "unknown" : "native";
}

function hexValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 16 + hexDigit(bytes[at] as number);
  return value;
}

/** Where the "(binary)" at the end of a line opens, or -1. Symbols and paths may have brackets of their own. */
function binaryStart(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2 || bytes[end - 1] !== CLOSE) return -1;
  let depth = 0;
  for (let at = end - 1; at >= start; at--) {
    const byte = bytes[at];
    if (byte === CLOSE) depth++;
    else if (byte === OPEN && --depth === 0) {
      return at === start || bytes[at - 1] === 32 ? at : -1;
    }
  }
  for (let at = end - 2; at > start; at--) if (bytes[at] === OPEN && bytes[at - 1] === 32) return at;
  return -1;
}

function readPath(bytes: Uint8Array, start: number, end: number): string {
  const path = textOf(bytes, start, withoutOffset(bytes, start, end));
  return path.endsWith(" (deleted)") ? path.slice(0, -" (deleted)".length) : path;
}

/** End of the range without the "+0x34" at its end. */
function withoutOffset(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && hexDigit(bytes[at - 1] as number) >= 0) at--;
  const isOffset =
    at < end && at - 3 > start && bytes[at - 1] === 120 && bytes[at - 2] === 48 && bytes[at - 3] === 43;
  return isOffset ? at - 3 : end;
}
