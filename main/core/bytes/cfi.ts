import { DwarfCursor } from "./dwarf-cursor.ts";

/**
 * Registers in DWARF's numbering. x86-64 has 17: 6 is rbp, 7 rsp, 16 the return address. AArch64 has 35: 29 is the frame
 * pointer, 30 where the call returns to, 31 the stack pointer, 32 the pc, 34 whether the return address is signed.
 */
export const cfiRegisters = 35;

/** How a register of the caller is found. */
export const rule = {
  same: 0,
  undefined: 1,
  /** At the CFA plus a number. */
  offset: 2,
  /** The CFA plus a number itself. */
  valueOffset: 3,
  register: 4,
  /** At the address that an expression gives. */
  expression: 5,
  valueExpression: 6,
} as const;

/** What is known of the caller's registers where the code is at one address. */
export interface CfiRow {
  /** -1: an expression says where the CFA is. */
  readonly cfaRegister: number;
  readonly cfaOffset: number;
  readonly cfaExpression: Uint8Array | null;
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  readonly expressions: readonly (Uint8Array | null)[];
  readonly returnColumn: number;
  /** The kernel put this frame there: the address in the caller is where it was interrupted, not where a call returns. */
  readonly isSignal: boolean;
}

interface Common {
  readonly codeAlign: number;
  readonly dataAlign: number;
  readonly returnColumn: number;
  readonly encoding: number;
  readonly hasAugmentation: boolean;
  readonly isSignal: boolean;
  readonly from: number;
  readonly to: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly common: Common;
  readonly from: number;
  readonly to: number;
}

const MAX_ROWS = 200_000;
const MAX_REMEMBERED = 64;
const PCREL = 0x10;

/**
 * Call frame information of a file of x86-64 or AArch64: .eh_frame, or .debug_frame. How a debugger, and perf, walks up a stack
 * without frame pointers. https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/ehframechpt.html
 */
export class CfiTable {
  readonly #bytes: Uint8Array;
  readonly #address: number;
  readonly #isEh: boolean;
  readonly #ranges: readonly Range[];
  /** By address: the same few are asked for again and again. */
  readonly #rows = new Map<number, CfiRow | null>();

  /** `address` is where the section lies in the file's own addresses. */
  constructor(bytes: Uint8Array, address: number, isEh: boolean) {
    this.#bytes = bytes;
    this.#address = address;
    this.#isEh = isEh;
    this.#ranges = this.#scan().sort((a, b) => a.start - b.start);
  }

