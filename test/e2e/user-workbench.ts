import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright";
import { testElectronFolder } from "../../native-scripts/bootstrap/tools.mjs";
import { ensureBuilt, launchApp, leave, surroundings } from "../electron/launch.ts";
import { openCli, openRoot } from "../reachable.ts";
import { asUser, type SudoUser } from "../real/sudo-users.ts";
import type { HostName } from "./workbench.ts";

/** The workbench of a user who is not root, in one of its hosts. */
export interface UserWorkbench {
  readonly page: Page;
  /** Everything that it may have written to: sessions, settings, the host's own files, its crash dumps. */
  readonly folders: readonly string[];
  close(): Promise<void>;
}

export const openAsUser = (host: HostName, user: SudoUser): Promise<UserWorkbench> =>
  host === "electron" ? openElectron(user) : openChromium(user);

async function openChromium(user: SudoUser): Promise<UserWorkbench> {
  await ensureBuilt();
  const home = join(user.home, "flamewright");
  const [program = "", ...args] = [
    ...asUser(user, { FLAMEWRIGHT_HOME: home }),
    process.execPath,
    openCli(),
    "serve",
  ];
  const server: ChildProcess = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], cwd: user.home });
  if (server.stdout === null) throw new Error("serve has no output");
  const [url] = (await Promise.race([
    once(createInterface(server.stdout), "line"),
    once(server, "exit").then(() => Promise.reject(new Error("serve ended before it printed its address"))),
  ])) as [string];
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  return {
    page,
    folders: [user.home],
    close: async () => {
      await browser.close();
      const gone = once(server, "exit");
      server.kill("SIGTERM");
      await gone;
    },
  };
}

/**
 * Playwright starts what it finds as `electron` in a folder: there, a script that becomes the user first. The app itself
 * is linked to where the user can read it.
 */
async function openElectron(user: SudoUser): Promise<UserWorkbench> {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-electron-"));
  chmodSync(folder, 0o755);
  const app = join(folder, "app");
  const shim = join(folder, "dist");
  copyTree(testElectronFolder(), app);
  mkdirSync(shim);
  const around = await surroundings();
  execFileSync("chown", ["-R", user.name, around.home]);
  writeFileSync(
    join(shim, "electron"),
    `#!/bin/sh\nexec setpriv --reuid ${user.name} --regid ${user.name} --clear-groups -- '${app}/electron' "$@"\n`,
    { mode: 0o755 },
  );
  const before = process.env.FLAMEWRIGHT_TEST_ELECTRON;
  process.env.FLAMEWRIGHT_TEST_ELECTRON = shim;
  try {
    const env = {
      ...around.env,
      HOME: user.home,
      USER: user.name,
      TMPDIR: around.home,
      PATH: "/usr/bin:/bin",
    };
    const launched = await launchApp({ ...around, env }, [], openRoot());
    return {
      page: launched.page,
      folders: [user.home, around.home],
      close: async () => {
        await launched.app.close();
        await leave(around);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await leave(around);
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    if (before === undefined) delete process.env.FLAMEWRIGHT_TEST_ELECTRON;
    else process.env.FLAMEWRIGHT_TEST_ELECTRON = before;
  }
}

/** By links where both are on one file system. */
function copyTree(from: string, to: string): void {
  try {
    execFileSync("cp", ["-al", from, to], { stdio: "ignore" });
  } catch {
    if (existsSync(to)) rmSync(to, { recursive: true });
    execFileSync("cp", ["-a", from, to]);
  }
  execFileSync("chmod", ["755", to]);
}
