import { describe, expect, it } from "vitest";
import { tableAsText } from "../../../../renderer/views/top/table-as-text.ts";
import { windowAround } from "../../../../renderer/views/top/top-window.ts";
import { placeOf, rowOfFunction, shortPath } from "../../../../renderer/widgets/function-rows.ts";
import { topTableOf } from "./sample-tables.ts";

const table = topTableOf(
  [
    { name: "burn_a", self: 60, total: 60, file: "/src/demo.c" },
    { name: "phase\tab\nline", self: 0, total: 90 },
  ],
  100,
);

describe("the top table", () => {
  it("is copied as tab-separated text, one line a row whatever the names", () => {
    const lines = tableAsText(table).split("\n");
    expect(lines).toEqual([
      "function\tkind\tfile\tbinary\tself %\tself % low\tself % high\tself (samples)\tself samples\ttotal %\ttotal % low\ttotal % high\ttotal (samples)\ttotal samples",
      "burn_a\tnative\t/src/demo.c:12\t/usr/bin/demo\t60.00\t50.20\t69.06\t60\t60\t60.00\t50.20\t69.06\t60\t60",
      "phase ab line\tnative\t\t/usr/bin/demo\t0.00\t0.00\t3.70\t0\t0\t90.00\t82.56\t94.48\t90\t90",
      "",
    ]);
  });

  it("is copied by row", () => {
    expect(tableAsText(table, [1]).split("\n")[1]).toMatch(/^phase ab line\t/);
    expect(tableAsText(table, [7]).split("\n")).toHaveLength(2);
  });

  it("finds functions and says where they are", () => {
    expect([rowOfFunction(table, 41), rowOfFunction(table, 7), rowOfFunction(table, -1)]).toEqual([
      1, -1, -1,
    ]);
    expect(placeOf(table, 0)).toEqual({
      name: "burn_a",
      kind: "native",
      at: "/src/demo.c:12",
      binary: "/usr/bin/demo",
    });
    expect(
      ["/usr/lib/libc.so.6", "[kernel.kallsyms]", "node:fs:12", "file:///a/b.js:3"].map(shortPath),
    ).toEqual(["libc.so.6", "[kernel.kallsyms]", "node:fs:12", "b.js:3"]);
  });
});

describe("the window of a long table", () => {
  const check = (first: number, last: number, offset: number, expected: number) =>
    expect(windowAround(first, last, offset, 100_000)).toBe(expected);

  it("stays while the rows on the screen have room on both sides", () => {
    check(0, 30, 0, 0);
    check(700, 730, 0, 0);
    check(1100, 1130, 800, 800);
  });

  it("goes to where the rows are", () => {
    check(790, 830, 0, 400);
    check(50_000, 50_030, 0, 49_600);
    check(0, 30, 49_600, 0);
    check(99_970, 99_999, 0, 99_600);
    expect(windowAround(900, 999, 0, 1000)).toBe(0);
  });
});
