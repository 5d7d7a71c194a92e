import { describe, expect, it } from "vitest";
import { everything } from "#core/model/query.ts";
import { newDocument, type ProfileDocument } from "../../../../renderer/app/store/document.ts";
import { sandwichDocumentView } from "../../../../renderer/views/sandwich/sandwich-view.tsx";
import { topTableOf } from "./sample-tables.ts";

const functions = topTableOf(
  [
    { name: "main", self: 1, total: 100 },
    { name: "parse (int)", self: 60, total: 60 },
  ],
  100,
);
const shown = (part: Partial<ProfileDocument> = {}): ProfileDocument => ({
  ...newDocument("d", { profileId: "p" }),
  tables: { "top/functions": { table: functions, problem: null, key: "" } },
  viewState: { sandwich: { widthPx: 500 } },
  ...part,
});
const asked = (document: ProfileDocument) => sandwichDocumentView.queries?.(document, everything) ?? {};

describe("the sandwich", () => {
  it("asks for the functions alone until it knows its width", () => {
    expect(Object.keys(asked(shown({ viewState: {} })))).toEqual(["top/functions"]);
  });

  it("has the function that burns most in the middle until one is selected", () => {
    expect(asked(shown())["flame/callees"]).toMatchObject({
      inverted: false,
      selection: { transforms: [{ type: "focus-function", function: "parse (int)" }] },
    });
    expect(asked(shown({ selectedName: "main", selectedFunction: 0 }))["flame/callees"]).toMatchObject({
      selection: { transforms: [{ type: "focus-function", function: "main" }] },
    });
  });

  it("ends the callers at the function, whatever signs its name holds", () => {
    expect(asked(shown())["flame/callers"]).toMatchObject({
      inverted: true,
      selection: {
        transforms: [
          { type: "focus", pattern: "^parse \\(int\\)$" },
          { type: "prune-from", pattern: "^parse \\(int\\)$" },
        ],
      },
    });
  });

  it("forgets where it was zoomed once another function is in the middle", () => {
    const viewState = { sandwich: { widthPx: 500, zoomedFor: "main", calleesRoot: 7 } };
    expect(asked(shown({ viewState }))["flame/callees"]).toMatchObject({ root: -1 });
    expect(asked(shown({ viewState, selectedName: "main" }))["flame/callees"]).toMatchObject({ root: 7 });
  });
});
