import { type ElfSection, type ElfSections, machineArm64, machineX64 } from "./elf-sections.ts";

/** A few hundred functions of an executable, and what their machine code tells of how it was built. */

export interface FunctionSample {
  readonly address: number;
  readonly sizeBytes: number;
  /** As the linker has it; "" where there is none. */
  readonly name: string;
}

const mostFunctions = 256;
const windowRows = 4096;
const windows = 8;
const typeFunction = 2;
const codeBytes = 4096;

/** What the C runtime adds to every program, however that is built. */
const ofTheRuntime =
  /^(_start|_init|_fini|frame_dummy|(de)?register_tm_clones|__do_global_dtors_aux|__libc_csu_\w+|_dl_relocate_static_pie|__gmon_start__)$/;

/** Standard libraries are built elsewhere, with flags of their own. */
const ofTheLibrary =
  /^(_ZN(\d+_\$LT\$(\w+\$u20\$)*(\$RF\$)?)?(?:\d*)(std|core|alloc|hashbrown|addr2line|gimli|rustc_demangle|miniz_oxide|object|memchr|panic_unwind|compiler_builtins)(\d|\.\.)|_ZN\d+_\$LT\$.*\$u20\$as\$u20\$(std|core|alloc)\.\.|_R.*Cs\w+_(3std|4core|5alloc|7___rustc|14rustc_demangle|\d+adler2?|9hashbrown|5gimli|9addr2line|6memchr|11miniz_oxide|6object|12panic_unwind|17compiler_builtins)|_ZN?K?S[ta-z]|_*rust|__rdl)/;

export function sampleFunctions(elf: ElfSections): readonly FunctionSample[] {
  const table = elf.section(".symtab") ?? elf.section(".dynsym");
  const named = table === null ? [] : fromSymbols(elf, table);
  const own = named.filter(({ name }) => !ofTheRuntime.test(name) && !ofTheLibrary.test(name));
  return spread(own.length > 0 ? own : fromUnwindTable(elf), mostFunctions);
}

function fromSymbols(elf: ElfSections, table: ElfSection): readonly FunctionSample[] {
  const rowBytes = elf.is64 ? 24 : 16;
  const rows = Math.floor(table.sizeBytes / rowBytes);
  const texts = elf.linked(table);
  const found: FunctionSample[] = [];
  const isWhole = rows <= windowRows * windows;
  const starts = isWhole ? [0] : Array.from({ length: windows }, (_, i) => Math.floor((i * rows) / windows));
  // Names of a table as small as this lie in memory at once; of a large one each is read where it stands.
  const names = texts !== null && isWhole ? elf.read(texts, 0, 1 << 23) : null;
  for (const start of starts) {
    const reader = elf.read(table, start * rowBytes, (isWhole ? rows : windowRows) * rowBytes);
    const inWindow: { readonly address: number; readonly sizeBytes: number; readonly nameAt: number }[] = [];
    for (let at = 0; at + rowBytes <= reader.bytes.length; at += rowBytes) {
      const info = reader.bytes[at + (elf.is64 ? 4 : 12)] ?? 0;
      if ((info & 15) !== typeFunction) continue;
      const address = elf.is64 ? reader.u64(at + 8) : reader.u32(at + 4);
      const sizeBytes = elf.is64 ? reader.u64(at + 16) : reader.u32(at + 8);
      if (sizeBytes > 0 && elf.isCode(address)) inWindow.push({ address, sizeBytes, nameAt: reader.u32(at) });
    }
    for (const { address, sizeBytes, nameAt } of isWhole ? inWindow : spread(inWindow, mostFunctions / 4)) {
      const name =
        names !== null
          ? nameAt < names.bytes.length
            ? names.cString(nameAt)
            : ""
          : texts === null
            ? ""
            : elf.read(texts, nameAt, 256).cString(0);
      found.push({ address, sizeBytes, name });
    }
  }
  return found;
}

