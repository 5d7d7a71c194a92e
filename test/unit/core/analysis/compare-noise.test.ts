import { describe, expect, it } from "vitest";
import { type Basis, changeOf, type SideValue } from "#core/analysis/compare/estimate.ts";
import { compared } from "#core/analysis/compare/index.ts";
import type { CompareMode } from "#core/model/compare.ts";
import type { WeighedTree } from "#core/model/weighed-tree.ts";
import { functionsOf, joinedOf } from "../compared.ts";

const sideOf = (values: readonly number[], count = 0): SideValue => ({
  runs: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  squares: values.reduce((sum, value) => sum + value * value, 0),
  count,
});

const basisOf = (method: Basis["method"], mode: CompareMode, exposure: Basis["exposure"] = null): Basis => ({
  method,
  mode,
  exposure,
  confidence: 0.99,
});

const z99 = 2.5758293035489004;

describe("intervals of repeated runs", () => {
  const before = [31.0, 30.2, 31.9, 30.7, 31.3];
  const after = [44.1, 43.0, 45.2, 44.6, 42.9, 44.0];

  it("are Welch's and Student's, as scipy has them", () => {
    // stats.ttest_ind(after, before, equal_var=False): t 27.909962789777733, df 8.843266625857, and its
    // confidence_interval(0.99); stats.t.interval(0.99, 4, loc=mean, scale=stats.sem(before)).
    const change = changeOf(sideOf(before), sideOf(after), basisOf("runs", "absolute"));
    expect(change.sigma).toBeCloseTo(27.909962789777733, 6);
    expect(change.change - change.changeHalf).toBeCloseTo(11.43236946513106, 2);
    expect(change.change + change.changeHalf).toBeCloseTo(14.460963868202278, 2);
    expect(change.before - change.beforeHalf).toBeCloseTo(29.706420184317125, 6);
    expect(change).toMatchObject({ state: "grown", certainty: "beyond" });
  });

  it("of one run against several take the spread of the several", () => {
    const change = changeOf(sideOf([33]), sideOf(before), basisOf("runs-of-one", "absolute"));
    // stats.stdev(before) = 0.6379655, times sqrt(1 + 1/5), times t(0.99, 4) = 4.604094871415897.
    expect(change.changeHalf).toBeCloseTo(0.6379655163 * Math.sqrt(1.2) * 4.604094871415897, 6);
    expect(change.certainty).toBe("within");
    expect(change.beforeHalf).toBeNaN();
  });

  it("are never smaller than what sampling alone gives", () => {
    const lucky = changeOf(
      sideOf([10, 10, 10], 30),
      sideOf([12, 12, 12], 36),
      basisOf("runs", "absolute", { before: 3, after: 3 }),
    );
    expect(lucky.certainty).toBe("within");
    expect(lucky.sigma).toBeCloseTo(6 / Math.sqrt(66));
    // Counted costs that repeat exactly are what they are.
    const exact = changeOf(sideOf([10, 10, 10]), sideOf([12, 12, 12]), basisOf("runs", "absolute"));
    expect(exact).toMatchObject({ certainty: "beyond", changeHalf: 0 });
  });
});

describe("noise of one run a side", () => {
  const once = (before: number, after: number, mode: CompareMode, exposure: Basis["exposure"], scale = 1) =>
    changeOf(sideOf([before], before), sideOf([after * scale], after), basisOf("sampling", mode, exposure));

  it("is what Poisson's and the binomial distribution say", () => {
    const absolute = once(100, 144, "absolute", { before: 1, after: 1 });
    expect(absolute.sigma).toBeCloseTo(44 / Math.sqrt(244));
    expect(absolute.changeHalf).toBeCloseTo(z99 * Math.sqrt(244));
    // Twice as long: half the value of each sample.
    expect(once(100, 200, "time", { before: 10, after: 20 }, 0.5).sigma).toBe(0);
    expect(once(100, 400, "time", { before: 10, after: 20 }, 0.5).sigma).toBeCloseTo(
      (40 / 2 - 10) / Math.sqrt((500 / 30) * (1 / 10 + 1 / 20)),
    );
    // 0.26 - 0.19, by the root of 0.225 * 0.775 * 2 / 200.
    expect(once(38, 52, "total", { before: 200, after: 200 }).sigma).toBeCloseTo(1.676, 2);
  });

  it("is not known without counts, and a handful of samples is never a change", () => {
    expect(changeOf(sideOf([5]), sideOf([50]), basisOf("none", "absolute")).certainty).toBe("unknown");
    expect(once(0, 4, "total", { before: 1000, after: 1000 }).certainty).toBe("within");
    // One in a thousand is not missed among a hundred: nothing is new.
    expect(once(0, 100, "total", { before: 100, after: 100_000 }, 0.001).certainty).toBe("within");
  });
});

