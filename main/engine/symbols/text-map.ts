import { lastAtOrBefore } from "#core/bytes/elf.ts";
import type { CodeSymbol, SymbolTable } from "#core/importers/importer.ts";

interface Row {
  readonly high: number;
  readonly low: number;
  readonly sizeBytes: number;
  readonly name: string;
}

/** Addresses and names of a text, one a line; later lines win where two begin at one address. */
function tableOf(rows: readonly Row[]): SymbolTable {
  const sorted = rows
    .map((row, order) => ({ ...row, order }))
    .sort((a, b) => a.high - b.high || a.low - b.low || a.order - b.order);
  const highs = Uint32Array.from(sorted, ({ high }) => high);
  const lows = Uint32Array.from(sorted, ({ low }) => low);
  return {
    segments: [],
    find: (high, low): CodeSymbol | null => {
      const row = sorted[lastAtOrBefore(highs, lows, high, low)];
      if (!row) return null;
      const into = (high - row.high) * 2 ** 32 + (low - row.low);
      return into < row.sizeBytes ? { name: row.name, high: row.high, low: row.low } : null;
    },
  };
}

const hexRow = (address: string): { high: number; low: number } => {
  const digits = address.padStart(16, "0");
  return { high: Number.parseInt(digits.slice(-16, -8), 16), low: Number.parseInt(digits.slice(-8), 16) };
};

/**
 * /tmp/perf-PID.map, as runtimes write it: "START SIZE NAME" in hex, the name to the line's end.
 * https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/jit-interface.txt
 */
export function readPerfMap(text: string): SymbolTable {
  const rows: Row[] = [];
  for (const match of text.matchAll(/^(?:0x)?([0-9a-f]{1,16}) (?:0x)?([0-9a-f]{1,8}) (.+)$/gim)) {
    const [, address = "", size = "", name = ""] = match;
    rows.push({ ...hexRow(address), sizeBytes: Number.parseInt(size, 16), name });
  }
  return tableOf(rows);
}

/**
 * /proc/kallsyms: "ADDRESS TYPE NAME", and "[module]" after a tab. Null where the kernel hides the addresses from who
 * asks. `at` is where the recording had the first symbol of the kernel's text: all of it is moved by the difference.
 */
export function readKallsyms(
  text: string,
  at: { readonly high: number; readonly low: number },
): KernelTable | null {
  const rows: Row[] = [];
  let first: Row | null = null;
  for (const match of text.matchAll(/^([0-9a-f]{8,16}) ([tTwW]) (\S+)(\t\[[^\]]+\])?$/gm)) {
    const [, address = "", , name = "", module] = match;
    const row = { ...hexRow(address), sizeBytes: MAX_KERNEL_FUNCTION_BYTES, name };
    if (module === undefined && (name === "_text" || (name === "_stext" && first === null))) first = row;
    // The marks of where sections begin are no functions.
    else if (!/^_[se]?text$|^_stext$|^_etext$/.test(name)) rows.push(row);
  }
  if (rows.every(({ high, low }) => high === 0 && low === 0)) return null;
  const table = tableOf(rows);
  if (first === null || (at.high === 0 && at.low === 0)) return { ...table, isMoved: false };
  const moved = (at.high - first.high) * 2 ** 32 + (at.low - first.low);
  return { ...(moved === 0 ? table : movedBy(table, moved)), isMoved: moved !== 0 };
}

/** Symbols of a kernel at the addresses of a recording. */
export interface KernelTable extends SymbolTable {
  /** The kernel that they were read from lay elsewhere. */
  readonly isMoved: boolean;
}

const MAX_KERNEL_FUNCTION_BYTES = 2 ** 20;

/** Addresses of 64 bits less a difference that fits a float64. */
function movedBy(table: SymbolTable, moved: number): SymbolTable {
  const shift = (high: number, low: number, by: number): { high: number; low: number } => {
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
