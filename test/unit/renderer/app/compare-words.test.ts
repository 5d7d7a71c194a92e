import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinWords, splitWords } from "#core/base/shell-words.ts";
import { givenIn, selectionFlags } from "#core/model/selection-words.ts";
import { compareText, comparisonIn } from "../../../../renderer/app/compare-words.ts";
import type { CompareRun, CompareState } from "../../../../renderer/app/store/compare.ts";
import { createAppStore } from "../../../../renderer/app/store/store.ts";

const run = (path: string, runs = 1): CompareRun => ({
  id: path,
  profileId: path,
  title: path,
  selection: {},
  part: "",
  flags: [],
  origin: path === "" ? null : { path, runs },
});
const fresh = createAppStore().getState().compare;
const partsOf = [
  [],
  ["--from", "1s", "--until", "2s"],
  ["--thread", "12", "--focus=-x", "--invert", "--hide", "std::map<int, int>"],
] as const;
const withSides = (patch: Partial<CompareState>): CompareState => ({
  ...fresh,
  before: [run("/r/a 1.txt"), run("/r/it's")],
  after: [run("/r/b", 2), run("/r/b", 2)],
  ...patch,
});

/** As `flamewright open` hands them to the page. */
function handedOver(text: string): string {
  const words = splitWords(text);
  if (!words.ok) throw new Error(words.problem.message);
  const cut = words.value.indexOf("--vs");
  const flags = words.value.findIndex((word, at) => at > cut + 1 && word.startsWith("--"));
  const rest: string[] = [];
  for (let at = flags; at < words.value.length; at++) {
    const word = words.value[at] ?? "";
    const isWhole = word.includes("=") || /^--(?:reverse|flip|(?:before-|after-)?invert)$/.test(word);
    rest.push(isWhole ? word : `${word}=${words.value[++at]}`);
  }
  return joinWords([
    ...words.value.slice(0, cut).map((path) => `--before=${path}`),
    ...words.value.slice(cut + 1, flags).map((path) => `--after=${path}`),
    ...rest,
  ]);
}

const shown = fc.record({
  by: fc.constantFrom("total", "time", "absolute"),
  confidence: fc.constantFrom(0.9, 0.95, 0.99, 0.999),
  tab: fc.constantFrom("flame", "functions", "overweight"),
  of: fc.constantFrom("self", "total"),
  sort: fc.constantFrom("name", "before", "change", "overweight"),
  descending: fc.boolean(),
  show: fc.constantFrom("all", "changed", "gone"),
  search: fc.constantFrom("", "^a|b$", "it's", "-x"),
  selectedName: fc.constantFrom("", "std::map<int, int>", "--flip", "日本語"),
  inverted: fc.boolean(),
  zoomRoot: fc.integer({ min: -1, max: 1e6 }),
});

describe("a comparison as text", () => {
  it("leads to the same sides, to the same parts of them, and to the same screen", () =>
    fc.assert(
      fc.property(shown, fc.constantFrom(...partsOf), fc.constantFrom(...partsOf), (patch, one, other) => {
        const sides = {
          before: [run("/r/a 1.txt"), run("/r/it's")].map((each) => ({ ...each, flags: one })),
          after: [run("/r/b", 2), run("/r/b", 2)].map((each) => ({ ...each, flags: other })),
        };
        const text = compareText(withSides({ ...patch, ...sides }));
        if (!text.ok) throw new Error(text.problem.message);
        const selected = (flags: readonly string[]) => givenIn(flags, selectionFlags);
        expect(comparisonIn(handedOver(text.value))).toEqual({
          before: { paths: ["/r/a 1.txt", "/r/it's"], selected: selected(one) },
          after: { paths: ["/r/b"], selected: selected(other) },
          shown: patch,
        });
      }),
    ));

  it("says no more than is needed", () =>
    expect(compareText({ ...fresh, before: [run("a")], after: [run("b")] })).toEqual({
      ok: true,
      value: "a --vs b --view compare",
    }));

  it.each([
    ["a run without a path", [run("")]],
    ["a part of a folder", [run("/r/b", 2)]],
    ["different parts on one side", [run("/r/a"), { ...run("/r/b"), flags: ["--from", "1s"] }]],
    ["a part that no flag names", [{ ...run("/r/a"), flags: null }]],
  ])("has no words for %s", (_, before) =>
    expect(compareText(withSides({ before }))).toMatchObject({ ok: false, problem: { code: "no-words" } }),
  );

  it("is none of another view", () => {
    expect(comparisonIn("--view=flame --before=a")).toBeNull();
    expect(comparisonIn("--view=compare --what=1")).toBeNull();
  });
});
