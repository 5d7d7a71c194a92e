import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { app, BrowserWindow, nativeTheme, type Rectangle, screen, type WebContents } from "electron";
import * as v from "valibot";
import type { ShellCommand } from "#core/bridge.ts";
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

/** A file and what to show of it, as words; "" for what one sees first. */
export interface OpenFile {
  readonly path: string;
  readonly view: string;
}

/** The view is the first file's. */
export const withView = (paths: readonly string[], view: string): readonly OpenFile[] =>
  paths.map((path, index) => ({ path, view: index === 0 ? view : "" }));

export interface Windows {
  open(files: readonly OpenFile[]): BrowserWindow;
  /** In the window in front, or a new one where there is none. */
  openPaths(files: readonly OpenFile[]): void;
  command(name: ShellCommand): void;
}

export function createWindows(preloadFile: string): Windows {
  /** Paths for pages that still load. */
  const waiting = new Map<WebContents, OpenFile[]>();

  const send = (window: BrowserWindow, files: readonly OpenFile[]): void => {
    const early = waiting.get(window.webContents);
    if (early) early.push(...files);
    else for (const { path, view } of files) window.webContents.send("shell:open-path", path, view);
  };

  const inFront = (): BrowserWindow | undefined =>
    BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];

  const open = (files: readonly OpenFile[]): BrowserWindow => {
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
    contents.once("did-finish-load", () => {
      const early = waiting.get(contents) ?? [];
      waiting.delete(contents);
      send(window, early);
    });
    contents.once("destroyed", () => waiting.delete(contents));
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
    let reloadedAtMs = Number.NEGATIVE_INFINITY;
    contents.on("render-process-gone", (_event, { reason }) => {
      // Once, not for ever: a page that dies again at once stays dead, and the menu's Reload remains.
      if (reason === "clean-exit" || window.isDestroyed() || performance.now() - reloadedAtMs < 10_000)
        return;
      reloadedAtMs = performance.now();
      contents.reload();
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
    command: (name) => {
      const window = inFront();
      window?.webContents.send("shell:command", name);
    },
  };
}
