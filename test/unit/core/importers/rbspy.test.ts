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

  test("lines that are damaged are counted", () => {
    const profile = feed(rbspy, bytesOf('rbspy01\n{"trace":[{"name":"f"}]}\n{"trace":5}\n{"tra'));
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.meta.notes).toEqual(["2 lines could not be read."]);
  });
});
