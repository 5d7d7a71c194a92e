import { expect, test } from "vitest";
import { readableOf } from "../../../../renderer/views/memory/memory-chart.tsx";

const line = (id: string, ...value: readonly number[]) => ({
  id,
  name: id,
  time: Float64Array.from(value.keys()),
  value: Float64Array.from(value),
});

test("curves that would press that of what lives to the ground are not drawn by themselves", () => {
  const lines = [line("live", 1, 5, 3), line("rss", 41, 40), line("heap", 40, 2)];
  expect(readableOf(lines)).toEqual(["live", "heap"]);
  expect(readableOf(lines.slice(1))).toEqual(["rss", "heap"]);
  expect(readableOf([])).toEqual([]);
});
