import { describe, expect, test } from "vitest";
import { rbspy } from "#core/importers/rbspy.ts";
import { bytesOf, feed, firstSeries, fixture, leafCounts, namesOf, total } from "./importing.ts";

describe("rbspy", () => {
  test("samples with times, threads and the C functions on top", () => {
    const profile = feed(rbspy, fixture("rbspy/version-2.raw.gz"), [3, 9, 500, 501]);
    const series = firstSeries(profile);
    expect(leafCounts(profile, series)).toEqual({ "<c function>": 40, "Worker#hot_b": 20 });
    expect(namesOf(profile, series.stack[0] as number)).toEqual([
      "<main>",
      "Worker#work",
      "Worker#hot_a",
      "<c function>",
    ]);
    expect(total(series)).toBe(600e6);
    expect(series.time?.[0]).toBe(10e6);
    expect(Array.from(profile.threads.tid)).toEqual([4711, 4712]);
    expect(profile.meta).toMatchObject({
      toolVersion: "0.13.0",
      periodNs: 10e6,
      durationNs: 600e6,
      startedAtMs: 1_795_444_000_500,
    });
  });

  test("the first version has frames only", () => {
    const profile = feed(rbspy, fixture("rbspy/version-0.raw"));
    const series = firstSeries(profile);
    expect(series.time).toBeNull();
    expect(leafCounts(profile, series)).toEqual({ "Worker#hot_a": 2, "Worker#hot_b": 1 });
    expect(series.values).toEqual([{ name: "samples", unit: "samples", data: null }]);
  });

  test("handles of threads: the program's first thread has the number that it has everywhere", () => {
    const trace = (thread_id: number, ...names: readonly string[]) =>
      JSON.stringify({ trace: names.map((name) => ({ name })), pid: 77, thread_id });
    const lines = [
      trace(140346872600384, "burn", "<main>"),
      trace(140346805343936, "burn", "block in <main>"),
      trace(140346872600384, "sum", "<main>"),
    ];
    const { threads, strings } = feed(rbspy, bytesOf(`rbspy01\n${lines.join("\n")}\n`));
    expect(threads.tid[0]).toBe(77);
    expect(Array.from(threads.name, (name) => strings[name])).toEqual(["", "pthread 0x7fa5097a56c0"]);
  });

  test("lines of methods: it says where they are none of those that ran", () => {
    const trace = (lineno: number) => JSON.stringify({ trace: [{ name: "burn", lineno }], pid: 77 });
    const notesOf = (...traces: readonly string[]) =>
      feed(rbspy, bytesOf(`rbspy01\n${traces.join("\n")}\n`)).meta.notes;
    expect(notesOf(trace(4), trace(4))).toEqual([expect.stringMatching(/last line of a method/)]);
    expect(notesOf(trace(4), trace(5))).toEqual([]);
  });

  test("lines that are damaged are counted", () => {
    const profile = feed(rbspy, bytesOf('rbspy01\n{"trace":[{"name":"f"}]}\n{"trace":5}\n{"tra'));
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.meta.notes).toContain("2 lines could not be read.");
  });
});
