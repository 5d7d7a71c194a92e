import { describe, expect, test } from "vitest";
import {
  chooseUnits,
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
  formatValue,
} from "#core/base/numbers.ts";

/** As read: the space that keeps number and unit together is a plain one here. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

describe("durations", () => {
  test.each([
    [0, "0 ns"],
    [0.25, "0.25 ns"],
    [1e-9, "0 ns"],
    [999, "999 ns"],
    [999.7, "1.00 µs"],
    [1234, "1.23 µs"],
    [12_345, "12.3 µs"],
    [999_960, "1.00 ms"],
    [2_004_008, "2.00 ms"],
    [999_950_000, "1.00 s"],
    [1.5e9, "1.50 s"],
    [59.96e9, "1 min 00 s"],
    [61e9, "1 min 01 s"],
    [-61e9, "-1 min 01 s"],
    [-1500, "-1.50 µs"],
    [3600e9, "1 h 00 min"],
    [7384e9, "2 h 03 min"],
    [Number.NaN, "NaN s"],
    [Number.POSITIVE_INFINITY, "Infinity s"],
  ])("%d ns", (value, expected) => expect(plain(formatDuration(value))).toBe(expected));
});

describe("sizes", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [1_048_575, "1.00 MiB"],
    [11_036_096, "10.5 MiB"],
    [3 * 2 ** 40, "3.00 TiB"],
    [2 ** 60, "1024 PiB"],
    [-2048, "-2.00 KiB"],
  ])("%d bytes", (value, expected) => expect(plain(formatBytes(value))).toBe(expected));
});

describe("counts", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [1188, "1,188"],
    [1_234_567, "1,234,567"],
    [-1234, "-1,234"],
    [0.5, "0.50"],
    [12.345, "12.3"],
    [1234.5, "1,235"],
  ])("%d", (value, expected) => expect(formatCount(value)).toBe(expected));
});

describe("shares", () => {
  test.each([
    [0, 10, "0.0 %"],
    [31, 100, "31.0 %"],
    [1, 1, "100.0 %"],
    [4, 10_000, "0.04 %"],
    [1, 1_000_000, "<0.01 %"],
    [5, 0, "0 %"],
    [5, Number.NaN, "0 %"],
  ])("%d of %d", (part, whole, expected) => expect(plain(formatPercent(part, whole))).toBe(expected));
});

describe("values by unit", () => {
  test.each([
    [1500, "nanoseconds", "1.50 µs"],
    [1500, "microseconds", "1.50 ms"],
    [1500, "milliseconds", "1.50 s"],
    [90, "seconds", "1 min 30 s"],
    [2048, "bytes", "2.00 KiB"],
    [1188, "samples", "1,188"],
    [1188, "count", "1,188"],
    [1188, "cycles", "1,188 cycles"],
    [3, "__proto__", "3 __proto__"],
  ])("%d %s", (value, unit, expected) => expect(plain(formatValue(value, unit))).toBe(expected));
});

describe("numbers in the units that were chosen", () => {
  test("are of one unit, and as they were afterwards", () => {
    chooseUnits({ bytes: "decimal", time: "milliseconds" });
    try {
      expect(plain(formatBytes(1_500_000))).toBe("1.50 MB");
      expect(plain(formatDuration(1_234_567_890_000))).toBe("1,234,567.890 ms");
      chooseUnits({ bytes: "binary", time: "seconds" });
      expect(plain(formatDuration(1_500_000))).toBe("0.002 s");
    } finally {
      chooseUnits({ bytes: "binary", time: "auto" });
    }
    expect(plain(formatDuration(1_500_000))).toBe("1.50 ms");
  });
});

test("one is not several", () => {
  expect([1, 0, 1188].map((count) => formatCountOf(count, "sample"))).toEqual([
    "1 sample",
    "0 samples",
    "1,188 samples",
  ]);
  expect([1, 2].map((count) => formatCountOf(count, "process", "processes"))).toEqual([
    "1 process",
    "2 processes",
  ]);
});
