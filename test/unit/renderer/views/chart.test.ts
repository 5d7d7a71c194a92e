import { afterEach, describe, expect, it } from "vitest";
import type { ChartTable } from "#core/model/tables.ts";
import {
  laneHeadPx,
  layOutChart,
  panned,
  rowHeightPx,
  sliceAfter,
  sliceAt,
  zoomed,
} from "../../../../renderer/views/chart/chart-layout.ts";
import { sliceLines } from "../../../../renderer/views/chart/chart-words.ts";
import { setTextScale } from "../../../../renderer/widgets/text-scale.ts";

/** main from 0 to 10, a from 0 to 4 and b from 5 to 9 below it; another thread with idle from 2 to 3. */
const boxes = [
  { lane: 0, depth: 1, start: 5, end: 9, name: 2 },
  { lane: 0, depth: 0, start: 0, end: 10, name: 0 },
  { lane: 0, depth: 1, start: 0, end: 4, name: 1 },
  { lane: 1, depth: 0, start: 2, end: 3, name: 3 },
];
const ints = (of: (box: (typeof boxes)[number]) => number): Int32Array => Int32Array.from(boxes, of);
const table: ChartTable = {
  view: "chart",
  unit: "nanoseconds",
  totalValue: 11,
  totalSamples: 11,
  series: "cpu",
  timed: true,
  startNs: 0,
  endNs: 10,
  lanes: [
    { thread: 0, name: "main", pid: 1, tid: 1, depth: 2, firstSlice: 0, slices: 3 },
    { thread: 1, name: "other", pid: 1, tid: 2, depth: 1, firstSlice: 3, slices: 1 },
  ],
  lanesInAll: 2,
  strings: ["main", "a", "b", "idle"],
  length: 4,
  lane: ints(({ lane }) => lane),
  depth: ints(({ depth }) => depth),
  start: Float64Array.from(boxes, ({ start }) => start),
  end: Float64Array.from(boxes, ({ end }) => end),
  function: ints(({ name }) => name),
  name: ints(({ name }) => name),
  file: ints(() => -1),
  line: ints(() => -1),
  binary: ints(() => -1),
  kind: new Uint8Array(4),
  matched: new Uint8Array(4),
  merged: ints(() => 1),
};
const layout = layOutChart(table);
const named = (row: number): string => table.strings[table.name[row] ?? -1] ?? "none";

describe("the boxes of a chart", () => {
  it.each([
    ["main", 1, laneHeadPx() + 1],
    ["a", 1, laneHeadPx() + rowHeightPx() + 1],
    ["none", 4.5, laneHeadPx() + rowHeightPx() + 1],
    ["b", 5, laneHeadPx() + rowHeightPx() + 1],
    ["none", 1, 5],
    ["idle", 2.5, (layout.topPx[1] ?? 0) + laneHeadPx() + 1],
    ["none", 3, (layout.topPx[1] ?? 0) + laneHeadPx() + 1],
    ["none", 1, 10_000],
  ])("%s is hit at %d, %d px down", (name, at, y) => expect(named(sliceAt(table, layout, at, y))).toBe(name));

  it.each([
    ["ArrowDown", 1, "a"],
    ["ArrowRight", 2, "b"],
    ["ArrowLeft", 0, "a"],
    ["ArrowUp", 0, "main"],
    ["ArrowDown", 0, "none"],
    ["ArrowUp", 1, "none"],
  ])("%s leads from box %i to %s", (key, row, name) =>
    expect(named(sliceAfter(table, layout, row, key))).toBe(name),
  );
});

describe("the range of a chart", () => {
  const whole = [0, 1e9] as const;
  it("stays where the pointer is when it is zoomed", () =>
    expect(zoomed([0, 1e9], whole, 25e7, 0.5)).toEqual([125e6, 625e6]));
  it("never leaves the whole", () => {
    expect(zoomed([0, 5e8], whole, 0, 100)).toEqual([0, 1e9]);
    expect(panned([8e8, 9e8], whole, 5e8)).toEqual([9e8, 1e9]);
    expect(panned([1e8, 2e8], whole, -5e8)).toEqual([0, 1e8]);
  });
  it("is never narrower than a microsecond", () => {
    const [from, to] = zoomed([500, 600], whole, 550, 0.001);
    expect(to - from).toBe(1000);
  });
});

describe("a larger text", () => {
  afterEach(() => setTextScale(1));

  it("has larger rows, and what is pointed at is found in them", () => {
    setTextScale(1.5);
    const larger = layOutChart(table);
    expect(rowHeightPx()).toBe(27);
    expect(larger.heightPx).toBeGreaterThan(1.3 * layout.heightPx);
    expect(named(sliceAt(table, larger, 5, laneHeadPx() + rowHeightPx() + 1))).toBe("b");
    expect(named(sliceAt(table, larger, 5, laneHeadPx() + 20))).toBe("main");
  });
});

describe("the words about a box", () => {
  const plain = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replaceAll(/\s/gu, " "));
  const row = (name: string): number => [0, 1, 2, 3].find((each) => named(each) === name) ?? -1;

  it("say how it stands to what is shown and to its caller", () =>
    expect(plain(sliceLines(table, row("a")))).toEqual([
      "a",
      "4.00 ns from 0 ns",
      "40.0 % of the 10.0 ns that are shown",
      "40.0 % of this call of main",
    ]));

  it("count a function that calls itself once", () => {
    const own = { ...table, function: ints(({ name }) => (name === 1 ? 0 : name)) };
    expect(plain(sliceLines(own, row("main")))).toContain("2 times in main: 10.0 ns, 100.0 %");
  });
});
