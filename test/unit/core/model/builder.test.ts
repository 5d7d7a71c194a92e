import { describe, expect, test } from "vitest";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import { Growable, uint8 } from "#core/model/growable.ts";
import { kindAt } from "#core/model/profile.ts";
import { profileFault } from "#core/model/profile-check.ts";
import { someProfile } from "./some-profile.ts";

const cpu = {
  id: "cpu",
  kind: "cpu",
  timed: true,
  values: [
    { name: "period", unit: "nanoseconds" },
    { name: "samples", unit: "samples", counted: true },
  ],
} as const;

describe("interning", () => {
  test("strings, with names that objects have of their own", () => {
    const out = new ProfileBuilder();
    const names = ["a", "__proto__", "constructor", "", "a"];
    expect(names.map((name) => out.string(name))).toEqual([0, 1, 2, 3, 0]);
    expect(out.text(1)).toBe("__proto__");
    expect(out.text(99)).toBe("");
  });

  test("binaries by path and build id", () => {
    const out = new ProfileBuilder();
    expect([out.binary("/a"), out.binary("/a", "ff"), out.binary("/a"), out.binary("/b")]).toEqual([
      0, 1, 0, 2,
    ]);
    expect([...out.build().binaries.buildId]).toEqual([NONE, out.string("ff"), NONE]);
  });

  test("functions by all they have", () => {
    const out = new ProfileBuilder();
    const name = out.string("f");
    expect([
      out.function({ name }),
      out.function({ name, kind: "kernel" }),
      out.function({ name, line: 3 }),
      out.function({ name, kind: "unknown", line: NONE }),
    ]).toEqual([0, 1, 2, 0]);
    expect(Array.from(out.build().functions.kind, kindAt)).toEqual(["unknown", "kernel", "unknown"]);
  });

  test("frames by address too", () => {
    const out = new ProfileBuilder();
    const f = out.function({ name: out.string("f") });
    expect([
      out.frame({ function: f }),
      out.frame({ function: f, addressHigh: 0xffffffff, addressLow: 0x81000000 }),
      out.frame({ function: f, addressHigh: 0xffffffff, addressLow: 0x81000001 }),
      out.frame({ function: f, addressHigh: 0xffffffff, addressLow: 0x81000000 }),
    ]).toEqual([0, 1, 2, 1]);
    expect(out.build().frames.addressLow[1]).toBe(0x81000000);
  });

  test("stacks are a tree with callers first", () => {
    const out = new ProfileBuilder();
    const frame = out.frame({ function: out.function({ name: out.string("f") }) });
    const root = out.stack(NONE, frame);
    const leaf = out.stack(root, frame);
    expect([root, leaf, out.stack(root, frame), out.stack(NONE, frame)]).toEqual([0, 1, 1, 0]);
    expect(() => out.stack(57, frame)).toThrow(RangeError);
  });

  test("processes and threads take the last name", () => {
    const out = new ProfileBuilder();
    const process = out.process(7, "sh");
    expect(out.process(7)).toBe(process);
    expect(out.process(7, "nginx")).toBe(process);
    const thread = out.thread(process, 7, "sh");
    expect(out.thread(process, 7, "nginx")).toBe(thread);
    expect(out.thread(out.process(8), 7)).not.toBe(thread);
    out.threadLife(thread, 5, Number.NaN);
    out.threadLife(thread, Number.NaN, 9);
    const { strings, processes, threads } = out.build();
    expect(strings[processes.name[0] as number]).toBe("nginx");
    expect(strings[threads.name[0] as number]).toBe("nginx");
    expect([threads.start[0], threads.end[0]]).toEqual([5, 9]);
  });

  test("sets of labels", () => {
    const out = new ProfileBuilder();
    const key = out.string("cpu");
    const one = out.labelSet([{ key, number: 1 }]);
    expect(out.labelSet([])).toBe(NONE);
    expect(out.labelSet([{ key, number: 1 }])).toBe(one);
    expect(
      out.labelSet([
        { key, text: key },
        { key, number: 1 },
      ]),
    ).toBe(one + 1);
    expect([...out.build().labels.set]).toEqual([0, 1, 1]);
  });
});

