import { describe, expect, test } from "vitest";
import { perfStat } from "#core/importers/perf-stat.ts";
import { bytesOf, feed, fixture } from "./importing.ts";

interface Read {
  readonly counters: Readonly<Record<string, readonly number[]>>;
  readonly units: Readonly<Record<string, string>>;
  readonly times: readonly number[];
  readonly notes: readonly string[];
}

function read(bytes: Uint8Array): Read {
  const { counters, meta } = feed(perfStat, bytes);
  return {
    counters: Object.fromEntries(counters.map(({ id, value }) => [id, [...value]])),
    units: Object.fromEntries(counters.map(({ id, unit }) => [id, unit])),
    times: [...(counters[0]?.time ?? [])],
    notes: meta.notes,
  };
}

describe("recordings", () => {
  test.each(["txt", "csv", "jsonl"])("-I as %s: the task's time is the interval's", (form) => {
    const { counters, units, times } = read(fixture(`perf-stat/stat_I.${form}`));
    const tasks = counters["task-clock"] ?? [];
    const [first = 0, second = 0] = times;
    expect(units["task-clock"]).toBe("nanoseconds");
    expect((tasks[0] ?? 0) / first).toBeCloseTo(1, 2);
    expect((tasks[1] ?? 0) / (second - first)).toBeCloseTo(1, 2);
    expect(units["page-faults"]).toBe("count");
    expect(counters["task-clock: CPUs utilized"]?.length).toBe(tasks.length);
  });

  test("what the machine does not count is told", () => {
    expect(read(fixture("perf-stat/stat_I.txt")).notes).toEqual([
      "Not counted, or not supported by the machine: cycles, instructions, branches, branch-misses.",
    ]);
  });

  test("a whole run stands at its end", () => {
    const { counters, times, notes } = read(fixture("perf-stat/repeated.txt"));
    expect(counters).toMatchObject({ "task-clock": [1_680_000], cs: [1] });
    expect(times).toEqual([52_573_000]);
    expect(notes).toEqual([]);
  });

  test("by processor, by socket", () => {
    expect(read(fixture("perf-stat/by-processor.csv")).counters["cpu-clock CPU1"]).toHaveLength(3);
    expect(read(fixture("perf-stat/by-socket.txt")).counters["cpu-clock S0"]?.[0]).toBe(201_360_000);
  });
});

describe("lines", () => {
  const check = (line: string, id: string, value: number, unit = "count"): void => {
    const { counters, units } = read(bytesOf(`${line}\n`));
    expect([counters[id]?.[0], units[id]]).toEqual([value, unit]);
  };
  test("separators of thousands, multiplexing", () =>
    check(
      "     1,234,567,890      cycles                 #    3.1 GHz       (83.31%)",
      "cycles",
      1_234_567_890,
    ));
  test("multiplexing without a metric", () =>
    check("  1,234      LLC-loads      (49.98%)", "LLC-loads", 1234));
  test("a unit of bytes", () =>
    check("  12.50 MiB  uncore_imc/data_reads/", "uncore_imc/data_reads/", 12.5 * 2 ** 20, "bytes"));
  test("energy", () => check("  5.25 Joules power/energy-pkg/", "power/energy-pkg/", 5.25, "Joules"));
  test("another separator, repeated", () =>
    check(
      "1.58;msec;task-clock;15.94%;1581867;100.00;0.015;CPUs utilized",
      "task-clock",
      1_580_000,
      "nanoseconds",
    ));
  test("events of a PMU", () =>
    check("12;;cpu/event=0x3c,umask=0x0/u;100;100.00;;", "cpu/event=0x3c,umask=0x0/u", 12));
  test("names are only names", () => check("12,,__proto__x,100,100.00,,", "__proto__x", 12));
});
