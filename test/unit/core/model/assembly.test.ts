import { describe, expect, it } from "vitest";
import {
  type Assembly,
  fileOfAssembly,
  linesOfAssembly,
  loadBias,
  parseObjdump,
  placeCosts,
} from "#core/model/assembly.ts";
import type { SourceTable } from "#core/model/tables.ts";

/** As objdump 2.40 of binutils says it. */
const output = `
/srv/demo/hot:     file format elf64-x86-64


Disassembly of section .text:

0000000000001139 <burn_a>:
burn_a():
/srv/demo/hot.c:5 (discriminator 1)
    1139:\ttest   %rdi,%rdi
    113c:\tje     1163 <burn_a+0x2a>
/srv/demo/hot.c:6
    1148:\tmov    %rcx,%rdx
operator()():
/srv/demo/add.h:12
    114b:\tcall   1030 <add@plt>
    1150:\tret
`;
const range = { start: 0x1139, sizeBytes: 0x30 };
const listing = parseObjdump(output);

const addresses = (rows: readonly (readonly [address: number, self: number, calls: number])[]) =>
  ({
    length: rows.length,
    high: Uint32Array.from(rows, ([address]) => Math.floor(address / 2 ** 32)),
    low: Uint32Array.from(rows, ([address]) => address >>> 0),
    self: Float64Array.from(rows, ([, self]) => self),
    calls: Float64Array.from(rows, ([, , calls]) => calls),
  }) satisfies SourceTable["addresses"];

describe("what objdump says", () => {
  it("is read with its lines", () => {
    expect(listing.files).toEqual(["/srv/demo/hot.c", "/srv/demo/add.h"]);
    expect(listing.instructions).toEqual([
      { address: 0x1139, text: "test %rdi,%rdi", file: 0, line: 5 },
      { address: 0x113c, text: "je 1163 <burn_a+0x2a>", file: 0, line: 5 },
      { address: 0x1148, text: "mov %rcx,%rdx", file: 0, line: 6 },
      { address: 0x114b, text: "call 1030 <add@plt>", file: 1, line: 12 },
      { address: 0x1150, text: "ret", file: 1, line: 12 },
    ]);
  });

  it("is nothing where there is no code", () =>
    expect(parseObjdump("objdump: 'x': No such file\n").instructions).toEqual([]));
});

describe("costs of instructions", () => {
  it("stand where the program lay in memory, by its pages", () => {
    const bias = 0x55d0_1234_5000;
    const large = { start: 0x2000, sizeBytes: 0x9000 };
    const places = [
      { ...large, address: bias + 0x2000 + 0x8123 },
      { ...range, address: bias + 0x1148 },
    ];
    expect(loadBias(places)).toBe(bias);
    expect(loadBias([])).toBe(0);
    const placed = placeCosts(
      listing.instructions,
      range,
      bias,
      addresses([
        [bias + 0x1139, 5, 0],
        [bias + 0x114a, 7, 0],
        [bias + 0x1150, 1, 40],
        [bias + 0x9000, 3, 0],
      ]),
    );
    expect([...placed.self]).toEqual([5, 0, 7, 0, 1]);
    // A call's address is where it returns to: its cost stands at the call.
    expect([...placed.calls]).toEqual([0, 0, 0, 40, 0]);
    expect(placed.unplaced).toBe(3);
  });

  it("add up to lines", () => {
    const assembly: Assembly = {
      ...listing,
      self: Float64Array.of(5, 1, 7, 0, 1),
      calls: Float64Array.of(0, 0, 0, 40, 0),
      path: "/srv/demo/hot",
      unplaced: 0,
      command: [],
      notes: [],
    };
    expect([...linesOfAssembly(assembly, "/srv/demo/hot.c")]).toEqual([
      [5, { self: 6, total: 6 }],
      [6, { self: 7, total: 7 }],
    ]);
    expect(linesOfAssembly(assembly, "/elsewhere.c").size).toBe(0);
    expect(fileOfAssembly(assembly)).toBe("/srv/demo/add.h");
    expect(fileOfAssembly({ ...assembly, files: [], instructions: [] })).toBe("");
  });
});
