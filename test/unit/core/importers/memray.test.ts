import { describe, expect, test } from "vitest";
import { memray } from "#core/importers/memray.ts";
import { memrayCsv } from "#core/importers/memray-csv.ts";
import { memrayStats } from "#core/importers/memray-stats.ts";
import type { Profile, Series } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

/** Bytes and allocations by innermost function. */
function leaves(profile: Profile, series: Series = firstSeries(profile)): Record<string, readonly number[]> {
  const sums: Record<string, number[]> = Object.create(null);
  series.stack.forEach((stack, row) => {
    const name = namesOf(profile, stack).at(-1) ?? "";
    const sum = sums[name] ?? [0, 0];
    sums[name] = sum.map((each, i) => each + (series.values[i]?.data?.[row] ?? 0));
  });
  return sums;
}

/** The program keeps 700 byte arrays of 1000 bytes and one of 10 million; 300 more are freed at once. */
describe("memray", () => {
  test("CSV: whole stacks at the peak", () => {
    const profile = feed(memrayCsv, fixture("memray-csv/peak.csv"));
    expect(leaves(profile).big).toEqual([10_000_001, 1]);
    expect(leaves(profile)["<listcomp>"]?.[1]).toBeGreaterThanOrEqual(700);
    expect(total(firstSeries(profile))).toBe(10_745_817);
    const big = firstSeries(profile).stack.findIndex((stack) => namesOf(profile, stack).at(-1) === "big");
    expect(namesOf(profile, firstSeries(profile).stack[big] as number).slice(-3)).toEqual([
      "<module>",
      "main",
      "big",
    ]);
    expect(profile.threads.tid[0]).toBe(1);
    expect(profile.strings).toContain("MALLOC");
  });

  test("CSV: quotes, bars and line ends in names", () => {
    const text =
      'allocator,num_allocations,size,tid,thread_name,stack_trace\r\nMALLOC,1,10,2,"0x2 (a, ""b"")","f;a,b.py;3|operator|=;c|d.py;4|odd\nname;e.c;5"\r\nMMAP,2,x,2,0x2,f\r\n';
    const profile = feed(memrayCsv, bytesOf(text), [60, 100, 101, 120]);
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toEqual([
      "odd\nname",
      "operator|=",
      "f",
    ]);
    expect(profile.strings).toContain('a, "b"');
    expect(profile.strings).toContain("c|d.py");
    expect(profile.meta.notes).toEqual(["1 rows could not be read."]);
  });

  test("flame graph: the tree adds up to the peak", () => {
    const profile = feed(memray, fixture("memray/flamegraph.html"));
    const csv = feed(memrayCsv, fixture("memray-csv/peak.csv"));
    expect(leaves(profile).big).toEqual([10_000_001, 1]);
    expect(leaves(profile)["<listcomp>"]).toEqual(leaves(csv)["<listcomp>"]);
    expect(profile.counters.map(({ name, value }) => [name, value.at(-1)])).toEqual([
      ["resident set size", 54_456_320],
      ["heap", 10_745_817],
    ]);
    expect(profile.meta.startedAtMs).toBe(1_795_444_395_595);
  });

  test("flame graph by time: what outlived a snapshot", () => {
    const profile = feed(memray, fixture("memray/temporal.html"), [1000, 1001, 50_000]);
    expect(leaves(profile).churn).toBeUndefined();
    expect(leaves(profile).big).toEqual([10_000_001, 1]);
    expect(total(firstSeries(profile))).toBe(10_801_412);
    expect(Array.from(profile.labels.number)).toEqual([22]);
    expect(profile.meta.notes.join()).toContain("freed");
  });

  test("table: the innermost place of every allocation", () => {
    const profile = feed(memray, fixture("memray/table.html"));
    expect(leaves(profile).big).toEqual([10_000_001, 1]);
    expect(total(firstSeries(profile))).toBe(10_745_817);
    expect(Object.keys(leaves(profile))).toContain("<listcomp>");
  });

  test("statistics", () => {
    const profile = feed(memrayStats, fixture("memray-stats/stats.json"));
    expect(leaves(profile)).toMatchObject({ big: [10_000_001, 0], churn: [1_500_300, 0] });
    expect(profile.series.map(({ id }) => id)).toEqual([
      "size",
      "allocations",
      "module-size",
      "module-allocations",
      "allocators",
      "sizes",
    ]);
    const [, , , , allocators, sizes] = profile.series;
    expect(allocators && total(allocators)).toBe(1150);
    expect(sizes && total(sizes)).toBe(1150);
    expect(profile.counters.map(({ value }) => value[0])).toEqual([1150, 12_487_242, 10_745_817]);
  });

  test("a tree that is none is survived", () => {
    const page = (json: string): Uint8Array =>
      bytesOf(
        `<!DOCTYPE html>\n<title>memray - flamegraph report</title>\n    const packed_data = ${json};\n`,
      );
    const profile = feed(
      memray,
      page(
        '{"nodes":{"children":[[1],[2,1,0],[1]],"value":[9,8,7],"n_allocations":[1,1,1],"function":[0,0,0],"filename":[0,0,0],"lineno":[1,1,1],"thread_id":[0,0,0]},"strings":["f"]}',
      ),
    );
    expect(profile.meta.notes.join()).toContain("do not hang together");
    expect(feed(memray, page("5")).meta.notes).toEqual([]);
  });
});
