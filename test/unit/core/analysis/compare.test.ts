import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparedCollapsed } from "#core/analysis/compare/collapsed.ts";
import { compared } from "#core/analysis/compare/index.ts";
import type { JoinedTree } from "#core/analysis/compare/joined-tree.ts";
import { TurnedRuns } from "#core/analysis/compare/turned-runs.ts";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProblemError } from "#core/base/result.ts";
import { comparisonExporterWith } from "#core/exporters/comparison/index.ts";
import { type CompareMode, changeAt } from "#core/model/compare.ts";
import type { WeighedTree } from "#core/model/weighed-tree.ts";
import { functionsOf, joinedOf, treeOf } from "../compared.ts";
import { hostileNames } from "../hostile-names.ts";
import { profileOf, type StackSample } from "../stacks-profile.ts";
import { parseXml } from "../strict-xml.ts";

const runOf = (samples: readonly StackSample[], durationNs = 1e9): WeighedTree => ({
  ...treeOf(profileOf(samples)),
  durationNs,
});

const joined = (before: StackSample[], after: StackSample[], mode: CompareMode = "absolute") =>
  joinedOf([runOf(before)], [runOf(after)], mode);

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
    const rows = functionsOf(joined(before, after)).map(({ name, self, total }) => [
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
    expect(functionsOf(joined(before, after), { of: "total" })[0]?.name).toBe("main");
  });

  it("by share of the whole, and by time", () => {
    const shares = functionsOf(joined(before, after, "total"), { sort: "name" });
    expect(shares.map(({ name, self }) => [name, Math.round(self.after * 1e6) / 1e6])).toEqual([
      ["main", 20],
      ["new", 0],
      ["old", 0],
      ["parse", 80],
    ]);
    const twice = joinedOf([runOf(before, 1e9)], [runOf(after, 2e9)], "time");
    expect(functionsOf(twice, { sort: "name" }).map(({ name, total }) => [name, total.after])).toEqual([
      ["main", 25],
      ["new", 5],
      ["old", 0],
      ["parse", 20],
    ]);
  });

  it("only what is asked for", () => {
    const names = (query: object) => {
      const table = compared(joined(before, after), { view: "functions", ...query });
      return { names: [...table.strings], all: table.rowsInAll };
    };
    expect(names({ show: "new" })).toEqual({ names: ["main"], all: 1 });
    expect(names({ show: "gone" })).toEqual({ names: ["old"], all: 1 });
    expect(names({ filter: "^PAR" })).toEqual({ names: ["parse"], all: 1 });
    expect(names({ limit: 1 })).toEqual({ names: ["old"], all: 4 });
    expect(() => names({ filter: "(" })).toThrow(ProblemError);
  });

  it("ranks what grew more than its part of how the whole grew", () => {
    // The whole doubled: a did so too, b tripled, c stayed.
    const from = [
      { stack: "a", weight: 50 },
      { stack: "b", weight: 30 },
      { stack: "c", weight: 20 },
    ];
    const to = [
      { stack: "a", weight: 100 },
      { stack: "b", weight: 80 },
      { stack: "c", weight: 20 },
    ];
    for (const mode of ["absolute", "total"] as const) {
      const table = compared(joined(from, to, mode), { view: "functions", sort: "overweight" });
      expect(table.strings).toEqual(["b", "a", "c"]);
      expect([...table.self.overweight].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([20, 0, -20]);
    }
  });

  it("one function on both sides, run by run, with its callers and callees", () => {
    const table = compared(joinedOf([runOf(before), runOf(before)], [runOf(after)], "absolute"), {
      view: "function",
      name: "parse",
    });
    expect([...table.runs.before.self]).toEqual([60, 60]);
    expect([...table.runs.after.self]).toEqual([40]);
    expect(table.callers).toEqual([
      { name: "main", before: 60, after: 30 },
      { name: "new", before: 0, after: 10 },
    ]);
    expect(compared(joined(before, after), { view: "function", name: "main" }).callees[0]).toEqual({
      name: "parse",
      before: 60,
      after: 30,
    });
    expect(() => compared(joined(before, after), { view: "function", name: "nobody" })).toThrow(ProblemError);
  });

  it("refuses what cannot be compared", () => {
    const bytes = { ...runOf(before), unit: "bytes" };
    expect(() => joinedOf([runOf(before)], [bytes])).toThrow(/in bytes/);
    expect(() => joinedOf([runOf(before, 0)], [runOf(after, 0)], "time")).toThrow(/how long/);
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
        expect([...comparedCollapsed(joined(left, right))].sort()).toEqual(expected.sort());
      }),
    );
  });

  it("functions weigh what `top` says of each side, and turned round the change is the opposite", () => {
    fc.assert(
      fc.property(stacks, stacks, (left, right) => {
        const rows = functionsOf(joined(left, right), { sort: "name" });
        for (const [side, samples] of [["before", left] as const, ["after", right] as const]) {
          const table = createAnalyst().answer(profileOf(samples), { view: "top", selection: {} });
          const top = Object.fromEntries(
            Array.from(table.name, (name, i) => [table.strings[name], [table.self[i], table.total[i]]]),
          );
          for (const row of rows) expect([row.self[side], row.total[side]]).toEqual(top[row.name] ?? [0, 0]);
        }
        const back = functionsOf(joined(right, left), { sort: "name" });
        expect(back.map(({ total }) => -total.change + 0)).toEqual(rows.map(({ total }) => total.change + 0));
      }),
    );
  });

  it("boxes of a flame graph hold both sides and lie within their caller's, zoomed in or not", () => {
    fc.assert(
      fc.property(
        stacks,
        stacks,
        fc.nat(20),
        fc.integer({ min: -1, max: 40 }),
        (left, right, minPx, root) => {
          const { flame, total } = compared(joined(left, right), {
            view: "flame",
            widthPx: 100,
            minPx,
            maxRows: 1000,
            root,
          });
          for (let row = 0; row < flame.length; row++) {
            const change = changeAt(total, row);
            const at = <T extends Float64Array | Int32Array>(column: T, of = row): number => column[of] ?? 0;
            expect(at(flame.value)).toBeGreaterThanOrEqual(Math.max(change.before, change.after));
            const above = at(flame.parent);
            if (above === -1 || row <= flame.rootRow) continue;
            expect(above).toBeLessThan(row);
            expect(at(flame.start)).toBeGreaterThanOrEqual(at(flame.start, above));
            expect(at(flame.start) + at(flame.value)).toBeLessThanOrEqual(
              at(flame.start, above) + at(flame.value, above),
            );
            expect(at(flame.depth)).toBe(at(flame.depth, above) + 1);
          }
        },
      ),
    );
  });

  it("a profile has not changed from itself, however often", () => {
    fc.assert(
      fc.property(
        stacks,
        fc.constantFrom<CompareMode>("absolute", "total", "time"),
        fc.integer({ min: 1, max: 3 }),
        (samples, mode, runs) => {
          const side = Array.from({ length: runs }, () => runOf(samples));
          for (const { self, total } of functionsOf(joinedOf(side, side, mode)))
            expect([self.state, self.change, total.state]).toEqual(["same", 0, "same"]);
        },
      ),
    );
  });
});

