import { describe, expect, test } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { memorySource } from "#core/bytes/source.ts";
import { isZip, zipMembers } from "#core/bytes/zip.ts";
import { defaultLimits, type ImportContext } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { zipOf } from "../../zip-of.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const context = (member = ""): ImportContext => ({
  signal: new AbortController().signal,
  limits: defaultLimits,
  name: "",
  member,
  progress: () => undefined,
});

const imported = async (bytes: Uint8Array, member = ""): Promise<string> => {
  try {
    const { strings, meta } = await importProfile(memorySource(bytes), context(member));
    return `${meta.format} ${strings.filter((text) => text !== "").join(" ")}`;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
};

const a = "main;a 3\nmain;b 4\n";
const b = "main;c 3\n";

describe("members", () => {
  test("are the files, with their sizes and bytes", async () => {
    const zip = await zipOf({ "x/": "", "x/a.folded": a, "<b>.folded": b });
    expect(isZip(zip)).toBe(true);
    const members = await zipMembers(memorySource(zip));
    expect(members.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ["x/a.folded", a.length],
      ["<b>.folded", b.length],
    ]);
    expect(new TextDecoder().decode(await (members[0]?.source.read(0, 1000) ?? bytesOf("")))).toBe(a);
    expect(new TextDecoder().decode(await (members[0]?.source.read(5, 3) ?? bytesOf("")))).toBe("a 3");
  });

  test("one that was changed is damaged", async () => {
    const zip = await zipOf({ "a.folded": a.repeat(100) });
    expect(await imported(zip)).toBe("collapsed main a b");
    zip[60] = (zip[60] ?? 0) ^ 0xff;
    expect(await imported(zip)).toMatch(/^(damaged-file|unknown-format)$/);
  });
});

describe("a zip as a profile", () => {
  test.each([
    ["the only file", { "a.folded": a }, "", "collapsed main a b"],
    ["the only profile", { "README.md": "Read me\n", "a.folded": a }, "", "collapsed main a b"],
    ["several", { "a.folded": a, "b.folded": b }, "", "several-profiles"],
    ["the one that is wanted", { "a.folded": a, "b.folded": b }, "b.folded", "collapsed main c"],
    ["one that is not there", { "a.folded": a, "b.folded": b }, "c.folded", "several-profiles"],
    ["none", { "README.md": "Read me\n" }, "", "unknown-format"],
    ["empty", {}, "", "unknown-format"],
  ])("%s", async (_name, files, member, expected) => {
    expect(await imported(await zipOf(files), member)).toBe(expected);
  });

  test("cut off, anywhere", async () => {
    const zip = await zipOf({ "a.folded": a });
    for (let length = 4; length < zip.length; length += 7)
      expect(await imported(zip.subarray(0, length))).toMatch(/^(damaged-file|unknown-format|collapsed .*)$/);
  });
});
