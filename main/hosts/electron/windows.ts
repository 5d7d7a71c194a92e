import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { app, BrowserWindow, dialog, nativeTheme, type Rectangle, screen, type WebContents } from "electron";
import * as v from "valibot";
import type { KeptFile, ShellCommand } from "#core/bridge.ts";
import { pageUrl } from "./protocol.ts";

const stateSchema = v.object({
  x: v.number(),
  y: v.number(),
  width: v.pipe(v.number(), v.minValue(400)),
  height: v.pipe(v.number(), v.minValue(300)),
  maximized: v.boolean(),
});
type WindowState = v.InferOutput<typeof stateSchema>;

const stateFile = (): string => join(app.getPath("userData"), "window-state.json");

/** Where the last window was; null where that is unknown or no display shows it any more. */
function readState(): WindowState | null {
  let text: string;
  try {
    text = readFileSync(stateFile(), "utf8");
  } catch {
    return null;
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), stateSchema), text);
  if (!parsed.success) return null;
  const area = screen.getDisplayMatching(parsed.output).workArea;
  return overlaps(parsed.output, area) ? parsed.output : null;
}

/** Enough of the title bar is on the display to take hold of it. */
const overlaps = (window: Rectangle, area: Rectangle): boolean =>
  window.x + window.width > area.x + 100 &&
  window.x < area.x + area.width - 100 &&
  window.y >= area.y - 20 &&
  window.y < area.y + area.height - 50;

function writeState(window: BrowserWindow): void {
  const state: WindowState = { ...window.getNormalBounds(), maximized: window.isMaximized() };
  const file = stateFile();
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch (error) {
    process.emitWarning(`The window's place could not be kept: ${String(error)}`);
  }
}

/** The view is the first file's. */
export const withView = (paths: readonly string[], view: string): readonly KeptFile[] =>
  paths.map((path, index) => ({ path, view: index === 0 ? view : "" }));

export interface Windows {
  open(files: readonly KeptFile[]): BrowserWindow;
  /** In the window in front, or a new one where there is none. */
  openPaths(files: readonly KeptFile[]): void;
  command(name: ShellCommand): void;
  /** What a page has open, to be opened again when it ends unexpectedly. */
  keepOpen(contents: WebContents, files: readonly KeptFile[]): void;
}

/** One that ends again so soon would end for ever: the person is asked. */
const ENDED_AGAIN_MS = 30_000;

/** Why a page ended, in a sentence. https://www.electronjs.org/docs/latest/api/structures/render-process-gone-details */
export function whyGone(reason: string, exitCode: number): string {
  const whys: Readonly<Record<string, string>> = {
    oom: "it ran out of memory",
    "memory-eviction": "the system needed its memory",
    killed: "the system or another program ended it",
    "launch-failed": "its process could not be started",
    "integrity-failure": "its code did not pass the system's check",
  };
  return `This window's page ended: ${whys[reason] ?? `it ${reason} (exit code ${exitCode})`}.`;
}

export function createWindows(preloadFile: string): Windows {
  /** Paths for pages that still load. */
  const waiting = new Map<WebContents, KeptFile[]>();
  /** What pages have open. */
  const kept = new Map<WebContents, readonly KeptFile[]>();

  const send = (window: BrowserWindow, files: readonly KeptFile[]): void => {
    const early = waiting.get(window.webContents);
    if (early) early.push(...files);
    else for (const { path, view } of files) window.webContents.send("shell:open-path", path, view);
  };

  const inFront = (): BrowserWindow | undefined =>
    BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];

  const open = (files: readonly KeptFile[]): BrowserWindow => {
    const before = readState();
    const cascade = before && BrowserWindow.getAllWindows().length > 0 ? 24 : 0;
    const window = new BrowserWindow({
      width: before?.width ?? 1280,
      height: before?.height ?? 820,
      ...(before ? { x: before.x + cascade, y: before.y + cascade } : {}),
      minWidth: 720,
      minHeight: 480,
      show: false,
      title: "Flamewright",
      backgroundColor: nativeTheme.shouldUseDarkColors ? "#16181d" : "#ffffff",
      webPreferences: {
        preload: preloadFile,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
      },
    });
    const contents = window.webContents;
    waiting.set(contents, [...files]);
    let why = "";
    contents.on("did-finish-load", () => {
      const early = waiting.get(contents) ?? [];
      waiting.delete(contents);
      if (why !== "") contents.send("shell:lost", why);
      why = "";
      send(window, early);
    });
    contents.once("destroyed", () => {
      waiting.delete(contents);
      kept.delete(contents);
    });
    window.once("ready-to-show", () => {
      if (before?.maximized) window.maximize();
      window.show();
    });
    // The page says what its window shows; its <title> would race with that.
    window.on("page-title-updated", (event) => event.preventDefault());
    window.on("close", () => writeState(window));
    // A page that cannot be loaded shows as an empty window; did-fail-load has the reason, which the terminal gets.
    contents.on("did-fail-load", (_event, code, description, url) =>
      process.emitWarning(`${url} could not be loaded: ${description} (${code})`),
    );
    let goneAtMs = Number.NEGATIVE_INFINITY;
    contents.on("render-process-gone", (_event, { reason, exitCode }) => {
      if (reason === "clean-exit" || window.isDestroyed()) return;
      why = whyGone(reason, exitCode);
      process.emitWarning(why);
      const open = kept.get(contents) ?? [];
      const isAgain = performance.now() - goneAtMs < ENDED_AGAIN_MS;
      goneAtMs = performance.now();
      void (isAgain ? askToReopen(window, why) : Promise.resolve<Reopening>("all")).then((how) => {
        if (window.isDestroyed()) return;
        if (how === "close") return window.close();
        waiting.set(contents, how === "all" ? [...open] : []);
        contents.reload();
      });
    });
    // Its failure is told by did-fail-load.
    window.loadURL(pageUrl).catch(() => undefined);
    return window;
  };

  return {
    open,
    openPaths: (files) => {
      const window = inFront();
      if (!window) {
        open(files);
        return;
      }
      if (window.isMinimized()) window.restore();
      window.focus();
      send(window, files);
    },
    keepOpen: (contents, files) => kept.set(contents, files),
    command: (name) => {
      const window = inFront();
      window?.webContents.send("shell:command", name);
    },
  };
}

type Reopening = "all" | "empty" | "close";
const reopenings: readonly Reopening[] = ["all", "empty", "close"];

/** What was open may be what ends the page. */
async function askToReopen(window: BrowserWindow, why: string): Promise<Reopening> {
  const { response } = await dialog.showMessageBox(window, {
    type: "error",
    message: why,
    detail: "It ended twice in a short time. Recordings go on, and what they have recorded is on disk.",
    buttons: ["Open Again", "Begin Empty", "Close Window"],
    defaultId: 1,
    cancelId: 2,
  });
  return reopenings[response] ?? "close";
}
