import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Selection } from "#core/model/query.ts";
import type { ChartTable } from "#core/model/tables.ts";
import { profileOf, type StackSample } from "../stacks-profile.ts";

const chart = (samples: readonly StackSample[], selection: Partial<Selection> = {}, more = {}): ChartTable =>
  createAnalyst().answer(profileOf(samples), { view: "chart", selection, widthPx: 1000, minPx: 0, ...more });

/** "lane: name depth start-end" in the order of reading. */
const slices = (table: ChartTable): string[] =>
  Array.from(table.name, (name, i) => ({
    lane: table.lane[i] ?? 0,
    depth: table.depth[i] ?? 0,
    start: table.start[i] ?? 0,
    text: `${table.lane[i]}: ${name === -1 ? "…" : table.strings[name]} ${table.depth[i]} ${table.start[i]}-${table.end[i]}`,
  }))
    .sort((a, b) => a.lane - b.lane || a.start - b.start || a.depth - b.depth)
    .map(({ text }) => text);

describe("the chart", () => {
  const two: readonly StackSample[] = [
    { stack: "main;read", weight: 10, timeNs: 10, tid: 1 },
    { stack: "main;read", weight: 10, timeNs: 20, tid: 1 },
    { stack: "main;write", weight: 10, timeNs: 30, tid: 1 },
    { stack: "main;write", weight: 10, timeNs: 90, tid: 1 },
    { stack: "work", weight: 5, timeNs: 50, tid: 2 },
  ];

  it("joins what stays from sample to sample, and ends it where nothing was taken", () => {
    expect(slices(chart(two))).toEqual([
      "0: main 0 0-30",
      "0: read 1 0-20",
      "0: write 1 20-30",
      "0: main 0 80-90",
      "0: write 1 80-90",
      "1: work 0 45-50",
    ]);
  });

  it("shows a range, cut at its ends", () => {
    const table = chart(two, { rangeNs: [15, 85] });
    expect(slices(table)).toEqual([
      "0: main 0 15-30",
      "0: read 1 15-20",
      "0: write 1 20-30",
      "0: main 0 80-85",
      "0: write 1 80-85",
      "1: work 0 45-50",
    ]);
    expect([table.totalSamples, table.lanesInAll]).toEqual([3, 2]);
  });

  it("takes filters and transforms", () => {
    const transforms: Selection["transforms"] = [
      { type: "focus", pattern: "write" },
      { type: "merge-function", function: "main" },
    ];
    expect(slices(chart(two, { transforms }))).toEqual(["0: write 0 20-30", "0: write 0 80-90"]);
  });

  it("of samples that are no time, each holds until the next", () => {
    const samples = [0, 10, 20, 60].map((timeNs, i) => ({ stack: i < 2 ? "a" : "b", timeNs, weight: 7 }));
    expect(slices(chart(samples, { series: "cpu/samples" }))).toEqual(["0: a 0 0-20", "0: b 0 20-40"]);
  });

  it("merges what is narrower than a pixel", () => {
    const busy = Array.from({ length: 50_000 }, (_, i) => ({
      stack: `main;f${i % 7};g${i % 11}`,
      weight: 10,
      timeNs: (i + 1) * 10,
    }));
    const table = chart(busy, {}, { widthPx: 500, minPx: 1 });
    expect(table.length).toBeLessThan(1100);
    expect(slices(table)[0]).toBe("0: main 0 0-500000");
    expect(table.merged.reduce((all, each) => all + each, 0)).toBe(100_001);
  });

  it("never lets slices of one row overlap, and keeps callers above what they call", () => {
    const samples = fc.array(
      fc.record({
        stack: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 }).map((names) => names.join(";")),
        weight: fc.integer({ min: 1, max: 30 }),
        timeNs: fc.integer({ min: 0, max: 400 }),
        tid: fc.integer({ min: 1, max: 2 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(samples, fc.nat(3), (taken, minPx) => {
        const table = chart(taken, {}, { widthPx: 100, minPx });
        const rows = new Map<string, [number, number][]>();
        for (let i = 0; i < table.length; i++) {
          const key = `${table.lane[i]} ${table.depth[i]}`;
          rows.set(key, [...(rows.get(key) ?? []), [table.start[i] ?? 0, table.end[i] ?? 0]]);
        }
        for (const [key, boxes] of rows) {
          boxes.sort((a, b) => a[0] - b[0]);
          boxes.forEach(([start, end], i) => {
            expect(end).toBeGreaterThan(start);
            expect(start).toBeGreaterThanOrEqual(boxes[i - 1]?.[1] ?? 0);
            const [lane, depth] = key.split(" ").map(Number);
            if (depth === 0 || minPx > 0) return;
            const above = rows.get(`${lane} ${(depth ?? 0) - 1}`) ?? [];
            expect(above.some((box) => box[0] <= start && box[1] >= end)).toBe(true);
          });
        }
      }),
    );
  });

  it("says that there is no time", () => {
    expect(chart([])).toMatchObject({ length: 0, lanes: [] });
  });
});

describe("the heatmap", () => {
  it("is samples by second and part of it", () => {
    const samples = [0.1, 0.12, 1.1, 2.95].map((seconds) => ({
      stack: "f",
      weight: 2,
      timeNs: seconds * 1e9,
    }));
    const table = createAnalyst().answer(profileOf(samples), { view: "heatmap", selection: {}, rows: 10 });
    expect([table.columns, table.rows, table.largest, table.totalSamples]).toEqual([3, 10, 4, 4]);
    const cells = [...table.values].flatMap((value, i) =>
      value > 0 ? [[Math.floor(i / 10), i % 10, value, table.samples[i]]] : [],
    );
    expect(cells).toEqual([
      [0, 1, 4, 2],
      [1, 1, 2, 1],
      [2, 9, 2, 1],
    ]);
  });

  it("has wider columns for a long time, and takes what is selected", () => {
    const samples = Array.from({ length: 100 }, (_, i) => ({
      stack: i % 2 === 0 ? "even" : "odd",
      timeNs: i * 1e9,
      tid: 1 + (i % 4),
    }));
    const ask = (selection: Partial<Selection>) =>
      createAnalyst().answer(profileOf(samples), { view: "heatmap", selection, maxColumns: 30 });
    expect(ask({})).toMatchObject({ columns: 25, columnNs: 4e9, totalSamples: 100 });
    expect(ask({ transforms: [{ type: "focus", pattern: "odd" }] })).toMatchObject({ totalSamples: 50 });
    expect(ask({ rangeNs: [10e9, 20e9] })).toMatchObject({ columns: 10, totalSamples: 10 });
    expect(ask({ threads: [0] })).toMatchObject({ totalSamples: 25 });
  });
});

describe("the intervals of a timeline", () => {
  const built = () => {
    const builder = new ProfileBuilder();
    const thread = builder.thread(builder.process(7, "server"), 8, "worker");
    const add = (category: string, name: string, start: number, end: number, of = thread) =>
      builder.interval({
        category: builder.string(category),
        name: builder.string(name),
        start,
        end,
        thread: of,
      });
    add("lock", "main_lock", 0, 300);
    add("lock", "other_lock", 500, 503);
    add("lock", "main_lock", 504, 506);
    add("lock", "main_lock", 900, Number.NaN);
    add("mark", "here", 100, 100);
    add("gc", "minor", 200, 210, -1);
    builder.seen(1000);
    return builder.build();
  };
  const lanes = (more = {}) =>
    createAnalyst().answer(built(), { view: "timeline", selection: {}, bins: 10, ...more }).intervalLanes;

  it("have a lane for each thread and category, joined where they are too short to be told apart", () => {
    const [lock, gc] = lanes();
    expect(lock).toMatchObject({ category: "lock", threadName: "worker", intervals: 4, totalNs: 405 });
    expect(lock && [...lock.start]).toEqual([0, 500, 900]);
    expect(lock && [...lock.end]).toEqual([300, 506, 1000]);
    expect(lock && [...lock.count]).toEqual([1, 2, 1]);
    expect(lock && Array.from(lock.name, (name) => lock.strings[name] ?? "…")).toEqual([
      "main_lock",
      "…",
      "main_lock",
    ]);
    expect(lock?.names.map(({ name, count, totalNs }) => [name, count, totalNs])).toEqual([
      ["main_lock", 3, 402],
      ["other_lock", 1, 3],
    ]);
    expect(gc).toMatchObject({ category: "gc", thread: -1, threadName: "" });
  });

  it("are cut off at what is shown, the lanes that last longest first", () => {
    const [lock, ...others] = lanes({ selection: { rangeNs: [100, 505] }, maxIntervalLanes: 1 });
    expect(lock && [...lock.start, ...lock.end]).toEqual([100, 500, 300, 505]);
    expect(others).toEqual([]);
  });

  it("have no more boxes than can be told apart", () => {
    const builder = new ProfileBuilder();
    for (let at = 0; at < 5000; at++)
      builder.interval({
        category: builder.string("syscall"),
        name: builder.string(`n${at % 3}`),
        start: at * 10,
        end: at * 10 + 4000,
        thread: -1,
      });
    builder.seen(60_000);
    const [lane] = createAnalyst().answer(builder.build(), {
      view: "timeline",
      selection: {},
      bins: 20,
    }).intervalLanes;
    expect(lane?.start.length).toBeLessThanOrEqual(40);
    expect(lane?.intervals).toBe(5000);
  });
});

describe("the lanes of a timeline", () => {
  it("where nothing tells of threads, the lane is of all of them", () => {
    const builder = new ProfileBuilder();
    const values = [{ name: "time", unit: "nanoseconds" }];
    builder.series({ id: "cpu", kind: "cpu", timed: true, values }).add(builder.seen(500), -1, -1, 500);
    const profile = builder.build();
    const { lanes } = createAnalyst().answer(profile, { view: "timeline", selection: {}, bins: 4 });
    expect(lanes.map(({ name }) => name)).toEqual(["all threads"]);
  });

  it("lie beside what ran, also of threads that only wait", () => {
    const builder = new ProfileBuilder();
    const process = builder.process(7, "server");
    const [busy, idle] = [builder.thread(process, 8, "busy"), builder.thread(process, 9, "idle")];
    const values = [{ name: "time", unit: "nanoseconds" }];
    const cpu = builder.series({ id: "cpu", kind: "cpu", timed: true, values });
    const off = builder.series({ id: "off", kind: "offcpu", timed: true, values });
    cpu.add(builder.seen(500), busy, -1, 500);
    off.add(builder.seen(1000), busy, -1, 250);
    off.add(builder.seen(1000), idle, -1, 1000);
    const { lanes } = createAnalyst().answer(builder.build(), { view: "timeline", selection: {}, bins: 4 });
    const shares = lanes.map(({ name, bins, waiting }) => [name, [...bins], [...(waiting ?? [])]]);
    expect(shares).toEqual([
      ["busy", [1, 1, 0, 0], [0, 0, 0, 1]],
      ["idle", [0, 0, 0, 0], [1, 1, 1, 1]],
    ]);
    // Asked for the waits, it is the other way round: what is shown is time off the processor, what ran lies beside it.
    const turned = createAnalyst().answer(builder.build(), {
      view: "timeline",
      selection: { series: "off" },
      bins: 4,
    });
    expect(turned.showsWaits).toBe(true);
    expect(
      turned.lanes.map(({ name, bins, waiting, running }) => [name, [...bins], waiting, running]),
    ).toEqual([
      ["idle", [1, 1, 1, 1], null, Float32Array.from([0, 0, 0, 0])],
      ["busy", [0, 0, 0, 1], null, Float32Array.from([1, 1, 0, 0])],
    ]);
    // How often they waited is no time: what ran is not taken for waiting beside it.
    const counted = new ProfileBuilder();
    const one = counted.thread(counted.process(7, "server"), 8, "one");
    counted.series({ id: "cpu", kind: "cpu", timed: true, values }).add(counted.seen(500), one, -1, 500);
    const times = counted.series({
      id: "off",
      kind: "offcpu",
      timed: true,
      values: [{ name: "waits", unit: "count" }],
    });
    times.add(counted.seen(1000), one, -1, 1);
    const asked = { view: "timeline", selection: { series: "off" }, bins: 4 } as const;
    const table = createAnalyst().answer(counted.build(), asked);
    expect(table.showsWaits).toBe(false);
    expect(table.lanes.map(({ waiting, running }) => [waiting, running])).toEqual([[null, null]]);
  });
});
