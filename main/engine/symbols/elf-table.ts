import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type ElfFile, type ReadAt, readElf, readElfSections } from "#core/bytes/elf.ts";
import type { CodeSymbol, SymbolTable, UnwindInfo } from "#core/importers/importer.ts";
import type { PlaceTable } from "./debug-info.ts";
import { demangle } from "./demangle.ts";

export interface OpenedElf extends ElfFile {
  readonly path: string;
}

/** Reads an ELF file on disk; null where it is not one, not a regular file, or may not be read. */
export const openElf = (path: string): OpenedElf | null =>
  withFile(path, (read) => {
    const file = readElf(read);
    return file && { ...file, path };
  });

/** The frames of its stacks, as the file tells them to debuggers. */
export function unwindInfoOf(read: ReadAt, segments: ElfFile["segments"]): UnwindInfo | null {
  const found = readElfSections(read, [".eh_frame", ".debug_frame"]);
  const sections = [...found].map(([name, { address, bytes }]) => ({
    bytes,
    address,
    isEh: name === ".eh_frame",
  }));
  return sections.length > 0 ? { segments, sections } : null;
}

/** Whatever is read from a regular file; null where there is none, or it may not be read. */
export function withFile<T>(path: string, use: (read: ReadAt) => T | null): T | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    // Not there, or not ours to read: a profile names many files of other machines.
    return null;
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) return null;
    return use(readerOf(file, facts.size));
  } finally {
    closeSync(file);
  }
}

export const readerOf =
  (file: number, sizeBytes: number): ReadAt =>
  (offset, length) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  };

/** A range of our own memory. */
export function readMemory(offset: number, sizeBytes: number): Uint8Array {
  const file = openSync("/proc/self/mem", "r");
  try {
    return readerOf(file, offset + sizeBytes)(offset, sizeBytes);
  } finally {
    closeSync(file);
  }
}

/** Symbols of one file at the addresses of another that it was taken from: the same for both. */
export function elfTable(
  { symbols, variables }: Pick<ElfFile, "symbols" | "variables">,
  segments: ElfFile["segments"],
  onMangled: () => void,
  openPlaces: () => PlaceTable | null = () => null,
): SymbolTable {
  let names: readonly string[] | null = null;
  let places: { readonly table: PlaceTable | null } | null = null;
  return {
    segments,
    places: (high, low) => {
      places ??= { table: openPlaces() };
      return places.table === null ? [] : places.table.find(high * 2 ** 32 + low);
    },
    refresh: () => places?.table?.refresh() ?? 0,
    variable: (high, low) => {
      const row = variables.find(high, low);
      if (row === -1) return null;
      const plain = demangle([variables.name(row)]);
      if (!plain.isDone) onMangled();
      return plain.names[0] ?? null;
    },
    find: (high, low): CodeSymbol | null => {
      const row = symbols.find(high, low);
      if (row === -1) return null;
      if (names === null) {
        const plain = demangle(Array.from({ length: symbols.length }, (_, i) => symbols.name(i)));
        if (!plain.isDone) onMangled();
        names = plain.names;
      }
      return { name: names[row] ?? "", high: symbols.highs[row] ?? 0, low: symbols.lows[row] ?? 0 };
    },
  };
}
