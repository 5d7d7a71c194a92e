import { describe, expect, test } from "vitest";
import { gperftoolsLeaks } from "#core/importers/gperftools-leaks.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

describe("gperftools heap checker", () => {
  test("every leak with its size, among what else is printed", () => {
    const profile = feed(gperftoolsLeaks, fixture("gperftools-leaks/heapcheck.txt"), [7, 300, 301]);
    const series = firstSeries(profile);
    expect(series.values.map(({ data }) => Array.from(data ?? []))).toEqual([
      [1_000_000, 32_000],
      [1000, 500],
    ]);
    expect(namesOf(profile, series.stack[0] as number)).toEqual([
      "0x56529e86e101",
      "0x7ff261245305",
      "0x7ff26124524a",
      "0x56529e86e319",
      "0x56529e86e1d7",
    ]);
    expect(profile.meta.notes.length).toBe(1);
  });

  test("names, and leaks that are not listed", () => {
    const text =
      "Leak check _main_ detected leaks of 90 bytes in 3 objects\nThe 1 largest leaks:\nLeak of 80 bytes in 2 objects allocated from:\n\t@ 401234 leak_here\n\t@ 401300 main\nbye\n\t@ 1 x\n";
    const profile = feed(gperftoolsLeaks, bytesOf(text));
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toEqual(["main", "leak_here"]);
    expect(total(firstSeries(profile))).toBe(80);
    expect(profile.meta.notes).toEqual([
      "The report counts 90 bytes in 3 objects, and lists the largest leaks only: 80 bytes.",
    ]);
  });
});
