import { describe, expect, it } from "vitest";
import { countOfMatches, textSearch } from "../../../../renderer/app/text-search.ts";

describe("the search field of a list", () => {
  const rows = [
    "node\n/usr/bin/node server.js\n431\nroot",
    "nginx\nnginx: worker\n4310\nwww",
    "Node Äpfel\n\n7\nme",
  ];
  const cases: readonly (readonly [typed: string, found: readonly number[]])[] = [
    ["", [0, 1, 2]],
    ["NODE root", [0]],
    ["root node", [0]],
    ["/usr/bin", [0]],
    ["/^431$/", [0]],
    ["/^NODE/", [0, 2]],
    ["/worker|äpfel/i", [1, 2]],
    [" /^7$/ ", [2]],
    ["//", []],
  ];
  it.each(cases)("finds by %j", (typed, found) => {
    const { matches, problem } = textSearch(typed);
    expect(problem).toBe("");
    expect(rows.flatMap((row, at) => (matches(row) ? [at] : []))).toEqual(found);
  });

  it("says in words what is wrong with a pattern, and hides nothing meanwhile", () => {
    const { matches, problem } = textSearch("/(node/");
    expect(problem).toMatch(/group/i);
    expect(rows.every(matches)).toBe(true);
  });

  it("counts only while something is searched", () => {
    expect(countOfMatches(" ", 3, 1200)).toBe("");
    expect(countOfMatches("x", 3, 1200)).toBe("3 of 1,200");
  });
});