it("compares stacks 100,000 deep", () => {
  const stack = Array.from({ length: 100_000 }, (_, i) => `f${i % 500}`).join(";");
  const deep = joined([{ stack }], [{ stack }, { stack: `${stack};leaf` }]);
  expect(functionsOf(deep).length).toBe(501);
  expect(compared(deep, { view: "flame", widthPx: 100, minPx: 0, maxRows: 1000 }).flame.length).toBe(1000);
});

describe("what a search marks", () => {
  it("is the width under the outermost boxes that match", () => {
    const { flame } = compared(joined(before, after), { view: "flame", widthPx: 100, search: "PARSE|new" });
    // parse under main is 60 wide, new with its parse 10.
    expect(flame.matchedValue).toBe(70);
    const matched = Array.from(
      flame.matched,
      (flag, row) => flag === 1 && flame.strings[flame.name[row] ?? -1],
    );
    expect(matched.filter(Boolean).sort()).toEqual(["new", "parse", "parse"]);
  });
});

describe("the written comparison", () => {
  const left = [
    ...hostileNames.map((name) => ({ stack: name.replaceAll(";", ""), weight: 40 })),
    { stack: "old" },
  ];
  const right = [
    ...hostileNames.map((name, i) => ({ stack: name.replaceAll(";", ""), weight: i % 2 === 0 ? 10 : 90 })),
    { stack: "fresh" },
  ];
  // Of so few samples nothing could be said.
  const uncounted = (samples: readonly StackSample[]): WeighedTree => ({
    ...runOf(samples),
    totalCount: null,
    selfCount: new Float64Array(0),
  });
  const hostile = joinedOf([uncounted(left)], [uncounted(right)], "absolute");
  const written = (id: string): string => {
    const chunks = comparisonExporterWith(id).write({
      answer: (query) => compared(hostile, query),
      collapsed: () => comparedCollapsed(hostile),
      title: "<a> → <b>",
      notes: "before: a & b\n</svg><script>alert(1)</script>",
      panels: null,
    });
    return [...chunks].map((chunk) => new TextDecoder().decode(chunk)).join("");
  };

  it("as SVG is well-formed whatever the names are, and tells every change in words", () => {
    const text = written("svg");
    expect(() => parseXml(text)).not.toThrow();
    for (const words of ["old (gone)", "fresh (new)", "(+125", "(-75.0", 'id="search"', "before: a &amp; b"])
      expect(text).toContain(words);
    expect(text).not.toContain("<script>alert");
  });

  it("as JSON and CSV has every function with its interval", () => {
    const { rows, noise } = JSON.parse(written("json"));
    expect(noise).toBe("none");
    expect(rows.find((row: { function: string }) => row.function === "old")).toMatchObject({
      self: { before: 1, after: 0, state: "gone", interval: null, aboveNoise: null },
    });
    expect(written("csv").split("\r\n").length).toBeGreaterThan(hostileNames.length);
  });

  it("is refused in a form that there is not", () => {
    expect(() => comparisonExporterWith("sculpture")).toThrow(ProblemError);
  });
});

