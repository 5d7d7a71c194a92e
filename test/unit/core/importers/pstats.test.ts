import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { pstats } from "#core/importers/pstats.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { firstSeries, fixture, importContext, namesOf, total } from "./importing.ts";

async function read(bytes: Uint8Array): Promise<Profile> {
  const out = new ProfileBuilder();
  const parser = pstats.open(out, importContext());
  // In two pieces: it is read as a whole.
  parser.push(bytes.subarray(0, 100));
  parser.push(bytes.subarray(100));
  parser.end();
  return out.build();
}

const place = (profile: Profile, row: number): string => {
  const { functions, strings } = profile;
  const text = (index: number): string => (index === NONE ? "" : (strings[index] as string));
  return `${text(functions.file[row] as number)}:${functions.line[row]}:${text(functions.name[row] as number)}`;
};

/** Calls, calls that are not recursive, self and cumulative ns by function; calls and ns by caller and callee. */
function exactOf(profile: Profile): {
  readonly functions: Record<string, readonly number[]>;
  readonly calls: Record<string, readonly number[]>;
} {
  const exact = firstSeries(profile).exact;
  if (!exact) throw new Error("no exact costs");
  const functions: Record<string, readonly number[]> = {};
  for (let i = 0; i < exact.functions.length; i++)
    functions[place(profile, exact.functions.function[i] as number)] = [
      exact.functions.calls[i] as number,
      exact.functions.primitiveCalls[i] as number,
      exact.functions.self[0]?.[i] as number,
      exact.functions.inclusive[0]?.[i] as number,
    ];
  const calls: Record<string, readonly number[]> = {};
  for (let i = 0; i < exact.calls.length; i++)
    calls[
      `${place(profile, exact.calls.caller[i] as number)} > ${place(profile, exact.calls.callee[i] as number)}`
    ] = [exact.calls.calls[i] as number, exact.calls.values[0]?.[i] as number];
  return { functions, calls };
}

type Caller = readonly [string, number, string, number, number, number, number];
type Row = readonly [string, number, string, number, number, number, number, readonly Caller[]];

const ns = (seconds: number): number => Math.round(seconds * 1e9);
const key = (file: string, line: number, name: string): string =>
  file === "~" ? `:-1:${name}` : `${file}:${line}:${name}`;

