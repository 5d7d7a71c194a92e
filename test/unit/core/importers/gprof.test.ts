import { describe, expect, test } from "vitest";
import { gprof } from "#core/importers/gprof.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

/** Name: calls, calls that are not recursive, self and inclusive in seconds. */
function functionsOf(profile: Profile): Record<string, readonly number[]> {
  const rows = firstSeries(profile).exact?.functions;
  const functions: Record<string, readonly number[]> = {};
  for (let row = 0; row < (rows?.length ?? 0); row++) {
    if (!rows) break;
    const name = profile.strings[profile.functions.name[rows.function[row] as number] as number] as string;
    functions[name] = [
      rows.calls[row] as number,
      rows.primitiveCalls[row] as number,
      (rows.self[0]?.[row] ?? 0) / 1e9,
      (rows.inclusive[0]?.[row] ?? 0) / 1e9,
    ];
  }
  return functions;
}

const stacksOf = (profile: Profile): Record<string, number> =>
  Object.fromEntries(
    Array.from(firstSeries(profile).stack, (stack, row) => [
      namesOf(profile, stack).join(";"),
      (firstSeries(profile).values[0]?.data?.[row] ?? 0) / 1e9,
    ]),
  );

describe("gprof", () => {
  test("60, 30 and 10 percent of 1.93 s in 1324 calls each", () => {
    const profile = feed(gprof, fixture("gprof/cpu.gprof.txt"));
    expect(functionsOf(profile)).toMatchObject({
      burn_a: [1324, 1324, 1.13, 1.13],
      burn_b: [1324, 1324, 0.58, 0.58],
      burn_c: [1324, 1324, 0.22, 0.22],
      phase_ab: [1324, 1324, 0, 1.71],
      main: [Number.NaN, Number.NaN, 0, 1.93],
    });
    expect(stacksOf(profile)).toEqual({
      "main;worker;phase_ab;burn_a": 1.13,
      "main;worker;phase_ab;burn_b": 0.58,
      "main;worker;phase_c;burn_c": 0.22,
    });
    expect(profile.meta.periodNs).toBe(1e7);
    expect(firstSeries(profile).exact?.calls.length).toBe(7);
  });

  test("recursion and cycles", () => {
    const profile = feed(gprof, fixture("gprof/recursion.gprof.txt"));
    expect(functionsOf(profile)).toMatchObject({
      fib: [7_049_155, 1, 0.01, 0.01],
      spin: [482, 482, 1.15, 1.15],
      even: [201, 201, 0, 0.48],
    });
    expect(Object.keys(functionsOf(profile)).sort()).toEqual([
      "a",
      "b",
      "even",
      "fib",
      "main",
      "odd",
      "spin",
    ]);
    expect(total(firstSeries(profile)) / 1e9).toBeCloseTo(1.16);
    expect(profile.meta.notes.join()).not.toContain("could not be read");
  });

  test("lines and addresses, without a call graph", () => {
    const profile = feed(gprof, fixture("gprof/lines.gprof.txt"));
    expect(functionsOf(profile).spin).toEqual([482, Number.NaN, 1.15, 1.15]);
    expect(Array.from(profile.frames.line).slice(0, 2)).toEqual([2, 6]);
    expect(profile.frames.addressLow[0]).toBe(0x401196);
  });

  test("functions of the same name are kept apart by their index", () => {
    const text =
      "index % time    self  children    called     name\n[1]    60.0    0.60    0.00       3         f [1]\n-----------------------------------------------\n[2]    40.0    0.40    0.00       2         f [2]\n-----------------------------------------------\n";
    const profile = feed(gprof, bytesOf(text));
    expect(total(firstSeries(profile)) / 1e9).toBe(1);
    expect(firstSeries(profile).exact?.functions.length).toBe(2);
  });
});
