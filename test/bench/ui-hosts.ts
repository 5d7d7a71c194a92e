import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, _electron as electron } from "playwright";
import { startDisplay } from "../electron/display.ts";
import type { OpenedPage } from "./ui-page.ts";
import { watchBrowser, watchElectron } from "./ui-tasks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const viewport = { width: 1600, height: 1000 };

export interface Served {
  readonly url: string;
  /** When somebody asked for it, where that was before its page was. */
  readonly startMs?: number;
  readonly close: () => void;
}

/** `flamewright serve`, with a file to open where there is one. */
export async function serveOwn(...args: readonly string[]): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), "flamewright-bench-home-"));
  const cli = fileURLToPath(new URL("./cli.js", import.meta.url));
  const startMs = performance.now();
  const server = spawn(process.execPath, [cli, "serve", ...args], {
    env: { ...process.env, FLAMEWRIGHT_HOME: home },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const refused = once(server, "exit").then(([code]) => {
    throw new Error(`flamewright serve ${args.join(" ")} ended with ${code} before it gave an address`);
  });
  // It ends later, too.
  refused.catch(() => undefined);
  const line = once(createInterface(server.stdout), "line") as Promise<[string]>;
  const [url] = await Promise.race([line, refused]);
  return {
    url,
    startMs,
    close: () => {
      server.once("exit", () => rmSync(home, { recursive: true, force: true }));
      server.kill();
    },
  };
}

/** A page and its trace, in a browser that runs already; `served` comes when they are there. */
export async function openInBrowser(browser: Browser, serving: () => Promise<Served>): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport });
  const tasks = await watchBrowser(browser);
  await tasks.start();
  const { url, startMs = performance.now(), close } = await serving();
  await page.goto(url);
  return {
    page,
    tasks,
    startMs,
    close: async () => {
      await page.close();
      close();
    },
  };
}

/** The desktop application with a file, on a display of its own. Its time counts from the program's start. */
export async function openInElectron(file: string): Promise<OpenedPage> {
  const tools = pathToFileURL(join(root, "native-scripts", "bootstrap", "tools.mjs")).href;
  const { testElectronFolder } = (await import(/* @vite-ignore */ tools)) as {
    testElectronFolder: () => string;
  };
  process.env.ELECTRON_OVERRIDE_DIST_PATH = testElectronFolder();
  const home = mkdtempSync(join(tmpdir(), "flamewright-bench-home-"));
  const display = await startDisplay("1640x1060x24");
  const isRoot = process.getuid?.() === 0;
  const startMs = performance.now();
  const app = await electron.launch({
    args: ["--disable-gpu", ...(isRoot ? ["--no-sandbox"] : []), root, file],
    chromiumSandbox: !isRoot,
    cwd: root,
    env: {
      ...(process.env as Record<string, string>),
      DISPLAY: display.name,
      FLAMEWRIGHT_HOME: join(home, "data"),
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_CACHE_HOME: join(home, "cache"),
    },
    timeout: 60_000,
  });
  const tasks = watchElectron(app);
  await tasks.start();
  const page = await app.firstWindow();
  const { width, height } = viewport;
  await app.evaluate(
    ({ BrowserWindow }, size) => {
      for (const window of BrowserWindow.getAllWindows()) window.setContentSize(size.width, size.height);
    },
    { width, height },
  );
  return {
    page,
    tasks,
    startMs,
    close: async () => {
      await app.close();
      await display.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
