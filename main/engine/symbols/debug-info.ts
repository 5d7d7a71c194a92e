import { closeSync, constants, fstatSync, openSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { inflateSync } from "node:zlib";
import { decompress as unzstd } from "fzstd";
import { type CodePlace, DwarfInlines } from "#core/bytes/dwarf/inlines.ts";
import { DwarfSection, type DwarfSections } from "#core/bytes/dwarf/section.ts";
import { type ElfSectionPlace, findElfSections, type ReadAt, readElf } from "#core/bytes/elf.ts";
import { EndianReader } from "#core/bytes/endian.ts";
import { demangle } from "./demangle.ts";
import { type OpenedElf, readerOf } from "./elf-table.ts";
import type { SymbolPlaces } from "./places.ts";

/** What a packed section may take when it is unpacked. */
const MAX_UNPACKED_BYTES = 2 ** 29;
/** Inlined calls beside those that are asked for, whose names are read with them. */
const FIRST_AROUND = 64;
const MOST_AROUND = 1 << 14;
const MAX_LINK_BYTES = 4096;
const ZLIB = 1;
const ZSTD = 2;

/** Functions, inlined calls and lines of one binary, with the names that people read. */
export interface PlaceTable {
  find(address: number): readonly CodePlace[] | null;
  /** Reads on what was asked for; another number where more is known. */
  refresh(): number;
}

/** From the first of the files that has debug information; it stays open as long as the thread of its profile. */
export function openPlaces(
  files: readonly (OpenedElf | null)[],
  at: SymbolPlaces,
  stepBytes: number,
  onMangled: () => void,
): PlaceTable | null {
  for (const file of files) {
    const opened = file && openSections(file.path);
    if (!opened?.sections("debug_info")) {
      opened?.close();
      continue;
    }
    const links = {
      alternate: once(() => alternateOf(opened, at)),
      split: (name: string, directory: string) => splitOf(name, directory, dirname(opened.path)),
    };
    return named(new DwarfInlines(opened.sections, links, stepBytes), onMangled);
  }
  return null;
}

function named(inlines: DwarfInlines, onMangled: () => void): PlaceTable {
  const plain = new Map<string, string>();
  // A program is started for names of C++ and Rust: each time for more at once, so that it is not started often.
  let around = FIRST_AROUND;
  const learn = (names: readonly string[]): void => {
    const unknown = [...new Set(names)].filter((name) => !plain.has(name));
    const { names: read, isDone } = demangle(unknown);
    if (!isDone) onMangled();
    for (const [i, name] of unknown.entries()) plain.set(name, read[i] ?? name);
  };
  return {
    refresh: () => {
      inlines.advance();
      return inlines.revision;
    },
    find: (address) => {
      const places = inlines.find(address);
      if (places === null || places.length < 2) return places;
      if (places.some(({ name }) => !plain.has(name))) {
        learn([...inlines.namesNear(address, around), ...places.map(({ name }) => name)]);
        around = Math.min(MOST_AROUND, 2 * around);
      }
      return places.map((place) => ({ ...place, name: plain.get(place.name) ?? place.name }));
    },
  };
}

interface OpenedSections {
  readonly path: string;
  readonly read: ReadAt;
  readonly places: ReadonlyMap<string, ElfSectionPlace>;
  readonly sections: DwarfSections;
  close(): void;
}

function openSections(path: string): OpenedSections | null {
  let file: number;
  try {
    // A pipe of that name would keep us waiting for its writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Not there, or not ours to read: debug information names files of other machines.
    return null;
  }
  const facts = fstatSync(file);
  const read = readerOf(file, facts.size);
  const places = facts.isFile() ? findElfSections(read) : new Map<string, ElfSectionPlace>();
  const known = new Map<string, DwarfSection | null>();
  return {
    path,
    read,
    places,
    sections: (name) => {
      let section = known.get(name);
      if (section === undefined) {
        section = sectionOf(read, places, name);
        known.set(name, section);
      }
      return section;
    },
    close: () => closeSync(file),
  };
}

/** As compilers name it, as GNU packed it before there was a flag for that, and as it is in ".dwo" files. */
function sectionOf(
  read: ReadAt,
  places: ReadonlyMap<string, ElfSectionPlace>,
  name: string,
): DwarfSection | null {
  const plain = places.get(`.${name}`) ?? places.get(`.${name}.dwo`);
  const old = plain ? undefined : (places.get(`.z${name}`) ?? places.get(`.z${name}.dwo`));
  const place = plain ?? old;
  if (!place) return null;
  const { offset, sizeBytes, isCompressed } = place;
  const readAt: ReadAt = (from, length) => read(offset + from, Math.min(length, sizeBytes - from));
  if (!isCompressed && !old) return new DwarfSection(sizeBytes, readAt);
  const packed = readAt(0, sizeBytes);
  const bytes = old ? unpackedOld(packed) : unpacked(packed, read(0, 5)[4] === 2);
  return bytes && new DwarfSection(bytes.length, (from, length) => bytes.subarray(from, from + length));
}

/** Behind an Elf32_Chdr or Elf64_Chdr. */
function unpacked(packed: Uint8Array, is64: boolean): Uint8Array | null {
  if (packed.length < 24) return null;
  const reader = new EndianReader(packed, true);
  const type = reader.u32(0);
  const sizeBytes = is64 ? reader.u64(8) : reader.u32(4);
  const content = packed.subarray(is64 ? 24 : 12);
  if (sizeBytes > MAX_UNPACKED_BYTES) return null;
  if (type === ZLIB) return inflated(content, sizeBytes);
  return type === ZSTD ? guarded(() => unzstd(content, new Uint8Array(sizeBytes))) : null;
}

/** "ZLIB" and the size with its high byte first. */
function unpackedOld(packed: Uint8Array): Uint8Array | null {
  const reader = new EndianReader(packed, false);
  if (packed.length < 12 || reader.u32(0) !== 0x5a4c4942) return null;
  const sizeBytes = reader.u64(4);
  return sizeBytes > MAX_UNPACKED_BYTES ? null : inflated(packed.subarray(12), sizeBytes);
}

const inflated = (packed: Uint8Array, sizeBytes: number): Uint8Array | null =>
  guarded(() => inflateSync(packed, { maxOutputLength: Math.max(1, sizeBytes) }));

/** null where it is damaged. */
function guarded(unpack: () => Uint8Array): Uint8Array | null {
  try {
    return unpack();
  } catch {
    return null;
  }
}

/** The file that .gnu_debugaltlink names, if it is of that build: what dwz took out of several debug files. */
function alternateOf({ path, read, places }: OpenedSections, at: SymbolPlaces): DwarfSections | null {
  const place = places.get(".gnu_debugaltlink");
  if (!place || place.sizeBytes > MAX_LINK_BYTES) return null;
  const bytes = read(place.offset, place.sizeBytes);
  const end = bytes.indexOf(0);
  if (end < 1) return null;
  const name = new TextDecoder().decode(bytes.subarray(0, end));
  const buildId = Buffer.from(bytes.subarray(end + 1)).toString("hex");
  const candidates = [
    isAbsolute(name) ? name : join(dirname(realpathSync(path)), name),
    join(at.debug, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`),
    join(at.debuginfod, buildId, "debuginfo"),
  ];
  for (const candidate of candidates) {
    const opened = openSections(candidate);
    if (opened && readElf(opened.read)?.buildId === buildId) return opened.sections;
    opened?.close();
  }
  return null;
}

/** A ".dwo" file where the compiler wrote it, or beside the binary. */
function splitOf(name: string, directory: string, folder: string): DwarfSections | null {
  for (const candidate of [isAbsolute(name) ? name : join(directory, name), join(folder, basename(name))]) {
    if (!isAbsolute(candidate)) continue;
    const opened = openSections(candidate);
    if (opened?.sections("debug_info")) return opened.sections;
    opened?.close();
  }
  return null;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
