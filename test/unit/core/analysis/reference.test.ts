import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { findExporter } from "#core/exporters/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type Selection } from "#core/model/query.ts";
import type { FlameTable, TopTable } from "#core/model/tables.ts";
import type { Transform } from "#core/model/transform.ts";
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
  const [start, until] =
    selection.rangeNs ??
    (selection.lastNs == null ? [0, Number.POSITIVE_INFINITY] : [newest - selection.lastNs, Infinity]);
  const end = until >= newest ? Number.POSITIVE_INFINITY : until;
  let rows: PlainSample[] = samples
    .filter(({ timeNs = 0 }) => timeNs >= start && timeNs < end)
    .filter(({ tid = 1 }) => !selection.threads || selection.threads.includes(tids.indexOf(tid)))
    .map(({ stack, weight = 1 }) => ({ names: stack === "" ? [] : stack.split(";"), weight }));
  for (const transform of selection.transforms ?? [])
    rows = rows.flatMap(({ names, weight }) => {
      const left = transformed(names, transform);
      return left === null ? [] : [{ names: left, weight }];
    });
  return rows;
}

const moduleOf = (name: string): string => (name === "a" || name === "b" ? "/lib/one.so" : "");

/** What is left of a stack; null where its sample does not count any more. */
function transformed(names: readonly string[], transform: Transform): readonly string[] | null {
  const matches = (name: string): boolean =>
    "pattern" in transform
      ? new RegExp(transform.pattern, "iu").test(name)
      : "function" in transform && transform.function === name;
  const first = names.findIndex(matches);
  const last = names.findLastIndex(matches);
  switch (transform.type) {
    case "focus":
      return first === -1 ? null : names;
    case "ignore":
    case "drop-function":
      return first === -1 ? names : null;
    case "hide":
    case "merge-function":
      return names.filter((name) => !matches(name));
    case "show":
      return names.filter(matches);
    case "show-from":
    case "focus-function":
      return first === -1 ? null : names.slice(first);
    case "prune-from":
      return last === -1 ? names : names.slice(0, last + 1);
    case "collapse-function":
      return first === -1 ? names : names.slice(0, first + 1);
    case "focus-subtree": {
      const { path } = transform;
      if (transform.inverted) {
        const isAt = path.every((name, i) => names.at(-1 - i) === name);
        return isAt ? names.slice(0, names.length - path.length + 1) : null;
      }
      return path.every((name, i) => names[i] === name) ? names.slice(path.length - 1) : null;
    }
    case "merge-node": {
      const { path } = transform;
      return path.every((name, i) => names[i] === name)
        ? names.filter((_, i) => i !== path.length - 1)
        : names;
    }
    case "collapse-direct-recursion":
      return names.filter((name, i) => !(matches(name) && names[i - 1] === name));
    case "collapse-recursion": {
      const left: string[] = [];
      for (const name of names) {
        const at = matches(name) ? left.indexOf(name) : -1;
        if (at === -1) left.push(name);
        else left.length = at + 1;
      }
      return left;
    }
    case "collapse-module": {
      const left: string[] = [];
      let above = "";
      for (const name of names) {
        const module = matches(moduleOf(name)) ? moduleOf(name) : "";
        if (module === "") left.push(name);
        else if (module !== above) left.push(module);
        above = module;
      }
      return left;
    }
    default:
      return names;
  }
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
const names = ["a", "b", "c", "d", "e"] as const;
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
const transform: fc.Arbitrary<Transform> = fc.oneof(
  fc.record({
    type: fc.constantFrom(
      "focus",
      "ignore",
      "hide",
      "show",
      "show-from",
      "prune-from",
      "collapse-direct-recursion",
      "collapse-recursion",
    ),
    pattern: fc.constantFrom("", "a", "B", "^[ac]$", "b|d", "z", "[^a]"),
  }),
  fc.record({
    type: fc.constantFrom("focus-function", "merge-function", "drop-function", "collapse-function"),
    function: fc.constantFrom(...names, "z"),
  }),
  fc.record({ type: fc.constant("focus-subtree"), path, inverted: fc.boolean() }),
  fc.record({ type: fc.constant("merge-node"), path }),
);
const selection: fc.Arbitrary<Partial<Selection>> = fc.record({
  rangeNs: fc.option(fc.tuple(fc.integer({ max: 600, min: 0 }), fc.integer({ max: 1001, min: 400 }))),
  lastNs: fc.option(fc.integer({ min: 0, max: 1000 })),
  threads: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 3 })),
  transforms: fc.array(transform, { maxLength: 3 }),
});

