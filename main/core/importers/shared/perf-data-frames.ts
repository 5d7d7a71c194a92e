import type { CodePlace } from "../../bytes/dwarf/inlines.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { int32 } from "../../model/growable.ts";
import type { FunctionKind } from "../../model/profile.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { BinaryIdentity, CodeSymbol, ImportServices, SymbolTable } from "../importer.ts";
import { isJitBinary, isJitDump, isJitMap, readJitName } from "./jit-names.ts";
import { type AddressSpace, type Region, regionAt } from "./perf-data-maps.ts";

/** PERF_RECORD_MISC_CPUMODE_*: whose code an address is in. */
export const mode = { kernel: 1, user: 2, hypervisor: 3, guestKernel: 4, guestUser: 5 } as const;

const KERNEL = "[kernel.kallsyms]";
const MAX_NAMED_BINARIES = 4;

/** Where the kernel lay when the recording was made. */
export interface KernelPlace {
  readonly buildId: string;
  readonly release: string;
  /** Address of _text or _stext, in two halves; both 0 where the file does not say. */
  readonly textHigh: number;
  readonly textLow: number;
}

export interface FrameSources {
  readonly services: ImportServices | undefined;
  kernel(): KernelPlace;
  /** Modules and the kernel itself. */
  kernelSpace(): AddressSpace | null;
  /** Programs that the kernel ran for somebody: BPF, by address. */
  readonly kernelSymbols: KernelSymbols;
  readonly buildIds: ReadonlyMap<string, string>;
}

/** Names of a process's JIT code, which may come while it is recorded. */
interface JitNames {
  readonly table: SymbolTable;
  revision: number;
}

interface Binary {
  readonly index: number;
  readonly path: string;
  /** The runtime names its code by where it lies, not by where it is in a file. */
  readonly isMap: boolean;
  readonly isJit: boolean;
  readonly symbols: SymbolTable | null;
}

/** Frames of addresses, each looked up once. */
export class PerfDataFrames {
  readonly #out: ProfileBuilder;
  readonly #sources: FrameSources;
  readonly #rows = new RowInterner(4);
  readonly #frame = int32();
  readonly #binaries = new Map<string, Binary>();
  /** By process. */
  readonly #jit = new Map<number, JitNames>();
  /** What an address means may change with what is mapped, with the names of JIT code and as debug information is read. */
  readonly #contexts = new RowInterner(4);
  /** Calls that were inlined at an address, from the function inwards; none for most. */
  readonly #inlined = new Map<number, readonly number[]>();
  /** Files whose debug information was not read when it was asked for, and how much of it was when last looked at. */
  readonly #unread = new Map<SymbolTable, number>();
  /** Files whose names may come while they are recorded. */
  readonly #late = new Map<SymbolTable, { readonly path: string; revision: number }>();
  #placesRevision = 0;
  #kernelTable: SymbolTable | null | undefined;
  /** Frames whose binary is known and whose function is not, by binary. */
  readonly #unnamed = new Map<string, number>();

  constructor(out: ProfileBuilder, sources: FrameSources) {
    this.#out = out;
    this.#sources = sources;
  }

  /** A number that is another one once addresses of the process may mean something else. */
  contextOf(space: AddressSpace | null): number {
    if (space === null) return 0;
    const names = this.#jit.get(space.pid)?.revision ?? 0;
    return 1 + this.#contexts.intern(space.id, space.revision, names, this.#placesRevision);
  }

