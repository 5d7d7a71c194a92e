import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright";
import { expect } from "vitest";
import { problemOfTool } from "../../native-scripts/bootstrap/tools.mjs";
import { ensureBuilt, launchApp, leave, root, surroundings } from "../electron/launch.ts";

/** The workbench as a person has it in front of them, in one of its two hosts. */
export interface Workbench {
  readonly host: HostName;
  readonly page: Page;
  /** What the page printed as an error: nothing, in a good run. */
  readonly complaints: readonly string[];
  /** Presses the export button of the open dialog and gives the file that was written. */
  exported(press: () => Promise<void>): Promise<string>;
  /** Offers a file to the page as the host's own dialog would. */
  choose(path: string, press: () => Promise<void>): Promise<void>;
  /** Another window, opened from this one by the host's own means. */
  another(): Promise<Page>;
  /** Drops files and folders of the disk on a page, as a file manager does. */
  drop(paths: readonly string[]): Promise<void>;
  /** Kills everything without a warning, as the kernel would. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export const hostNames = ["electron", "chromium"] as const;
export type HostName = (typeof hostNames)[number];

/** What each host needs of the machine. */
export const needsOf = { electron: ["electron", "xvfb"], chromium: ["chromium"] } as const;

/** Folder of the screenshots, kept by CI. */
const artefacts = join(root, "artefacts", "screens");

/** `home` keeps sessions and settings; the same one opens the same library again. */
export const openWorkbench = (
  host: HostName,
  home: string,
  files: readonly string[] = [],
): Promise<Workbench> => (host === "electron" ? openElectron(home, files) : openChromium(home, files));

export const makeHome = (): Promise<string> => mkdtemp(join(tmpdir(), "flamewright-e2e-"));

function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return complaints;
}

async function openElectron(home: string, files: readonly string[]): Promise<Workbench> {
  const around = await surroundings();
  const own = { ...around, env: { ...around.env, FLAMEWRIGHT_HOME: home } };
  const { app, page } = await launchApp(own, files);
  const complaints = listen(page);
  const end = async (): Promise<void> => {
    await leave(around);
  };
  return {
    host: "electron",
    page,
    complaints,
    exported: async (press) => {
      // The system's dialog cannot be driven: its answer is given in its place.
      const path = join(around.home, "exported");
      await rm(path, { force: true });
      await app.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = async () => ({ canceled: false, filePath });
      }, path);
      await press();
      await expect.poll(() => readFile(path, "utf8").catch(() => ""), { timeout: 20_000 }).not.toBe("");
      return readFile(path, "utf8");
    },
    choose: async (path, press) => {
      await app.evaluate(({ dialog }, filePath) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [filePath] });
      }, path);
      await press();
    },
    another: async () => {
      const [next] = await Promise.all([app.waitForEvent("window"), page.keyboard.press("Control+n")]);
      return next;
    },
    drop: (paths) => dropOn(page, paths),
    kill: async () => {
      const { pid } = app.process();
      const gone = once(app.process(), "exit");
      for (const child of await descendants(pid ?? -1)) process.kill(child, "SIGKILL");
      await gone;
      await end();
    },
    close: async () => {
      await app.close();
      await end();
    },
  };
}

/** Process ids below one, itself last but for nothing: children are killed before they can tidy up. */
async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const children = text.split(" ").filter(Boolean).map(Number);
  const below = await Promise.all(children.map(descendants));
  return [pid, ...below.flat()];
}

async function openChromium(home: string, files: readonly string[]): Promise<Workbench> {
  await ensureBuilt();
  const [server, url] = await serve(home, files);
  const browser: Browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const complaints = listen(page);
  await page.goto(url);
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    await browser.close();
    if (server.exitCode === null && server.signalCode === null) {
      const gone = once(server, "exit");
      server.kill(signal);
      await gone;
    }
  };
  return {
    host: "chromium",
    page,
    complaints,
    exported: async (press) => {
      const [download] = await Promise.all([page.waitForEvent("download"), press()]);
      return readFile(await download.path(), "utf8");
    },
    choose: async (path, press) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press()]);
      await chooser.setFiles(path);
    },
    another: async () => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("New window");
      const [next] = await Promise.all([page.context().waitForEvent("page"), page.keyboard.press("Enter")]);
      return next;
    },
    drop: (paths) => dropOn(page, paths),
    kill: () => stop("SIGKILL"),
    close: () => stop("SIGTERM"),
  };
}

/** By Chromium's own protocol: a script of the page could make files, but neither paths nor folders. */
async function dropOn(page: Page, files: readonly string[]): Promise<void> {
  const protocol = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await protocol.send("Input.dispatchDragEvent", { type, x: 400, y: 300, data });
  await protocol.detach();
}

/** `flamewright serve`, and the address that it prints. */
async function serve(home: string, files: readonly string[]): Promise<[ChildProcess, string]> {
  const server = spawn(process.execPath, [join(root, "out/node/cli.js"), "serve", ...files], {
    env: { ...process.env, FLAMEWRIGHT_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface(server.stdout);
  const [url] = (await Promise.race([
    once(lines, "line"),
    once(server, "exit").then(() => Promise.reject(new Error("serve ended before it printed its address"))),
  ])) as [string];
  return [server, url];
}

/** Both hosts show the same page: one of them is looked at by axe, which takes longer than most tests otherwise do. */
const axeHost: HostName = needsOf.chromium.every((tool) => problemOfTool(tool) === "")
  ? "chromium"
  : "electron";
/** The rules whose answer may differ between dark and light. */
const colorRules = ["color-contrast", "link-in-text-block"];

/**
 * Looks at a screen as CI's reader will: dark and light pictures among the artefacts, and nothing that axe calls
 * serious or worse.
 */
export async function inspect({ page, host }: Pick<Workbench, "page" | "host">, name: string): Promise<void> {
  await mkdir(artefacts, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: "attached" });
    // What is drawn on canvas follows in the next frames.
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    await page.screenshot({
      path: join(artefacts, `${name}-${host}-${colorScheme}.png`),
      animations: "disabled",
    });
    if (host !== axeHost) continue;
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode(true)
      .options({
        // WCAG 2.2 asks for it, and axe only where it is told to.
        rules: { "target-size": { enabled: true } },
        ...(colorScheme === "dark" ? { runOnly: colorRules } : {}),
        resultTypes: ["violations"],
      })
      .analyze();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(
      serious.map(
        ({ id, nodes }) => `${name}, ${colorScheme}: ${id}: ${nodes.map((node) => node.html).join(" | ")}`,
      ),
    ).toEqual([]);
  }
}
