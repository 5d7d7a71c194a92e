import { describe, expect, it } from "vitest";
import {
  defaultSettings,
  editorProblem,
  mappedPaths,
  readSettings,
  settingProblem,
} from "#core/model/settings.ts";

describe("settings", () => {
  it("that are missing or wrong are as they are by default, the others are kept", () => {
    expect(readSettings({})).toEqual({ settings: defaultSettings, wrong: [] });
    expect(readSettings(null).settings).toEqual(defaultSettings);
    const { settings, wrong } = readSettings({ theme: "dark", fontSizePx: 400, editor: 3, unknown: 1 });
    expect(settings).toEqual({ ...defaultSettings, theme: "dark" });
    expect(wrong).toEqual(["fontSizePx", "editor"]);
  });

  it.each([
    ["fontSizePx", 13, true],
    ["fontSizePx", 9, false],
    ["editor", "", true],
    ["editor", "code --goto {file}:{line}", true],
    ["editor", "code", false],
    ["editor", "'unclosed {file}", false],
    ["editor", "{file}", false],
    ["sourceMaps", [{ from: "", to: "/home/me" }], true],
    ["sourceMaps", [{ from: "/a", to: "relative" }], false],
    ["debuginfodUrls", ["https://debuginfod.example.org"], true],
    ["debuginfodUrls", ["file:///etc/passwd"], false],
    ["sessionFolder", "here", false],
    ["sessionLimitBytes", -1, false],
  ] as const)("%s %j is good: %s", (name, value, isGood) =>
    expect(settingProblem(name, value) === "").toBe(isGood),
  );

  it("say what is wrong with an editor", () =>
    expect(editorProblem("vim +{line}")).toBe("must have {file} where the file goes"));
});

describe("where a file may be", () => {
  const check = (file: string, mappings: Parameters<typeof mappedPaths>[1], expected: readonly string[]) =>
    expect(mappedPaths(file, mappings)).toEqual(expected);

  it("is where the profile says, after the mappings of its folders, the longest first", () => {
    check("/build/src/a.c", [], ["/build/src/a.c"]);
    check(
      "/build/src/a.c",
      [
        { from: "/build", to: "/home/me" },
        { from: "/build/src/", to: "/work/src" },
        { from: "/bui", to: "/never" },
      ],
      ["/work/src/a.c", "/home/me/src/a.c", "/build/src/a.c"],
    );
  });

  it("is nowhere for a relative path that is not mapped", () => {
    check("src/a.c", [], []);
    check("src/a.c", [{ from: "", to: "/home/me" }], ["/home/me/src/a.c"]);
    check("src/a.c", [{ from: "src", to: "/home/me/lib" }], ["/home/me/lib/a.c"]);
  });

  it("is found behind an address", () => check("file:///srv/a%20b.mjs?x", [], ["/srv/a b.mjs"]));
});
