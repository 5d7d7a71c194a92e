import { describe, expect, test } from "vitest";
import { heaptrack } from "#core/importers/heaptrack.ts";
import { NONE } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

const reference = "../unit/core/importers/reference/heaptrack";

const columnOf: Readonly<Record<string, number>> = { allocations: 0, leaked: 2, peak: 3, temporary: 4 };

/**
 * As `heaptrack_print -F` writes stacks: from `main`, with base names of files, without `operator new`, and with the
 * callers that a function is inlined into after it instead of before.
 */
function stackText(profile: Profile, stack: number): string {
  const { strings, stacks, frames, functions } = profile;
  const groups: string[][] = [];
  let isInlined = false;
  for (let at = stack; at !== NONE; at = stacks.prefix[at] as number) {
    const frame = stacks.frame[at] as number;
    const row = frames.function[frame] as number;
    const name = strings[functions.name[row] as number] as string;
    const file = functions.file[row] as number;
    const text = name + (file === NONE ? "" : ` (${(strings[file] as string).replace(/^.*\//, "")})`);
    if (isInlined) groups[0]?.push(text);
    else groups.unshift([text]);
    isInlined = frames.inlineDepth[frame] !== 0;
    if (name === "main") break;
  }
  return groups.map((group) => group.join(";")).join(";");
}

function collapsedOf(profile: Profile, value: string): Record<string, number> {
  const series = firstSeries(profile);
  const data = series.values[columnOf[value] as number]?.data;
  const costs: Record<string, number> = {};
  for (const [row, stack] of series.stack.entries()) {
    const text = stackText(profile, stack);
    costs[text] = (costs[text] ?? 0) + (data?.[row] ?? 0);
  }
  return costs;
}

function referenceOf(name: string): Record<string, number> {
  const text = new TextDecoder().decode(fixture(`${reference}/${name}.collapsed`));
  const costs: Record<string, number> = {};
  for (const line of text.trimEnd().split("\n")) {
    const at = line.lastIndexOf("; ");
    costs[line.slice(0, at)] = (costs[line.slice(0, at)] ?? 0) + Number(line.slice(at + 2));
  }
  return costs;
}

const sums = (profile: Profile): number[] =>
  [0, 1, 2, 3, 4].map((value) => total(firstSeries(profile), value));

describe("heaptrack", () => {
  test.each([
    ["leak", "allocations"],
    ["leak", "leaked"],
    ["leak", "peak"],
    ["leak", "temporary"],
    ["attach", "leaked"],
  ])("%s: %s of every stack is what heaptrack_print says", (file, value) => {
    const profile = feed(
      heaptrack,
      fixture(file === "attach" ? `${reference}/attach.gz` : `heaptrack/${file}.gz`),
    );
    expect(collapsedOf(profile, value)).toEqual(referenceOf(`${file}.${value}`));
  });

  // heaptrack_print writes the callers of inlined frames in the wrong order, and shortens templates.
  test.each(["allocations", "leaked", "peak", "temporary"])("growing: %s by stack, in any order", (value) => {
    const profile = feed(heaptrack, fixture("heaptrack/growing.gz"));
    const sorted = (costs: Record<string, number>): number[] => Object.values(costs).sort((a, b) => a - b);
    expect(sorted(collapsedOf(profile, value))).toEqual(sorted(referenceOf(`growing.${value}`)));
  });

  test("the totals are those of heaptrack_print", () => {
    const leak = feed(heaptrack, fixture("heaptrack/leak.gz"));
    expect(sums(leak)).toEqual([201_503, 36_708_800, 11_036_096, 11_108_928, 200_001]);
    const attach = feed(heaptrack, fixture(`${reference}/attach.gz`));
    expect(sums(attach)).toEqual([132_184, 17_470_592, 676_992, 677_120, 131_200]);
    expect(attach.meta.notes.join()).toContain("attached");
    expect(attach.meta).toMatchObject({ target: "/srv/demo/targets/leak 3000 2", toolVersion: "1.4.0" });
  });

  test("memory over time", () => {
    const { counters } = feed(heaptrack, fixture("heaptrack/leak.gz"));
    expect(counters.map(({ id, unit, value }) => [id, unit, Math.max(...value), value.at(-1)])).toEqual([
      ["heaptrack-heap", "bytes", 11_082_968, 11_036_096],
      ["allocations", "count", 201_503, 201_503],
      ["temporary", "count", 200_001, 200_001],
      ["heaptrack-rss", "bytes", expect.any(Number), expect.any(Number)],
    ]);
  });

  test("a raw file has the same costs, with addresses and binaries", () => {
    const profile = feed(heaptrack, fixture(`${reference}/leak.raw.gz`));
    expect(sums(profile).slice(0, 3)).toEqual([201_503, 36_708_800, 11_036_096]);
    expect(profile.meta.notes.join()).toContain("raw");
    const paths = Array.from(profile.binaries.path, (path) => profile.strings[path]);
    expect(paths).toContain("/srv/demo/targets/leak");
  });

  test("chunks end anywhere, and a name may hold a line end", () => {
    const text = "v 10400 3\nX a\ns 4 a\nbc\ns 3 f.c\ni 10 0 1 2 5\nt 1 0\na 10 1\n+ 0\n- 0\n+ 0\nc 5\n+ 0\n";
    const bytes = bytesOf(text);
    const expected = feed(heaptrack, bytes);
    expect(namesOf(expected, 0)).toEqual(["a\nbc"]);
    expect(sums(expected)).toEqual([3, 48, 32, 32, 1]);
    expect(Array.from(firstSeries(expected).time ?? [])).toEqual([0, 5e6]);
    for (let cut = 1; cut < bytes.length; cut++)
      expect(feed(heaptrack, bytes, [cut])).toStrictEqual(expected);
  });

  test.each([
    [
      "of version 0, with pointers",
      "v 10000 0\nX a\ns f\ni 10 0 1\nt 1 0\n+ 20 1 7f00\n+ 10 1 7f10\n- 7f10\n- 9999\n",
      [2, 48, 32, 48, 1],
    ],
    ["of version 1", "v 10200\nX a\ns f g\ni 10 0 1\nt 1 0\na 20 1\n+ 0\n", [1, 32, 32, 32, 0]],
    [
      "with indices that lead nowhere",
      "v 10400 3\nX a\ni 10 ff ff ff 1\nt 9 9\nt 1 5\na 20 9\n+ 0\n+ 1\n- 7\nzz\n",
      [1, 32, 32, 32, 0],
    ],
  ])("a file %s", (_name, text, expected) => {
    expect(sums(feed(heaptrack, bytesOf(text)))).toEqual(expected);
  });
});
