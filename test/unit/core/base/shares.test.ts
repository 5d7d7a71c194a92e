import { describe, expect, it } from "vitest";
import { formatInterval, intervalWords, shareInterval, wilsonInterval } from "#core/base/shares.ts";

describe("the interval of a share", () => {
  // By R's prop.test(x, n, correct = FALSE).
  it.each([
    [10, 100, 0.0552, 0.1744],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [500, 1000, 0.4691, 0.5309],
    [1, 3, 0.0615, 0.7923],
  ])("%i of %i lies between %d and %d", (hits, samples, low, high) => {
    const [from, to] = wilsonInterval(hits, samples);
    expect(from).toBeCloseTo(low, 3);
    expect(to).toBeCloseTo(high, 3);
  });
  it("of nothing is anything", () => expect(wilsonInterval(0, 0)).toEqual([0, 1]));
});

describe("a share is told with its interval", () => {
  const spaces = (text: string): string => text.replaceAll("\u00a0", " ");
  // 12.4 % of 1,188 samples, by weight in nanoseconds.
  it.each<readonly [number, number, number, string]>([
    [12.4e9, 100e9, 1188, "10.6–14.4 %"],
    [12.4e9, 100e9, 100, "7.3–20.3 %"],
    [0, 100e9, 1188, "0–0.3 %"],
    [100e9, 100e9, 1188, "99.7–100 %"],
    [0, 5, 100_000, "0–0.00 %"],
    [12.4e9, 100e9, 0, ""],
    [0, 0, 0, ""],
  ])("%d of %d in %d samples", (value, totalValue, sampleSize, text) =>
    expect(spaces(formatInterval(value, { totalValue, sampleSize }))).toBe(text),
  );
  it("by samples, whatever a sample weighs", () =>
    expect(shareInterval(30e9, { totalValue: 60e9, sampleSize: 1000 })).toEqual(wilsonInterval(500, 1000)));
  it("has no words where it is exact", () =>
    expect(intervalWords(1, { totalValue: 2, sampleSize: 0 })).toBe(""));
});
