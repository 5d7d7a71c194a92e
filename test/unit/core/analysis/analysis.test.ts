import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProblemError } from "#core/base/result.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import type { QueryInput, Selection } from "#core/model/query.ts";
import type { FlameTable, TopTable } from "#core/model/tables.ts";
import { addStacks, profileOf, type StackSample } from "../stacks-profile.ts";

const sample: readonly StackSample[] = [
  { stack: "main;parse;read", weight: 30, timeNs: 100, tid: 1 },
  { stack: "main;parse", weight: 10, timeNs: 200, tid: 1 },
  { stack: "main;render;draw", weight: 40, timeNs: 300, tid: 2 },
  { stack: "main;render;draw;read", weight: 20, timeNs: 400, tid: 2 },
];

const top = (
  profile: Profile,
  selection: Partial<Selection> = {},
  more = {},
): Record<string, [number, number]> => {
  const table = createAnalyst().answer(profile, { view: "top", selection, ...more });
  return Object.fromEntries(rowsOf(table).map((row) => [row.name, [row.self, row.total]]));
};
const rowsOf = (table: TopTable) =>
  Array.from({ length: table.length }, (_, i) => ({
    name: table.strings[table.name[i]],
    self: table.self[i],
    total: table.total[i],
  }));
const flame = (profile: Profile, query: Partial<Extract<QueryInput, { view: "flame" }>> = {}): FlameTable =>
  createAnalyst().answer(profile, { view: "flame", selection: {}, widthPx: 1000, minPx: 0, ...query });
/** "main 100 @0 > parse 40 @0 ..." in the order of the rows. */
const drawn = (table: FlameTable): string[] =>
  Array.from({ length: table.length }, (_, row) => {
    const path: string[] = [];
    for (let at = row; at !== -1; at = table.parent[at]) path.unshift(table.strings[table.name[at]] ?? "");
    return `${path.join(">")} ${table.value[row]}@${table.start[row]}`;
  });
const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
  return "no problem";
};

describe("top", () => {
  it("gives self and total of every function", () => {
    expect(top(profileOf(sample))).toEqual({
      draw: [40, 60],
      read: [50, 50],
      parse: [10, 40],
      main: [0, 100],
      render: [0, 60],
    });
  });

  it("gives a window of its rows, the last one where it goes beyond", () => {
    const ask = (offset: number) =>
      createAnalyst().answer(profileOf(sample), { view: "top", selection: {}, limit: 2, offset });
    const names = (table: TopTable) => rowsOf(table).map(({ name }) => name);
    const all = createAnalyst().answer(profileOf(sample), { view: "top", selection: {} });
    expect(names(ask(1))).toEqual(names(all).slice(1, 3));
    expect([ask(1).firstRow, ask(1).rowsInAll]).toEqual([1, 5]);
    expect([names(ask(99)), ask(99).firstRow]).toEqual([names(all).slice(3), 3]);
  });

  it("counts a recursive function once", () => {
    const recursive = profileOf([
      { stack: "f;g;f", weight: 5 },
      { stack: "f;f;f", weight: 7 },
      { stack: "g", weight: 1 },
    ]);
    expect(top(recursive)).toEqual({ f: [12, 12], g: [1, 6] });
  });

  const selections: [string, Partial<Selection>, Record<string, [number, number]>][] = [
    [
      "a time range, end excluded",
      { rangeNs: [200, 399] },
      { draw: [40, 40], parse: [10, 10], main: [0, 50], render: [0, 40] },
    ],
    [
      "a time range to the end of the profile, with what is there",
      { rangeNs: [300, 400] },
      top(profileOf(sample), { lastNs: 100 }),
    ],
    [
      "the last so many ns",
      { lastNs: 100 },
      { draw: [40, 60], read: [20, 20], main: [0, 60], render: [0, 60] },
    ],
    ["threads", { threads: [0] }, { parse: [10, 40], read: [30, 30], main: [0, 40] }],
    [
      "focus",
      { transforms: [{ type: "focus", pattern: "^read$" }] },
      { read: [50, 50], main: [0, 50], parse: [0, 30], draw: [0, 20], render: [0, 20] },
    ],
    [
      "ignore",
      { transforms: [{ type: "ignore", pattern: "draw" }] },
      { parse: [10, 40], read: [30, 30], main: [0, 40] },
    ],
    [
      "hide",
      { transforms: [{ type: "hide", pattern: "^read$" }] },
      { parse: [40, 40], draw: [60, 60], main: [0, 100], render: [0, 60] },
    ],
    ["show", { transforms: [{ type: "show", pattern: "main|read" }] }, { main: [50, 100], read: [50, 50] }],
    [
      "samples instead of time",
      { series: "cpu/samples" },
      { draw: [1, 2], read: [2, 2], parse: [1, 2], main: [0, 4], render: [0, 2] },
    ],
  ];
  it.each(selections)("counts only %s", (_, selection, expected) => {
    expect(top(profileOf(sample), selection)).toEqual(expected);
  });

  it("filters and limits rows, and says how many there are", () => {
    const table = createAnalyst().answer(profileOf(sample), {
      view: "top",
      selection: {},
      filter: "r",
      limit: 1,
    });
    expect(rowsOf(table)).toEqual([{ name: "read", self: 50, total: 50 }]);
    expect(table.rowsInAll).toBe(4);
  });

  it("names what is wrong with a question", () => {
    const profile = profileOf(sample);
    expect(code(() => top(profile, { series: "nope" }))).toBe("no-such-series");
    expect(code(() => top(profile, { transforms: [{ type: "hide", pattern: "(" }] }))).toBe("bad-pattern");
    expect(code(() => top(profile, {}, { filter: "[" }))).toBe("bad-pattern");
    expect(code(() => flame(profile, { selection: { search: "x".repeat(1001) } }))).toBe("bad-pattern");
  });
});

