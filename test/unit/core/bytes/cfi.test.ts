import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CfiTable, rule } from "#core/bytes/cfi.ts";
import { evaluate } from "#core/bytes/cfi-expression.ts";

const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** With its length in front, filled up with DW_CFA_nop. */
function entry(content: readonly number[]): number[] {
  const padded = [...content];
  while (padded.length % 4 !== 0) padded.push(0);
  return [...word(padded.length), ...padded];
}

const address = 0x2000;

/** A function of 0x40 bytes at 0x1000: push rbp; mov rbp, rsp; ...; and one at 0x1100 that the kernel returns to. */
function section(): Uint8Array {
  const augmentation = [..."zR\0"].map((letter) => letter.charCodeAt(0));
  // DW_CFA_def_cfa rsp 8; the return address at CFA - 8.
  const begin = [0x0c, 7, 8, 0x90, 1];
  const common = entry([...word(0), 1, ...augmentation, 1, 0x78, 16, 1, 0x1b, ...begin]);
  const signal = entry([
    ...word(0),
    1,
    ..."zRS\0".split("").map((letter) => letter.charCodeAt(0)),
    1,
    0x78,
    16,
    1,
    0x1b,
    // DW_CFA_def_cfa_expression: breg7 + 160, deref.
    ...[0x0f, 4, 0x77, 0xa0, 0x01, 0x06],
  ]);
  const body = [0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x02, 0x30, 0x0c, 7, 8, 0xc6];
  const bytes = [...common, ...signal];
  const range = (start: number, size: number, cie: number, instructions: readonly number[]): void => {
    const at = bytes.length;
    bytes.push(
      ...entry([
        ...word(at + 4 - cie),
        ...word(start - (address + at + 8)),
        ...word(size),
        0,
        ...instructions,
      ]),
    );
  };
  range(0x1000, 0x40, 0, body);
  range(0x1100, 0x10, common.length, []);
  return new Uint8Array([...bytes, 0, 0, 0, 0]);
}

describe("call frame information", () => {
  const table = new CfiTable(section(), address, true);

  it.each([
    [0x1000, 7, 8, rule.same],
    [0x1001, 7, 16, rule.offset],
    [0x1004, 6, 16, rule.offset],
    [0x1033, 6, 16, rule.offset],
    [0x1034, 7, 8, rule.same],
  ])("at %i", (pc, register, offset, ofRbp) => {
    const row = table.find(pc);
    expect([row?.cfaRegister, row?.cfaOffset, row?.kinds[6]]).toEqual([register, offset, ofRbp]);
    expect([row?.kinds[16], row?.values[16]]).toEqual([rule.offset, -8]);
    expect(row?.isSignal).toBe(false);
  });

  it("says nothing of what it does not know", () => {
    for (const pc of [0, 0xfff, 0x1040, 0x10ff, 0x1110, 2 ** 47]) expect(table.find(pc)).toBeNull();
  });

  it("knows frames of signals, and expressions", () => {
    const row = table.find(0x1100);
    expect(row).toMatchObject({ isSignal: true, cfaRegister: -1 });
    const memory = (at: number): number => (at === 0x7000 + 160 ? 0x7fff : Number.NaN);
    expect(evaluate(row?.cfaExpression ?? new Uint8Array(0), Number.NaN, () => 0x7000, memory)).toBe(0x7fff);
  });

  it("of a stub of a procedure linkage table", () => {
    // breg7 + 8; breg16; lit15; and; lit11; ge; lit3; shl; plus
    const stub = new Uint8Array([0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22]);
    const at = (rip: number) =>
      evaluate(
        stub,
        Number.NaN,
        (register) => (register === 7 ? 0x7ffc_0000_0000 : rip),
        () => Number.NaN,
      );
    expect(at(0x5555_5555_1030)).toBe(0x7ffc_0000_0008);
    expect(at(0x5555_5555_103b)).toBe(0x7ffc_0000_0010);
  });

  it("survives any damage", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = section();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const damaged = new CfiTable(bytes, address, true);
        for (const pc of [0x1000, 0x1004, 0x1039, 0x1100]) damaged.find(pc);
      }),
      { numRuns: 500 },
    );
  });
});