describe("series", () => {
  test("one an id; counted values have no column", () => {
    const out = new ProfileBuilder();
    const series = out.series(cpu);
    expect(out.series({ ...cpu, kind: "wall" })).toBe(series);
    expect(out.findSeries("cpu")).toBe(series);
    expect(out.findSeries("__proto__")).toBeUndefined();
    series.add(1, NONE, NONE, 100);
    series.add(2, NONE, NONE, 50);
    const [built] = out.build().series;
    expect(built?.values.map((value) => value.data && [...value.data])).toEqual([[100, 50], null]);
    expect(built).toMatchObject({ length: 2, name: "cpu", labels: null });
  });

  test("labels only where some sample has some", () => {
    const out = new ProfileBuilder();
    const series = out.series(cpu);
    series.add(1, NONE, NONE);
    series.add(2, NONE, NONE, 1, 1, out.labelSet([{ key: out.string("k"), number: 1 }]));
    expect([...(out.build().series[0]?.labels ?? [])]).toEqual([NONE, 0]);
  });

  test("many values", () => {
    const out = new ProfileBuilder();
    const values = ["a", "b", "c"].map((name) => ({ name, unit: "bytes" }));
    const series = out.series({ id: "heap", kind: "heap", timed: false, values });
    series.addValues(0, NONE, NONE, [1, 2, 3]);
    series.add(0, NONE, NONE, 4, 5);
    const built = out.build().series[0];
    expect(built?.time).toBeNull();
    expect(built?.values.map((value) => [...(value.data ?? [])])).toEqual([
      [1, 4],
      [2, 5],
      [3, 0],
    ]);
  });

  test("a series without a value is a bug", () => {
    expect(() => new ProfileBuilder().series({ ...cpu, values: [] })).toThrow(RangeError);
  });
});

describe("time", () => {
  test("the first time is zero", () => {
    const out = new ProfileBuilder();
    expect([out.relativeTime(4097, 522_760_399), out.relativeTime(4098, 0)]).toEqual([0, 477_239_601]);
    expect(out.build().meta).toMatchObject({ originSeconds: 4097, originNanos: 522_760_399 });
  });

  test("unless zero was set before", () => {
    const out = new ProfileBuilder();
    out.meta({ originSeconds: 4097, originNanos: 0 });
    expect(out.relativeTime(4096, 999_999_999)).toBe(-1);
  });

  test("nanoseconds survive where seconds are many", () => {
    const out = new ProfileBuilder();
    out.relativeTime(1_700_000_000, 1);
    expect(out.relativeTime(1_700_000_000, 2)).toBe(1);
  });

  test("the duration is the last time of anything", () => {
    const out = new ProfileBuilder();
    out.seen(5);
    out.counter("rss", "RSS", "bytes", 9, 1);
    const name = out.string("gc");
    out.interval({ start: 3, end: 12, category: name, name });
    out.interval({ start: 4, end: Number.NaN, category: name, name });
    expect(out.build().meta.durationNs).toBe(12);
  });
});

test("a snapshot shares memory, sees what came before it and nothing after", () => {
  const out = new ProfileBuilder();
  const series = out.series(cpu);
  series.add(out.seen(1), NONE, NONE, 1);
  const early = out.snapshot();
  for (let i = 2; i < 200; i++) series.add(out.seen(i), NONE, NONE, i);
  expect(early.series[0]?.length).toBe(1);
  expect([...(early.series[0]?.time ?? [])]).toEqual([1]);
  expect(out.snapshot().series[0]?.length).toBe(199);
  expect(out.sampleCount).toBe(199);
});

test("a note is said once", () => {
  const out = new ProfileBuilder();
  out.note("a");
  out.note("b");
  out.note("a");
  expect(out.build().meta.notes).toEqual(["a", "b"]);
});

test("what is built does not grow with the builder", () => {
  const out = new ProfileBuilder();
  const built = out.build();
  out.string("later");
  out.note("later");
  expect([built.strings, built.meta.notes]).toEqual([[], []]);
});

test("what is built keeps the invariants", () => {
  expect(profileFault(someProfile())).toBeNull();
  expect(profileFault(new ProfileBuilder().build())).toBeNull();
});

test("columns grow and keep what they had", () => {
  const column = new Growable(Float64Array, 1);
  for (let i = 0; i < 1000; i++) expect(column.push(i / 3)).toBe(i);
  expect(column.length).toBe(1000);
  expect(column.at(999)).toBe(333);
  column.set(0, -1);
  expect([...column.view().subarray(0, 2)]).toEqual([-1, 1 / 3]);
  const bytes = uint8();
  bytes.push(257);
  expect(bytes.at(0)).toBe(1);
});
