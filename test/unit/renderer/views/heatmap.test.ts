import { describe, expect, it } from "vitest";
import {
  cellAfter,
  cellAt,
  cellsOfRange,
  type HeatmapGrid,
  heatOf,
  rangeOfCells,
} from "../../../../renderer/views/heatmap/heatmap-geometry.ts";

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