  /** Looks whether runtimes have named more of their code, and reads on in debug information. */
  refresh(): void {
    for (const names of this.#jit.values()) names.revision = names.table.refresh?.() ?? 0;
    for (const [table, known] of this.#unread) {
      const revision = table.refresh?.() ?? known;
      if (revision === known) continue;
      this.#unread.set(table, revision);
      this.#placesRevision++;
    }
    for (const [table, late] of this.#late) {
      const revision = table.refresh?.() ?? late.revision;
      if (revision === late.revision) continue;
      late.revision = revision;
      this.#placesRevision++;
      if (table.isLate) continue;
      // What is still unnamed now counts anew; the first samples have a note of their own.
      this.#late.delete(table);
      this.#unnamed.delete(late.path);
    }
  }

  /** The stack with the frame of an address on it, and those of the calls that were inlined there. */
  onto(
    stack: number,
    space: AddressSpace | null,
    whose: number,
    high: number,
    low: number,
    isCaller: boolean,
  ): number {
    const row = this.#row(space, whose, high, low, isCaller);
    let top = this.#out.stack(stack, this.#frame.at(row));
    for (const frame of this.#inlined.get(row) ?? []) top = this.#out.stack(top, frame);
    return top;
  }

  /** Whether a call returns there to one of CPython's trampolines, which are named "py::function:file". */
  isTrampoline(space: AddressSpace | null, address: number): boolean {
    const high = Math.floor(address / 2 ** 32);
    const region = space && regionAt(space, high, address >>> 0);
    if (!space || !region || !isJitMap(pathOf(region.path, space))) return false;
    const binary = this.#userBinary(region, space);
    const symbol = this.#find(binary, address - 1) ?? this.#newlyNamed(binary, space, address - 1);
    return symbol?.name.startsWith("py::") === true;
  }

  /** A caller's address is where its call returns to, which may be past the end of it: what lies before it is looked up. */
  #row(space: AddressSpace | null, whose: number, high: number, low: number, isCaller: boolean): number {
    const isUser = whose === mode.user;
    const where = isUser ? this.contextOf(space) * 2 : -whose;
    const row = this.#rows.intern(isCaller ? where + (isUser ? 1 : -8) : where, high, low, isUser ? 1 : 0);
    if (row === this.#frame.length)
      this.#frame.push(
        isUser ? this.#user(space, high, low, isCaller) : this.#other(whose, high, low, isCaller),
      );
    return row;
  }

  /** Says what has no names, and why. */
  note(): void {
    if (this.#unread.size > 0)
      this.#out.note(
        "Debug information of the largest files was read while it was recorded: the first samples in them lack inlined " +
          "calls, lines and files. They are there when what perf wrote is opened again.",
      );
    const unnamed = [...this.#unnamed].sort((a, b) => b[1] - a[1]).map(([path]) => path);
    if (unnamed.some(isJitDump))
      this.#out.note(
        "Runtimes keep the newest names of their jitdump to themselves while they run: code without names has them when " +
          "what perf wrote is opened after the program's end.",
      );
    const binaries = unnamed.filter((path) => !isJitDump(path));
    if (binaries.length === 0) return;
    const some = binaries.slice(0, MAX_NAMED_BINARIES).join(", ");
    const more =
      binaries.length > MAX_NAMED_BINARIES ? ` and ${binaries.length - MAX_NAMED_BINARIES} more` : "";
    this.#out.note(
      `No function names were found for code of ${some}${more}: the file that was recorded, or its symbols, is not on ` +
        "this machine. Open the profile where it was recorded, or put the files into ~/.debug with `perf archive`.",
    );
  }

