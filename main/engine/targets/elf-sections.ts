import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isElf } from "#core/bytes/elf.ts";
import { EndianReader } from "#core/bytes/endian.ts";

/** Parts of an ELF file, read only as far as they are asked for: an executable may have gigabytes. */
export interface ElfSections {
  readonly is64: boolean;
  readonly machine: number;
  section(name: string): ElfSection | null;
  /** By its number in the table: what a section links to. */
  linked(section: ElfSection): ElfSection | null;
  /** At most `limitBytes` of a section, from an offset in it. */
  read(section: ElfSection, from: number, limitBytes: number): EndianReader;
  /** Bytes by the address that they have in memory; null where no section holds it. */
  readAddress(address: number, lengthBytes: number): EndianReader | null;
  /** Whether an address lies in code. */
  isCode(address: number): boolean;
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
}

export const machineX64 = 62;
export const machineArm64 = 183;

const sectionWithoutBytes = 8;
const flagExecutable = 4;
const mostSections = 4096;
const mostNameBytes = 1 << 18;

/** Runs `use` over a file; null where it is no ELF file, cannot be read, or its tables point nowhere. */
export function withElf<T>(path: string, use: (elf: ElfSections) => T): T | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) return null;
    const elf = readSections(file, facts.size);
    return elf === null ? null : use(elf);
  } catch (error) {
    // A table that ends early; a file on a network that went away.
    if (error instanceof RangeError || (error instanceof Error && "code" in error)) return null;
    throw error;
  } finally {
    closeSync(file);
  }
}

function readSections(file: number, fileBytes: number): ElfSections | null {
  const bytesAt = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, fileBytes - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  };
  const headBytes = bytesAt(0, 64);
  if (headBytes.length < 64 || !isElf(headBytes)) return null;
  const is64 = headBytes[4] === 2;
  const isLittle = headBytes[5] !== 2;
  const at = (offset: number, length: number): EndianReader =>
    new EndianReader(bytesAt(offset, length), isLittle);
  const word = (reader: EndianReader, where: number): number =>
    is64 ? reader.u64(where) : reader.u32(where);
  const head = new EndianReader(headBytes, isLittle);
  const entryBytes = head.u16(is64 ? 58 : 46);
  const count = Math.min(head.u16(is64 ? 60 : 48), mostSections);
  const tableAt = word(head, is64 ? 40 : 32);
  if (tableAt === 0 || entryBytes < (is64 ? 64 : 40)) return null;
  const table = at(tableAt, entryBytes * count);
  const bare: (Omit<ElfSection, "name"> & { readonly nameAt: number })[] = [];
  for (let row = 0; row + entryBytes <= table.bytes.length; row += entryBytes)
    bare.push({
      nameAt: table.u32(row),
      type: table.u32(row + 4),
      flags: word(table, row + 8),
      address: word(table, row + (is64 ? 16 : 12)),
      offset: word(table, row + (is64 ? 24 : 16)),
      sizeBytes: word(table, row + (is64 ? 32 : 20)),
      link: table.u32(row + (is64 ? 40 : 24)),
    });
  const nameSection = bare[head.u16(is64 ? 62 : 50)];
  const names =
    nameSection === undefined ? null : at(nameSection.offset, Math.min(nameSection.sizeBytes, mostNameBytes));
  const sections: readonly ElfSection[] = bare.map(({ nameAt, ...rest }) => ({
    ...rest,
    name: names === null || nameAt >= names.bytes.length ? "" : names.cString(nameAt),
  }));
  const holds = (section: ElfSection, address: number): boolean =>
    section.address !== 0 && address >= section.address && address - section.address < section.sizeBytes;
  const code = sections.filter((section) => (section.flags & flagExecutable) !== 0);
  return {
    is64,
    machine: head.u16(18),
    section: (name) =>
      sections.find((section) => section.name === name && section.type !== sectionWithoutBytes) ?? null,
    linked: (section) => sections[section.link] ?? null,
    read: (section, from, limitBytes) =>
      at(section.offset + from, Math.max(0, Math.min(limitBytes, section.sizeBytes - from))),
    readAddress(address, lengthBytes) {
      const section = sections.find((each) => each.type !== sectionWithoutBytes && holds(each, address));
      if (section === undefined) return null;
      const from = address - section.address;
      return at(section.offset + from, Math.min(lengthBytes, section.sizeBytes - from));
    },
    isCode: (address) => code.some((section) => holds(section, address)),
  };
}
