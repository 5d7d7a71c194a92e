import { DwarfCursor } from "./dwarf-cursor.ts";

const MAX_STEPS = 1000;
const MAX_DEPTH = 64;

/** What a DWARF expression of call frame information gives; NaN where it cannot be told. `first` lies on its stack. */
export function evaluate(
  expression: Uint8Array,
  first: number,
  register: (number: number) => number,
  read: (address: number) => number,
): number {
  const cursor = new DwarfCursor(expression);
  const stack: number[] = Number.isNaN(first) ? [] : [first];
  const pop = (): number => stack.pop() ?? Number.NaN;
  try {
    for (let steps = 0; !cursor.isAtEnd; steps++) {
      if (steps > MAX_STEPS || stack.length > MAX_DEPTH) return Number.NaN;
      const op = cursor.u8();
      if (op >= 0x30 && op <= 0x4f) stack.push(op - 0x30);
      else if (op >= 0x70 && op <= 0x8f) {
        const offset = cursor.sleb();
        stack.push(register(op - 0x70) + offset);
      } else if (op >= 0x08 && op <= 0x11) stack.push(constant(op, cursor));
      else if (op === 0x03) stack.push(cursor.u64());
      else if (op === 0x06) stack.push(read(pop()));
      else if (op === 0x12) stack.push(stack.at(-1) ?? Number.NaN);
      else if (op === 0x13) pop();
      else if (op === 0x23) stack.push(pop() + cursor.uleb());
      else if (op !== 0x96) {
        const right = pop();
        stack.push(binary(op, pop(), right));
      }
    }
  } catch (error) {
    if (error instanceof RangeError) return Number.NaN;
    throw error;
  }
  return pop();
}

/** DW_OP_const1u to DW_OP_consts. */
function constant(op: number, cursor: DwarfCursor): number {
  switch (op) {
    case 0x08:
      return cursor.u8();
    case 0x09:
      return (cursor.u8() << 24) >> 24;
    case 0x0a:
      return cursor.u16();
    case 0x0b:
      return (cursor.u16() << 16) >> 16;
    case 0x0c:
      return cursor.u32();
    case 0x0d:
      return cursor.u32() | 0;
    case 0x0e:
      return cursor.u64();
    case 0x0f:
      return cursor.i64();
    case 0x10:
      return cursor.uleb();
    default:
      return cursor.sleb();
  }
}

/** Only what linkers and libraries use: the stub of a procedure linkage table is (rip & 15) >= 11 ? 16 : 8. */
function binary(op: number, left: number, right: number): number {
  switch (op) {
    case 0x1a:
      // An address has more than 32 bits, a mask of it does not.
      return right <= 0x7fffffff ? (left % 2 ** 31) & right : Number.NaN;
    case 0x1c:
      return left - right;
    case 0x1e:
      return left * right;
    case 0x22:
      return left + right;
    case 0x24:
      return left * 2 ** right;
    case 0x25:
      return Math.floor(left / 2 ** right);
    case 0x29:
      return Number(left === right);
    case 0x2a:
      return Number(left >= right);
    case 0x2b:
      return Number(left > right);
    case 0x2c:
      return Number(left <= right);
    case 0x2d:
      return Number(left < right);
    case 0x2e:
      return Number(left !== right);
    default:
      return Number.NaN;
  }
}