  /** null where nothing is said of the address. */
  find(pc: number): CfiRow | null {
    const known = this.#rows.get(pc);
    if (known !== undefined) return known;
    if (this.#rows.size >= MAX_ROWS) this.#rows.clear();
    const row = this.#read(pc);
    this.#rows.set(pc, row);
    return row;
  }

  #read(pc: number): CfiRow | null {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.start ?? 0) <= pc) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low - 1];
    if (!range || pc >= range.end) return null;
    try {
      return new Program(this.#bytes, range.common).row(range, pc);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  #scan(): Range[] {
    const ranges: Range[] = [];
    const commons = new Map<number, Common | null>();
    const cursor = new DwarfCursor(this.#bytes);
    try {
      while (cursor.at + 4 <= this.#bytes.length) {
        const start = cursor.at;
        const short = cursor.u32();
        const length = short === 0xffffffff ? cursor.u64() : short;
        const idAt = cursor.at;
        const end = idAt + length;
        if (length === 0) continue;
        if (end > this.#bytes.length) break;
        const id = short === 0xffffffff ? cursor.u64() : cursor.u32();
        const isCommon = this.#isEh ? id === 0 : id === (short === 0xffffffff ? 2 ** 64 : 0xffffffff);
        if (isCommon) commons.set(start, this.#common(cursor, end));
        else {
          const common = commons.get(this.#isEh ? idAt - id : id) ?? null;
          if (common) this.#range(cursor, common, end, ranges);
        }
        cursor.at = end;
      }
    } catch (error) {
      // What was read before the damage stands.
      if (!(error instanceof RangeError)) throw error;
    }
    return ranges;
  }

  #common(cursor: DwarfCursor, to: number): Common | null {
    const version = cursor.u8();
    const augmentation = cursor.text();
    if (version === 4) cursor.at += 2;
    const codeAlign = cursor.uleb();
    const dataAlign = cursor.sleb();
    const returnColumn = version === 1 ? cursor.u8() : cursor.uleb();
    let encoding = 0;
    let isSignal = false;
    if (augmentation !== "" && !augmentation.startsWith("z")) return null;
    if (augmentation.startsWith("z")) {
      const size = cursor.uleb();
      const end = cursor.at + size;
      for (const letter of augmentation.slice(1)) {
        if (letter === "R") encoding = cursor.u8();
        else if (letter === "L") cursor.u8();
        else if (letter === "P") cursor.pointer(cursor.u8());
        else if (letter === "S") isSignal = true;
      }
      cursor.at = end;
    }
    const hasAugmentation = augmentation.startsWith("z");
    return { codeAlign, dataAlign, returnColumn, encoding, hasAugmentation, isSignal, from: cursor.at, to };
  }

  #range(cursor: DwarfCursor, common: Common, to: number, into: Range[]): void {
    const at = cursor.at;
    let start = cursor.pointer(common.encoding);
    if ((common.encoding & 0x70) === PCREL) start += this.#address + at;
    const size = cursor.pointer(common.encoding & 0x0f);
    if (common.hasAugmentation) {
      const bytes = cursor.uleb();
      cursor.at += bytes;
    }
    // What the linker threw out begins at 0.
    if (size > 0 && start > 0) into.push({ start, end: start + size, common, from: cursor.at, to });
  }
}

interface State {
  cfaRegister: number;
  cfaOffset: number;
  cfaExpression: Uint8Array | null;
  kinds: Uint8Array;
  values: Float64Array;
  expressions: (Uint8Array | null)[];
}

const copyOf = (state: State): State => ({
  ...state,
  kinds: state.kinds.slice(),
  values: state.values.slice(),
  expressions: [...state.expressions],
});

/** The instructions of one function, up to an address. */
class Program {
  readonly #bytes: Uint8Array;
  readonly #common: Common;
  #state: State = {
    cfaRegister: 7,
    cfaOffset: 8,
    cfaExpression: null,
    kinds: new Uint8Array(cfiRegisters),
    values: new Float64Array(cfiRegisters),
    expressions: new Array<Uint8Array | null>(cfiRegisters).fill(null),
  };
  #initial: State | null = null;
  readonly #remembered: State[] = [];
  #location = 0;

  constructor(bytes: Uint8Array, common: Common) {
    this.#bytes = bytes;
    this.#common = common;
  }

  row(range: Range, pc: number): CfiRow {
    const { returnColumn, isSignal, from, to } = this.#common;
    this.#run(from, to, Number.POSITIVE_INFINITY);
    this.#initial = copyOf(this.#state);
    this.#location = range.start;
    this.#run(range.from, range.to, pc);
    return { ...this.#state, returnColumn, isSignal };
  }

  #run(from: number, to: number, pc: number): void {
    const cursor = new DwarfCursor(this.#bytes);
    cursor.at = from;
    while (cursor.at < to && this.#location <= pc) {
      const before = this.#location;
      const op = cursor.u8();
      const low = op & 0x3f;
      if (op >= 0xc0) this.#restore(low);
      else if (op >= 0x80) this.#set(low, rule.offset, cursor.uleb() * this.#common.dataAlign);
      else if (op >= 0x40) this.#location += low * this.#common.codeAlign;
      else this.#extended(op, cursor);
      if (this.#location > pc && this.#location !== before) return;
    }
  }

  #set(register: number, kind: number, value = 0, expression: Uint8Array | null = null): void {
    if (register >= cfiRegisters) return;
    this.#state.kinds[register] = kind;
    this.#state.values[register] = value;
    this.#state.expressions[register] = expression;
  }

  #restore(register: number): void {
    const initial = this.#initial;
    if (!initial || register >= cfiRegisters) return;
    this.#set(
      register,
      initial.kinds[register] ?? rule.same,
      initial.values[register] ?? 0,
      initial.expressions[register] ?? null,
    );
  }

  #cfa(register: number, offset: number): void {
    this.#state.cfaRegister = register;
    this.#state.cfaOffset = offset;
    this.#state.cfaExpression = null;
  }

  /** DW_CFA_*, in the order of their numbers. */
  #extended(op: number, cursor: DwarfCursor): void {
    const { codeAlign, dataAlign } = this.#common;
    const state = this.#state;
    switch (op) {
      case 0x00:
        return;
      case 0x01:
        this.#location = cursor.pointer(this.#common.encoding & 0x0f);
        return;
      case 0x02:
        this.#location += cursor.u8() * codeAlign;
        return;
      case 0x03:
        this.#location += cursor.u16() * codeAlign;
        return;
      case 0x04:
        this.#location += cursor.u32() * codeAlign;
        return;
      case 0x05:
        this.#set(cursor.uleb(), rule.offset, cursor.uleb() * dataAlign);
        return;
      case 0x06:
        this.#restore(cursor.uleb());
        return;
      case 0x07:
        this.#set(cursor.uleb(), rule.undefined);
        return;
      case 0x08:
        this.#set(cursor.uleb(), rule.same);
        return;
      case 0x09:
        this.#set(cursor.uleb(), rule.register, cursor.uleb());
        return;
      case 0x0a:
        if (this.#remembered.length >= MAX_REMEMBERED) throw new RangeError("too many remembered states");
        this.#remembered.push(copyOf(state));
        return;
      case 0x0b:
        this.#state = this.#remembered.pop() ?? state;
        return;
      case 0x0c:
        this.#cfa(cursor.uleb(), cursor.uleb());
        return;
      case 0x0d:
        this.#cfa(cursor.uleb(), state.cfaOffset);
        return;
      case 0x0e:
        this.#cfa(state.cfaRegister, cursor.uleb());
        return;
      case 0x0f:
        state.cfaRegister = -1;
        state.cfaExpression = cursor.block();
        return;
      case 0x10:
        this.#set(cursor.uleb(), rule.expression, 0, cursor.block());
        return;
      case 0x11:
        this.#set(cursor.uleb(), rule.offset, cursor.sleb() * dataAlign);
        return;
      case 0x12:
        this.#cfa(cursor.uleb(), cursor.sleb() * dataAlign);
        return;
      case 0x13:
        this.#cfa(state.cfaRegister, cursor.sleb() * dataAlign);
        return;
      case 0x14:
        this.#set(cursor.uleb(), rule.valueOffset, cursor.uleb() * dataAlign);
        return;
      case 0x15:
        this.#set(cursor.uleb(), rule.valueOffset, cursor.sleb() * dataAlign);
        return;
      case 0x16:
        this.#set(cursor.uleb(), rule.valueExpression, 0, cursor.block());
        return;
      case 0x2d:
        // DW_CFA_AARCH64_negate_ra_state: the return address is signed from here on, or no longer. Its signature lies in bits
        // that no address has, so that whoever reads addresses leaves them out at any time.
        return;
      case 0x2e:
        cursor.uleb();
        return;
      default:
        throw new RangeError(`an instruction that is not known: ${op}`);
    }
  }
}
