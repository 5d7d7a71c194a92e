import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureBuilt } from "../hosts/built.ts";
import { needs } from "../needs.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { openCli } from "../reachable.ts";
import { asUser, makeSudoUser, type SudoUser } from "./sudo-users.ts";
import { inTerminal } from "./terminal.ts";

/**
 * A stand-in for pkexec that says and returns what the real one was seen to: a polkit daemon and an agent cannot be had
 * reliably on a machine for tests. Where it authorises, it gets its rights from a sudo that asks nothing.
 */
const cliFile = openCli();
const helper = join(dirname(dirname(dirname(cliFile))), "native-scripts/flamewright-elevate");
const says = (words: string, code: number): string => `#!/bin/sh\necho '${words}' >&2\nexit ${code}\n`;
const agent = '#!/bin/sh\n[ "$1" = --disable-internal-agent ] || exit 2\nshift\nexec sudo -n -- "$@"\n';
const prefix = "Error executing command as another user:";

needs(
  "perf",
  "cc",
  "sudo",
)("recording through pkexec", () => {
  let target: RunningProgram;
  let user: SudoUser;
  const folders: string[] = [];

  beforeAll(async () => {
    await ensureBuilt();
    target = await startProgram("split", [], { isOpen: true });
    user = makeSudoUser([`ALL=(root) NOPASSWD: ${helper}`]);
  });
  afterAll(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true });
    user?.remove();
    await target?.stop();
  });

  const recordWith = async (script: string): Promise<{ code: number; text: string }> => {
    const folder = mkdtempSync(join(tmpdir(), "flamewright-pkexec-"));
    folders.push(folder);
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "pkexec"), script, { mode: 0o755 });
    const env = { FLAMEWRIGHT_HOME: join(user.home, "flamewright"), PATH: `${folder}:/usr/bin:/bin` };
    const words = ["record", "--pid", String(target.pid), "--elevate", "pkexec", "--duration", "1"];
    return inTerminal([...asUser(user, env), process.execPath, cliFile, ...words], user.home).ended;
  };

  test("authorised by its agent it records, without a prompt of ours", async () => {
    const { code, text } = await recordWith(agent);
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining("saved") });
    expect(text).not.toContain("Password of");
  });

  test.each([
    [`${prefix} Request dismissed`, 126, "elevation-cancelled"],
    [`${prefix} No authentication agent found.`, 127, "no-polkit-agent"],
    [`${prefix} Not authorized`, 127, "not-authorised"],
    ["Error getting authority: Error initializing authority: Could not connect", 127, "no-polkit"],
  ])("%s (%i): %s", async (words, exitCode, code) => {
    const ended = await recordWith(says(words, exitCode));
    expect(ended).toMatchObject({ code: 1, text: expect.stringContaining(`[${code}]`) });
  });
});
