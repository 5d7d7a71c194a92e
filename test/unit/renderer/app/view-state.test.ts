import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { everything } from "#core/model/query.ts";
import { viewFlags } from "#core/model/view-words.ts";
import { changeSelection, newHistory } from "../../../../renderer/app/selection.ts";
import { newDocument, type ProfileDocument } from "../../../../renderer/app/store/document.ts";
import { readState, stateText, withState } from "../../../../renderer/app/view-state.ts";
import { timelineWords, withWords } from "../../../../renderer/app/view-words.ts";
import { documentViews } from "../../../../renderer/views/index.ts";
import { hostileNames } from "../../core/hostile-names.ts";
import { profileOf } from "../../core/stacks-profile.ts";

const info = createAnalyst().answer(
  profileOf([
    { stack: "main;a", timeNs: 1e9, tid: 11 },
    { stack: "main;b", timeNs: 5e9, tid: 12 },
  ]),
  { view: "info" },
);
const document: ProfileDocument = {
  ...newDocument("d", { profileId: "p" }),
  tables: { info: { table: info, problem: null, key: "" } },
};
const read = (text: string) => readState(text, document, documentViews);

describe("the view as text", () => {
  it("leads back to where it was copied", () => {
    const selection = {
      ...everything,
      rangeNs: [1e9, 2e9] as [number, number],
      threads: [0],
      transforms: [{ type: "focus-function" as const, function: "std::x (int)" }],
      search: "it's",
    };
    const shown = {
      ...document,
      tab: "tree",
      selectedName: "-rf",
      history: changeSelection(newHistory(), selection, 0),
    };
    expect(stateText(shown, documentViews)).toBe(
      "--view tree --function=-rf --search 'it'\\''s' --from 1s --until 2s --thread 11 " +
        `--transform 'focus-function:std::x (int)'`,
    );
    expect(read(stateText(shown, documentViews))).toMatchObject({
      ok: true,
      value: { view: "tree", function: "-rf", selection },
    });
  });

  it("may say little", () =>
    expect(read("--last 10s")).toMatchObject({
      ok: true,
      value: { view: "", function: "", selection: { ...everything, lastNs: 10e9 } },
    }));

  it.each([
    ["--view nothing", 'There is no view "nothing"; there is flame'],
    ["--last soon", "--last takes a time"],
    ["--from 'x", "A ' is never closed."],
    ["--thread 99", 'there is no thread "99"'],
    ["--what", "--what is not known here"],
    ["--view io --by weekday", "--by weekday means nothing here"],
    ["--view graph --camera 9@0,0/1x1", "--camera 9@0,0/1x1 means nothing here"],
    ["--view io --table-order open=weekday", "--table-order open=weekday means nothing here"],
    ["--view chart --zoom-time 4s..3s", "--zoom-time 4s..3s means nothing here"],
  ])("%s is told what is wrong with it", (text, message) =>
    expect(read(text)).toMatchObject({
      ok: false,
      problem: { code: "bad-state", message: expect.stringContaining(message) },
    }),
  );
});

