import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { austin } from "#core/importers/austin.ts";
import { austinMojo } from "#core/importers/austin-mojo.ts";
import type { Profile } from "#core/model/profile.ts";
import { feed, firstSeries, fixture, namesOf } from "./importing.ts";

const reference = (name: string): Uint8Array =>
  new Uint8Array(
    gunzipSync(readFileSync(fileURLToPath(new URL(`reference/austin-${name}.txt.gz`, import.meta.url)))),
  );

/** Values by thread and stack with lines. */
function sums(profile: Profile): Record<string, readonly number[]> {
  const { stacks, frames, threads } = profile;
  const series = firstSeries(profile);
  const found: Record<string, number[]> = {};
  series.stack.forEach((stack, row) => {
    const lines: number[] = [];
    for (let at = stack; at !== -1; at = stacks.prefix[at] as number)
      lines.unshift(frames.line[stacks.frame[at] as number] as number);
    const names = namesOf(profile, stack).map((name, i) => `${name}:${lines[i]}`);
    const key = `${threads.tid[series.thread[row] as number]} ${names.join(";")}`;
    const values = series.values.map(({ data }) => data?.[row] ?? 1);
    found[key] = values.map((value, i) => value + (found[key]?.[i] ?? 0));
  });
  return found;
}

const firsts = (profile: Profile): Record<string, number | undefined> =>
  Object.fromEntries(Object.entries(sums(profile)).map(([key, [first]]) => [key, first]));

/** Keys, numbers and texts of MOJO. */
function mojo(version: number, ...parts: readonly (number | string | readonly [number])[]): Uint8Array {
  const bytes = [0x4d, 0x4f, 0x4a, version];
  for (const part of parts) {
    if (typeof part === "string") bytes.push(...new TextEncoder().encode(part), 0);
    else if (typeof part === "number") bytes.push(part);
    else {
      let value = Math.abs(part[0]);
      let byte = (part[0] < 0 ? 0x40 : 0) | (value & 0x3f);
      value = Math.floor(value / 64);
      while (value > 0) {
        bytes.push(byte | 0x80);
        byte = value & 0x7f;
        value = Math.floor(value / 128);
      }
      bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}

describe("austin's MOJO", () => {
  test.each(["wall", "cpu", "memory", "full"])("%s: what austin's own tool makes of it", (mode) => {
    const binary = feed(austinMojo, fixture(`austin-mojo/${mode}.mojo`));
    const text = feed(austin, reference(mode));
    expect(firstSeries(binary).id).toBe(mode);
    // The tool writes one value only.
    expect(firsts(binary)).toEqual(firsts(text));
    expect(binary.meta).toMatchObject({ toolVersion: "3.7.0", periodNs: 20e6 });
  });

  test("numbers with sign and many bytes, columns, interpreters, GC and idle", () => {
    const bytes = mojo(
      3,
      1,
      "mode",
      "full",
      2,
      [77],
      [2],
      "1f",
      11,
      [900],
      "a b.py",
      11,
      [2 ** 40],
      "f;g",
      3,
      [2 ** 45],
      [900],
      [2 ** 40],
      [12],
      [13],
      [5],
      [9],
      5,
      [2 ** 45],
      7,
      8,
      9,
      [123_456_789],
      10,
      [-4096],
    );
    for (let cut = 5; cut < bytes.length; cut++) {
      const profile = feed(austinMojo, bytes, [cut]);
      const series = firstSeries(profile);
      expect(namesOf(profile, series.stack[0] as number)).toEqual(["f;g", ":GC:"]);
      expect(series.values.map(({ data }) => data?.[0])).toEqual([123_456_789_000, 1, -4096]);
      expect(profile.threads.tid[0]).toBe(31);
      expect(profile.labels.number[0]).toBe(2);
      expect([profile.frames.line[0], profile.frames.column[0]]).toEqual([12, 5]);
    }
  });

  test("version 4: stacks that go on from the last, and tasks", () => {
    const frame = (key: number, file: number, name: number) =>
      [3, [key], [file], [name], [1], [1], [0], [0]] as const;
    const bytes = mojo(
      4,
      1,
      "mode",
      "wall",
      2,
      [7],
      [0],
      "a",
      11,
      [10],
      "m.py",
      11,
      [11],
      "lib.so",
      11,
      [12],
      "main",
      11,
      [13],
      "native",
      11,
      [14],
      "leaf",
      11,
      [15],
      "job",
      ...frame(1, 10, 12),
      ...frame(2, 11, 13),
      ...frame(3, 10, 14),
      5,
      [1],
      5,
      [2],
      9,
      [100],
      2,
      [7],
      [0],
      "a",
      14,
      [99],
      [15],
      [1],
      5,
      [3],
      15,
      [99],
      [0],
      16,
      [99],
      5,
      [3],
      13,
      9,
      [50],
    );
    const profile = feed(austinMojo, bytes);
    const series = firstSeries(profile);
    expect(Array.from(series.stack, (stack) => namesOf(profile, stack))).toEqual([
      ["main", "native"],
      ["main", "leaf"],
    ]);
    expect(profile.strings[profile.labels.text[0] as number]).toBe("job");
    expect(profile.meta.notes.join()).toContain("asyncio");
  });

  test("an event that is not known ends it", () => {
    const profile = feed(austinMojo, mojo(3, 1, "mode", "cpu", 2, [7], [0], "a", 9, [5], 200, 1, 2));
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.meta.notes.join()).toContain("not known (200)");
    expect(austinMojo.sniff(mojo(9, 1), "")).toBe(false);
    expect(austinMojo.sniff(new TextEncoder().encode("MOJO is a language"), "")).toBe(false);
  });
});
