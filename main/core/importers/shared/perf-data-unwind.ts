import { type CfiRow, CfiTable, cfiRegisters, rule } from "../../bytes/cfi.ts";
import { evaluate } from "../../bytes/cfi-expression.ts";
import type { EndianReader } from "../../bytes/endian.ts";
import type { ImportServices, UnwindInfo } from "../importer.ts";
import type { PerfEvent } from "./perf-data-attr.ts";
import { type AddressSpace, type Region, regionAt } from "./perf-data-maps.ts";
import type { PerfSample } from "./perf-data-sample.ts";

/** Which registers are which, in DWARF's numbering. */
interface Machine {
  readonly sp: number;
  readonly fp: number;
  readonly ip: number;
  /** The register of a bit in perf's mask of them; -1 for none. */
  registerOf(bit: number): number;
  /** High halves of addresses have no other bits: AArch64 signs return addresses above them. */
  readonly highMask: number;
  /** A function that calls nothing may have no frame: its caller's stack begins where its own does. */
  readonly isFramelessLeaf: boolean;
}

/** perf_regs.h: ax bx cx dx si di bp sp ip flags, then r8 to r15 from 16 on. */
const x86Registers: Readonly<Record<number, number>> = {
  0: 0,
  1: 3,
  2: 2,
  3: 1,
  4: 4,
  5: 5,
  6: 6,
  7: 7,
  8: 16,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [16 + i, 8 + i])),
};
const x86: Machine = {
  sp: 7,
  fp: 6,
  ip: 16,
  registerOf: (bit) => x86Registers[bit] ?? -1,
  highMask: 0xffffffff,
  isFramelessLeaf: false,
};
/** perf has them as DWARF does. */
const arm64: Machine = {
  sp: 31,
  fp: 29,
  ip: 32,
  registerOf: (bit) => (bit <= 32 ? bit : -1),
  highMask: 0xffff,
  isFramelessLeaf: true,
};
const ABI_64 = 2;
const MAX_FRAMES = 4096;

interface Code {
  readonly info: UnwindInfo;
  readonly tables: readonly CfiTable[];
}

/** Gives the addresses of one stack: the program's own, then where each call returns to; exact where a signal came between. */
export type GiveFrame = (address: number, isExact: boolean) => void;

/**
 * Walks up the copies of stacks (`perf record --call-graph dwarf`) by the call frame information of the files that were
 * mapped: x86-64 and AArch64. Code that has none, as of JIT compilers, is walked by its frame pointer, as libunwind does it.
 */
export class PerfDataUnwinder {
  readonly #find: NonNullable<NonNullable<ImportServices["symbols"]>["unwindInfo"]>;
  readonly #isTrampoline: (space: AddressSpace | null, address: number) => boolean;
  readonly #codes = new Map<string, Code | null>();
  readonly #registers = new Float64Array(cfiRegisters);
  readonly #next = new Float64Array(cfiRegisters);
  #machine = x86;
  /** The copy of the stack. */
  #reader: EndianReader | null = null;
  #stackAt = 0;
  #stackBytes = 0;
  #stackFrom = 0;
  /** Files whose code could not be walked through, for the note. */
  readonly missing = new Set<string>();

  constructor(
    find: NonNullable<NonNullable<ImportServices["symbols"]>["unwindInfo"]>,
    isTrampoline: (space: AddressSpace | null, address: number) => boolean = () => false,
  ) {
    this.#find = find;
    this.#isTrampoline = isTrampoline;
  }

  /** false: the sample has no copy that could be walked. */
  unwind(
    reader: EndianReader,
    event: PerfEvent,
    sample: PerfSample,
    space: AddressSpace | null,
    give: GiveFrame,
  ): boolean {
    if (!this.#start(reader, event, sample)) return false;
    let isExact = true;
    const { ip } = this.#machine;
    for (let depth = 0; depth < MAX_FRAMES; depth++) {
      const pc = this.#registers[ip] as number;
      if (!(pc > 0)) break;
      give(pc, isExact);
      const row = this.#rowAt(space, isExact ? pc : pc - 1);
      const isUp =
        row !== null ? this.#step(row, isExact) : this.#byTrampoline(space, pc) || this.#byFramePointer();
      if (!isUp) break;
      isExact = row?.isSignal === true;
    }
    return true;
  }

  #start(reader: EndianReader, event: PerfEvent, sample: PerfSample): boolean {
    const { userRegisterMask: low, userRegisterMaskHigh: high } = event;
    if (sample.userRegistersAt === 0 || sample.stackAt === 0 || reader.u64(sample.userRegistersAt) !== ABI_64)
      return false;
    // rsp and rip, and none that x86 does not have; or lr, sp and pc.
    if ((low & 0x180) === 0x180 && low >>> 24 === 0 && high === 0) this.#machine = x86;
    else if (low >>> 30 === 3 && (high & 1) === 1) this.#machine = arm64;
    else return false;
    this.#registers.fill(Number.NaN);
    let at = sample.userRegistersAt + 8;
    for (let bit = 0; bit < 64; bit++) {
      if ((((bit < 32 ? low : high) >>> (bit & 31)) & 1) === 0) continue;
      const register = this.#machine.registerOf(bit);
      if (register !== -1) this.#registers[register] = this.#word(reader, at);
      at += 8;
    }
    this.#reader = reader;
    this.#stackAt = sample.stackAt;
    this.#stackBytes = sample.stackBytes;
    this.#stackFrom = this.#registers[this.#machine.sp] as number;
    return true;
  }

