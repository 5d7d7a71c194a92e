import { describe, expect, test } from "vitest";
import { xctrace } from "#core/importers/xctrace.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, leafCounts, namesOf } from "./importing.ts";

const table = (schema: string, rows: string): Profile =>
  feed(
    xctrace,
    bytesOf(
      `<?xml version="1.0"?><trace-query-result><node><schema name="${schema}"/>${rows}</node></trace-query-result>`,
    ),
  );

describe("time profile, with references", () => {
  const profile = feed(xctrace, fixture("xctrace/time-profile.xml"));
  test("60, 30 and 10 of 100 samples of a millisecond", () => {
    const series = firstSeries(profile);
    expect(leafCounts(profile, series)).toEqual({ hotA: 60, hotB: 30, hotC: 10 });
    expect(series).toMatchObject({ id: "time-profile", kind: "cpu", length: 100 });
    expect(series.values[0]).toMatchObject({ name: "weight", unit: "nanoseconds" });
    expect(series.time?.[99]).toBe(270498417 + 99e6);
  });
  test("frames have file, line, address and binary with its UUID", () => {
    const { frames, functions, binaries, strings } = profile;
    const hot = [...frames.function].findIndex((row) => strings[functions.name[row]] === "hotB");
    const row = frames.function[hot];
    expect([strings[functions.file[row]], frames.line[hot]]).toEqual(["/Users/me/hot.c", 13]);
    expect([frames.addressHigh[hot], frames.addressLow[hot]]).toEqual([1, 0x04000b20]);
    expect(strings[binaries.path[functions.binary[row]]]).toBe("/Users/me/hot");
    expect(strings[binaries.buildId[0]]).toBe("A1B2C3D4-0000-1111-2222-333344445555");
  });
  test("the thread is one, with its process", () => {
    const { threads, processes, strings } = profile;
    expect([...threads.tid]).toEqual([305398]);
    expect(strings[threads.name[0]]).toBe("Main Thread");
    expect([processes.pid[0], strings[processes.name[0]]]).toEqual([4711, "hot"]);
  });
  test("a table with durations is intervals", () => {
    const { intervals, strings } = profile;
    expect([intervals.start[0], intervals.end[0]]).toEqual([300e6, 712e6]);
    expect([strings[intervals.category[0]], strings[intervals.name[0]]]).toEqual(["potential-hangs", "Hang"]);
  });
});

describe("other rows", () => {
  test("cycles; backtraces without tags; addresses without names", () => {
    const profile = table(
      "cpu-profile",
      '<row><sample-time id="1">5</sample-time><cycle-weight id="2">1000</cycle-weight>' +
        '<backtrace id="3"><frame id="4" name="f" addr="0x10"/></backtrace></row>' +
        '<row><sample-time id="6">9</sample-time><cycle-weight ref="2"/><text-backtrace id="7">0x20 0x30</text-backtrace></row>',
    );
    const series = firstSeries(profile);
    expect(series.values.map(({ unit, data }) => [unit, ...(data ?? [])])).toEqual([
      ["cycles", 1000, 1000],
      ["samples"],
    ]);
    expect(namesOf(profile, series.stack[0])).toEqual(["f"]);
    expect([...profile.frames.addressLow]).toEqual([0x10, 0x30, 0x20]);
  });

  test("empty columns, references to nothing, rows of nothing", () => {
    const profile = table(
      "time-profile",
      '<row><sample-time id="1">5</sample-time><sentinel/><thread ref="99"/><backtrace ref="98"/></row><row><sentinel/></row>',
    );
    const series = firstSeries(profile);
    expect([series.thread[0], series.stack[0]]).toEqual([-1, -1]);
    expect(profile.meta.notes).toEqual([
      "1 rows have neither a time nor a stack: skipped.",
      "2 references point at nothing.",
    ]);
  });

  test("names that are hostile", () => {
    const profile = table(
      "__proto__",
      '<row><sample-time id="1">5</sample-time><constructor id="2">x</constructor><backtrace id="3"><frame id="4" name="&lt;script&gt;" addr="zz"/></backtrace></row>',
    );
    expect(firstSeries(profile).id).toBe("__proto__");
    expect(namesOf(profile, firstSeries(profile).stack[0])).toEqual(["<script>"]);
  });

  test("nested 200,000 deep, and cut", () => {
    const profile = table("time-profile", "<a>".repeat(200_000));
    expect(profile.meta.notes).toHaveLength(1);
  });
});