  #user(space: AddressSpace | null, high: number, low: number, isCaller: boolean): number {
    const region = space && regionAt(space, high, low);
    if (!space || !region) return this.#make("[unknown]", NONE, "unknown", high, low);
    const binary = this.#userBinary(region, space);
    let offset: number;
    if (binary.isMap) offset = high * 2 ** 32 + low;
    else offset = (high - region.startHigh) * 2 ** 32 + (low - region.startLow) + region.fileOffset;
    const looked = isCaller ? offset - 1 : offset;
    const symbol = this.#find(binary, looked) ?? this.#newlyNamed(binary, space, offset);
    const fileHigh = Math.floor(offset / 2 ** 32);
    if (symbol === null) this.#count(binary.path);
    else if (binary.isJit) return this.#makeJit(symbol.name, binary.index, fileHigh, offset);
    const name = symbol?.name ?? "[unknown]";
    const [own, ...inlined] = this.#placesOf(binary, looked);
    if (own === undefined) return this.#make(name, binary.index, "native", fileHigh, offset);
    if (inlined.length > 0)
      this.#inlined.set(
        this.#frame.length,
        inlined.map((place, i) => this.#makePlace(place.name, binary, place, offset, i + 1)),
      );
    return this.#makePlace(name, binary, own, offset, 0);
  }

  #placesOf({ symbols }: Binary, offset: number): readonly CodePlace[] {
    if (!symbols?.places || offset < 0) return [];
    const address = addressOf(symbols, offset);
    const places = symbols.places(Math.floor(address / 2 ** 32), address >>> 0);
    if (places !== null) return places;
    if (!this.#unread.has(symbols)) this.#unread.set(symbols, 0);
    return [];
  }

  #makePlace(
    name: string,
    binary: Binary,
    { file, line, declaredLine }: CodePlace,
    offset: number,
    inlineDepth: number,
  ): number {
    const out = this.#out;
    const index = out.function({
      name: out.string(name === "" ? "[unknown]" : name),
      binary: binary.index,
      kind: "native",
      file: file === "" ? NONE : out.string(file),
      line: declaredLine,
    });
    const addressHigh = Math.floor(offset / 2 ** 32);
    return out.frame({ function: index, addressHigh, addressLow: offset >>> 0, line, inlineDepth });
  }

  /** Code may have been compiled since the names were looked at. */
  #newlyNamed(binary: Binary, space: AddressSpace, offset: number): CodeSymbol | null {
    const names = binary.isMap ? this.#jit.get(space.pid) : undefined;
    const revision = names?.table.refresh?.() ?? 0;
    if (!names || revision === names.revision) return null;
    names.revision = revision;
    return this.#find(binary, offset);
  }

  #count(path: string): void {
    this.#unnamed.set(path, (this.#unnamed.get(path) ?? 0) + 1);
  }

  /** Symbols of a file are found by the addresses that its program headers give its bytes. */
  #find({ symbols }: Binary, offset: number): CodeSymbol | null {
    if (symbols === null || offset < 0) return null;
    const address = addressOf(symbols, offset);
    return symbols.find(Math.floor(address / 2 ** 32), address >>> 0);
  }

  #userBinary(region: Region, space: AddressSpace): Binary {
    const { pid } = space;
    const path = pathOf(region.path, space);
    const buildId = region.buildId || (this.#sources.buildIds.get(region.path) ?? "");
    const isMap = isJitMap(path);
    // A jitdump goes on naming the code of those that were forked.
    const key = `${buildId} ${isMap ? pid : ""} ${path}`;
    const known = this.#binaries.get(key);
    if (known) return known;
    const symbols = this.#tableOf({ path, buildId, pid });
    const binary = { index: this.#out.binary(path, buildId), path, isMap, isJit: isJitBinary(path), symbols };
    this.#binaries.set(key, binary);
    if (symbols?.isLate) this.#late.set(symbols, { path, revision: symbols.refresh?.() ?? 0 });
    if (isMap && symbols?.refresh) this.#jit.set(pid, { table: symbols, revision: symbols.refresh() });
    return binary;
  }

  #tableOf(identity: BinaryIdentity): SymbolTable | null {
    return this.#sources.services?.symbols?.tableOf(identity) ?? null;
  }

  #other(whose: number, high: number, low: number, isCaller: boolean): number {
    if (whose === mode.guestKernel) return this.#named("[guest.kernel.kallsyms]", "kernel", high, low);
    if (whose === mode.guestUser) return this.#named("[guest]", "unknown", high, low);
    if (whose === mode.hypervisor) return this.#named("[hypervisor]", "kernel", high, low);
    if (whose !== mode.kernel) return this.#make("[unknown]", NONE, "unknown", high, low);
    const { kernelSymbols } = this.#sources;
    const kernel = this.#sources.kernel();
    const kernelSpace = this.#sources.kernelSpace();
    const lookLow = isCaller ? (low - 1) >>> 0 : low;
    const lookHigh = isCaller && low === 0 ? high - 1 : high;
    const program = kernelSymbols.find(lookHigh, lookLow);
    if (program !== null)
      return this.#make(
        program,
        this.#out.binary(program.startsWith("bpf_") ? program : KERNEL),
        "kernel",
        high,
        low,
      );
    const region = kernelSpace && regionAt(kernelSpace, high, low);
    const path = region ? moduleName(region.path) : KERNEL;
    const buildId = path === KERNEL ? kernel.buildId : (this.#sources.buildIds.get(region?.path ?? "") ?? "");
    const symbol = this.#kernel()?.find(lookHigh, lookLow) ?? null;
    if (symbol === null) this.#count(path);
    return this.#make(symbol?.name ?? "[unknown]", this.#out.binary(path, buildId), "kernel", high, low);
  }

  #kernel(): SymbolTable | null {
    if (this.#kernelTable === undefined) {
      const { services } = this.#sources;
      const { buildId, release, textHigh, textLow } = this.#sources.kernel();
      const identity = { buildId, release, high: textHigh, low: textLow };
      this.#kernelTable = services?.symbols?.kernel(identity) ?? null;
    }
    return this.#kernelTable;
  }

  #named(path: string, kind: FunctionKind, high: number, low: number): number {
    return this.#make("[unknown]", this.#out.binary(path), kind, high, low);
  }

  #makeJit(symbol: string, binary: number, high: number, low: number): number {
    const out = this.#out;
    const { name, file, line, column, kind } = readJitName(symbol);
    const fileIndex = file === "" ? NONE : out.string(file);
    const index = out.function({ name: out.string(name), binary, file: fileIndex, line, kind });
    return out.frame({ function: index, addressHigh: high, addressLow: low >>> 0, line, column });
  }

  #make(name: string, binary: number, kind: FunctionKind, high: number, low: number): number {
    const out = this.#out;
    const index = out.function({ name: out.string(name), binary, kind });
    return out.frame({ function: index, addressHigh: high, addressLow: low >>> 0 });
  }
}