/** A fixed sequence of numbers: the same test each time (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FUNCTIONS = 40;

/** A recording of a program whose shares themselves differ a little from run to run. */
function recording(random: () => number, wobble: number, samples = 2000): WeighedTree {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const weights = Array.from(
    { length: FUNCTIONS },
    (_, i) => (1 + i) * Math.max(0.01, 1 + wobble * normal()),
  );
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const counts = new Float64Array(FUNCTIONS);
  for (let i = 0; i < samples; i++) {
    let at = random() * whole;
    let name = 0;
    while (name < FUNCTIONS - 1 && at >= (weights[name] ?? 0)) at -= weights[name++] ?? 0;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return {
    series: "cpu",
    kind: "cpu",
    unit: "samples",
    totalValue: samples,
    totalCount: samples,
    durationNs: 1e9,
    isExact: false,
    length: FUNCTIONS,
    parent: new Int32Array(FUNCTIONS).fill(-1),
    name: Int32Array.from({ length: FUNCTIONS }, (_, i) => i),
    self: counts,
    selfCount: counts,
    names: Array.from({ length: FUNCTIONS }, (_, i) => `f${i}`),
  };
}

/** How many rows of comparisons of the same program are called changed. */
function falsePositives(runs: number, wobble: number, mode: CompareMode, confidence: number, trials = 150) {
  const random = randomOf(20261130);
  let rows = 0;
  let called = 0;
  for (let trial = 0; trial < trials; trial++) {
    const side = () => Array.from({ length: runs }, () => recording(random, wobble));
    const changes = functionsOf(joinedOf(side(), side(), mode, confidence));
    rows += changes.length;
    called += changes.filter(({ self }) => self.certainty === "beyond").length;
  }
  return called / rows;
}

describe("of a program that did not change, as many rows look changed as the interval promises", () => {
  it.each([
    // One run a side whose only noise is sampling.
    [1, 0, "total", 0.95, 0.03, 0.06],
    [1, 0, "absolute", 0.99, 0.004, 0.016],
    // Runs that differ by more than sampling: Welch's t alone decides.
    [5, 0.6, "total", 0.95, 0.03, 0.06],
    [3, 0.6, "absolute", 0.95, 0.02, 0.06],
    [5, 0.6, "total", 0.99, 0.004, 0.016],
    // Runs that differ by sampling alone: its floor makes intervals a little too wide.
    [5, 0, "total", 0.95, 0.005, 0.05],
  ] as const)(
    "%i runs, wobble %f, by %s at %f",
    (runs, wobble, mode, confidence, least, most) => {
      const rate = falsePositives(runs, wobble, mode, confidence);
      expect(rate).toBeGreaterThan(least);
      expect(rate).toBeLessThan(most);
    },
    30_000,
  );

  it("one run a side cannot know that runs differ, and says so", () => {
    expect(falsePositives(1, 0.3, "total", 0.95, 40)).toBeGreaterThan(0.2);
    const random = randomOf(1);
    const table = compared(joinedOf([recording(random, 0.3)], [recording(random, 0.3)]), { view: "summary" });
    expect(table.method).toBe("sampling");
    expect(table.basis).toContain("How much runs differ is not known");
  });

  it("finds what did change, and says it in words", () => {
    const random = randomOf(7);
    const before = Array.from({ length: 5 }, () => recording(random, 0.1));
    const after = before.map(() => {
      const run = recording(random, 0.1);
      const self = run.self.slice();
      self[39] = (self[39] ?? 0) + 400;
      return { ...run, self, selfCount: self, totalValue: 2400, totalCount: 2400 };
    });
    const table = compared(joinedOf(before, after), { view: "summary" });
    expect(table.verdict[0]).toMatch(/^20\.0.% more weight in all \(±.*\), beyond noise\.$/);
    expect(table.verdict[1]).toMatch(/^f39 grew from 4\..*% to 2\d\..*%, beyond noise\.$/);
    expect(table.verdict.at(-1)).toMatch(/within noise\.$/);
    expect(table.total.certainty).toBe("beyond");
  });
});
