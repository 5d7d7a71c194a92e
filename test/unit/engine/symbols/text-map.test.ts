import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readKallsyms } from "#engine/symbols/kallsyms.ts";
import { mapReader } from "#engine/symbols/map-file.ts";
import { growingMap } from "#engine/symbols/text-map.ts";

const lines = (text: string): string => `${text.replaceAll("; ", "\n")}\n`;

describe("maps of runtimes", () => {
  const table = growingMap((offset) => ({
    text: lines(
      "7f00aa00 10 JS:*hot /app/a.js:2:14; 7f00aa20 20 py::run:/app/b.py; nonsense; 7f00aa00 8 JS:~later /app/a.js:2:14; ffff80001234567 40 wide; 0x00007f8800000000 0x0000000000000378 long Split.burn(long)",
    ).slice(offset),
    isAnew: false,
  }));

  it("name what is within their ranges", () => {
    expect(table.find(0, 0x7f00aa04)?.name).toBe("JS:~later /app/a.js:2:14");
    expect(table.find(0, 0x7f00aa3f)?.name).toBe("py::run:/app/b.py");
    expect(table.find(0, 0x7f00aa40)).toBeNull();
    expect(table.find(0, 0)).toBeNull();
    expect(table.find(0x0ffff800, 0x01234567)?.name).toBe("wide");
    expect(table.find(0x7f88, 0x377)?.name).toBe("long Split.burn(long)");
  });

  it("grow: what comes later holds, half a line is left for later, and what is written anew is read anew", () => {
    const path = join(mkdtempSync(join(tmpdir(), "flamewright-map-")), "perf-1.map");
    const growing = growingMap(mapReader(path));
    const nameAt = (low: number): string => growing.find(0, low)?.name ?? "";
    expect([growing.refresh?.(), nameAt(0x1000)]).toEqual([0, ""]);
    writeFileSync(path, "1000 100 first\n2000 100 sec");
    expect([growing.refresh?.(), nameAt(0x1000), nameAt(0x2000)]).toEqual([1, "first", ""]);
    expect(growing.refresh?.()).toBe(1);
    appendFileSync(path, "ond\n1080 80 moved here\n");
    expect([growing.refresh?.(), nameAt(0x2000), nameAt(0x1010), nameAt(0x1090)]).toEqual([
      2,
      "second",
      "first",
      "moved here",
    ]);
    for (let i = 0; i < 40; i++) {
      appendFileSync(path, `${(0x3000 + i * 16).toString(16)} 10 f${i}\n`);
      growing.refresh?.();
    }
    expect([nameAt(0x1010), nameAt(0x1090), nameAt(0x3000), nameAt(0x3000 + 39 * 16)]).toEqual([
      "first",
      "moved here",
      "f0",
      "f39",
    ]);
    writeFileSync(path, `1000 100 other\n${"9000 10 filler\n".repeat(60)}`);
    growing.refresh?.();
    expect([nameAt(0x1000), nameAt(0x2000)]).toEqual(["other", ""]);
  });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("kernel symbols", () => {
  const text = [
    "ffffffff81000000 T _stext",
    "ffffffff81000000 T _text",
    "ffffffff81000100 t do_one_initcall",
    "ffffffff81000400 T schedule",
    "ffffffff82000000 D jiffies",
    "ffffffffc0000000 t ext4_read\t[ext4]",
  ].join("\n");

  it("are found where the kernel lay then", () => {
    const here = readKallsyms(bytes(text), { high: 0xffffffff, low: 0x81000000 });
    expect(here?.isMoved).toBe(false);
    expect(here?.find(0xffffffff, 0x81000123)?.name).toBe("do_one_initcall");
    expect(here?.find(0xffffffff, 0xc0000010)?.name).toBe("ext4_read");
    const there = readKallsyms(bytes(text), { high: 0xffffffff, low: 0x91000000 });
    expect(there?.isMoved).toBe(true);
    expect(there?.find(0xffffffff, 0x91000404)).toEqual({
      name: "schedule",
      high: 0xffffffff,
      low: 0x91000400,
    });
    const before = readKallsyms(bytes(text), { high: 0xfffffffe, low: 0xf1000000 });
    expect(before?.find(0xfffffffe, 0xf1000404)?.name).toBe("schedule");
  });

  it("are nothing where the kernel hides them", () => {
    expect(
      readKallsyms(bytes("0000000000000000 T _text\n0000000000000000 T schedule\n"), { high: 0, low: 0 }),
    ).toBeNull();
  });
});
