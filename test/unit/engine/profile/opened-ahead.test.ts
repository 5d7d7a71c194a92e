import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { OpenEntry, User } from "../../../../main/engine/engine-profiles.ts";
import { createOpenedAhead } from "../../../../main/engine/opened-ahead.ts";
import { codeOf } from "../problem-code.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Profiles that open nothing, and know who uses what. */
function counted() {
  const opened: OpenEntry[] = [];
  const ahead = createOpenedAhead({
    openFound: (user, found) =>
      found.map(({ path }) => {
        const entry = { path, users: new Set([user]) } as unknown as OpenEntry;
        opened.push(entry);
        return entry;
      }),
    release: (user) => {
      for (const { users } of opened) users.delete(user);
    },
  });
  return { ahead, opened };
}

describe("what is opened ahead of its page", () => {
  it("belongs to the first who asks for it, once", async () => {
    const path = join(await temporaryFolder(), "a.txt");
    await writeFile(path, "a;b 1\n");
    const { ahead, opened } = counted();
    const page: User = {};
    ahead.open(path);
    expect(ahead.take(page, `${path}.other`)).toBe(null);
    const taken = await ahead.take(page, path);
    expect(taken).toEqual(opened);
    expect(opened.map(({ users }) => [...users])).toEqual([[page]]);
    expect(ahead.take(page, path)).toBe(null);
  });

  it("tells who asks for it why it could not be opened", async () => {
    const { ahead } = counted();
    ahead.open("/nowhere/a.txt");
    await new Promise(setImmediate);
    expect(await codeOf(Promise.resolve(ahead.take({}, "/nowhere/a.txt")))).toBe("no-such-file");
  });
});