/** Like profileOf, with some functions in a library. */
function inLibrary(taken: readonly StackSample[]): Profile {
  const builder = new ProfileBuilder();
  const series = builder.series({
    id: "cpu",
    kind: "cpu",
    timed: false,
    values: [{ name: "n", unit: "samples" }],
  });
  for (const { stack, weight = 1 } of taken) {
    let at = NONE;
    for (const name of stack === "" ? [] : stack.split(";")) {
      const binary = moduleOf(name) === "" ? NONE : builder.binary(moduleOf(name));
      at = builder.stack(
        at,
        builder.frame({ function: builder.function({ name: builder.string(name), binary }) }),
      );
    }
    series.add(0, NONE, at, weight);
  }
  return builder.build();
}

describe("as the plainest reckoning has it", () => {
  it("frames of one binary as one, before and after other transforms", () => {
    fc.assert(
      fc.property(samples, transform, transform, (taken, before, after) => {
        const collapse: Transform = { type: "collapse-module", pattern: "/lib/" };
        const transforms = [before, collapse, after];
        const profile = inLibrary(taken);
        const table = createAnalyst().answer(profile, {
          view: "flame",
          selection: { transforms },
          widthPx: 0,
        });
        expect(flameOf(table)).toEqual(plainFlame(selected(taken, { transforms }), false));
      }),
    );
  });

  it("what goes out as samples is what the views show", () => {
    fc.assert(
      fc.property(samples, fc.array(transform, { maxLength: 3 }), (taken, some) => {
        const transforms: Transform[] = [...some, { type: "collapse-module", pattern: "" }];
        const profile = inLibrary(taken);
        const analyst = createAnalyst();
        const chunks = findExporter("speedscope")?.write({
          profile,
          selection: { ...everything, transforms },
          answer: (query) => analyst.answer(profile, query),
          title: "",
          widthPx: 0,
        });
        const written = JSON.parse(Buffer.concat([...(chunks ?? [])]).toString("utf8"));
        const frames: { name: string }[] = written.shared.frames;
        const rows = (written.profiles as { samples: number[][]; weights: number[] }[]).flatMap((each) =>
          each.samples.map((stack, i) => ({
            names: stack.map((frame) => frames[frame]?.name ?? ""),
            weight: each.weights[i] ?? 0,
          })),
        );
        expect(plainFlame(rows, false)).toEqual(plainFlame(selected(taken, { transforms }), false));
      }),
    );
  });

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

describe("stacks of 100,000 frames", () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `f${i % 1000}`);
  const profile = profileOf([{ stack: names.join(";") }, { stack: "f0;f0;f1" }]);
  const cases: readonly [transform: Transform, depth: number][] = [
    [{ type: "focus", pattern: "^f999$" }, 100_000],
    [{ type: "hide", pattern: "[05]$" }, 80_000],
    [{ type: "show-from", pattern: "^f500$" }, 99_500],
    [{ type: "prune-from", pattern: "^f500$" }, 99_501],
    [{ type: "focus-subtree", path: names.slice(0, 50_000) }, 50_001],
    [{ type: "focus-subtree", path: names.slice(-500).reverse(), inverted: true }, 99_501],
    [{ type: "merge-node", path: names.slice(0, 50_000) }, 99_999],
    [{ type: "collapse-recursion", pattern: "" }, 1000],
    [{ type: "collapse-recursion", pattern: "^f7$" }, 1000],
    [{ type: "collapse-direct-recursion", pattern: "" }, 100_000],
    [{ type: "collapse-function", function: "f999" }, 1000],
    [{ type: "invert" }, 100_000],
  ];
  it.each(cases)("%j", (transform, depth) => {
    const query = { view: "flame" as const, selection: { transforms: [transform] }, widthPx: 100 };
    expect(createAnalyst().answer(profile, query).maxDepth).toBe(depth);
  });
});
