import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ltrace } from "#core/importers/ltrace.ts";
import { strace } from "#core/importers/strace.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

const stacks = (profile: Profile): readonly string[] => {
  const series = firstSeries(profile);
  return Array.from(
    series.stack,
    (stack, i) => `${namesOf(profile, stack).join(" > ")} ${series.values[0]?.data?.[i]}`,
  );
};

describe("each call of ltrace", () => {
  test("is under the call it was made within, with its own time", () => {
    const profile = feed(ltrace, fixture("ltrace/threads.ltrace.txt"));
    expect(stacks(profile).slice(0, 5)).toEqual([
      expect.stringMatching(/^qsort \d+$/),
      expect.stringMatching(/^qsort > strcmp \d+$/),
      expect.stringMatching(/^qsort > strcmp \d+$/),
      expect.stringMatching(/^qsort > strcmp \d+$/),
      expect.stringMatching(/^fopen \d+$/),
    ]);
    const { intervals, strings } = profile;
    const durationOf = (name: string) => {
      const row = Array.from(intervals.name).findIndex((each) => strings[each] === name);
      return (intervals.end[row] as number) - (intervals.start[row] as number);
    };
    const inQsort = firstSeries(profile)
      .values[0]?.data?.slice(0, 4)
      .reduce((sum, each) => sum + each, 0);
    expect(inQsort).toBe(durationOf("qsort"));
  });

  test("system calls among them (-S), with their errors, files and bytes", () => {
    const table = createAnalyst().answer(feed(ltrace, fixture("ltrace/system-calls.ltrace.txt")), {
      view: "io",
      selection: {},
      waiting: true,
    });
    const row = (name: string) => table.rows.find((each) => each.name === name);
    expect(row("SYS_access")).toMatchObject({ calls: 1, errors: 1 });
    expect(row("SYS_read")).toMatchObject({ bytes: 832 });
    expect(row("fopen")?.calls).toBe(2);
    const files = createAnalyst().answer(feed(ltrace, fixture("ltrace/threads.ltrace.txt")), {
      view: "io",
      selection: {},
      by: "file",
    });
    // What is printed or compared is no file; a quote within a name is none to ltrace.
    expect(files.rows.map(({ name }) => name).sort()).toEqual(["/nonexistent", "/srv/demo/with a "]);
  });

  test("places of calls (-i), times since the line before (-r)", () => {
    const profile = feed(ltrace, fixture("ltrace/addresses.ltrace.txt"));
    expect(stacks(profile)[1]).toMatch(/^0x[0-9a-f]+ > qsort > 0x[0-9a-f]+ > strcmp 1$/);
    // What the program itself wrote to the same stream has cut two lines apart.
    expect(profile.meta.notes).toEqual([
      "One call had begun before the recording; its start is not known.",
      "The calls have no durations: record with `ltrace -T` to see where the time goes.",
      "2 lines could not be read.",
    ]);
  });

  test("names of any language, libraries, text with brackets, what never returns", () => {
    const profile = feed(
      ltrace,
      bytesOf(
        [
          "7 1700000000.000100 libstdc++.so.6->std::ostream::operator<<(int)(0x1, 5) = 0x1 <0.000010>",
          '7 1700000000.000200 printf("a) = 1 (b", 3) = 9 <0.000020>',
          "7 1700000000.000300 longjmp(0x7f <unfinished ...>",
          "7 1700000000.000400 operator new(unsigned long)(16) = 0x55 <0.000030>",
          "7 1700000000.000500 <... setjmp resumed> ) = 1 <0.000100>",
          "7 1700000000.000600 exit(3 <no return ...>",
          "7 1700000000.000700 +++ exited (status 3) +++",
          "Cannot attach to pid 9: Operation not permitted",
        ].join("\n"),
      ),
    );
    expect(stacks(profile)).toEqual([
      "std::ostream::operator<< 10000",
      "printf 20000",
      "longjmp > operator new 30000",
      "longjmp > setjmp 100000",
    ]);
    expect(profile.meta.notes).toEqual([
      "ltrace said: Cannot attach to pid 9: Operation not permitted",
      "One call had begun before the recording; its start is not known.",
    ]);
    expect(total(firstSeries(profile), 1)).toBe(4);
  });

  test.each([
    ['write(1, "x", 1) = 1', strace],
    ['SYS_write(1, "x", 1) = 1', ltrace],
    ['puts("x") = 2', ltrace],
  ])("%s is one's alone", (line, importer) => {
    const head = bytesOf(`${line}\n${line}\n`);
    expect([strace.sniff(head, ""), ltrace.sniff(head, "")]).toEqual([
      importer === strace,
      importer === ltrace,
    ]);
  });
});