/** Stripped programs still say where functions begin: .eh_frame_hdr has a sorted table for unwinding. */
function fromUnwindTable(elf: ElfSections): readonly FunctionSample[] {
  const section = elf.section(".eh_frame_hdr");
  if (section === null) return [];
  const reader = elf.read(section, 0, 1 << 20);
  const { bytes } = reader;
  // Version 1; the count as udata4; the table as pairs of sdata4 from here: what every linker writes.
  if (bytes.length < 12 || bytes[0] !== 1 || bytes[2] !== 3 || bytes[3] !== 0x3b) return [];
  const count = Math.min(reader.u32(8), Math.floor((bytes.length - 12) / 8));
  const found: FunctionSample[] = [];
  for (let i = 0; i + 1 < count; i++) {
    const address = section.address + reader.i32(12 + i * 8);
    const sizeBytes = section.address + reader.i32(20 + i * 8) - address;
    if (sizeBytes > 0 && elf.isCode(address)) found.push({ address, sizeBytes, name: "" });
  }
  return found;
}

export interface CodeStyle {
  /** null: too few functions, or half of them do and half do not. */
  readonly framePointers: boolean | null;
  /** true: arguments go to the stack first of all, as compilers do without optimisation. */
  readonly looksUnoptimised: boolean;
}

export function judgeCode(elf: ElfSections, functions: readonly FunctionSample[]): CodeStyle {
  const unknown = { framePointers: null, looksUnoptimised: false };
  if (elf.machine !== machineX64 && elf.machine !== machineArm64) return unknown;
  let callers = 0;
  let keepers = 0;
  let spillers = 0;
  let spills = 0;
  for (const { address, sizeBytes } of functions) {
    const code = elf.readAddress(address, Math.min(sizeBytes, codeBytes))?.bytes;
    if (code === undefined || code.length < 8) continue;
    const keeps = elf.machine === machineX64 ? keepsX64(code) : keepsArm64(code);
    if (elf.machine === machineX64 && keeps) {
      spillers++;
      if (spillsFirst(code)) spills++;
    }
    // A leaf may leave it out in a build that keeps them.
    const calls = elf.machine === machineX64 ? callsX64(code, address, elf) : callsArm64(code);
    if (!calls) continue;
    callers++;
    if (keeps) keepers++;
  }
  if (callers === 0) return unknown;
  const share = keepers / callers;
  return {
    framePointers: share >= 0.6 ? true : share <= 0.25 ? false : null,
    looksUnoptimised: share >= 0.9 && spillers > 0 && spills / spillers >= 0.4,
  };
}

/** push %rbp and soon after mov %rsp,%rbp; other instructions may be scheduled between and before. */
function keepsX64(code: Uint8Array): boolean {
  const end = Math.min(code.length, 64) - 3;
  let pushedAt = -1;
  for (let i = 0; i <= end; i++) {
    if (code[i] === 0x55 && pushedAt === -1) pushedAt = i;
    const isMove =
      code[i] === 0x48 &&
      ((code[i + 1] === 0x89 && code[i + 2] === 0xe5) || (code[i + 1] === 0x8b && code[i + 2] === 0xec));
    if (isMove && pushedAt !== -1 && i > pushedAt) return true;
  }
  return false;
}

/** mov %edi or %rdi or %esi to the frame, within a few instructions of the prologue. */
function spillsFirst(code: Uint8Array): boolean {
  const end = Math.min(code.length, 40) - 3;
  for (let i = 4; i < end; i++)
    if (code[i] === 0x89 && (code[i + 1] === 0x7d || code[i + 1] === 0xbd)) return true;
  return false;
}

function callsX64(code: Uint8Array, address: number, elf: ElfSections): boolean {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (let i = 0; i + 6 <= code.length; i++) {
    if (code[i] === 0xff && code[i + 1] === 0x15) return true;
    if (code[i] === 0xe8 && elf.isCode(address + i + 5 + view.getInt32(i + 1, true))) return true;
  }
  return false;
}

const words = (code: Uint8Array): readonly number[] => {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  return Array.from({ length: Math.floor(code.length / 4) }, (_, i) => view.getUint32(i * 4, true));
};

/** stp x29, x30, [sp, …] and add x29, sp, …; the first alone only saves the register. */
function keepsArm64(code: Uint8Array): boolean {
  const first = words(code.subarray(0, 64));
  const isPair = (word: number): boolean =>
    (word & 0xfe407fff) >>> 0 === 0xa8007bfd || (word & 0xffc07fff) >>> 0 === 0xa9007bfd;
  return first.some(isPair) && first.some((word) => (word & 0xffc003ff) >>> 0 === 0x910003fd);
}

const callsArm64 = (code: Uint8Array): boolean =>
  words(code).some((word) => word >>> 26 === 0x25 || (word & 0xfffffc1f) >>> 0 === 0xd63f0000);

function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] as T);
}