describe("flame", () => {
  it("lays siblings out by name, under their parent", () => {
    expect(drawn(flame(profileOf(sample)))).toEqual([
      "main 100@0",
      "main>parse 40@0",
      "main>render 60@40",
      "main>parse>read 30@0",
      "main>render>draw 60@40",
      "main>render>draw>read 20@40",
    ]);
  });

  it("lays the heaviest out first where that is asked for", () => {
    expect(drawn(flame(profileOf(sample), { order: "weight" })).slice(1, 4)).toEqual([
      "main>render 60@0",
      "main>parse 40@60",
      "main>render>draw 60@0",
    ]);
  });

  it("says how much weight is too narrow", () => {
    const table = flame(profileOf(sample), { widthPx: 10, minPx: 3.5 });
    expect(drawn(table)).toEqual([
      "main 100@0",
      "main>parse 40@0",
      "main>render 60@40",
      "main>render>draw 60@40",
    ]);
    expect([table.narrowValue, table.narrowNodes, table.maxDepth]).toEqual([50, 2, 4]);
  });

  it("keeps whole paths when there are too many rows", () => {
    expect(drawn(flame(profileOf(sample), { maxRows: 2 }))).toEqual(["main 100@0", "main>render 60@0"]);
  });

  it("zooms: ancestors on top, the subtree below", () => {
    const analyst = createAnalyst();
    const profile = profileOf(sample);
    const all = analyst.answer(profile, { view: "flame", selection: {}, widthPx: 1000 });
    const draw = drawn(all).indexOf("main>render>draw 60@40");
    const zoomed = analyst.answer(profile, {
      view: "flame",
      selection: {},
      widthPx: 1000,
      root: all.node[draw],
    });
    expect(drawn(zoomed)).toEqual([
      "main 100@0",
      "main>render 60@0",
      "main>render>draw 60@0",
      "main>render>draw>read 20@0",
    ]);
    expect(zoomed.rootRow).toBe(2);
  });

  it("turns the tree round", () => {
    expect(drawn(flame(profileOf(sample), { inverted: true }))).toEqual([
      "draw 40@0",
      "parse 10@40",
      "read 50@50",
      "draw>render 40@0",
      "parse>main 10@40",
      "read>draw 20@50",
      "read>parse 30@70",
      "draw>render>main 40@0",
      "read>draw>render 20@50",
      "read>parse>main 30@70",
      "read>draw>render>main 20@50",
    ]);
  });

  it("marks matches, and weighs each sample once", () => {
    const table = flame(profileOf(sample), { selection: { search: "READ|draw" } });
    const names = drawn(table).filter((_, row) => table.matched[row] === 1);
    expect(names).toEqual(["main>parse>read 30@0", "main>render>draw 60@40", "main>render>draw>read 20@40"]);
    expect(table.matchedValue).toBe(90);
  });

  it("is empty, not wrong, for a profile without samples", () => {
    const empty = new ProfileBuilder().build();
    expect(flame(empty)).toMatchObject({ length: 0, totalValue: 0 });
    expect(top(empty)).toEqual({});
  });

  it("survives stacks 20,000 deep", () => {
    const stack = Array.from({ length: 20_000 }, (_, i) => `f${i % 3000}`).join(";");
    const table = flame(profileOf([{ stack }]), { maxRows: 50_000 });
    expect(table.length).toBe(20_000);
    expect(table.maxDepth).toBe(20_000);
  });
});

