import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DiffSide, diffCollapsed, diffRows, diffTrees } from "#core/analysis/diff.ts";
import { diffFlame } from "#core/analysis/diff-flame.ts";
import { sigmaOf } from "#core/analysis/diff-noise.ts";
import { createAnalyst } from "#core/analysis/index.ts";
import { diffSvg } from "#core/exporters/diff-svg.ts";
import type { DiffMode } from "#core/model/diff-tables.ts";
import { hostileNames } from "../hostile-names.ts";
import { profileOf, type StackSample } from "../stacks-profile.ts";
import { parseXml } from "../strict-xml.ts";

function sideOf(samples: readonly StackSample[], durationNs = 1e9): DiffSide {
  const profile = profileOf(samples);
  const whole = (series: string) =>
    createAnalyst().answer(profile, {
      view: "flame",
      selection: { series },
      widthPx: 0,
      maxRows: Number.MAX_SAFE_INTEGER,
    });
  return { tree: whole("cpu/time"), counts: whole("cpu/samples"), durationNs };
}

const compared = (before: StackSample[], after: StackSample[], mode: DiffMode = "absolute") =>
  diffTrees(sideOf(before), sideOf(after), mode);

const before: StackSample[] = [
  { stack: "main;parse", weight: 60 },
  { stack: "main;old", weight: 40 },
];
const after: StackSample[] = [
  { stack: "main;parse", weight: 30 },
  { stack: "main;new;parse", weight: 10 },
  { stack: "main", weight: 10 },
];

describe("the table of a comparison", () => {
  it("has self and total of both sides, the largest change first", () => {
    const rows = diffRows(compared(before, after), "self").map(({ name, self, total }) => [
      name,
      self.before,
      self.after,
      self.state,
      total.before,
      total.after,
      total.state,
    ]);
    expect(rows).toEqual([
      ["old", 40, 0, "gone", 40, 0, "gone"],
      ["parse", 60, 40, "shrunk", 60, 40, "shrunk"],
      ["main", 0, 10, "new", 100, 50, "shrunk"],
      ["new", 0, 0, "same", 0, 10, "new"],
    ]);
    expect(diffRows(compared(before, after), "total")[0]?.name).toBe("main");
  });

  it("by share of the whole, and by time", () => {
    const shares = diffRows(compared(before, after, "total"), "name").map(({ name, self }) => [
      name,
      self.after,
    ]);
    expect(shares).toEqual([
      ["main", 20],
      ["new", 0],
      ["old", 0],
      ["parse", 80],
    ]);
    const twice = diffTrees(sideOf(before, 1e9), sideOf(after, 2e9), "time");
    expect(diffRows(twice, "name").map(({ name, total }) => [name, total.after])).toEqual([
      ["main", 25],
      ["new", 5],
      ["old", 0],
      ["parse", 20],
    ]);
  });
});

const stacks = fc.array(
  fc.record({
    stack: fc
      .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 6 })
      .map((names) => names.join(";")),
    weight: fc.integer({ min: 1, max: 100 }),
  }),
  { maxLength: 30 },
);

describe("for any two profiles", () => {
  it("collapsed lines are the weights of both", () => {
    fc.assert(
      fc.property(stacks, stacks, (left, right) => {
        const sums = new Map<string, [number, number]>();
        for (const [side, samples] of [left, right].entries())
          for (const { stack, weight } of samples) {
            const sum = sums.get(stack) ?? [0, 0];
            sum[side] = (sum[side] ?? 0) + weight;
            sums.set(stack, sum);
          }
        const expected = [...sums].map(([stack, sum]) => `${stack} ${sum.join(" ")}\n`);
        expect([...diffCollapsed(compared(left, right))].sort()).toEqual(expected.sort());
      }),
    );
  });

  it("functions weigh what `top` says of each side, and turned round the change is the opposite", () => {
    fc.assert(
      fc.property(stacks, stacks, (left, right) => {
        const rows = diffRows(compared(left, right), "name");
        for (const [side, samples] of [["before", left] as const, ["after", right] as const]) {
          const table = createAnalyst().answer(profileOf(samples), { view: "top", selection: {} });
          const top = Object.fromEntries(
            Array.from(table.name, (name, i) => [table.strings[name], [table.self[i], table.total[i]]]),
          );
          for (const row of rows) expect([row.self[side], row.total[side]]).toEqual(top[row.name] ?? [0, 0]);
        }
        const back = diffRows(compared(right, left), "name");
        expect(back.map(({ total }) => -total.change + 0)).toEqual(rows.map(({ total }) => total.change + 0));
      }),
    );
  });

  it("boxes of a flame graph hold both sides and lie within their caller's", () => {
    fc.assert(
      fc.property(stacks, stacks, fc.nat(20), (left, right, minPx) => {
        const table = diffFlame(compared(left, right), 100, minPx, 1000);
        for (const row of table.rows) {
          expect(row.width).toBeGreaterThanOrEqual(Math.max(row.total.before, row.total.after));
          const above = table.rows[row.parent];
          if (!above) continue;
          expect(row.start).toBeGreaterThanOrEqual(above.start);
          expect(row.start + row.width).toBeLessThanOrEqual(above.start + above.width);
          expect(row.depth).toBe(above.depth + 1);
        }
      }),
    );
  });

  it("a profile has not changed from itself", () => {
    fc.assert(
      fc.property(stacks, fc.constantFrom<DiffMode>("absolute", "total", "time"), (samples, mode) => {
        for (const { self, total } of diffRows(compared(samples, samples, mode), "self"))
          expect([self.state, self.change, total.state]).toEqual(["same", 0, "same"]);
      }),
    );
  });
});

