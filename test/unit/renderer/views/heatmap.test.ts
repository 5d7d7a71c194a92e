import { describe, expect, it } from "vitest";
import type { HeatmapTable } from "#core/model/tables.ts";
import {
  cellAfter,
  cellAt,
  cellsOfRange,
  type HeatmapGrid,
  heatOf,
  rangeOfCells,
} from "../../../../renderer/views/heatmap/heatmap-geometry.ts";
import { cellLines } from "../../../../renderer/views/heatmap/heatmap-words.ts";

/** Three seconds in tenths. */
const grid: HeatmapGrid = {
  columns: 3,
  rows: 10,
  columnNs: 1e9,
  startNs: 0,
  endNs: 2.95e9,
  cellWidthPx: 20,
  cellHeightPx: 10,
};

describe("the cells of a heat map", () => {
  it.each([
    ["the beginning is at the bottom left", 1, 99, 0],
    ["the end of the first second at its top", 1, 1, 9],
    ["the next second begins at the bottom again", 21, 99, 10],
    ["beyond the picture is its edge", 500, -20, 29],
  ])("%s", (_, x, y, cell) => expect(cellAt(grid, x, y)).toBe(cell));

  it.each([
    [0, 0, [0, 1e8]],
    [12, 3, [3e8, 13e8]],
    [28, 29, [28e8, 2.95e9]],
  ])("cells %i and %i are a range, whichever came first", (a, b, range) =>
    expect(rangeOfCells(grid, a, b)).toEqual(range),
  );

  it("of a range are those it was made of", () => {
    for (const [a, b] of [
      [0, 0],
      [3, 12],
      [28, 29],
    ] as const)
      expect(cellsOfRange(grid, rangeOfCells(grid, a, b))).toEqual([a, b]);
    expect(cellsOfRange(grid, [9e9, 10e9])).toBeNull();
  });

  it.each([
    ["ArrowUp", 10, 11],
    ["ArrowDown", 10, 9],
    ["ArrowRight", 5, 15],
    ["ArrowRight", 25, 25],
    ["ArrowLeft", 5, 5],
    ["End", 0, 29],
    ["x", 0, null],
  ])("%s leads from %i to %s", (key, from, to) => expect(cellAfter(grid, from, key)).toBe(to));

  it("show little weight too", () => {
    expect(heatOf(1, 100)).toBeCloseTo(0.1);
    expect(heatOf(0, 100)).toBe(0);
    expect(heatOf(5, 0)).toBe(0);
  });
});

describe("the words about cells", () => {
  const plain = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replaceAll(/\s/gu, " "));
  /** Twice as much in every cell of the second column, nothing in the third. */
  const table: HeatmapTable = {
    view: "heatmap",
    unit: "nanoseconds",
    totalValue: 30e6,
    totalSamples: 30,
    series: "cpu",
    timed: true,
    startNs: 0,
    endNs: 2.95e9,
    columns: 3,
    rows: 10,
    columnNs: 1e9,
    values: Float32Array.from({ length: 30 }, (_, cell) => (cell < 10 ? 1e6 : cell < 20 ? 2e6 : 0)),
    samples: Uint32Array.from({ length: 30 }, (_, cell) => (cell < 10 ? 1 : cell < 20 ? 2 : 0)),
    largest: 2e6,
  };

  it("of one compare with the busiest", () =>
    expect(plain(cellLines(table, grid, 0, 0))).toEqual([
      "0 ns to 100 ms",
      "1 sample · 1.00 ms · 3.3 %",
      "50.0 % of the busiest cell",
    ]));

  it("of several compare with the average of as much time", () =>
    expect(plain(cellLines(table, grid, 19, 10))).toEqual([
      "1.00 s to 2.00 s",
      "20 samples · 20.0 ms · 66.7 %",
      "2.0 times the average of 1.00 s",
    ]));
});
