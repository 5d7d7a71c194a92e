import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinWords, splitWords } from "#core/base/shell-words.ts";
import { compareText, comparisonIn } from "../../../../renderer/app/compare-words.ts";
import type { CompareRun, CompareState } from "../../../../renderer/app/store/compare.ts";
import { createAppStore } from "../../../../renderer/app/store/store.ts";

const run = (path: string, runs = 1): CompareRun => ({
  id: path,
  profileId: path,
  title: path,
  selection: {},
  part: "",
  origin: path === "" ? null : { path, runs },
});
const fresh = createAppStore().getState().compare;
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
  const flags = words.value.indexOf("--view");
  const rest: string[] = [];
  for (let at = flags + 2; at < words.value.length; at++) {
    const word = words.value[at] ?? "";
    const isWhole = word.includes("=") || ["--reverse", "--flip"].includes(word);
    rest.push(isWhole ? word : `${word}=${words.value[++at]}`);
  }
  return joinWords([
    "--view=compare",
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
  it("leads to the same sides and the same screen", () =>
    fc.assert(
      fc.property(shown, (patch) => {
        const text = compareText(withSides(patch));
        if (!text.ok) throw new Error(text.problem.message);
        expect(comparisonIn(handedOver(text.value))).toEqual({
          before: ["/r/a 1.txt", "/r/it's"],
          after: ["/r/b"],
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
    ["a part of a profile", [{ ...run("/r/a"), selection: { rangeNs: [0, 1] as [number, number] } }]],
  ])("has no words for %s", (_, before) =>
    expect(compareText(withSides({ before }))).toMatchObject({ ok: false, problem: { code: "no-words" } }),
  );

  it("is none of another view", () => {
    expect(comparisonIn("--view=flame --before=a")).toBeNull();
    expect(comparisonIn("--view=compare --what=1")).toBeNull();
  });
});
