import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CfiTable, rule } from "#core/bytes/cfi.ts";
import { readElfSections } from "#core/bytes/elf.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "aarch64");
const bytes = readFileSync(join(folder, "frames.elf"));
const section = readElfSections(
  (offset, length) => bytes.subarray(offset, offset + length),
  [".eh_frame"],
).get(".eh_frame");
const table = new CfiTable(section?.bytes ?? new Uint8Array(0), section?.address ?? 0, true);

/** "0000000000400258 sp+16    c-16  c-8": address, where the CFA is, and where x29 and the return address are from there. */
const rows = [
  ...readFileSync(join(folder, "frames.txt"), "utf8").matchAll(
    /^([0-9a-f]{16}) (sp|x29)\+(\d+)\s+(u|c-\d+)\s+(u|c-\d+)/gm,
  ),
];

const named = (register: number): string => (register === 31 ? "sp" : `x${register}`);

describe("call frame information of AArch64, with signed return addresses", () => {
  it("as readelf prints it", () => {
    expect(rows.length).toBe(19);
    for (const [, address = "", cfa = "", offset = "", x29 = "", returned = ""] of rows) {
      const row = table.find(Number.parseInt(address, 16));
      expect(row?.returnColumn).toBe(30);
      const saved = (register: number): string =>
        row?.kinds[register] === rule.offset ? `c${row.values[register]}` : "u";
      expect([named(row?.cfaRegister ?? -1), String(row?.cfaOffset), saved(29), saved(30)], address).toEqual([
        cfa,
        offset,
        x29,
        returned,
      ]);
    }
  });

  it("of a function that saves nothing", () => {
    expect(table.find(0x4001e4)).toMatchObject({ cfaRegister: 31, cfaOffset: 0, returnColumn: 30 });
    expect(table.find(0x4001ec)).toBeNull();
  });
});
