import { describe, expect, test } from "vitest";
import { bpftrace } from "#core/importers/bpftrace.ts";
import { kindAt, type Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

const read = (text: string): Profile => feed(bpftrace, bytesOf(text));

/** Values by the name of the innermost function. */
function byLeaf(profile: Profile, id: string): Record<string, number> {
  const sums: Record<string, number> = {};
  const series = profile.series.find((each) => each.id === id);
  series?.stack.forEach((stack, i) => {
    const leaf = namesOf(profile, stack).at(-1) ?? "";
    sums[leaf] = (sums[leaf] ?? 0) + (series.values[0]?.data?.[i] ?? 1);
  });
  return sums;
}

const labelsOf = ({ labels, strings }: Profile, set: number): string[] =>
  Array.from({ length: labels.length }, (_, row) => row)
    .filter((row) => labels.set[row] === set)
    .map(
      (row) =>
        `${strings[labels.key[row]]}=${labels.text[row] < 0 ? labels.number[row] : strings[labels.text[row]]}`,
    );

describe("recordings with a known answer", () => {
  test("99 Hz: shares of 60, 30 and 10 %", () => {
    const {
      burn_a = 0,
      burn_b = 0,
      burn_c = 0,
    } = byLeaf(feed(bpftrace, fixture("bpftrace/profile.txt")), "@");
    const all = burn_a + burn_b + burn_c;
    expect(all).toBeGreaterThan(280);
    expect(burn_a / all).toBeCloseTo(0.6, 1);
    expect(burn_b / all).toBeCloseTo(0.3, 1);
  });

  test("the same as JSON", () => {
    const profile = feed(bpftrace, fixture("bpftrace/profile.jsonl"));
    expect(namesOf(profile, firstSeries(profile).stack[0])).toEqual([
      "__libc_start_call_main",
      "main",
      "worker",
      "phase_ab",
      "burn_b",
    ]);
  });

  test("keys of JSON that come twice are both there: main_lock 914", () => {
    const profile = feed(bpftrace, fixture("bpftrace/futex.jsonl"));
    expect(byLeaf(profile, "@n")).toEqual({ "0x55eb9c361100": 914, "0x55eb9c3610c0": 1297 });
    expect(profile.series[1]).toMatchObject({ id: "@wait_ns", length: 4 });
    expect(profile.series[1]?.values[0]?.unit).toBe("nanoseconds");
  });

  test("histogram: 500, 200000, 1000 and one of 10 MB", () => {
    expect(byLeaf(feed(bpftrace, fixture("bpftrace/malloc_hist.txt")), "@ histogram")).toEqual({
      "[64, 128)": 500,
      "[128, 256)": 200_000,
      "[512, 1K)": 1000,
      "[4K, 8K)": 1,
      "[8M, 16M)": 1,
    });
  });

  test("prints again and again are told apart", () => {
    const profile = feed(bpftrace, fixture("bpftrace/offcpu.txt"));
    expect(firstSeries(profile).length).toBe(16);
    expect(profile.meta.notes.join()).toContain("@ns was printed 2 times");
    expect(labelsOf(profile, firstSeries(profile).labels?.[15] ?? -1)).toContain("print=2");
  });
});

describe("keys", () => {
  test("kernel and program, in either order, with a command and a number", () => {
    const kernel = "    vfs_read+12\n    do_syscall_64+59\n";
    const program = "    read+8\n    main+4\n";
    for (const key of [`\n${kernel}, \n${program}, `, `\n${program}, \n${kernel}, `]) {
      const profile = read(`@[${key}cat, 12]: 3\n`);
      const series = firstSeries(profile);
      expect(namesOf(profile, series.stack[0])).toEqual(["main", "read", "do_syscall_64", "vfs_read"]);
      expect(labelsOf(profile, series.labels?.[0] ?? -1)).toEqual(["key 1=cat", "key 2=12"]);
      const kinds = [...profile.functions.kind].map(kindAt);
      expect(kinds.filter((kind) => kind === "kernel")).toHaveLength(2);
    }
  });

  test("a stack that is empty", () => {
    const profile = read("@[\n    do_idle+1\n, \n, swapper]: 7\n");
    expect(namesOf(profile, firstSeries(profile).stack[0])).toEqual(["do_idle"]);
    expect(kindAt(profile.functions.kind[0])).toBe("kernel");
  });

  test("no stack: the parts are frames; no key: no stack", () => {
    const profile = read("@reads[cat, 3]: 5\n@all: 8\n");
    expect(namesOf(profile, profile.series[0]?.stack[0] ?? -1)).toEqual(["cat", "3"]);
    expect(profile.series.map((series) => [series.id, total(series), series.stack[0]])).toEqual([
      ["@reads", 5, 1],
      ["@all", 8, -1],
    ]);
  });

  test("addresses of the kernel keep every bit", () => {
    const { frames } = read("@[\n\tffffffff81000010 do_exec+16 ([kernel.kallsyms])\n]: 1\n");
    expect([frames.addressHigh[0], frames.addressLow[0]]).toEqual([0xffffffff, 0x81000010]);
  });

  test("names with brackets and colons", () => {
    const profile = read("@[\n    std::vector<int>::operator[]: x+12\n    a]: b+1\n]: 4\n");
    expect(namesOf(profile, firstSeries(profile).stack[0])).toEqual([
      "a]: b",
      "std::vector<int>::operator[]: x",
    ]);
  });
});

describe("values", () => {
  test("statistics have a total and a count", () => {
    const profile = read("@us[cat]: count 5, average 20, total 100\n@us[dd]: count 1, average 7, total 7\n");
    expect(firstSeries(profile).values.map(({ name, unit, data }) => [name, unit, ...(data ?? [])])).toEqual([
      ["total", "microseconds", 100, 7],
      ["count", "count", 5, 1],
    ]);
  });

  test("histograms by key, also linear, also as JSON", () => {
    const text = read(
      "@h[cat]: \n[1]                    2 |@@@@|\n[2, 4)                 0 |    |\n@l: \n(..., 0)               1 |@@|\n[100, ...)             9 |@@@@|\n",
    );
    expect(byLeaf(text, "@h histogram")).toEqual({ "[1]": 2 });
    expect(byLeaf(text, "@l histogram")).toEqual({ "(..., 0)": 1, "[100, ...)": 9 });
    const json = read(
      '{"type": "hist", "data": {"@h": {"cat": [{"min": 0, "max": 1, "count": 3}, {"min": 2, "count": 4}]}}}\n' +
        '{"type": "stats", "data": {"@s": {"count": 5, "average": 2, "total": 10}}}\n',
    );
    expect(byLeaf(json, "@h histogram")).toEqual({ "[0, 1]": 3, "[2, ...)": 4 });
    expect(json.series[1]?.values.map(({ data }) => data?.[0])).toEqual([10, 5]);
  });

  test("times make series timed, also past midnight", () => {
    const profile = read("Attaching 1 probe...\n23:59:59\n@[a]: 1\n\n00:00:01\n@[a]: 2\n");
    expect([...(firstSeries(profile).time ?? [])]).toEqual([0, 2e9]);
    expect(profile.meta.notes).toEqual([]);
  });

  test("what is no number is told", () => {
    const profile = read("@x[1]: (1, 2)\nhello from printf\n@y: 2\n");
    expect(profile.meta.notes).toEqual(["2 lines are of no map: skipped."]);
  });

  test("cut in a key", () => {
    expect(read("@y: 2\n@[\n    main+1\n").meta.notes).toEqual([
      "The text ends in the middle of a map, whose last entry was left out.",
    ]);
  });
});
