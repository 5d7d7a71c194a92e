import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { everything } from "#core/model/query.ts";
import { changeSelection, newHistory } from "../../../../renderer/app/selection.ts";
import { newDocument, type ProfileDocument } from "../../../../renderer/app/store/document.ts";
import { readState, stateText } from "../../../../renderer/app/view-state.ts";
import { documentViews } from "../../../../renderer/views/index.ts";
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
    expect(stateText(shown)).toBe(
      "--view tree --function=-rf --search 'it'\\''s' --from 1s --until 2s --thread 11 " +
        `--transform 'focus-function:std::x (int)'`,
    );
    expect(read(stateText(shown))).toEqual({
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
  ])("%s is told what is wrong with it", (text, message) =>
    expect(read(text)).toMatchObject({
      ok: false,
      problem: { code: "bad-state", message: expect.stringContaining(message) },
    }),
  );
});
