import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findSourceMap } from "#engine/source-maps.ts";

const map = '{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA"}';
let folder = "";
const at = (name: string): string => join(folder, name);
const found = (url: string): string | null => {
  const bytes = findSourceMap(url);
  return bytes ? Buffer.from(bytes).toString() : null;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "maps-"));
  mkdirSync(at("maps"));
  writeFileSync(at("plain.js"), "work();\n");
  writeFileSync(at("beside.js"), "work();\n");
  writeFileSync(at("beside.js.map"), map);
  writeFileSync(at("named.js"), "work();\n//# sourceMappingURL=maps/other%20name.js.map\n");
  writeFileSync(at("maps/other name.js.map"), map);
  const inline = Buffer.from(map).toString("base64");
  writeFileSync(at("inline.js"), `work();\n//# sourceMappingURL=data:application/json;base64,${inline}`);
  writeFileSync(at("style.js"), `work();\n/*# sourceMappingURL=maps/other%20name.js.map */\n`);
  writeFileSync(at("secret.js"), "work();\n//# sourceMappingURL=maps/secret.txt\n");
  writeFileSync(at("maps/secret.txt"), "secret");
  writeFileSync(at("remote.js"), "work();\n//# sourceMappingURL=https://example.com/a.js.map\n");
  execFileSync("mkfifo", [at("pipe.js"), at("remote.js.map")]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["beside.js", "named.js", "inline.js", "style.js"])("%s has one", (name) => {
  expect(found(pathToFileURL(at(name)).href)).toBe(map);
  expect(found(at(name))).toBe(map);
  expect(found(`${pathToFileURL(at(name)).href}?v=2`)).toBe(map);
});

describe("nothing is read", () => {
  test.each(["plain.js", "missing.js", "pipe.js", "secret.js", "remote.js", "maps"])("of %s", (name) =>
    expect(found(at(name))).toBeNull(),
  );

  test.each([
    "",
    "beside.js",
    "node:internal/timers",
    "https://example.com/a.js",
    "file://server/share/a.js",
    "/proc/self/environ",
    "/tmp/../proc/self/environ",
    "file:///%00",
    "data:text/javascript,1",
  ])("of %s", (url) => expect(found(url)).toBeNull());
});
