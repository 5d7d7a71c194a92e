import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Selection, Transform } from "#core/model/query.ts";
import type { FlameTable, TopTable } from "#core/model/tables.ts";
import { addStacks, profileOf, type StackSample } from "../stacks-profile.ts";

/** The same answers by the plainest means: lists of names, one sample at a time. */

interface PlainSample {
  readonly names: readonly string[];
  readonly weight: number;
}

function selected(samples: readonly StackSample[], selection: Partial<Selection>): PlainSample[] {
  const tids: number[] = [];
  for (const { tid } of samples) if (!tids.includes(tid ?? 1)) tids.push(tid ?? 1);
  const newest = Math.max(0, ...samples.map((sample) => sample.timeNs ?? 0));
  const [start, end] =
    selection.rangeNs ??
    (selection.lastNs == null ? [0, Number.POSITIVE_INFINITY] : [newest - selection.lastNs, Infinity]);
  let rows: PlainSample[] = samples
    .filter(({ timeNs = 0 }) => timeNs >= start && timeNs < end)
    .filter(({ tid = 1 }) => !selection.threads || selection.threads.includes(tids.indexOf(tid)))
    .map(({ stack, weight = 1 }) => ({ names: stack === "" ? [] : stack.split(";"), weight }));
  for (const { type, pattern } of selection.transforms ?? []) {
    const matches = (name: string): boolean => new RegExp(pattern, "iu").test(name);
    if (type === "focus") rows = rows.filter(({ names }) => names.some(matches));
    else if (type === "ignore") rows = rows.filter(({ names }) => !names.some(matches));
    else
      rows = rows.map(({ names, weight }) => ({
        names: names.filter((name) => matches(name) === (type === "show")),
        weight,
      }));
  }
  return rows;
}

function plainTop(rows: readonly PlainSample[]): Record<string, string> {
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const samples = new Map<string, number>();
  for (const { names, weight } of rows) {
    const leaf = names.at(-1);
    if (leaf !== undefined) self.set(leaf, (self.get(leaf) ?? 0) + weight);
    for (const name of new Set(names)) {
      total.set(name, (total.get(name) ?? 0) + weight);
      samples.set(name, (samples.get(name) ?? 0) + 1);
    }
  }
  return Object.fromEntries(
    [...total].map(([name, value]) => [name, `${self.get(name) ?? 0} ${value} ${samples.get(name)}`]),
  );
}

function topOf(table: TopTable): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: table.length }, (_, row) => [
      table.strings[table.name[row]],
      `${table.self[row]} ${table.total[row]} ${table.totalSamplesOf[row]}`,
    ]),
  );
}

/** Path to "total self samples", for the paths under `zoom` and those that lead to it. */
function plainFlame(rows: readonly PlainSample[], inverted: boolean): Record<string, string> {
  const nodes = new Map<string, [total: number, self: number, samples: number]>();
  for (const { names, weight } of rows) {
    const path = inverted ? names.toReversed() : names;
    path.forEach((_, i) => {
      const key = path.slice(0, i + 1).join(">");
      const [total, self, samples] = nodes.get(key) ?? [0, 0, 0];
      nodes.set(key, [total + weight, self + (i === path.length - 1 ? weight : 0), samples + 1]);
    });
  }
  return Object.fromEntries([...nodes].map(([key, values]) => [key, values.join(" ")]));
}

function paths(table: FlameTable): string[] {
  const all: string[] = [];
  for (let row = 0; row < table.length; row++) {
    const name = table.strings[table.name[row]] ?? "";
    all.push(table.parent[row] === -1 ? name : `${all[table.parent[row]]}>${name}`);
  }
  return all;
}

const flameOf = (table: FlameTable): Record<string, string> =>
  Object.fromEntries(
    paths(table).map((path, row) => [path, `${table.value[row]} ${table.self[row]} ${table.samples[row]}`]),
  );

const samples = fc.array(
  fc.record({
    stack: fc
      .array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 7 })
      .map((names) => names.join(";")),
    weight: fc.integer({ min: 1, max: 100 }),
    timeNs: fc.integer({ min: 0, max: 1000 }),
    tid: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 50 },
);
const transform: fc.Arbitrary<Transform> = fc.record({
  type: fc.constantFrom("focus", "ignore", "hide", "show"),
  pattern: fc.constantFrom("a", "B", "^[ac]$", "b|d", "z", "[^a]"),
});
const selection: fc.Arbitrary<Partial<Selection>> = fc.record({
  rangeNs: fc.option(fc.tuple(fc.integer({ max: 600, min: 0 }), fc.integer({ max: 1001, min: 400 }))),
  lastNs: fc.option(fc.integer({ min: 0, max: 1000 })),
  threads: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 3 })),
  transforms: fc.array(transform, { maxLength: 3 }),
});

