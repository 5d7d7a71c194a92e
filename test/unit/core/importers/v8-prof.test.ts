import { expect, test } from "vitest";
import { v8Prof } from "#core/importers/v8-prof.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, leafCounts, namesOf } from "./importing.ts";

const labelsOf = (profile: Profile, sample: number): string[] => {
  const set = firstSeries(profile).labels?.[sample];
  const { labels, strings } = profile;
  return Array.from(labels.set, (each, row) =>
    each === set ? `${strings[labels.key[row] as number]}=${strings[labels.text[row] as number]}` : "",
  ).filter((text) => text !== "");
};

test("what node --prof-process says of the same log", () => {
  const profile = feed(v8Prof, fixture("v8-prof/hot.json"));
  const counts = leafCounts(profile, firstSeries(profile));
  expect(counts).toMatchObject({ hotA: 533, hotB: 267, hotC: 98, "[libc.so.6]": 4 });
  expect(counts["_IO_fwrite@@GLIBC_2.2.5"]).toBe(11);
  expect(counts["[unknown]"]).toBe(22);
});

/** outer() on line 1 has inner(), of line 4, inlined into it; both are in one script. */
const source = "function outer() {\n  inner();\n}\nfunction inner() {\n  work();\n}\n";
const offsetOf = (text: string): number => source.indexOf(text);
const small = {
  code: [
    {
      name: "outer /srv/a.js:1:15",
      type: "JS",
      kind: "Opt",
      func: 0,
      source: {
        script: 0,
        start: 0,
        end: 30,
        positions: `C0O0C10O${offsetOf("inner();")}C20O${offsetOf("work")}I0C40O${offsetOf("}")}`,
        inlined: `F0O${offsetOf("inner();")}`,
        fns: [1],
      },
    },
    {
      name: "inner /srv/a.js:4:15",
      type: "JS",
      kind: "Unopt",
      func: 1,
      source: { script: 0, positions: "", inlined: "", fns: [] },
    },
    { name: "LdaZero", type: "CODE", kind: "BytecodeHandler" },
    { name: "/lib/libc.so.6", type: "SHARED_LIB" },
    { name: "T _uv_run", type: "CPP" },
  ],
  functions: [
    { name: "outer /srv/a.js:1:15", codes: [0] },
    { name: "inner /srv/a.js:4:15", codes: [1] },
  ],
  ticks: [
    { tm: 1000, vm: 0, s: [0, 25] },
    { tm: 2000, vm: 1, s: [3, 5, 0, 40] },
    { tm: 3000, vm: 6, s: [2, 5, -1, 0xffff_8000_1234, 0, 10] },
    { vm: 6, s: [] },
    { tm: 4000, vm: 99, s: [] },
    { tm: 5000, vm: 6, s: [4, 9] },
  ],
  scripts: [{ url: "/srv/a.js", source }],
};
const profile = feed(v8Prof, bytesOf(JSON.stringify(small)));

const placesOf = (sample: number): string[] => {
  const places: string[] = [];
  const { stacks, frames } = profile;
  for (let at = firstSeries(profile).stack[sample] as number; at !== -1; at = stacks.prefix[at] as number) {
    const frame = stacks.frame[at] as number;
    places.push(`${namesOf(profile, at).at(-1)}:${frames.line[frame]} ${frames.inlineDepth[frame]}`);
  }
  return places;
};

test("inlined functions are frames of their own, each on its line", () => {
  expect(placesOf(0)).toEqual(["inner:5 1", "outer:2 0"]);
});

test("a call is before where it returns to", () => {
  expect(placesOf(1)).toEqual(["[libc.so.6]:-1 0", "inner:5 1", "outer:2 0"]);
});

test("addresses of no known code are kept", () => {
  expect(placesOf(2)).toEqual(["BytecodeHandler: LdaZero:-1 0", "[unknown]:-1 0", "outer:1 0"]);
  expect(Array.from(profile.frames.addressHigh)).toContain(0xffff);
});

test("symbols of macOS are without the letter before them", () => {
  expect(placesOf(4)).toEqual(["_uv_run:-1 0"]);
});

test("what V8 was doing, and how the code was made", () => {
  expect(labelsOf(profile, 0)).toEqual(["state=JavaScript", "code=optimized (TurboFan)"]);
  expect(labelsOf(profile, 1)).toEqual(["state=garbage collector", "code=native"]);
  expect(labelsOf(profile, 3)).toEqual(["state=state 99"]);
  expect(profile.meta.notes).toEqual(["1 ticks could not be read."]);
});