/** Values that each word may have; several where it may be given again. */
const valuesOf: Readonly<Record<string, fc.Arbitrary<readonly string[]>>> = {
  order: fc.constantFrom(["weight"], ["name"]),
  root: fc.constantFrom(["bottom"], ["top"]),
  mode: fc.constantFrom(["assembly"], ["flame"], ["tree"], ["objects"]),
  curve: fc.constantFrom(["live"], ["live", "rss"]),
  count: fc.constantFrom(["allocated"], ["peak"]),
  by: fc.constantFrom(["file"], ["peer"], ["stack"]),
  sort: fc.constantFrom(["name"], ["self"], ["max"], ["p99"], ["live"]),
  camera: fc.constantFrom(["all"], ["0.7@-120,30/800x500"], ["3@0,-7/1x1"]),
  "table-order": fc.constantFrom(
    ["open=-rate"],
    ["disk=most", "thread=-read"],
    ["open=process"],
    ["changes=gone"],
    ["changes=-newBytes"],
  ),
  since: fc.constantFrom(["/r/before.heapsnapshot"], ["/r/it's -1"]),
  threshold: fc.constantFrom(["0.05%"], ["10%"]),
  open: fc.constantFrom(["3,7,12"], ["none"], ["4>7"], ["none>7"]),
  "zoom-time": fc.constantFrom(["3s..3.4s"], ["1ns..17ns"]),
  "shown-time": fc.constantFrom(["0s..0.5s"]),
  timeline: fc.constantFrom(["table"], ["lanes"]),
  into: fc.constantFrom(["1s..4s"], ["1s..4s", "2s..3s"]),
  fold: fc.constantFrom(["17"], ["17", "-1"]),
};
const hostile = fc.constantFrom(...hostileNames.filter((name) => name !== "" && !/[\0\r\n]/.test(name)));
const arbitraryOf = (name: string): fc.Arbitrary<readonly string[]> => {
  const flag = viewFlags.find((each) => each.name === name);
  if (!flag) throw new Error(`${name} is no flag`);
  if (!flag.hasValue) return fc.constant([""]);
  const number = ["zoom", "zoom-callers", "zoom-callees", "object", "line", "lanes", "call"].includes(name);
  return valuesOf[name] ?? (number ? fc.nat(1e6).map((n) => [String(n)]) : hostile.map((text) => [text]));
};

describe.each(documentViews.map((view) => [view.id, view] as const))(
  "the state of %s as text",
  (id, view) => {
    const words = [...(view.words ?? []), ...timelineWords];
    const fresh = { ...document, tab: id, selectedName: "a" };
    const some = fc.record(Object.fromEntries(words.map(({ name }) => [name, fc.option(arbitraryOf(name))])));

    it("leads to the same state, whatever was there before", () => {
      fc.assert(
        fc.property(some, some, (one, other) => {
          const made = (chosen: typeof one, from: ProfileDocument): ProfileDocument => {
            // A value of another view's word of this name means nothing here.
            const given = words.flatMap(({ name, write }) => {
              const values = chosen[name] ?? [];
              return write(from, values) === null ? [] : values.map((value) => ({ name, value }));
            });
            const { document: next, bad } = withWords(from, words, given, true);
            expect(bad).toBe("");
            return next;
          };
          const shown = made(one, fresh);
          const text = stateText(shown, documentViews);
          const before = made(other, fresh);
          const found = readState(text, before, documentViews);
          if (!found.ok) throw new Error(found.problem.message);
          const after = withState(before, found.value, documentViews);
          expect(stateText(after, documentViews)).toBe(text);
          for (const { name, read: said } of words) expect([name, said(after)]).toEqual([name, said(shown)]);
        }),
        { numRuns: 60 },
      );
    });

    it("has values that are not as it is by itself, for every word", () => {
      for (const { name, read: said, write } of words) {
        const all = fc.sample(arbitraryOf(name), 50).map((values) => write(fresh, values));
        expect([name, all.some((patch) => patch && said({ ...fresh, ...patch }).length > 0)]).toEqual([
          name,
          true,
        ]);
      }
    });

    it("says nothing of what is as it is by itself", () =>
      expect(stateText({ ...fresh, selectedName: "" }, documentViews)).toBe(`--view ${id}`));
  },
);

it("every flag of a view is some view's word, or the page's own", () => {
  const own = ["view", "function", "search", "last"];
  const names = new Set(
    [...documentViews.flatMap(({ words = [] }) => words), ...timelineWords].map(({ name }) => name),
  );
  expect(viewFlags.map(({ name }) => name).filter((name) => !names.has(name) && !own.includes(name))).toEqual(
    [],
  );
  for (const name of names) expect(viewFlags.some((flag) => flag.name === name)).toBe(true);
});