describe("noise", () => {
  const scale = {
    factor: 1,
    totalBefore: 1,
    totalAfter: 1,
    countBefore: 1000,
    countAfter: 2000,
    secondsBefore: 10,
    secondsAfter: 20,
  };
  it("is what Poisson's and the binomial distribution say", () => {
    expect(sigmaOf(100, 144, { ...scale, mode: "absolute" })).toBeCloseTo(44 / Math.sqrt(244));
    expect(sigmaOf(100, 200, { ...scale, mode: "time" })).toBe(0);
    expect(sigmaOf(100, 400, { ...scale, mode: "time" })).toBeCloseTo(10 / Math.sqrt(2));
    // 0.26 - 0.19, by the root of 0.225 * 0.775 * 2 / 200.
    const of200 = { ...scale, countBefore: 200, countAfter: 200 };
    expect(sigmaOf(38, 52, { ...of200, mode: "total" })).toBeCloseTo(1.676, 2);
  });
  it("is not known without counts, and a handful of samples is never a change", () => {
    expect(sigmaOf(5, 50, { ...scale, countAfter: 0, mode: "absolute" })).toBeNaN();
    expect(sigmaOf(0, 4, { ...scale, mode: "total" })).toBe(0);
  });

  it("calls two recordings of the same program the same, nearly always", () => {
    // A fixed sequence of numbers: the same test each time.
    let seed = 12345;
    const random = (): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    const recording = (): StackSample[] =>
      Array.from({ length: 2000 }, () => ({ stack: `f${Math.floor(random() ** 2 * 40)}`, weight: 1 }));
    const rows = Array.from({ length: 10 }, () =>
      diffRows(compared(recording(), recording(), "total"), "self"),
    );
    const loud = rows.flat().filter(({ self }) => Math.abs(self.sigma) >= 3);
    expect(rows.flat().length).toBeGreaterThan(300);
    expect(loud.length).toBeLessThanOrEqual(4);
  });
});

it("compares stacks 100,000 deep", () => {
  const stack = Array.from({ length: 100_000 }, (_, i) => `f${i % 500}`).join(";");
  const diff = compared([{ stack }], [{ stack }, { stack: `${stack};leaf` }]);
  expect(diffRows(diff, "self").length).toBe(501);
  expect(diffFlame(diff, 100, 0, 1000).rows.length).toBe(1000);
});

describe("the drawn comparison", () => {
  it("is well-formed whatever the names are, and tells every change in words", () => {
    const left = hostileNames.map((name) => ({ stack: name.replaceAll(";", ""), weight: 40 }));
    const right = hostileNames.map((name, i) => ({
      stack: name.replaceAll(";", ""),
      weight: i % 2 === 0 ? 10 : 90,
    }));
    // Of so few samples nothing could be said.
    const uncounted = (samples: readonly StackSample[]): DiffSide => ({ ...sideOf(samples), counts: null });
    const flame = diffFlame(
      diffTrees(
        uncounted([...left, { stack: "old" }]),
        uncounted([...right, { stack: "fresh" }]),
        "absolute",
      ),
      1200,
      0,
      1000,
    );
    const text = [...diffSvg({ flame, title: "<a> → <b>", facts: ["before: a & b"], widthPx: 1200 })].join(
      "",
    );
    expect(() => parseXml(text)).not.toThrow();
    for (const words of ["old (gone)", "fresh (new)", "(+125", "(-75.0", 'id="search"'])
      expect(text).toContain(words);
  });
});
