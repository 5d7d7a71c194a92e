import { isAbsolute, join, resolve } from "node:path";
import { app, BrowserWindow, shell } from "electron";
import * as v from "valibot";
import { chooseOpenPaths, chooseSavePath } from "./dialogs.ts";
import { createEngineHost } from "./engine-host.ts";
import { setMenu } from "./menus.ts";
import { registerAppScheme, serveAppScheme } from "./protocol.ts";
import { confineAllPages, confineSession, handle, listen } from "./security.ts";
import { createWindows, withView } from "./windows.ts";

/** Everything that is built lies beside this file (out/node) or in out/renderer. */
const built = import.meta.dirname;

/** The files named on a command line: after the program's own words, without its switches. */
function filesOf(argv: readonly string[], workingFolder: string): string[] {
  const words = argv.slice(1).filter((word) => word !== "" && !word.startsWith("-"));
  // Unpackaged, the first word is the app itself.
  return words.slice(app.isPackaged ? 0 : 1).map((word) => resolve(workingFolder, word));
}

/** What to show of the first file, as words: --view-words=... */
const viewOf = (argv: readonly string[]): string =>
  argv.find((word) => word.startsWith(viewSwitch))?.slice(viewSwitch.length) ?? "";
const viewSwitch = "--view-words=";

const secondStartSchema = v.object({ files: v.array(v.string()), view: v.string() });

const keptSchema = v.pipe(
  v.array(v.object({ path: v.pipe(v.string(), v.check(isAbsolute)), view: v.string() })),
  v.maxLength(200),
);

registerAppScheme();
// As root, for whom Chromium has no sandbox, the starter says --no-sandbox; enforcing it would end every child.
if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
confineAllPages();

const files = filesOf(process.argv, process.cwd());
const view = viewOf(process.argv);

if (app.requestSingleInstanceLock({ files, view })) start();
else app.quit();

function start(): void {
  const engine = createEngineHost(join(built, "engine-process.js"));
  const windows = createWindows(join(built, "preload.cjs"));
  let quitting = false;

  const openPaths = (paths: readonly string[], shown = ""): void => {
    for (const path of paths) app.addRecentDocument(path);
    windows.openPaths(withView(paths, shown));
  };

  app.on("second-instance", (_event, _argv, _folder, data) => {
    const parsed = v.safeParse(secondStartSchema, data);
    const given = parsed.success ? parsed.output.files : [];
    if (given.length > 0) openPaths(given, parsed.success ? parsed.output.view : "");
    else windows.open([]);
  });
  app.on("open-file", (event, path) => {
    event.preventDefault();
    if (app.isReady()) openPaths([path]);
    else files.push(path);
  });
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
  app.on("activate", () => {
    if (BrowserWindow.getAllWindows().length === 0) windows.open([]);
  });
  // Recordings that run are stopped and saved first; app.exit comes after that.
  app.on("will-quit", (event) => {
    if (quitting) return;
    quitting = true;
    event.preventDefault();
    engine.shutdown().then(() => app.exit(0));
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => app.quit());

  handle("shell:connect", async (contents, [nonce]) => {
    const problem = await engine.connect(contents, v.parse(v.string(), nonce));
    return problem === "" ? null : problem;
  });
  handle("shell:choose-open-paths", async (contents) => {
    const paths = await chooseOpenPaths(contents);
    for (const path of paths) app.addRecentDocument(path);
    return paths;
  });
  handle("shell:choose-save-path", (contents, [name, extension]) =>
    chooseSavePath(contents, v.parse(v.string(), name), v.parse(v.string(), extension)),
  );
  listen("shell:show-in-folder", (_contents, [path]) => {
    if (typeof path === "string" && isAbsolute(path)) shell.showItemInFolder(path);
  });
  listen("shell:new-window", () => void windows.open([]));
  listen("shell:keep-open", (contents, [kept]) => {
    const parsed = v.safeParse(keptSchema, kept);
    if (parsed.success) windows.keepOpen(contents, parsed.output);
  });
  listen("shell:set-title", (contents, [title]) => {
    if (typeof title === "string") BrowserWindow.fromWebContents(contents)?.setTitle(title.slice(0, 200));
  });

  app.whenReady().then(() => {
    engine.start(files.slice(0, 1));
    serveAppScheme(join(built, "..", "renderer"));
    confineSession();
    setMenu(windows);
    for (const file of files) app.addRecentDocument(file);
    windows.open(withView(files, view));
  });
}
