import { createElement, Fragment, type ReactNode } from "react";
import { expect, it } from "vitest";
import { FunctionCell, ShareCell } from "../../../../renderer/widgets/function-cells.tsx";
import { oneCell, tabbed, textOfNode } from "../../../../renderer/widgets/table-text.ts";

const cases: readonly (readonly [what: string, node: ReactNode, text: string])[] = [
  ["a text", "burn", "burn"],
  ["a number", 12, "12"],
  ["nothing", null, ""],
  ["an element", createElement("span", { title: "all of it" }, "burn", " ", 3), "burn 3"],
  ["what is nested", createElement("b", null, ["a", createElement(Fragment, { key: 1 }, "b", ["c"])]), "abc"],
  [
    "not what is only drawn",
    createElement("span", null, createElement("i", { "aria-hidden": true }, "▲"), "grown"),
    "grown",
  ],
  ["not what is only heard", createElement("i", { className: "visually-hidden" }, "matches"), ""],
  [
    "a function by its name",
    createElement(
      "span",
      null,
      createElement(FunctionCell, { place: { name: "f", kind: "node", at: "a.js:1", binary: "" } }),
    ),
    "f",
  ],
  ["a share", createElement(ShareCell, { value: 1, whole: 4, kind: "self" }), "25.0\u00a0%"],
];
it.each(cases)("a cell as text: %s", (_, node, text) => {
  expect(textOfNode(node)).toBe(text);
});

it("a name never makes cells or rows of its own", () => {
  expect(oneCell("a\tb\r\nc\u2028d ")).toBe("a b c d");
  expect(tabbed([["x\ty", "1"], ["z"]])).toBe("x y\t1\nz\n");
});