describe("a comparison from what burns to its callers", () => {
  const stack = fc
    .array(fc.constantFrom("a", "b", "c", "malloc"), { minLength: 1, maxLength: 6 })
    .map((names) => names.join(";"));
  const run = fc.array(fc.record({ stack, weight: fc.integer({ min: 1, max: 50 }) }), {
    minLength: 1,
    maxLength: 12,
  });
  const side = fc.array(run, { minLength: 1, maxLength: 3 });

  /** Boxes by their path, with both sides and what is known of the change. */
  const boxesOf = (tree: JoinedTree) => {
    const { flame, total, self } = compared(tree, { view: "flame", widthPx: 0, minPx: 0, maxRows: 1e9 });
    const paths: string[] = [];
    return new Map(
      Array.from({ length: flame.length }, (_, row) => {
        const above = flame.parent[row] as number;
        paths[row] = `${above === -1 ? "" : `${paths[above]} < `}${flame.strings[flame.name[row] as number]}`;
        return [paths[row] as string, [changeAt(total, row), changeAt(self, row)]] as const;
      }),
    );
  };

  it.each(["total", "absolute"] as const)("is what the profiles say upside down, by %s", (mode) =>
    fc.assert(
      fc.property(side, side, (left, right) => {
        const turned = new TurnedRuns(mode, 0.99);
        for (const [name, runs] of [
          ["before", left],
          ["after", right],
        ] as const)
          runs.forEach((samples, i) => {
            turned.add(name, runOf(samples), { profileId: `${name}${i}`, title: name });
          });
        const upsideDown = (runs: readonly StackSample[][]) =>
          runs.map((samples) => ({
            ...treeOf(profileOf(samples), { transforms: [{ type: "invert" }] }),
            durationNs: 1e9,
          }));
        const expected = boxesOf(joinedOf(upsideDown(left), upsideDown(right), mode));
        const found = boxesOf(turned.finish());
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [path, changes] of expected)
          for (const [at, change] of changes.entries()) {
            const other = found.get(path)?.[at];
            expect(other?.state).toBe(change.state);
            for (const value of ["before", "after", "changeHalf"] as const)
              expect(other?.[value]).toBeCloseTo(change[value], 9);
          }
      }),
      { numRuns: 40 },
    ),
  );

  it("follows no caller that nobody could see, and loses none of its weight", () => {
    const samples = [
      { stack: "main;rare;malloc", weight: 1 },
      { stack: "main;often;malloc", weight: 99_999 },
    ];
    const turned = new TurnedRuns("absolute", 0.99);
    turned.add("before", runOf(samples), { profileId: "b", title: "b" });
    turned.add("after", runOf(samples), { profileId: "a", title: "a" });
    const boxes = boxesOf(turned.finish());
    expect([...boxes.keys()].sort()).toEqual(["malloc", "malloc < often", "malloc < often < main"]);
    expect(boxes.get("malloc")?.[0]).toMatchObject({ before: 100_000, after: 100_000, state: "same" });
  });
});
