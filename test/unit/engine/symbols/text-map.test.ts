import { describe, expect, it } from "vitest";
import { readKallsyms, readPerfMap } from "#engine/symbols/text-map.ts";

describe("maps of runtimes", () => {
  const table = readPerfMap(
    "7f00aa00 10 JS:*hot /app/a.js:2:14\n7f00aa20 20 py::run:/app/b.py\nnonsense\n7f00aa00 8 JS:~later /app/a.js:2:14\nffff80001234567 40 wide\n",
  );

  it("name what is within their ranges", () => {
    expect(table.find(0, 0x7f00aa04)?.name).toBe("JS:~later /app/a.js:2:14");
    expect(table.find(0, 0x7f00aa3f)?.name).toBe("py::run:/app/b.py");
    expect(table.find(0, 0x7f00aa40)).toBeNull();
    expect(table.find(0, 0)).toBeNull();
    expect(table.find(0x0ffff800, 0x01234567)?.name).toBe("wide");
  });
});

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
    const here = readKallsyms(text, { high: 0xffffffff, low: 0x81000000 });
    expect(here?.isMoved).toBe(false);
    expect(here?.find(0xffffffff, 0x81000123)?.name).toBe("do_one_initcall");
    expect(here?.find(0xffffffff, 0xc0000010)?.name).toBe("ext4_read");
    const there = readKallsyms(text, { high: 0xffffffff, low: 0x91000000 });
    expect(there?.isMoved).toBe(true);
    expect(there?.find(0xffffffff, 0x91000404)).toEqual({
      name: "schedule",
      high: 0xffffffff,
      low: 0x91000400,
    });
    const before = readKallsyms(text, { high: 0xfffffffe, low: 0xf1000000 });
    expect(before?.find(0xfffffffe, 0xf1000404)?.name).toBe("schedule");
  });

  it("are nothing where the kernel hides them", () => {
    expect(
      readKallsyms("0000000000000000 T _text\n0000000000000000 T schedule\n", { high: 0, low: 0 }),
    ).toBeNull();
  });
});