describe("timeline", () => {
  const ms = 1e6;
  const busy = profileOf([
    ...Array.from({ length: 10 }, (_, i) => ({
      stack: "main;a",
      weight: 10 * ms,
      timeNs: (i + 1) * 10 * ms,
      tid: 1,
    })),
    { stack: "main;b", weight: 10 * ms, timeNs: 50 * ms, tid: 2 },
  ]);
  const ask = (more = {}) =>
    createAnalyst().answer(busy, { view: "timeline", selection: {}, bins: 10, ...more });

  it("reads one CPU for a thread that is always busy", () => {
    const [first, second] = ask().lanes;
    expect([...(first?.bins ?? [])].map((share) => Math.round(share * 100) / 100)).toEqual(Array(10).fill(1));
    expect([first?.tid, second?.tid]).toEqual([1, 2]);
    expect([...(second?.bins ?? [])]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
  });

  it("is busy also between two samples, however near one looks", () => {
    const near = ask({ selection: { rangeNs: [22 * ms, 26 * ms] }, bins: 4 });
    expect(near.lanes.map((lane) => [lane.tid, ...lane.bins])).toEqual([[1, 1, 1, 1, 1]]);
    expect(near.totalSamples).toBe(0);
  });

  it("shows the asked-for threads only", () => {
    expect(ask({ selection: { threads: [1] } }).lanes.map((lane) => lane.tid)).toEqual([2]);
  });

  it("merges the quieter threads into one lane", () => {
    const lanes = ask({ maxLanes: 1 }).lanes;
    expect(lanes.map((lane) => [lane.thread, lane.totalValue / ms])).toEqual([
      [0, 100],
      [-1, 10],
    ]);
  });

  it("lights up a function", () => {
    const b = createAnalyst().answer(busy, { view: "top", selection: {}, filter: "^b$" });
    const lit = ask({ function: b.function[0] }).lanes.map((lane) =>
      lane.highlighted?.reduce((all, each) => all + each, 0),
    );
    expect(lit).toEqual([0, 1]);
  });

  it("shows counters and marks, and says when there is no time", () => {
    const builder = new ProfileBuilder();
    for (let i = 0; i < 1000; i++) builder.counter("rss", "RSS", "bytes", i * ms, i === 500 ? 9999 : i);
    builder.interval({
      start: 3 * ms,
      end: 3 * ms,
      category: builder.string("mark"),
      name: builder.string("here"),
    });
    const table = createAnalyst().answer(builder.build(), { view: "timeline", selection: {}, bins: 10 });
    expect(Math.max(...(table.counters[0]?.value ?? []))).toBe(9999);
    expect(table.counters[0]?.value.length).toBeLessThanOrEqual(44);
    expect(table.marks).toEqual([{ timeNs: 3 * ms, name: "here", category: "mark" }]);
    expect(
      createAnalyst().answer(new ProfileBuilder().build(), { view: "timeline", selection: {}, bins: 9 })
        .timed,
    ).toBe(false);
  });
});

const stacks = fc.array(
  fc.record({
    stack: fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 6 }).map((names) => names.join(";")),
    weight: fc.integer({ min: 1, max: 100 }),
    timeNs: fc.integer({ min: 0, max: 1000 }),
    tid: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 60 },
);

describe("for any profile", () => {
  it("a snapshot asked twice on the way gives what one question at the end gives", () => {
    fc.assert(
      fc.property(stacks, fc.nat(60), (samples, cut) => {
        const builder = new ProfileBuilder();
        const analyst = createAnalyst();
        const selection = { transforms: [{ type: "hide" as const, pattern: "b" }], search: "a|c" };
        addStacks(builder, samples.slice(0, cut));
        for (const view of ["flame", "top"] as const)
          analyst.answer(builder.snapshot(), { view, selection, widthPx: 100 });
        addStacks(builder, samples.slice(cut));
        const once = createAnalyst();
        for (const inverted of [false, true]) {
          const query = { view: "flame" as const, selection, widthPx: 100, inverted };
          expect(drawn(analyst.answer(builder.snapshot(), query))).toEqual(
            drawn(once.answer(builder.build(), query)),
          );
        }
      }),
    );
  });

  it("weight is kept: self adds up, children fit, what is left out is counted", () => {
    fc.assert(
      fc.property(stacks, fc.double({ min: 0, max: 20, noNaN: true }), (samples, minPx) => {
        const profile = profileOf(samples);
        const whole = samples.reduce((all, each) => all + each.weight, 0);
        const bare = samples.reduce((all, each) => all + (each.stack === "" ? each.weight : 0), 0);
        const rows = rowsOf(createAnalyst().answer(profile, { view: "top", selection: {} }));
        expect(rows.reduce((all, row) => all + row.self, 0)).toBe(whole - bare);
        for (const row of rows) expect(row.total).toBeGreaterThanOrEqual(row.self);
        const table = flame(profile, { widthPx: 100, minPx });
        expect(table.totalValue).toBe(whole);
        const drawnSelf = table.self.reduce((all, each) => all + each, 0);
        expect(drawnSelf + table.narrowValue + bare).toBe(whole);
        for (let row = 0; row < table.length; row++) {
          const above = table.parent[row];
          if (above === -1) continue;
          expect(above).toBeLessThan(row);
          expect(table.start[row]).toBeGreaterThanOrEqual(table.start[above]);
          expect(table.start[row] + table.value[row]).toBeLessThanOrEqual(
            table.start[above] + table.value[above],
          );
        }
      }),
    );
  });

  it("focus and ignore share the weight between them", () => {
    fc.assert(
      fc.property(stacks, (samples) => {
        const profile = profileOf(samples);
        const total = (type: "focus" | "ignore"): number =>
          flame(profile, { selection: { transforms: [{ type, pattern: "a" }] } }).totalValue;
        expect(total("focus") + total("ignore")).toBe(samples.reduce((all, each) => all + each.weight, 0));
      }),
    );
  });
});
