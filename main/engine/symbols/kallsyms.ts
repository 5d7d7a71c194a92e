import { lastAtOrBefore } from "#core/bytes/elf.ts";
import type { CodeSymbol, SymbolTable } from "#core/importers/importer.ts";

/** Symbols of a kernel at the addresses of a recording. */
export interface KernelTable extends SymbolTable {
  /** The kernel that they were read from lay elsewhere. */
  readonly isMoved: boolean;
}

interface Place {
  readonly high: number;
  readonly low: number;
}

const MAX_KERNEL_FUNCTION_BYTES = 2 ** 20;
const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;

/**
 * /proc/kallsyms: "ADDRESS TYPE NAME", and "[module]" after a tab. Null where the kernel hides the addresses from who
 * asks. `at` is where the recording had the first symbol of the kernel's text: all of it is moved by the difference.
 */
export function readKallsyms(bytes: Uint8Array, at: Place): KernelTable | null {
  const rows = new KernelRows(bytes);
  if (rows.areHidden) return null;
  const table = rows.table();
  const { first } = rows;
  if (first === null || (at.high === 0 && at.low === 0)) return { ...table, isMoved: false };
  const moved = (at.high - first.high) * 2 ** 32 + (at.low - first.low);
  return { ...(moved === 0 ? table : movedBy(table, moved)), isMoved: moved !== 0 };
}

/** The lines of functions, where they lie: there are hundreds of thousands, and few of their names are asked for. */
class KernelRows {
  readonly #bytes: Uint8Array;
  #highs: Uint32Array;
  #lows: Uint32Array;
  #names: Uint32Array;
  #length = 0;
  #isAscending = true;
  areHidden = true;
  first: Place | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    // No line is shorter.
    const most = Math.ceil(bytes.length / 12);
    this.#highs = new Uint32Array(most);
    this.#lows = new Uint32Array(most);
    this.#names = new Uint32Array(most);
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline === -1 ? bytes.length : newline;
      this.#line(at, end);
      at = end + 1;
    }
  }

  #line(start: number, end: number): void {
    const bytes = this.#bytes;
    let high = 0;
    let low = 0;
    let at = start;
    for (; at < end; at++) {
      const digit = hexDigit(bytes[at] as number);
      if (digit === -1) break;
      high = ((high << 4) | (low >>> 28)) >>> 0;
      low = ((low << 4) | digit) >>> 0;
    }
    const digits = at - start;
    if (digits < 8 || digits > 16 || end < at + 4 || bytes[at] !== SPACE || bytes[at + 2] !== SPACE) return;
    // t, T, w, W: code.
    const type = (bytes[at + 1] as number) | 32;
    if (type !== 116 && type !== 119) return;
    const name = at + 3;
    if (high !== 0 || low !== 0) this.areHidden = false;
    // The marks of where sections begin are no functions.
    if (bytes[name] === 95 && this.#isMark(name, end, high, low)) return;
    const row = this.#length++;
    this.#highs[row] = high;
    this.#lows[row] = low;
    this.#names[row] = name;
    if (row === 0) return;
    const before = this.#highs[row - 1] as number;
    if (high < before || (high === before && low < (this.#lows[row - 1] as number)))
      this.#isAscending = false;
  }

  #isMark(start: number, end: number, high: number, low: number): boolean {
    if (end - start > 7) return false;
    const name = this.#nameAt(start);
    if (name === "_text" || (name === "_stext" && this.first === null)) this.first = { high, low };
    return /^_[se]?text$/.test(name);
  }

  table(): SymbolTable {
    this.#sort();
    const highs = this.#highs.subarray(0, this.#length);
    const lows = this.#lows.subarray(0, this.#length);
    return {
      segments: [],
      find: (high, low): CodeSymbol | null => {
        const row = lastAtOrBefore(highs, lows, high, low);
        if (row === -1) return null;
        const from = { high: highs[row] as number, low: lows[row] as number };
        const into = (high - from.high) * 2 ** 32 + (low - from.low);
        if (into >= MAX_KERNEL_FUNCTION_BYTES) return null;
        return { name: this.#nameAt(this.#names[row] as number), ...from };
      },
    };
  }

  #nameAt(start: number): string {
    const bytes = this.#bytes;
    let end = start;
    while (end < bytes.length && bytes[end] !== NEWLINE && bytes[end] !== TAB) end++;
    return decoder.decode(bytes.subarray(start, end));
  }

  /** Those of modules come last, wherever they lie; of several at one address the last one holds. */
  #sort(): void {
    if (this.#isAscending) return;
    const [highs, lows, names] = [this.#highs, this.#lows, this.#names];
    const order = new Uint32Array(this.#length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort(
      (a, b) =>
        (highs[a] as number) - (highs[b] as number) || (lows[a] as number) - (lows[b] as number) || a - b,
    );
    this.#highs = Uint32Array.from(order, (row) => highs[row] as number);
    this.#lows = Uint32Array.from(order, (row) => lows[row] as number);
    this.#names = Uint32Array.from(order, (row) => names[row] as number);
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  return byte >= 97 && byte <= 102 ? byte - 87 : -1;
}

const decoder = new TextDecoder();

/** Addresses of 64 bits less a difference that fits a float64. */
function movedBy(table: SymbolTable, moved: number): SymbolTable {
  const shift = (high: number, low: number, by: number): Place => {
    const sum = low + (by % 2 ** 32);
    return {
      high: (high + Math.trunc(by / 2 ** 32) + Math.floor(sum / 2 ** 32)) >>> 0,
      low: sum >>> 0,
    };
  };
  return {
    segments: [],
    find: (high, low) => {
      const there = shift(high, low, -moved);
      const symbol = table.find(there.high, there.low);
      return symbol && { name: symbol.name, ...shift(symbol.high, symbol.low, moved) };
    },
  };
}
