import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import { type Query, querySchema } from "#core/model/query.ts";
import { defaultSettings, type Settings } from "#core/model/settings.ts";
import { editorArguments, startEditor } from "../../../../main/engine/source/editor.ts";
import { createSources } from "../../../../main/engine/source/index.ts";
import { readText } from "../../../../main/engine/source/read-text.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flamewright-source-"));
  await writeFile(join(folder, "a.c"), "int main(void) {\n  return 0;\n}\n");
  await writeFile(join(folder, "binary"), Uint8Array.of(1, 0, 2));
  await mkdir(join(folder, "sub"));
  await symlink("/proc/self/environ", join(folder, "sly.c"));
  execFileSync("mkfifo", [join(folder, "pipe.c")]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the text of a file that a profile names", () => {
  const why = async (path: string): Promise<string> => {
    const read = await readText(path);
    return read.text === null ? read.why : "";
  };

  it("is read where it is a regular file of text", async () => {
    const read = await readText(join(folder, "a.c"));
    expect(read.text?.split("\n")[1]).toBe("  return 0;");
  });

  it("is refused where it is anything else, and a pipe is not waited for", async () => {
    expect(await why(join(folder, "sub"))).toBe("is no regular file");
    expect(await why(join(folder, "pipe.c"))).toBe("is no regular file");
    expect(await why(join(folder, "sly.c"))).toBe("is no file on a disk");
    expect(await why("/dev/null")).toBe("is no file on a disk");
    expect(await why(join(folder, "binary"))).toBe("is not text");
    expect(await why(join(folder, "none.c"))).toBe("is not there");
    expect(await why(`${folder}/sub/../a.c`)).toBe("is no plain path");
    expect(await why("/a\0b")).toBe("is no plain path");
  });
});

/** Answers of a profile whose one function is in one file. */
function profileWith(file: string) {
  const out = new ProfileBuilder();
  const series = out.series({
    id: "cpu",
    kind: "cpu",
    timed: false,
    values: [{ name: "samples", unit: "samples" }],
  });
  const main = out.function({ name: out.string("main"), file: out.string(file), line: 1, kind: "native" });
  series.add(0, NONE, out.stack(NONE, out.frame({ function: main, line: 2 })), 1);
  const profile = out.build();
  const analyst = createAnalyst();
  return {
    answer: async (query: Query) => ({ revision: 1, table: analyst.answer(profile, query), problem: null }),
  } as unknown as Parameters<ReturnType<typeof createSources>["text"]>[0];
}

const query = (name: string, file = "") =>
  v.parse(querySchema, { view: "source", selection: {}, function: name, file }) as Extract<
    Query,
    { view: "source" }
  >;
const sources = (part: Partial<Settings> = {}) =>
  createSources({ findTool: async () => null }, { read: async () => ({ ...defaultSettings, ...part }) });
const { signal } = new AbortController();

describe("sources of a profile", () => {
  it("are found by their mapping, and where they were looked for is told", async () => {
    const lost = await sources().text(profileWith("/build/a.c"), query("main"), signal);
    expect(lost).toMatchObject({
      text: null,
      path: "",
      tried: [{ path: "/build/a.c", why: "is not there" }],
    });
    const maps = { sourceMaps: [{ from: "/build", to: folder }] };
    const found = await sources(maps).text(profileWith("/build/a.c"), query("main"), signal);
    expect(found).toMatchObject({ path: join(folder, "a.c"), file: "/build/a.c" });
  });

  it("are only those that the profile names", async () => {
    await expect(
      sources().text(profileWith("/build/a.c"), query("main", "/etc/passwd"), signal),
    ).rejects.toMatchObject({ problem: { code: "no-source-file" } });
    await expect(sources().text(profileWith("/etc/passwd"), query("other"), signal)).rejects.toMatchObject({
      problem: { code: "no-source-file" },
    });
  });

  it("open in the editor that was set, by words and without a shell", async () => {
    expect(editorArguments("edit --at {file}:{line} 'a b'", "/x y.c", 7)).toEqual({
      ok: true,
      value: ["edit", "--at", "/x y.c:7", "a b"],
    });
    expect(editorArguments("", "/x", 1)).toMatchObject({ problem: { code: "no-editor" } });
    const seen = join(folder, "seen");
    const editor = `sh -c 'printf "%s" "$1" > ${seen}' sh '{file}:{line}; $(id)'`;
    const maps = { sourceMaps: [{ from: "/build", to: folder }], editor };
    await sources(maps).openInEditor(profileWith("/build/a.c"), query("main"), 2, signal);
    expect((await readText(seen)).text).toBe(`${join(folder, "a.c")}:2; $(id)`);
    expect(await startEditor(["/nowhere/editor"])).toMatchObject({ problem: { code: "editor-failed" } });
    expect(await startEditor(["false"])).toMatchObject({ problem: { code: "editor-failed" } });
  });
});