/** The address that a file's program headers give its byte. */
function addressOf({ segments }: SymbolTable, offset: number): number {
  for (const segment of segments)
    if (offset >= segment.offset && offset < segment.offset + segment.sizeBytes)
      return offset - segment.offset + segment.address;
  return offset;
}

/** Code that is in no file is where runtimes write a map of it, as perf says it too, or what their jitdump is of. */
function pathOf(path: string, { pid, dump }: AddressSpace): string {
  const isNoFile =
    /^\/\/anon|^\[anon|^\/dev\/zero|^\/anon_hugepage|^\[stack|^\/SYSV|^\[heap\]|^\/memfd:|^$/.test(path);
  if (isNoFile) return dump || `/tmp/perf-${pid}.map`;
  return path.endsWith(" (deleted)") ? path.slice(0, -" (deleted)".length) : path;
}

/** "/lib/modules/6.1/kernel/fs/ext4/ext4.ko.xz" -> "[ext4]", as the kernel names it. */
function moduleName(path: string): string {
  if (path.startsWith(KERNEL)) return KERNEL;
  const file = /([^/]+)\.ko(?:\.(?:xz|gz|zst))?$/.exec(path)?.[1];
  return file === undefined ? path : `[${file.replaceAll("-", "_")}]`;
}

/** Names of code that the kernel took in while the recording ran (PERF_RECORD_KSYMBOL). */
export class KernelSymbols {
  readonly #rows: {
    readonly high: number;
    readonly low: number;
    readonly bytes: number;
    readonly name: string;
  }[] = [];
  #isSorted = true;

  add(high: number, low: number, bytes: number, name: string): void {
    this.#rows.push({ high, low, bytes, name });
    this.#isSorted = false;
  }

  find(high: number, low: number): string | null {
    const rows = this.#rows;
    if (!this.#isSorted) rows.sort((a, b) => a.high - b.high || a.low - b.low);
    this.#isSorted = true;
    let from = 0;
    let to = rows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const row = rows[middle];
      if (row && (row.high < high || (row.high === high && row.low <= low))) from = middle + 1;
      else to = middle;
    }
    const row = rows[from - 1];
    if (!row) return null;
    return (high - row.high) * 2 ** 32 + (low - row.low) < row.bytes ? row.name : null;
  }
}