  #word(reader: EndianReader, at: number): number {
    return ((reader.high(at) & this.#machine.highMask) >>> 0) * 2 ** 32 + reader.low(at);
  }

  /** 64 bits of the stack; NaN outside of the copy. */
  #read(address: number): number {
    const offset = address - this.#stackFrom;
    if (!(offset >= 0) || offset + 8 > this.#stackBytes || this.#reader === null) return Number.NaN;
    return this.#word(this.#reader, this.#stackAt + offset);
  }

  #step(row: CfiRow, isInnermost: boolean): boolean {
    const { sp, ip, isFramelessLeaf } = this.#machine;
    const registers = this.#registers;
    const get = (number: number): number => registers[number] ?? Number.NaN;
    const read = (address: number): number => this.#read(address);
    const cfa =
      row.cfaExpression === null
        ? get(row.cfaRegister) + row.cfaOffset
        : evaluate(row.cfaExpression, Number.NaN, get, read);
    if (Number.isNaN(cfa)) return false;
    const next = this.#next;
    for (let register = 0; register < cfiRegisters; register++) {
      const value = row.values[register] as number;
      const expression = row.expressions[register] ?? null;
      switch (row.kinds[register]) {
        case rule.offset:
          next[register] = this.#read(cfa + value);
          break;
        case rule.valueOffset:
          next[register] = cfa + value;
          break;
        case rule.register:
          next[register] = get(value);
          break;
        case rule.expression:
          next[register] =
            expression === null ? Number.NaN : this.#read(evaluate(expression, cfa, get, read));
          break;
        case rule.valueExpression:
          next[register] = expression === null ? Number.NaN : evaluate(expression, cfa, get, read);
          break;
        case rule.undefined:
          next[register] = Number.NaN;
          break;
        default:
          next[register] = register === sp ? cfa : register === ip ? Number.NaN : get(register);
      }
    }
    if (row.returnColumn !== ip) next[ip] = next[row.returnColumn] ?? Number.NaN;
    // A stack grows downwards: its callers lie above.
    const growth = (next[sp] as number) - (registers[sp] as number);
    const isFrameless = isFramelessLeaf && isInnermost && growth === 0;
    if (!(growth > 0) && !isFrameless && !row.isSignal) return false;
    registers.set(next);
    return true;
  }

  #byFramePointer(): boolean {
    const registers = this.#registers;
    const { sp, fp, ip } = this.#machine;
    const frame = registers[fp] as number;
    const pc = this.#read(frame + 8);
    if (!(frame >= (registers[sp] as number)) || !(pc > 0)) return false;
    registers[fp] = this.#read(frame);
    registers[sp] = frame + 16;
    registers[ip] = pc;
    return true;
  }

  /**
   * CPython's trampolines (-X perf) have no call frame information: each keeps 8 bytes of the stack, or rbp in them, and calls
   * the interpreter. https://github.com/python/cpython/blob/main/Python/asm_trampoline.S
   */
  #byTrampoline(space: AddressSpace | null, pc: number): boolean {
    const registers = this.#registers;
    const { sp, fp, ip } = x86;
    const stack = registers[sp] as number;
    const caller = this.#read(stack + 8);
    if (this.#machine !== x86 || !(caller > 0) || !this.#isTrampoline(space, pc)) return false;
    if (registers[fp] === stack) registers[fp] = this.#read(stack);
    registers[sp] = stack + 16;
    registers[ip] = caller;
    return true;
  }

  #rowAt(space: AddressSpace | null, address: number): CfiRow | null {
    const high = Math.floor(address / 2 ** 32);
    const region = space && regionAt(space, high, address >>> 0);
    if (!space || !region) return null;
    const code = this.#codeOf(region, space.pid);
    if (code === null) return null;
    const offset = address - (region.startHigh * 2 ** 32 + region.startLow) + region.fileOffset;
    let at = offset;
    for (const segment of code.info.segments) {
      if (offset < segment.offset || offset >= segment.offset + segment.sizeBytes) continue;
      at = offset - segment.offset + segment.address;
      break;
    }
    for (const table of code.tables) {
      const row = table.find(at);
      if (row !== null) return row;
    }
    return null;
  }

  #codeOf(region: Region, pid: number): Code | null {
    const key = `${region.buildId} ${region.path}`;
    let code = this.#codes.get(key);
    if (code === undefined) {
      const info = this.#find({ path: region.path, buildId: region.buildId, pid });
      code =
        info &&
        ({
          info,
          tables: info.sections.map((one) => new CfiTable(one.bytes, one.address, one.isEh)),
        } as const);
      if (code === null && region.path.startsWith("/") && !region.path.startsWith("//"))
        this.missing.add(region.path);
      this.#codes.set(key, code);
    }
    return code;
  }
}
