import { lastAtOrBefore } from "#core/bytes/elf.ts";
import type { CodeSymbol, SymbolTable } from "#core/importers/importer.ts";

export interface Row {
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
 * Lines of /tmp/perf-PID.map, as runtimes write it: "START SIZE NAME" in hex, the name to the line's end.
 * https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/jit-interface.txt
 */
function perfMapRows(text: string): Row[] {
  const rows: Row[] = [];
  for (const match of text.matchAll(/^(?:0x)?([0-9a-f]{1,16}) (?:0x)?([0-9a-f]{1,16}) (.+)$/gim)) {
    const [, address = "", size = "", name = ""] = match;
    rows.push({ ...hexRow(address), sizeBytes: Number.parseInt(size, 16), name });
  }
  return rows;
}

/** What a map has from an offset on; null where it begins anew: it was written again. */
export type ReadMap = (offset: number) => { readonly text: string; readonly isAnew: boolean };

/** Parts of a map that came one after the other, before they are sorted into one. */
const MAX_PARTS = 12;

/** A map that grows while it is read: what came last holds where two lie at one address, for code is moved and freed. */
export const growingMap = (read: ReadMap): SymbolTable =>
  growingTable((offset) => {
    const { text, isAnew } = read(offset);
    // The last line may be in the midst of being written.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    return { rows: perfMapRows(whole), bytes: whole.length, isAnew };
  });

/** What was named in a file from an offset on, and how many bytes that took. */
export type ReadRows = (offset: number) => {
  readonly rows: readonly Row[];
  readonly bytes: number;
  readonly isAnew: boolean;
};

export function growingTable(read: ReadRows): SymbolTable {
  let rows: Row[] = [];
  let parts: SymbolTable[] = [];
  let offset = 0;
  let revision = 0;
  const refresh = (): number => {
    const more = read(offset);
    if (more.isAnew) {
      rows = [];
      parts = [];
      offset = 0;
    }
    if (more.bytes === 0 && !more.isAnew) return revision;
    offset += more.bytes;
    for (const row of more.rows) rows.push(row);
    parts = parts.length >= MAX_PARTS ? [tableOf(rows)] : [...parts, tableOf(more.rows)];
    return ++revision;
  };
  refresh();
  return {
    segments: [],
    refresh,
    find: (high, low) => {
      for (let i = parts.length - 1; i >= 0; i--) {
        const symbol = parts[i]?.find(high, low) ?? null;
        if (symbol !== null) return symbol;
      }
      return null;
    },
  };
}
