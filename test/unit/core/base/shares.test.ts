import { describe, expect, it } from "vitest";
import { wilsonInterval } from "#core/base/shares.ts";

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
