import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DwarfInlines } from "#core/bytes/dwarf/inlines.ts";
import { DwarfSection } from "#core/bytes/dwarf/section.ts";
import { readElfSections } from "#core/bytes/elf.ts";
import type { SymbolTable } from "#core/importers/importer.ts";
import { findSymbols } from "../../../../main/engine/symbols/index.ts";

const names = [
  "debug_info",
  "debug_abbrev",
  "debug_line",
  "debug_ranges",
  "debug_rnglists",
  "debug_addr",
  "debug_str_offsets",
  "debug_str",
  "debug_line_str",
];

const folder = join(dirname(fileURLToPath(import.meta.url)), "inlined");
const nowhere = { cache: "/none", debug: "/none", debuginfod: "/none", paths: [], servers: [] };

const open = (name: string, stepBytes?: number): SymbolTable => {
  const table = findSymbols(nowhere, { debugStepBytes: stepBytes }).tableOf({
    path: join(folder, name),
    buildId: "",
    pid: -1,
  });
  if (!table) throw new Error(`${name} has no symbols`);
  return table;
};

/** Where the line is not known, the file is nobody's. */
const placed = (name: string, place: string): string => `${name} ${place.replace(/^.*:(-1|\?)$/, "?")}`;

/** "0xADDRESS", and then a function and a place for each call from the innermost out. */
function golden(name: string): readonly { readonly address: number; readonly calls: readonly string[] }[] {
  const text = readFileSync(join(folder, name), "utf8");
  return text
    .trim()
    .split(/^(?=0x)/m)
    .map((block) => {
      const [address = "", ...lines] = block.trim().split("\n");
      const calls = lines.flatMap((line, i) => (i % 2 === 0 ? [placed(line, lines[i + 1] ?? "")] : []));
      return { address: Number(address), calls };
    });
}

function callsAt(table: SymbolTable, address: number): readonly string[] | null {
  const places = table.places?.(0, address) ?? null;
  // Code that lies apart is a symbol of its own.
  const symbol = (table.find(0, address)?.name ?? "").replace(/\.cold$/, "");
  return (
    places?.map(({ name, file, line }) => placed(name || symbol, `${file}:${line}`)).toReversed() ?? null
  );
}

describe("what was inlined at an address", () => {
  it.each([
    ["DWARF 5", "dwarf-5.elf", "dwarf-5.txt"],
    ["DWARF 4", "dwarf-4.elf", "dwarf-4.txt"],
    ["packed sections", "packed.elf", "dwarf-5.txt"],
    ["packed as GNU did it first", "packed-old.elf", "dwarf-5.txt"],
    ["split into a .dwo file, DWARF 5", "split-5.elf", "dwarf-5.txt"],
    ["split into a .dwo file, DWARF 4", "split-4.elf", "dwarf-4.txt"],
    ["shared with another file by dwz", "shared.elf", "dwarf-4.txt"],
    ["LLVM's indexed addresses, texts and ranges", "llvm.elf", "llvm.txt"],
  ])("%s: as addr2line says it", (_, file, expected) => {
    const table = open(file);
    const rows = golden(expected);
    expect(rows.length).toBeGreaterThan(40);
    // What fills up between functions belongs to none.
    for (const { address, calls } of rows.filter((row) => table.find(0, row.address) !== null))
      expect(callsAt(table, address), address.toString(16)).toEqual(calls);
  });

  it("where each function is declared", () => {
    const [own, ...inlined] = open("dwarf-5.elf").places?.(0, 0x400150) ?? [];
    expect(own).toMatchObject({ name: "", file: "/srv/inlined/inlined.c", declaredLine: 18 });
    expect(inlined.map(({ name, declaredLine }) => [name, declaredLine])).toEqual([["mix", 8]]);
  });

  it("in steps: nothing until the unit is read, then all of it", () => {
    const table = open("dwarf-5.elf", 300);
    const [first] = golden("dwarf-5.txt");
    if (!first) throw new Error("an empty golden file");
    const before = table.refresh?.();
    for (let asked = 0; asked < 100; asked++) expect(callsAt(table, first.address)).toBeNull();
    for (let steps = 0; table.refresh?.() === before; steps++) expect(steps).toBeLessThan(20);
    expect(callsAt(table, first.address)).toEqual(first.calls);
  });

  it("nothing for addresses that are in no unit, and for files without debug information", () => {
    expect(open("dwarf-5.elf").places?.(0, 0x10)).toEqual([]);
    expect(open("dwarf-5.elf").places?.(0x7fff, 0x10)).toEqual([]);
  });

  it.each(["dwarf-5.elf", "dwarf-4.elf", "llvm.elf"])("survives any damage: %s", (file) => {
    const sections = readElfSections(
      (offset, length) => readFileSync(join(folder, file)).subarray(offset, offset + length),
      names.map((name) => `.${name}`),
    );
    const addresses = golden(file.replace("elf", "txt")).map(({ address }) => address);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(names.length - 1), fc.nat(5000), fc.nat(255)), {
          minLength: 1,
          maxLength: 8,
        }),
        (changes) => {
          const bytes = new Map(names.map((name) => [name, sections.get(`.${name}`)?.bytes.slice()]));
          for (const [which, at, value] of changes) {
            const section = bytes.get(names[which] ?? "");
            if (section) section[at % section.length] = value;
          }
          const inlines = new DwarfInlines((name) => {
            const section = bytes.get(name);
            return section
              ? new DwarfSection(section.length, (from, length) => section.subarray(from, from + length))
              : null;
          });
          for (const address of addresses) inlines.find(address);
        },
      ),
      { numRuns: 200 },
    );
  });
});