describe("pstats", () => {
  test("everything that Python's pstats reads of it", async () => {
    const reference = JSON.parse(
      readFileSync(fileURLToPath(new URL("reference/pstats-demo.json", import.meta.url)), "utf8"),
    ) as { totalCalls: number; primitiveCalls: number; totalSeconds: number; functions: readonly Row[] };
    const profile = await read(fixture("pstats/demo.prof"));
    const functions: Record<string, readonly number[]> = {};
    const calls: Record<string, readonly number[]> = {};
    for (const [file, line, name, primitive, count, self, cumulative, callers] of reference.functions) {
      functions[key(file, line, name)] = [count, primitive, ns(self), ns(cumulative)];
      for (const [fromFile, fromLine, fromName, n, , , inclusive] of callers)
        calls[`${key(fromFile, fromLine, fromName)} > ${key(file, line, name)}`] = [n, ns(inclusive)];
    }
    const exact = exactOf(profile);
    expect(exact.functions).toEqual(functions);
    expect(exact.calls).toEqual(calls);
    const sum = (at: number): number =>
      Object.values(exact.functions).reduce((all, row) => all + (row[at] ?? 0), 0);
    expect(sum(0)).toBe(reference.totalCalls);
    expect(sum(1)).toBe(reference.primitiveCalls);
    expect(total(firstSeries(profile)) / 1e9).toBeCloseTo(reference.totalSeconds, 6);
  });

  test("recursion has its calls, and the stacks their sums", async () => {
    for (const name of ["demo.prof", "demo-py27.prof", "profile-module.prof"]) {
      const profile = await read(fixture(`pstats/${name}`));
      const { functions } = exactOf(profile);
      const calls = Object.fromEntries(
        Object.entries(functions).map(([place, row]) => [place.split(":")[2], row.slice(0, 2)]),
      );
      expect(calls, name).toMatchObject({
        fib: [3193, 1],
        deep: [301, 1],
        even: [550, 50],
        odd: [500, 50],
        area: [50, 50],
      });
      const selfSum = Object.values(functions).reduce((all, row) => all + (row[2] ?? 0), 0);
      expect(total(firstSeries(profile)), name).toBe(selfSum);
    }
  });

  test("60, 30 and 10 percent in 346 calls", async () => {
    const profile = await read(fixture("pstats/hot.prof"));
    const { functions } = exactOf(profile);
    const rows = Object.entries(functions).map(([place, row]) => [place.split(":")[2] ?? "", row] as const);
    const of = (name: string): readonly number[] => rows.find(([each]) => each === name)?.[1] ?? [];
    expect(of("hot_a")[0]).toBe(346);
    expect((of("hot_a")[3] ?? 0) / 1e9).toBeCloseTo(1.206, 2);
    expect((of("hot_b")[3] ?? 0) / 1e9).toBeCloseTo(0.599, 2);
    expect((of("hot_c")[3] ?? 0) / 1e9).toBeCloseTo(0.197, 2);
    const heaviest = namesOf(profile, firstSeries(profile).stack[heaviestRow(profile)] as number);
    expect(heaviest.at(-1)).toBe("hot_a");
  });

  const python = ["/usr/bin/python3", "python3"].find((each) => spawnSync(each, ["-V"]).status === 0);
  test.skipIf(python === undefined)("all versions of marshal say the same", async () => {
    const expected = exactOf(await read(fixture("pstats/demo.prof")));
    const path = fileURLToPath(new URL("../../../fixtures/pstats/demo.prof", import.meta.url));
    for (let version = 0; version <= 4; version++) {
      const script = `import marshal,sys; sys.stdout.buffer.write(marshal.dumps(marshal.load(open(sys.argv[1],"rb")), ${version}))`;
      const bytes = new Uint8Array(execFileSync(python ?? "", ["-c", script, path]));
      expect(pstats.sniff(bytes, "")).toBe(true);
      expect(exactOf(await read(bytes))).toEqual(expected);
    }
  });

  test("what is not a dict of functions is not taken", () => {
    const sniffs = (...bytes: number[]): boolean => pstats.sniff(Uint8Array.from(bytes), "");
    const of = (text: string): number[] => Array.from(new TextEncoder().encode(text));
    expect(pstats.sniff(new TextEncoder().encode('{"nodes": [1, 2, 3]}'), "")).toBe(false);
    expect(pstats.sniff(new TextEncoder().encode("{)(*&^%$#@!!!!!!"), "")).toBe(false);
    expect(sniffs(0xfb, 0x29, 2, 0xfa, 1, 0x7e, 0xe9, 0, 0, 0, 0, 0xfa)).toBe(false);
    expect(sniffs(0xfb, 0x29, 3, 0xfa, 1, 0x7e, 0xe9, 0, 0, 0, 0, ...of("z"))).toBe(true);
  });

  test("nesting without end is survived", async () => {
    const bytes = new Uint8Array(2_000_000).fill(0x29);
    for (let i = 1; i < bytes.length; i += 2) bytes[i] = 1;
    bytes.set([0x7b, 0x29, 3, 0x7a, 1, 0x61, 0x69, 1, 0, 0, 0, 0x7a, 1, 0x62]);
    const profile = await read(bytes);
    expect(profile.meta.notes.join()).toContain("The file is damaged");
  });
});

function heaviestRow(profile: Profile): number {
  const data = firstSeries(profile).values[0]?.data ?? new Float64Array(0);
  let most = 0;
  for (let i = 1; i < data.length; i++) if ((data[i] as number) > (data[most] as number)) most = i;
  return most;
}
