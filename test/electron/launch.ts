import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as playwright from "playwright";
import { type Browser, chromium, type ElectronApplication, type Page } from "playwright";
import { expect } from "vitest";
import { testElectronFolder } from "../../native-scripts/bootstrap/tools.mjs";
import { type Display, startDisplay } from "./display.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const isRoot = process.getuid?.() === 0;
const switches = ["--disable-gpu", ...(isRoot ? ["--no-sandbox"] : [])];

export interface Surroundings {
  /** Holds everything that the app keeps; removed afterwards. */
  readonly home: string;
  readonly display: Display;
  readonly env: Readonly<Record<string, string>>;
}

/** A display and a home of its own for one app. */
export async function surroundings(): Promise<Surroundings> {
  const home = await mkdtemp(join(tmpdir(), "flamewright-test-"));
  const display = await startDisplay();
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    // Vitest's own settings would change the app's mode; the app has no terminal here.
    value === undefined || /^(VITEST|NODE_ENV|NODE_OPTIONS|WAYLAND_DISPLAY)/.test(name)
      ? []
      : [[name, value] as const],
  );
  const env = {
    ...Object.fromEntries(inherited),
    DISPLAY: display.name,
    FLAMEWRIGHT_HOME: join(home, "data"),
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_DATA_HOME: join(home, "share"),
  };
  return { home, display, env };
}

export async function leave({ home, display }: Surroundings): Promise<void> {
  await display.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}

/** Builds what changed; quick when nothing did. */
export async function ensureBuilt(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, "native-scripts/bootstrap/build.mjs")]);
}

/** The app of this checkout, in the Electron that the tests have, driven through Playwright. `from`: its folder. */
export async function launchApp(
  { env }: Surroundings,
  files: readonly string[] = [],
  from = root,
): Promise<{ readonly app: ElectronApplication; readonly page: Page }> {
  await ensureBuilt();
  // Not executablePath: with it Playwright leaves out its loader, which holds `ready` back until it is connected.
  process.env.ELECTRON_OVERRIDE_DIST_PATH = testElectronFolder();
  // Playwright has the app load a file of its own: from where the app is, so that whoever runs it may read that too.
  const { _electron: electron } =
    resolve(from) === resolve(root)
      ? playwright
      : ((await import(join(from, "node_modules/playwright/index.mjs"))) as typeof playwright);
  const app = await electron.launch({
    args: [...switches, from, ...files],
    chromiumSandbox: !isRoot,
    cwd: from,
    env: { ...env },
    timeout: 60_000,
  });
  return { app, page: await app.firstWindow() };
}

/** Starts the app beside one that runs already, and waits until it has ended: the exit code. */
export async function startAgain({ env }: Surroundings, files: readonly string[]): Promise<number | null> {
  const child = spawn(join(testElectronFolder(), "electron"), [...switches, root, ...files], {
    cwd: root,
    env: { ...env },
    stdio: "ignore",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

export interface PackagedApp {
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * A packaged app: its fuses refuse what Playwright's launcher needs (Node's inspector), so this talks to the page
 * alone, over Chromium's own protocol.
 */
export async function launchPackaged(
  executable: string,
  { env }: Surroundings,
  files: readonly string[] = [],
): Promise<PackagedApp> {
  const child = spawn(executable, [...switches, "--remote-debugging-port=0", ...files], {
    env: { ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const endpoint = await debuggingEndpoint(child);
  await pageTarget(endpoint);
  const browser: Browser = await chromium.connectOverCDP(endpoint);
  const page = browser.contexts()[0]?.pages()[0];
  if (!page) throw new Error("The packaged app has no page.");
  return {
    page,
    close: async () => {
      child.kill("SIGTERM");
      await ended;
      await browser.close();
    },
  };
}

/** Chromium says on stderr where it listens. */
function debuggingEndpoint(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    // Read on after the address was found, or the app would block once the pipe is full.
    child.stderr?.on("data", (chunk) => {
      said += chunk;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found?.[1]) resolve(found[1]);
    });
    child.once("exit", () => reject(new Error(`The app ended before it could be spoken to:\n${said}`)));
  });
}

/** Playwright, connected before there is a page, waits for one without end; Chromium tells of none by an event. */
async function pageTarget(endpoint: string): Promise<void> {
  const list = `http://${new URL(endpoint).host}/json/list`;
  await expect
    .poll(async () => (await fetch(list)).text(), { timeout: 30_000, interval: 100 })
    .toContain("app://flamewright/");
}
