import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { presets } from "#core/model/presets.ts";
import { everything, type Selection } from "#core/model/query.ts";
import {
  BadWords,
  givenIn,
  selectionFlags,
  selectionFrom,
  wordsOfSelection,
} from "#core/model/selection-words.ts";
import type { InfoTable } from "#core/model/tables.ts";
import type { Transform } from "#core/model/transform.ts";
import { profileOf } from "../stacks-profile.ts";

const info: InfoTable = createAnalyst().answer(
  profileOf([
    { stack: "main;a", weight: 1, timeNs: 1e9, tid: 11 },
    { stack: "main;b", weight: 1, timeNs: 5e9, tid: 12 },
  ]),
  { view: "info" },
);
const read = (words: readonly string[]) => selectionFrom(givenIn(words, selectionFlags), info);

const name = fc.oneof(
  fc.constantFrom("main", "std::vector<int>::at(unsigned long)", "file:x", "-rf", "a > b", "", '"', "{}"),
  fc.string({ unit: "grapheme" }),
);
const transform: fc.Arbitrary<Transform> = fc.oneof(
  fc.record({
    type: fc.constantFrom("focus" as const, "ignore" as const, "hide" as const, "show-from" as const),
    pattern: name,
  }),
  fc.record({
    type: fc.constantFrom("show" as const, "prune-from" as const),
    pattern: name,
    where: fc.constantFrom("file" as const, "binary" as const, "any" as const, "kind" as const),
  }),
  fc.record({ type: fc.constantFrom("tagfocus" as const, "tagignore" as const), pattern: name }),
  fc.record({
    type: fc.constantFrom("focus-function" as const, "drop-function" as const, "collapse-function" as const),
    function: name,
  }),
  fc.record({ type: fc.constant("merge-node" as const), path: fc.array(name, { minLength: 1 }) }),
  fc.record({
    type: fc.constantFrom("collapse-recursion" as const, "collapse-module" as const),
    pattern: name,
  }),
  fc.constant({ type: "invert" as const }),
);
const some: fc.Arbitrary<readonly Transform[]> = fc.oneof(
  { weight: 4, arbitrary: transform.map((each) => [each]) },
  { weight: 1, arbitrary: fc.constantFrom(...presets).map((preset) => preset.transforms) },
);

describe("a selection as words", () => {
  it("is read again as it was, whatever its names hold", () => {
    fc.assert(
      fc.property(
        fc.array(some, { maxLength: 5 }).map((each) => each.flat()),
        fc.option(fc.tuple(fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: 4_000_000_001, max: 5e9 }))),
        fc.option(fc.constantFrom<number[]>([0], [1], [0, 1])),
        (transforms, rangeNs, threads) => {
          const selection: Selection = { ...everything, transforms, rangeNs, threads };
          const { series, ...again } = read(wordsOfSelection(selection, info));
          expect(series).toBe("");
          expect(again).toEqual({ rangeNs, threads, processes: null, transforms });
        },
      ),
    );
  });

  it("is what one would have typed", () =>
    expect(
      wordsOfSelection(
        {
          ...everything,
          rangeNs: [3e9, 34e8],
          threads: [1],
          transforms: [{ type: "focus", pattern: "parse" }, { type: "invert" }],
        },
        info,
      ),
    ).toEqual(["--from", "3s", "--until", "3.4s", "--thread", "12", "--focus", "parse", "--invert"]));

  it("says short what has a short way to say it", () => {
    const words = (transforms: readonly Transform[]): string =>
      wordsOfSelection({ ...everything, transforms: [...transforms] }, info).join(" ");
    expect(words([{ type: "focus-subtree", path: ["main", "a b"] }])).toBe(
      "--transform focus-subtree:main > a b",
    );
    expect(
      words([
        { type: "collapse-recursion", pattern: "" },
        { type: "hide", pattern: "x" },
      ]),
    ).toBe("--preset collapse-recursion --hide x");
    expect(words([{ type: "ignore", pattern: "^jit$", where: "kind" }])).toBe("--ignore kind:^jit$");
  });

  it.each([
    [["--preset", "none"], 'there is no preset "none"'],
    [["--nothing"], "--nothing is not known here"],
    [["word"], "word is not known here"],
    [["--focus"], "--focus needs a value"],
    [["--invert=x"], "--invert takes no value"],
    [["--thread", "99"], 'there is no thread "99"'],
    [["--from", "5s", "--until", "1s"], "--from must be before --until"],
  ])("%j says what is wrong", (words, message) => {
    expect(() => read(words)).toThrow(BadWords);
    expect(() => read(words)).toThrow(message);
  });
});
