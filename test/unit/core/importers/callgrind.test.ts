import { describe, expect, test } from "vitest";
import { callgrind } from "#core/importers/callgrind.ts";
import { NONE } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

const nameOf = ({ strings, functions }: Profile, index: number): string => {
  const file = functions.file[index] as number;
  return `${file === NONE ? "???" : strings[file]}:${strings[functions.name[index] as number]}`;
};

/** "file:function" and its inclusive costs. */
function inclusiveOf(profile: Profile): Record<string, readonly number[]> {
  const { exact, values } = firstSeries(profile);
  const costs: Record<string, readonly number[]> = Object.create(null);
  if (!exact) return costs;
  for (let row = 0; row < exact.functions.length; row++) {
    costs[nameOf(profile, exact.functions.function[row] as number)] = values.map(
      (_, v) => exact.functions.inclusive[v]?.[row] ?? 0,
    );
  }
  return costs;
}

/** What `callgrind_annotate --inclusive=yes --threshold=100 --show-percs=no --auto=no` printed. */
function annotated(name: string): Record<string, readonly number[]> {
  const costs: Record<string, readonly number[]> = Object.create(null);
  const text = new TextDecoder().decode(fixture(`../unit/core/importers/reference/${name}.inclusive.txt.gz`));
  for (const line of text.slice(text.indexOf("file:function")).split("\n")) {
    const match = /^((?:\s*(?:-?[\d,]+|\.))+) {2}(\S.*?)(?: \[.*\])?$/.exec(line);
    if (match)
      costs[match[2] ?? ""] = (match[1] ?? "")
        .trim()
        .split(/\s+/)
        .map((each) => (each === "." ? 0 : Number(each.replaceAll(",", ""))));
  }
  return costs;
}

describe("callgrind", () => {
  test.each([
    ["cpu-part-1.callgrind.gz"],
    ["cpu-part-2.callgrind"],
    ["cpu-part-3.callgrind.gz"],
    ["small.callgrind.gz"],
    ["threads.callgrind.gz"],
    ["all-events.cachegrind.gz"],
  ])("%s: inclusive costs are those of callgrind_annotate", (name) => {
    const profile = feed(callgrind, fixture(`callgrind/${name}`));
    const expected = annotated(name.replace(/\.gz$/, ""));
    const actual = inclusiveOf(profile);
    expect(Object.keys(expected).length).toBeGreaterThan(10);
    // A function that only ever calls for nothing is not in the tool's list.
    for (const [key, costs] of Object.entries(actual))
      if (costs.every((each) => each === 0) && !(key in expected)) delete actual[key];
    for (const [key, costs] of Object.entries(expected))
      if (costs.every((each) => each === 0) && !(key in actual)) delete expected[key];
    expect(actual).toEqual(expected);
  });

  test.each([
    ["cpu-part-1.callgrind.gz", 1_244_215_785],
    ["cpu-part-2.callgrind", 623_998_752],
    ["cpu-part-3.callgrind.gz", 1_557_553_042],
  ])("%s: the stacks have all of the cost, and the truth of the program", (name, sum) => {
    const profile = feed(callgrind, fixture(`callgrind/${name}`));
    const series = firstSeries(profile);
    expect(total(series)).toBe(sum);
    const shares: Record<string, number> = {};
    for (const [row, stack] of series.stack.entries()) {
      const names = namesOf(profile, stack);
      const cost = series.values[0]?.data?.[row] ?? 0;
      for (const each of new Set(names)) shares[each] = (shares[each] ?? 0) + cost / sum;
      if (names.at(-1) === "burn_a")
        expect(names.slice(-4)).toEqual(["main", "worker", "phase_ab", "burn_a"]);
    }
    expect(shares.burn_a).toBeCloseTo(0.6, 2);
    expect(shares.burn_b).toBeCloseTo(0.3, 2);
    expect(shares.burn_c).toBeCloseTo(0.1, 2);
    expect(profile.meta.notes).toEqual([
      expect.stringContaining("stacks were put together"),
      ...profile.meta.notes.filter((note) => note.includes("several binaries")),
    ]);
  });

  test("xdebug: time in ns, memory that is freed", () => {
    const profile = feed(callgrind, fixture("callgrind/xdebug.cachegrind"));
    const series = firstSeries(profile);
    expect(series.values.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      "Time nanoseconds",
      "Memory bytes",
    ]);
    expect([total(series, 0), total(series, 1)]).toEqual([205_760, -3040]);
    expect(inclusiveOf(profile)["/var/www/html/index.php:wait"]).toEqual([202_260, 32]);
    expect(profile.meta).toMatchObject({ tool: "xdebug", toolVersion: "3.1.6 (PHP 8.1.2)" });
  });

  test("addresses, all thirteen events, and jumps left out with a note", () => {
    const profile = feed(callgrind, fixture("callgrind/small.callgrind.gz"));
    expect(
      firstSeries(profile)
        .values.map(({ name }) => name)
        .join(" "),
    ).toBe("Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim");
    expect(profile.frames.addressLow.some((low) => low !== 0xffffffff)).toBe(true);
    expect(profile.meta.notes.join()).toMatch(/\d+ counts of jumps/);
  });

  test("threads and parts of one file", () => {
    const text = `version: 1\ncreator: callgrind-3.19.0\npid: 7\ncmd: ./a\npart: 1\nthread: 1\npositions: line\nevents: Ir\nsummary: 5\n\nfl=(1) a.c\nfn=(1) f\n1 5\n\ntotals: 5\npart: 1\nthread: 2\nevents: Ir\n\nfl=(1)\nfn=(1)\n1 7\n\ntotals: 8\n`;
    const profile = feed(callgrind, bytesOf(text));
    const series = firstSeries(profile);
    expect(Array.from(series.values[0]?.data ?? [])).toEqual([5, 7]);
    expect(Array.from(series.thread, (each) => profile.threads.tid[each])).toEqual([1, 2]);
    expect(inclusiveOf(profile)).toEqual({ "a.c:f": [12] });
    expect(profile.meta.notes.join()).toContain("7 in all, where its summary says 8");
  });

  test("recursion, a missing name, numbers that are none", () => {
    const text = `# callgrind format\nevents: Ir\nfn=f\n1 2\ncfn=f\ncalls=3 1\n1 9\nfn=(9)\n+1 x\nbogus\n* 4\n- 1\n`;
    const profile = feed(callgrind, bytesOf(text));
    expect(inclusiveOf(profile)).toEqual({ "???:f": [9], "???:(9)": [4] });
    expect(profile.meta.notes.join()).toContain("3 lines or numbers could not be read");
  });
});
