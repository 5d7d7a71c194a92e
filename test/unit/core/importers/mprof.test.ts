import { describe, expect, test } from "vitest";
import { memoryProfiler } from "#core/importers/memory-profiler.ts";
import { mprof } from "#core/importers/mprof.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture } from "./importing.ts";

const MIB = 2 ** 20;

const counters = (profile: Profile): Record<string, readonly number[]> =>
  Object.fromEntries(
    profile.counters.map(({ name, value }) => [name, Array.from(value, (each) => each / MIB)]),
  );

describe("mprof", () => {
  test("memory by time, and calls of marked functions", () => {
    const profile = feed(mprof, fixture("mprof/functions.dat"));
    const { memory = [] } = counters(profile);
    expect(memory.length).toBe(14);
    expect(memory[1]).toBe(12);
    expect(Math.max(...memory)).toBeCloseTo(48.96, 2);
    const { intervals, strings } = profile;
    const calls = Array.from(intervals.name, (name, i) => [
      strings[name],
      Math.round(((intervals.end[i] as number) - (intervals.start[i] as number)) / 1e6),
    ]);
    expect(calls).toEqual([
      ["__main__.load", 267],
      ["__main__.load", 419],
      ["__main__.work", 1096],
    ]);
    expect(strings[intervals.args[2] as number]).toBe(
      JSON.stringify({
        "bytes at start": Math.round(22.832 * MIB),
        "bytes at end": Math.round(48.9531 * MIB),
        level: 0,
      }),
    );
    // The first measurement is before the first call, and is time zero.
    expect(profile.counters[0]?.time[0]).toBe(0);
    expect(intervals.start[2]).toBeCloseTo(271e6, -3);
    expect(profile.meta.target).toBe("/usr/bin/python3 mem2.py");
  });

  test("children have counters of their own", () => {
    const profile = feed(mprof, fixture("mprof/children.dat"));
    expect(Object.keys(counters(profile))).toEqual([
      "memory",
      "memory of child 11231",
      "memory of child 11232",
    ]);
    expect(Math.max(...(counters(profile)["memory of child 11232"] ?? []))).toBeCloseTo(37.52, 2);
  });

  test("a line of something else is counted, and a text of other numbers is not taken", () => {
    const profile = feed(mprof, bytesOf("MEM 1.5 100.5\nBOOM\nMEM 2 101\n"), [4, 20]);
    expect(counters(profile)).toEqual({ memory: [1.5, 2] });
    expect(profile.meta.notes).toEqual(["1 line could not be read."]);
    expect(mprof.sniff(bytesOf("MEMORY 1 2\nMEM 1 2\n"), "")).toBe(false);
    expect(mprof.sniff(bytesOf("a;b 1\n"), "")).toBe(false);
  });
});

/** "name:line growth MiB, times, memory MiB". */
const rows = (profile: Profile): readonly string[] => {
  const { strings, stacks, frames, functions } = profile;
  const { stack, values } = firstSeries(profile);
  return Array.from(stack, (each, row) => {
    const frame = stacks.frame[each] as number;
    const name = strings[functions.name[frames.function[frame] as number] as number];
    const [growth, times, memory] = values.map(({ data }) => data?.[row] ?? 0);
    return `${name}:${frames.line[frame]} ${((growth ?? 0) / MIB).toFixed(1)} ${times} ${((memory ?? 0) / MIB).toFixed(1)}`;
  });
};

describe("memory_profiler by line", () => {
  test("every measured line of every call", () => {
    const profile = feed(memoryProfiler, fixture("memory-profiler/report.txt"));
    expect(rows(profile)).toEqual([
      "load:4 22.1 1 22.1",
      "load:6 5.2 5003 27.3",
      "load:7 0.0 1 27.3",
      "load:8 0.0 1 27.3",
      "load:4 27.3 1 27.3",
      "load:6 20.9 20003 48.2",
      "load:7 0.0 1 48.2",
      "load:8 0.0 1 48.2",
      "work:10 22.0 1 22.0",
      "work:12 0.0 1 22.0",
      "work:13 0.0 3 48.2",
      "work:14 26.2 2 48.2",
      "work:15 0.0 1 48.2",
      "work:16 0.0 1 48.2",
      "work:17 0.0 1 48.2",
    ]);
    expect(profile.strings).toContain("rows = [bytearray(1000) for _ in range(n)]");
    expect(profile.strings[profile.functions.file[0] as number]).toBe("/srv/demo/mem.py");
  });

  test("older reports do not count, and print between what the program prints", () => {
    const text =
      "hello 5 worlds\nFilename: a b.py\n\nLine #    Mem usage    Increment   Line Contents\n================================================\n     3     10.0 MiB     10.0 MiB   @profile\n     4                             async def f():\n     5      8.5 MiB     -1.5 MiB       2 + 2\n\n\n  12 monkeys\n";
    const profile = feed(memoryProfiler, bytesOf(text), [10, 33, 90]);
    expect(rows(profile)).toEqual(["f:3 10.0 1 10.0", "f:5 -1.5 1 8.5"]);
    expect(profile.strings).toContain("2 + 2");
  });
});
