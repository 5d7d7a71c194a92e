import { describe, expect, test } from "vitest";
import { NONE, SeriesBuilder } from "#core/model/series-builder.ts";

const series = (): SeriesBuilder =>
  new SeriesBuilder({
    id: "cpu",
    kind: "cpu",
    timed: true,
    values: [
      { name: "period", unit: "nanoseconds" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });

const labelsOf = (one: SeriesBuilder): number[] | null => {
  const { labels } = one.view();
  return labels && Array.from(labels);
};

describe("labels", () => {
  test("have no column before there is one", () => {
    const one = series();
    one.add(1, 0, 0, 5);
    expect(labelsOf(one)).toBeNull();
    one.add(2, 0, 0, 5, 1, 7);
    one.add(3, 0, 0, 5);
    expect(labelsOf(one)).toEqual([NONE, 7, NONE]);
  });

  test("may be given at the end, and taken away", () => {
    const one = series();
    for (const thread of [0, 1, 0]) one.add(1, thread, 0, 5);
    one.relabel((thread, labels) => (thread === 1 ? 9 : labels));
    expect(labelsOf(one)).toEqual([NONE, 9, NONE]);
    one.add(4, 0, 0, 5);
    expect(labelsOf(one)).toEqual([NONE, 9, NONE, NONE]);
    one.relabel(() => NONE);
    expect(labelsOf(one)).toBeNull();
    one.add(5, 0, 0, 5, 1, 3);
    expect(labelsOf(one)).toEqual([NONE, NONE, NONE, NONE, 3]);
  });
});

describe("order of time", () => {
  test.each([[false], [true]])("moves every column, labelled: %s", (labelled) => {
    const one = series();
    const times = [5, 1, 3, 3];
    for (const [i, time] of times.entries()) one.add(time, i, 10 + i, 100 + i, 1, labelled ? i : NONE);
    one.sortByTime();
    const view = one.view();
    expect(Array.from(view.time ?? [])).toEqual([1, 3, 3, 5]);
    expect(Array.from(view.thread)).toEqual([1, 2, 3, 0]);
    expect(Array.from(view.stack)).toEqual([11, 12, 13, 10]);
    expect(Array.from(view.values[0]?.data ?? [])).toEqual([101, 102, 103, 100]);
    expect(labelsOf(one)).toEqual(labelled ? [1, 2, 3, 0] : null);
  });
});
