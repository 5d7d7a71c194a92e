import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { LogLevel } from "#core/base/log.ts";
import { openFileSource } from "../../../../main/engine/file-source.ts";
import { writeTextAtomically } from "../../../../main/engine/library/atomic-file.ts";
import { isSessionId } from "../../../../main/engine/library/draft-format.ts";
import { jsonStore } from "../../../../main/engine/library/json-store.ts";
import { identityOf, isAlive } from "../../../../main/engine/library/process-identity.ts";
import { codeOf } from "../problem-code.ts";
import { temporaryFolder } from "../temporary-folder.ts";

describe("writing a file", () => {
  test("replaces it whole and private, through a link, and leaves nothing beside it", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.txt");
    await writeFile(path, "old");
    await symlink(path, join(folder, "link"));
    expect(await writeTextAtomically(join(folder, "link"), "new")).toBe(3);
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).sort()).toEqual(["a.txt", "link"]);
  });

  const check = (what: string, make: (folder: string) => Promise<string>, code: string): void =>
    test(`refuses ${what}: ${code}`, async () => {
      const folder = await temporaryFolder();
      const path = await make(folder);
      const before = await readdir(folder);
      expect(await codeOf(writeTextAtomically(path, "text"))).toBe(code);
      expect(await readdir(folder)).toEqual(before);
    });
  check("a folder", async (folder) => folder, "is-a-directory");
  check("a device", async () => "/dev/null", "not-a-regular-file");
  check("a folder that is not there", async (folder) => join(folder, "no", "a.txt"), "no-such-folder");
  check(
    "a pipe",
    async (folder) => {
      await promisify(execFile)("mkfifo", [join(folder, "pipe")]);
      return join(folder, "pipe");
    },
    "not-a-regular-file",
  );
});

describe("opening a file", () => {
  const check = (what: string, make: (folder: string) => Promise<string>, code: string): void =>
    test(`${what}: ${code || "opens"}`, async () => {
      const path = await make(await temporaryFolder());
      expect(await codeOf(async () => (await openFileSource(path)).close())).toBe(code);
    });
  const file = async (folder: string, text: string): Promise<string> => {
    await writeFile(join(folder, "f"), text);
    return join(folder, "f");
  };
  check("a file", (folder) => file(folder, "text"), "");
  check("no name", async () => "", "no-such-file");
  check("a name with a zero byte", async () => "a\0b", "no-such-file");
  check("nothing there", async (folder) => join(folder, "none"), "no-such-file");
  check("a file as a folder", async (folder) => join(await file(folder, "x"), "y"), "no-such-file");
  check(
    "a link to itself",
    async (folder) => {
      await symlink(join(folder, "loop"), join(folder, "loop"));
      return join(folder, "loop");
    },
    "no-such-file",
  );
  check("a folder", async (folder) => folder, "is-a-directory");
  check("a device", async () => "/dev/zero", "not-a-regular-file");
  check("an empty file", (folder) => file(folder, ""), "empty-file");
  check(
    "a pipe that nobody writes to",
    async (folder) => {
      await promisify(execFile)("mkfifo", [join(folder, "pipe")]);
      return join(folder, "pipe");
    },
    "not-a-regular-file",
  );
  test("a socket: not-a-regular-file", async () => {
    const path = join(await temporaryFolder(), "socket");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await codeOf(openFileSource(path))).toBe("not-a-regular-file");
    server.close();
  });
  test("a file without permission: not-readable", async () => {
    const folder = await temporaryFolder();
    const path = await file(folder, "x");
    await chmod(path, 0);
    await chmod(folder, 0o711);
    // Root may read everything: for this one file we are nobody.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    const code = await codeOf(openFileSource(path));
    if (isRoot) process.seteuid?.(0);
    expect(code).toBe("not-readable");
  });

  test("gives its bytes from front to back, again, and at any place", async () => {
    const text = "0123456789".repeat(200_000);
    const path = await file(await temporaryFolder(), text);
    const source = await openFileSource(path);
    for (let round = 0; round < 2; round++) {
      let read = "";
      for await (const chunk of source.chunks(new AbortController().signal))
        read += Buffer.from(chunk).toString("latin1");
      expect(read === text).toBe(true);
    }
    const piece = async (offset: number, length: number): Promise<string> =>
      Buffer.from(await source.read(offset, length)).toString("latin1");
    expect(await piece(5, 3)).toBe("567");
    expect(await piece(text.length - 2, 100)).toBe("89");
    expect(await piece(text.length + 5, 3)).toBe("");
    await source.close();
  });
});

describe("a settings file", () => {
  const schema = v.object({ count: v.number() });
  const open = (path: string, lines: string[] = []) =>
    jsonStore(
      path,
      schema,
      { count: 0 },
      { write: (level: LogLevel, text) => lines.push(`${level} ${text}`) },
    );

  test("is what was written, in order", async () => {
    const path = join(await temporaryFolder(), "s.json");
    const store = open(path);
    expect(await store.read()).toEqual({ count: 0 });
    await Promise.all(Array.from({ length: 20 }, () => store.change(({ count }) => ({ count: count + 1 }))));
    expect(await open(path).read()).toEqual({ count: 20 });
  });

  const check = (what: string, text: string): void =>
    test(`that is ${what} is set aside, said, and replaced by defaults`, async () => {
      const folder = await temporaryFolder();
      const path = join(folder, "s.json");
      await writeFile(path, text);
      const lines: string[] = [];
      const store = open(path, lines);
      expect(await store.read()).toEqual({ count: 0 });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain("set aside");
      const aside = (await readdir(folder)).filter((name) => name.startsWith("s.json.broken-"));
      expect(await readFile(join(folder, aside[0] ?? ""), "utf8")).toBe(text);
      await store.change(() => ({ count: 7 }));
      expect(await store.read()).toEqual({ count: 7 });
    });
  check("no JSON", "{");
  check("of another shape", '{"count":"many"}');
  check("empty", "");

  test("that is a folder gives the defaults", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "s.json"));
    expect(await open(join(folder, "s.json")).read()).toEqual({ count: 0 });
  });
});

describe("who a process is", () => {
  test("this one is alive, under its own start time only", () => {
    const own = identityOf(process.pid);
    expect(own).not.toBeNull();
    if (!own) return;
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ ...own, startTicks: "1" })).toBe(false);
    expect(isAlive({ ...own, bootId: "another" })).toBe(false);
    expect(isAlive({ ...own, pid: 2 ** 22 + 1 })).toBe(false);
  });
});

describe("a session's id", () => {
  const check = (id: string, valid: boolean): void =>
    test(`${JSON.stringify(id)} is ${valid ? "one" : "none"}`, () => expect(isSessionId(id)).toBe(valid));
  check("20261123-081942-nginx-9908", true);
  check("my session", true);
  check("", false);
  check(".", false);
  check("..", false);
  check("../other", false);
  check("/etc/passwd", false);
  check("a/b", false);
  check("a\\b", false);
  check("a\0b", false);
  check("a\nb", false);
  check(".hidden", false);
  check("x".repeat(201), false);
});
