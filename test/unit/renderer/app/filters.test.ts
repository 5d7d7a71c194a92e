import { describe, expect, it } from "vitest";
import type { Transform } from "#core/model/transform.ts";
import { askedFilter, filterTypes, transformFrom } from "../../../../renderer/app/asked-filter.ts";
import { type FilterSubject, functionFilters } from "../../../../renderer/app/function-filters.ts";
import { transformWords } from "../../../../renderer/app/transform-words.ts";

const call: FilterSubject = {
  name: "parse(int)",
  path: { names: ["main", "parse(int)"], inverted: false },
  module: "/usr/bin/demo",
};
const made = (subject: FilterSubject): readonly (Transform | null)[] =>
  functionFilters.map(({ make }) => make(subject));

describe("filters by a function", () => {
  it("are there for every transform about functions, each with a key of its own", () => {
    const about = Object.keys(transformWords).filter((type) => !type.startsWith("tag") && type !== "invert");
    expect(functionFilters.map(({ type }) => type).sort()).toEqual(about.sort());
    expect(new Set(functionFilters.map(({ key }) => key)).size).toBe(functionFilters.length);
  });

  it("mean exactly what was clicked", () => {
    expect(made(call)).toContainEqual({ type: "focus", pattern: "^parse\\(int\\)$" });
    expect(made(call)).toContainEqual({ type: "focus-subtree", path: ["main", "parse(int)"] });
    expect(made(call)).toContainEqual({ type: "merge-node", path: ["main", "parse(int)"] });
    expect(made(call)).toContainEqual({ type: "collapse-module", pattern: "^\\/usr\\/bin\\/demo$" });
    expect(made(call)).not.toContain(null);
  });

  it("are left out where they cannot be said", () => {
    const types = (subject: FilterSubject): readonly string[] =>
      made(subject).flatMap((each) => (each === null ? [] : [each.type]));
    expect(types({ ...call, path: null, module: "" })).not.toContain("focus-subtree");
    expect(types({ ...call, module: "" })).not.toContain("collapse-module");
    const upsideDown = types({ ...call, path: { names: ["parse(int)"], inverted: true } });
    expect(upsideDown).toContain("focus-subtree");
    expect(upsideDown).not.toContain("merge-node");
  });
});

describe("a filter that is asked for", () => {
  it("comes back from a chip as it was", () => {
    const all: readonly Transform[] = [
      { type: "show-from", pattern: "a", where: "file" },
      { type: "hide", pattern: "a" },
      { type: "tagfocus", pattern: "k=v" },
      { type: "collapse-function", function: "f" },
      { type: "collapse-module", pattern: "" },
    ];
    for (const each of all) expect(transformFrom(askedFilter(each, ""))).toEqual(each);
  });

  it("is none while nothing is said", () =>
    expect(filterTypes.filter((type) => transformFrom({ type, where: "name", text: "" }) !== null)).toEqual([
      "collapse-recursion",
      "collapse-direct-recursion",
      "collapse-module",
    ]));
});
