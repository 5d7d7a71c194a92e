import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CallGraph, spreadCallGraph } from "#core/importers/shared/call-graph.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { firstSeries, namesOf } from "../importing.ts";

type Arc = readonly [caller: number, callee: number, cost: number];

/** Functions are called by their number; what is given are their own costs. */
function spread(self: readonly number[], arcs: readonly Arc[], maxPaths?: number, precision?: number) {
  const out = new ProfileBuilder();
  const series = out.series({
    id: "Ir",
    kind: "cpu",
    timed: false,
    values: [{ name: "Ir", unit: "count" }],
  });
  const frames = self.map((_, i) => out.frame({ function: out.function({ name: out.string(`f${i}`) }) }));
  const graph: CallGraph = {
    frames,
    self: { length: self.length, node: self.map((_, i) => i), frame: frames, values: [self] },
    arcs: {
      length: arcs.length,
      caller: arcs.map(([caller]) => caller),
      callee: arcs.map(([, callee]) => callee),
      values: [arcs.map(([, , cost]) => cost)],
    },
    ...(precision !== undefined && { precision }),
  };
  spreadCallGraph(out, series, graph, maxPaths === undefined ? {} : { maxPaths });
  return out.build();
}

function stacksOf(profile: ReturnType<typeof spread>): Record<string, number> {
  const series = firstSeries(profile);
  const stacks: Record<string, number> = {};
  for (const [row, stack] of series.stack.entries()) {
    const name = namesOf(profile, stack).join(";");
    stacks[name] = (stacks[name] ?? 0) + (series.values[0]?.data?.[row] ?? 0);
  }
  return stacks;
}

function selfSums(profile: ReturnType<typeof spread>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [stack, cost] of Object.entries(stacksOf(profile))) {
    const leaf = stack.split(";").at(-1) ?? "";
    sums[leaf] = (sums[leaf] ?? 0) + cost;
  }
  return sums;
}

describe("spreadCallGraph", () => {
  test.each<[string, readonly number[], readonly Arc[], Record<string, number>]>([
    ["one function", [5], [], { f0: 5 }],
    [
      "a tree is exact",
      [1, 2, 3],
      [
        [0, 1, 2],
        [0, 2, 3],
      ],
      { f0: 1, "f0;f1": 2, "f0;f2": 3 },
    ],
    [
      "a function with two callers is shared in proportion",
      [0, 0, 0, 100],
      [
        [0, 1, 75],
        [0, 2, 25],
        [1, 3, 75],
        [2, 3, 25],
      ],
      { "f0;f1;f3": 75, "f0;f2;f3": 25 },
    ],
    ["part of a function comes from nobody", [10, 30], [[0, 1, 10]], { f0: 10, "f0;f1": 10, f1: 20 }],
    [
      "calls of itself add nothing",
      [10, 5],
      [
        [0, 0, 15],
        [0, 1, 5],
      ],
      { f0: 10, "f0;f1": 5 },
    ],
    [
      "a cycle that nobody enters",
      [10, 5],
      [
        [0, 1, 50],
        [1, 0, 60],
      ],
      { "f1;f0": 10, f1: 5 },
    ],
    [
      "a cycle that is entered",
      [1, 10, 5],
      [
        [0, 1, 15],
        [1, 2, 9],
        [2, 1, 4],
      ],
      { f0: 1, "f0;f1": 10, "f0;f1;f2": 5 },
    ],
    [
      "thirds stay whole",
      [0, 0, 0, 0, 10],
      [
        [0, 1, 3],
        [0, 2, 3],
        [0, 3, 3],
        [1, 4, 3],
        [2, 4, 3],
        [3, 4, 3],
      ],
      { "f0;f1;f4": 4, "f0;f2;f4": 3, "f0;f3;f4": 3 },
    ],
  ])("%s", (_name, self, arcs, expected) => {
    const actual = stacksOf(spread(self, arcs));
    if (_name === "thirds stay whole") {
      expect(Object.values(actual).reduce((a, b) => a + b)).toBe(10);
      expect(Object.values(actual).every(Number.isInteger)).toBe(true);
    } else expect(actual).toEqual(expected);
  });

  test("the sums of self costs are exact, whatever the graph", () => {
    const node = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1e12 }), { minLength: 8, maxLength: 8 }),
        fc.array(fc.tuple(node, node, fc.integer({ min: -5, max: 1e12 })), { maxLength: 40 }),
        fc.integer({ min: 1, max: 300 }),
        (self, arcs, maxPaths) => {
          const expected = Object.fromEntries(
            self.flatMap((cost, i) => (cost === 0 ? [] : [[`f${i}`, cost]])),
          );
          expect(selfSums(spread(self, arcs, maxPaths))).toEqual(expected);
        },
      ),
    );
  });

  test("a chain of 100,000 calls, and a ring of as many", () => {
    const size = 100_000;
    const self = Array.from({ length: size }, () => 1);
    const chain = Array.from({ length: size - 1 }, (_, i): Arc => [i, i + 1, size - 1 - i]);
    const profile = spread(self, chain);
    expect(profile.stacks.length).toBe(size);
    expect(firstSeries(profile).length).toBe(size);
    const ring = spread(self, [...chain, [size - 1, 0, 5 * size]]);
    expect(firstSeries(ring).values[0]?.data?.reduce((a, b) => a + b)).toBe(size);
  });

  test("paths that double at every step are bounded", () => {
    const arcs: Arc[] = [];
    const self: number[] = [];
    for (let level = 0; level < 60; level++) {
      self.push(1, 1);
      if (level === 0) continue;
      for (const caller of [0, 1])
        for (const callee of [0, 1]) arcs.push([2 * level - 2 + caller, 2 * level + callee, 60 - level]);
    }
    const profile = spread(self, arcs, 1000);
    expect(profile.stacks.length).toBeLessThan(5000);
    expect(Object.values(selfSums(profile)).every((sum) => sum === 1)).toBe(true);
  });

  test("differences that are only rounding are no root", () => {
    expect(stacksOf(spread([1, 0.5], [[0, 1, 0.49]], undefined, 0.01))).toEqual({ f0: 1, "f0;f1": 0.5 });
  });
});
