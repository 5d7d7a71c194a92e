import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { addProfile } from "#core/model/merge.ts";
import type { Profile } from "#core/model/profile.ts";
import { profileOf } from "../stacks-profile.ts";

const first = profileOf([
  { stack: "main;a", weight: 3, timeNs: 1e9, tid: 11 },
  { stack: "main;b", weight: 1, timeNs: 2e9, tid: 12 },
]);
const second = profileOf([
  { stack: "main;b", weight: 5, timeNs: 1e9, tid: 12 },
  { stack: "main;c", weight: 2, timeNs: 2e9, tid: 13 },
]);
const whole = (...parts: readonly Profile[]): Profile => {
  const out = new ProfileBuilder();
  for (const [i, part] of parts.entries())
    addProfile(out, part, { offsetNs: i * 10e9, startNs: i * 10e9, endNs: (i + 1) * 10e9 });
  return out.snapshot();
};
const totals = (profile: Profile) => {
  const top = createAnalyst().answer(profile, {
    view: "top",
    selection: {},
    sort: "name",
    descending: false,
  });
  return Object.fromEntries(
    Array.from(top.name, (name, row) => [top.strings[name], [top.self[row], top.total[row]]]),
  );
};

describe("profiles put together", () => {
  it("of a value that only some have, count it there, by its name", () => {
    const with2 = new ProfileBuilder();
    with2
      .series({
        id: "x",
        name: "x",
        kind: "cpu",
        timed: true,
        values: [
          { name: "time", unit: "nanoseconds" },
          { name: "samples", unit: "count" },
        ],
      })
      .addValues(1, -1, -1, [10_000_000, 1]);
    const with1 = new ProfileBuilder();
    with1
      .series({ id: "x", name: "x", kind: "cpu", timed: true, values: [{ name: "samples", unit: "count" }] })
      .addValues(2, -1, -1, [5]);
    const [series] = whole(with2.snapshot(), with1.snapshot()).series;
    expect(series?.values.map(({ name, data }) => [name, Array.from(data ?? [])])).toEqual([
      ["time", [10_000_000, 0]],
      ["samples", [1, 5]],
    ]);
  });

  it("weigh what they weigh together, each function once", () => {
    const both = whole(first, second);
    expect(totals(both)).toEqual({ a: [3, 3], b: [6, 6], c: [2, 2], main: [0, 11] });
    expect([both.functions.length, both.stacks.length, both.series.length]).toEqual([4, 4, 1]);
  });

  it("keep threads apart and times in their place", () => {
    const both = whole(first, second);
    expect([...both.threads.tid]).toEqual([11, 12, 13]);
    expect([...(both.series[0]?.time ?? [])]).toEqual([1e9, 2e9, 11e9, 12e9]);
    expect(Array.from(both.series[0]?.thread ?? [], (thread) => both.threads.tid[thread])).toEqual([
      11, 12, 12, 13,
    ]);
    expect(both.meta.durationNs).toBe(12e9);
  });

  it("of one part are that part", () => expect(totals(whole(first))).toEqual(totals(first)));

  it("spread what has no times over the time of their part", () => {
    const out = new ProfileBuilder();
    const untimed = new ProfileBuilder();
    const series = untimed.series({
      id: "cpu",
      kind: "cpu",
      timed: false,
      values: [{ name: "samples", unit: "samples", counted: true }],
    });
    for (let i = 0; i < 4; i++) series.add(0, -1, -1);
    addProfile(out, untimed.snapshot(), { offsetNs: 0, startNs: 8e9, endNs: 12e9 });
    expect([...(out.snapshot().series[0]?.time ?? [])]).toEqual([8.5e9, 9.5e9, 10.5e9, 11.5e9]);
  });

  it("spread samples that were counted together, and lose none", () => {
    const part = new ProfileBuilder();
    const series = part.series({
      id: "cpu",
      kind: "cpu",
      timed: false,
      values: [
        { name: "samples", unit: "count" },
        { name: "cpu", unit: "nanoseconds" },
      ],
    });
    series.add(0, -1, -1, 17, 170e6);
    series.add(0, -1, -1, 1, 10e6);
    const out = new ProfileBuilder();
    addProfile(out, part.snapshot(), { offsetNs: 0, startNs: 1e9, endNs: 2e9 });
    const [own] = out.snapshot().series;
    const sum = (value: number): number =>
      Array.from(own?.values[value]?.data ?? []).reduce((all, each) => all + each, 0);
    expect([own?.length, sum(0), sum(1)]).toEqual([11, 18, 180e6]);
    const times = [...(own?.time ?? [])];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect([times[0], times.at(-1)]).toEqual([1.05e9, 1.95e9]);
    expect(Array.from(own?.values[0]?.data ?? []).every(Number.isInteger)).toBe(true);
  });

  it("keep labels, intervals and counters", () => {
    const part = new ProfileBuilder();
    const thread = part.thread(part.process(7, "p"), 8, "t");
    const labels = part.labelSet([
      { key: part.string("cpu"), number: 3 },
      { key: part.string("comm"), text: part.string("x") },
    ]);
    part
      .series({
        id: "s",
        kind: "cpu",
        timed: true,
        values: [{ name: "samples", unit: "samples", counted: true }],
      })
      .add(part.seen(5), thread, -1, 1, 0, labels);
    part.interval({ start: 1, end: 2, thread, category: part.string("gc"), name: part.string("minor") });
    part.counter("rss", "RSS", "bytes", 3, 42);
    const out = new ProfileBuilder();
    out.string("shifts every index");
    addProfile(out, part.snapshot(), { offsetNs: 100, startNs: 100, endNs: 200 });
    const now = out.snapshot();
    expect(now.labels.length).toBe(2);
    expect(Array.from(now.labels.key, (key) => now.strings[key])).toEqual(["cpu", "comm"]);
    expect(now.strings[now.labels.text[1] ?? -1]).toBe("x");
    expect([now.intervals.start[0], now.strings[now.intervals.name[0] ?? -1]]).toEqual([101, "minor"]);
    expect(now.counters[0]).toMatchObject({ id: "rss", length: 1 });
    expect(now.counters[0]?.time[0]).toBe(103);
  });
});
