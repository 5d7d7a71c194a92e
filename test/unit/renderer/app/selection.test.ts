import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { presetOf } from "#core/model/presets.ts";
import { everything, type Selection, type Transform } from "#core/model/query.ts";
import {
  changeSelection,
  chipsOf,
  exactPattern,
  newHistory,
  patternProblem,
  readablePattern,
  redoSelection,
  type SelectionHistory,
  toggledThreads,
  undoSelection,
} from "../../../../renderer/app/selection.ts";

const second = 1e9;
const spaces = (text: string): string => text.replaceAll("\u00a0", " ");
const name = (thread: number): string => `worker ${thread}`;
const changedBy = (...patches: readonly Partial<Selection>[]): SelectionHistory =>
  patches.reduce((history, patch, step) => changeSelection(history, patch, step * 5_000), newHistory());

describe("the filters of a document", () => {
  it("are undone and redone step by step", () => {
    const history = changedBy({ threads: [1] }, { rangeNs: [0, second] }, { lastNs: 10 * second });
    const back = undoSelection(undoSelection(history));
    expect(back.present).toEqual({ ...everything, threads: [1] });
    expect(redoSelection(redoSelection(back)).present).toEqual(history.present);
    expect(undoSelection(undoSelection(back))).toEqual(undoSelection(back));
  });

  it("forget what was undone once something else is filtered", () => {
    const history = changeSelection(undoSelection(changedBy({ threads: [1] })), { threads: [2] }, 0);
    expect(history.future).toEqual([]);
    expect(redoSelection(history)).toBe(history);
  });

  it("take a drag of the range as one step", () => {
    let history = newHistory();
    for (let step = 1; step <= 50; step++) {
      history = changeSelection(history, { rangeNs: [0, step * 1e6] }, 1_000 + step * 16);
    }
    expect(history.past).toHaveLength(1);
    expect(changeSelection(history, { rangeNs: [0, 5] }, 60_000).past).toHaveLength(2);
    expect(changeSelection(history, { rangeNs: null }, 1_900).past).toHaveLength(2);
  });

  it("do not count the search, nor what changes nothing", () => {
    const history = changedBy({ threads: [1] }, { search: "parse" }, { threads: [1] });
    expect(history.past).toHaveLength(1);
    expect(undoSelection(history).present).toEqual({ ...everything, search: "parse" });
  });

  it("come back whatever was done, when everything is undone", () => {
    const patch: fc.Arbitrary<Partial<Selection>> = fc.oneof(
      fc.record({ threads: fc.constantFrom<number[] | null>(null, [1], [1, 2]) }),
      fc.record({ lastNs: fc.constantFrom(null, second) }),
      fc.record({ transforms: fc.constantFrom<Transform[]>([], [{ type: "hide", pattern: "a" }]) }),
    );
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 40 }), (patches) => {
        let history = changedBy(...patches);
        const last = history.present;
        while (history.past.length > 0) history = undoSelection(history);
        expect(history.present).toEqual(everything);
        while (history.future.length > 0) history = redoSelection(history);
        expect(history.present).toEqual(last);
      }),
    );
  });
});

describe("chips", () => {
  const check = (selection: Partial<Selection>, expected: readonly string[]) =>
    expect(
      chipsOf({ ...everything, ...selection }, name).map((chip) => spaces(`${chip.kind} ${chip.text}`)),
    ).toEqual(expected);

  it("show every filter", () => {
    check({}, []);
    check({ rangeNs: [0, 2.5 * second], lastNs: second }, ["time 0 s – 2.50 s"]);
    check({ lastNs: 10 * second }, ["time last 10.0 s"]);
    check({ threads: [3, 4] }, ["thread worker 3", "thread worker 4"]);
    check({ transforms: [{ type: "focus", pattern: exactPattern("a<b>(int)") }] }, ["only with a<b>(int)"]);
    check({ transforms: [{ type: "hide", pattern: "^a|b$" }] }, ["hidden /^a|b$/"]);
  });

  it("show a preset as one, also among others, and take it away whole", () => {
    const preset = presetOf("only-my-code");
    if (!preset) throw new Error("no such preset");
    const hidden: Transform = { type: "hide", pattern: "a" };
    const transforms = [hidden, ...preset.transforms, hidden];
    const chips = chipsOf({ ...everything, transforms }, name);
    expect(chips.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      "hidden /a/",
      "preset Only my code",
      "hidden /a/",
    ]);
    expect(chips[1]?.about).toBe(preset.about);
    expect(chips[1]?.without).toEqual({ transforms: [hidden, hidden] });
  });

  it("take away their own filter and no other", () => {
    const selection: Selection = {
      ...everything,
      threads: [3, 4],
      transforms: [
        { type: "hide", pattern: "a" },
        { type: "hide", pattern: "a" },
        { type: "focus", pattern: "b" },
      ],
    };
    const chips = chipsOf(selection, name);
    expect(chips[0]?.without).toEqual({ threads: [4] });
    expect(chips[2]?.without).toEqual({ transforms: selection.transforms.slice(1) });
    expect(chipsOf({ ...everything, threads: [3] }, name)[0]?.without).toEqual({ threads: null });
  });
});

describe("patterns", () => {
  it("of a name match it and nothing else, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (one, other) => {
        const pattern = exactPattern(one);
        expect(new RegExp(pattern, "u").test(one)).toBe(true);
        if (other !== one) expect(new RegExp(pattern, "u").test(other)).toBe(false);
        expect(readablePattern(pattern)).toBe(one);
      }),
    );
  });

  it("that do not compile say why", () => {
    expect(patternProblem("a|b")).toBe("");
    expect(patternProblem("(a")).not.toBe("");
    expect(patternProblem("\\u{zz}")).not.toBe("");
  });
});

describe("threads of the timeline", () => {
  const check = (
    before: readonly number[] | null,
    thread: number,
    additive: boolean,
    expected: number[] | null,
  ) => expect(toggledThreads(before, thread, additive)).toEqual(expected);

  it("are chosen one by one or together", () => {
    check(null, 3, false, [3]);
    check([3], 3, false, null);
    check([3], 4, false, [4]);
    check([3, 4], 3, false, [3]);
    check([4], 3, true, [3, 4]);
    check([3, 4], 4, true, [3]);
    check([3], 3, true, null);
  });
});
