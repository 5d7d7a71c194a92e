import { describe, expect, test } from "vitest";
import { gprof2dot } from "#core/importers/gprof2dot.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

describe("gprof2dot JSON", () => {
  test("what memray transforms has the peak of the run", () => {
    const profile = feed(gprof2dot, fixture("gprof2dot/memray.json"));
    const series = firstSeries(profile);
    expect(total(series)).toBe(10_745_817);
    const row = Array.from(series.stack).findIndex((stack) => namesOf(profile, stack).at(-1) === "big");
    expect(series.values[0]?.data?.[row]).toBe(10_000_001);
    expect(namesOf(profile, series.stack[row] as number).slice(-3)).toEqual(["<module>", "main", "big"]);
  });

  test("several costs, times, and functions that are not there", () => {
    const text =
      '{"version": 0, "costs": [{"description": "Time", "unit": "ms"}, {"description": "Samples", "unit": ""}], "functions": [{"name": "a;b", "module": "m"}], "events": [{"callchain": [0, 7], "cost": [2, 3]}]}';
    expect(gprof2dot.sniff(bytesOf(text), "")).toBe(true);
    const profile = feed(gprof2dot, bytesOf(text));
    expect(firstSeries(profile).values).toMatchObject([
      { name: "Time", unit: "nanoseconds" },
      { name: "Samples", unit: "count" },
    ]);
    expect(total(firstSeries(profile))).toBe(2e6);
    expect(total(firstSeries(profile), 1)).toBe(3);
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toEqual(["a;b"]);
    expect(profile.meta.notes.join()).toContain("1 frames");
  });
});
