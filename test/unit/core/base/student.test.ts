import { describe, expect, it } from "vitest";
import { studentQuantile, studentTwoSided } from "#core/base/student.ts";

/** Numbers of scipy 1.x: `stats.t.ppf(1 - (1 - c) / 2, df)` and `2 * stats.t.sf(t, df)`; of norm where it is infinite. */
describe("Student's t", () => {
  it.each([
    [0.95, 1, 12.706204736174694],
    [0.95, 4, 2.7764451051977934],
    [0.99, 8, 3.355387331333395],
    [0.99, 2.5, 7.163728138948783],
    [0.999, 30, 3.6459586350420627],
    [0.99, Number.POSITIVE_INFINITY, 2.5758293035489004],
    [0.95, 120, 1.9799304050824402],
  ])("quantile at %f with %f degrees", (confidence, degrees, expected) => {
    expect(studentQuantile(confidence, degrees)).toBeCloseTo(expected, 9);
  });

  it.each([
    [0.5, 3, 0.651447964848151],
    [2.262, 9, 0.05001284550245463],
    [12.7, 1, 0.050024327689344165],
    [3.3, 8, 0.010858851609992946],
    [6, 2.2, 0.02117808434235389],
    [-1.1, 1000, 0.2715968513919782],
  ])("chance of %f with %f degrees", (t, degrees, expected) => {
    expect(studentTwoSided(t, degrees)).toBeCloseTo(expected, 11);
  });

  it("knows its ends", () => {
    expect(studentTwoSided(0, 5)).toBe(1);
    expect(studentTwoSided(Number.POSITIVE_INFINITY, 5)).toBe(0);
    expect(studentTwoSided(Number.NaN, 5)).toBeNaN();
    expect(studentQuantile(0.99, 0)).toBeNaN();
    expect(studentQuantile(1, 5)).toBeNaN();
    // erfc by its series and by its continued fraction meet at 2.
    for (const t of [0.1, 1, 2.7, 2.83, 5])
      expect(studentTwoSided(t, Number.POSITIVE_INFINITY)).toBeCloseTo(studentTwoSided(t, 9e6), 6);
  });
});
