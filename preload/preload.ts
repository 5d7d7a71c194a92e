import { contextBridge, ipcRenderer, webUtils } from "electron";
import type { KeptFile, ShellBridge, ShellCommand } from "#core/bridge.ts";

/** Paths that came before the page listened. */
const earlyPaths: (readonly [path: string, view: string])[] = [];
let openPath: ((path: string, view: string) => void) | null = null;
let lost = "";
let tellLost: ((why: string) => void) | null = null;
let command: ((command: ShellCommand) => void) | null = null;

ipcRenderer.on("shell:open-path", (_event, path: string, view: string) => {
  if (openPath) openPath(path, view);
  else earlyPaths.push([path, view]);
});
ipcRenderer.on("shell:lost", (_event, why: string) => {
  if (tellLost) tellLost(why);
  else lost = why;
});
ipcRenderer.on("shell:command", (_event, name: ShellCommand) => command?.(name));

// Only the main process can send on this channel; a port cannot cross the context bridge, a window message can carry it.
ipcRenderer.on("shell:engine-port", (event, nonce: string) => {
  window.postMessage({ flamewright: nonce }, window.location.origin, event.ports);
});

const bridge: ShellBridge = {
  platform: process.platform === "darwin" ? "darwin" : "linux",
  connect: async (nonce) => {
    const problem: unknown = await ipcRenderer.invoke("shell:connect", String(nonce));
    if (typeof problem === "string") throw new Error(problem);
  },
  chooseOpenPaths: () => ipcRenderer.invoke("shell:choose-open-paths"),
  chooseSavePath: (suggestedName, extension) =>
    ipcRenderer.invoke("shell:choose-save-path", suggestedName, extension),
  pathOfFile: (file) => webUtils.getPathForFile(file),
  showInFolder: (path) => ipcRenderer.send("shell:show-in-folder", path),
  setTitle: (title) => ipcRenderer.send("shell:set-title", title),
  newWindow: () => ipcRenderer.send("shell:new-window"),
  keepOpen: (files: readonly KeptFile[]) => ipcRenderer.send("shell:keep-open", files),
  onLost: (handler) => {
    tellLost = handler;
    if (lost !== "") handler(lost);
    lost = "";
  },
  onOpenPath: (handler) => {
    openPath = handler;
    for (const early of earlyPaths.splice(0)) handler(...early);
  },
  onCommand: (handler) => {
    command = handler;
  },
};

contextBridge.exposeInMainWorld("flamewright", bridge);