describe("as the plainest reckoning has it", () => {
  it("top, whatever is selected", () => {
    fc.assert(
      fc.property(samples, selection, (taken, wanted) => {
        const table = createAnalyst().answer(profileOf(taken), { view: "top", selection: wanted });
        const rows = selected(taken, wanted);
        expect(topOf(table)).toEqual(plainTop(rows));
        expect(table.totalValue).toBe(rows.reduce((all, row) => all + row.weight, 0));
        expect(table.totalSamples).toBe(rows.length);
      }),
    );
  });

  it("flame, both ways up", () => {
    fc.assert(
      fc.property(samples, selection, fc.boolean(), (taken, wanted, inverted) => {
        const query = { view: "flame" as const, selection: wanted, widthPx: 0, inverted };
        const table = createAnalyst().answer(profileOf(taken), query);
        expect(flameOf(table)).toEqual(plainFlame(selected(taken, wanted), inverted));
        expect([table.narrowNodes, table.narrowValue]).toEqual([0, 0]);
      }),
    );
  });

  it("flame, zoomed into any node, both ways up", () => {
    fc.assert(
      fc.property(samples, fc.nat(), fc.boolean(), fc.nat(200), (taken, pick, inverted, widthPx) => {
        fc.pre(taken.some((sample) => sample.stack !== ""));
        const analyst = createAnalyst();
        const profile = profileOf(taken);
        const query = { view: "flame" as const, selection: { search: "a" }, inverted };
        const whole = analyst.answer(profile, { ...query, widthPx: 0 });
        const row = pick % whole.length;
        const root = paths(whole)[row] ?? "";
        const zoomed = analyst.answer(profile, { ...query, widthPx, root: whole.node[row] });
        const least = widthPx === 0 ? 0 : whole.value[row] / widthPx;
        const inView = Object.entries(flameOf(whole)).filter(
          ([path, values]) =>
            root === path ||
            root.startsWith(`${path}>`) ||
            (path.startsWith(`${root}>`) && Number.parseInt(values, 10) >= least),
        );
        expect(flameOf(zoomed)).toEqual(Object.fromEntries(inView));
        expect(paths(zoomed)[zoomed.rootRow]).toBe(root);
        const below = selected(taken, {}).filter(({ names }) =>
          `${(inverted ? names.toReversed() : [...names]).join(">")}>`.startsWith(`${root}>`),
        );
        const matched = below.filter(({ names }) => names.includes("a"));
        expect(zoomed.matchedValue).toBe(matched.reduce((all, { weight }) => all + weight, 0));
        const drawn = zoomed.self.reduce((all, self, i) => all + (i >= zoomed.rootRow ? self : 0), 0);
        expect(drawn + zoomed.narrowValue).toBe(whole.value[row]);
      }),
    );
  });

  it("whatever was asked on the way, of shorter snapshots", () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 4 }), selection, (parts, wanted) => {
        const builder = new ProfileBuilder();
        const analyst = createAnalyst();
        for (const part of parts) {
          addStacks(builder, part);
          const flame = analyst.answer(builder.snapshot(), { view: "flame", selection: wanted, widthPx: 0 });
          const all = parts.slice(0, parts.indexOf(part) + 1).flat();
          expect(flameOf(flame)).toEqual(plainFlame(selected(all, wanted), false));
          const top = analyst.answer(builder.snapshot(), {
            view: "top",
            selection: { threads: wanted.threads },
          });
          expect(topOf(top)).toEqual(plainTop(selected(all, { threads: wanted.threads })));
        }
      }),
    );
  });

  it("timeline lanes hold the weight of what is selected", () => {
    fc.assert(
      fc.property(samples, selection, fc.integer({ min: 1, max: 20 }), (taken, wanted, bins) => {
        fc.pre(taken.some((sample) => sample.timeNs > 0));
        const table = createAnalyst().answer(profileOf(taken), {
          view: "timeline",
          selection: { ...wanted, rangeNs: null, lastNs: null, series: "cpu/samples" },
          bins,
        });
        const rows = selected(taken, { threads: wanted.threads, transforms: wanted.transforms });
        expect(table.totalSamples).toBe(rows.length);
        const drawn = table.lanes.reduce(
          (all, lane) => all + lane.bins.reduce((sum, bin) => sum + bin, 0),
          0,
        );
        expect(drawn).toBe(rows.length);
        expect(table.lanes.reduce((all, lane) => all + lane.totalValue, 0)).toBe(rows.length);
      }),
    );
  });
});

it("takes a stack of 200,000 frames, all different, without a look at all callers of each", () => {
  const stack = Array.from({ length: 200_000 }, (_, i) => `f${i}`).join(";");
  const profile = profileOf([{ stack }, { stack: "f0;f1;f0" }]);
  const table = createAnalyst().answer(profile, { view: "top", selection: {} });
  expect([table.total[0], table.totalSamplesOf[0]]).toEqual([2, 2]);
});
