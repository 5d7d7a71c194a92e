import type { KeptFile, ShellBridge, ShellCommand } from "#core/bridge.ts";

/** What the page may ask of the window it lives in: the desktop's dialogs, or the browser's own means. */
export interface Shell {
  readonly kind: "desktop" | "browser";
  readonly mac: boolean;
  /** Desktop only: the chosen paths, empty for none. */
  chooseOpenPaths(): Promise<readonly string[]>;
  /** Desktop only. */
  chooseSavePath(suggestedName: string, extension: string): Promise<string>;
  /** Browser only: files from the browser's own dialog; empty for none. */
  pickFiles(): Promise<readonly File[]>;
  /** "" where the file has no path that the engine could open. */
  pathOfFile(file: File): string;
  /** Browser only: saves bytes as a download. */
  download(name: string, bytes: Blob): void;
  showInFolder(path: string): void;
  setTitle(title: string): void;
  /** Another window or tab, with a state of its own. */
  newWindow(): void;
  /** Desktop only: what is to be opened again should the page end unexpectedly; the one on the screen comes last. */
  keepOpen(files: readonly KeptFile[]): void;
  /** Desktop only: the page before this one ended unexpectedly, and why. */
  onLost(handler: (why: string) => void): void;
  onOpenPath(handler: (path: string, view: string) => void): void;
  onCommand(handler: (command: ShellCommand) => void): void;
  reload(): void;
}

export function createShell(bridge: ShellBridge | undefined): Shell {
  const reload = (): void => window.location.reload();
  if (bridge) {
    return {
      kind: "desktop",
      mac: bridge.platform === "darwin",
      chooseOpenPaths: () => bridge.chooseOpenPaths(),
      chooseSavePath: (name, extension) => bridge.chooseSavePath(name, extension),
      pickFiles: () => Promise.resolve([]),
      pathOfFile: (file) => bridge.pathOfFile(file),
      download: () => undefined,
      showInFolder: (path) => bridge.showInFolder(path),
      setTitle: (title) => {
        document.title = title;
        bridge.setTitle(title);
      },
      newWindow: () => bridge.newWindow(),
      keepOpen: (files) => bridge.keepOpen(files),
      onLost: (handler) => bridge.onLost(handler),
      onOpenPath: (handler) => bridge.onOpenPath(handler),
      onCommand: (handler) => bridge.onCommand(handler),
      reload,
    };
  }
  return {
    kind: "browser",
    mac: navigator.platform.startsWith("Mac"),
    chooseOpenPaths: () => Promise.resolve([]),
    chooseSavePath: () => Promise.resolve(""),
    pickFiles,
    pathOfFile: () => "",
    download,
    showInFolder: () => undefined,
    setTitle: (title) => {
      document.title = title;
    },
    newWindow: () => void window.open(window.location.pathname, "_blank", "noopener"),
    keepOpen: () => undefined,
    onLost: () => undefined,
    onOpenPath: (handler) => {
      const [path, view] = openInAddress();
      if (path !== "") handler(path, view);
    },
    onCommand: () => undefined,
    reload,
  };
}

/**
 * The file that the workbench was started with and its view: `#open=PATH&view=WORDS`, taken out of the address so that a
 * reload is a fresh start.
 */
function openInAddress(): readonly [path: string, view: string] {
  const asked = new URLSearchParams(window.location.hash.slice(1));
  const path = asked.get("open") ?? "";
  if (path !== "") window.history.replaceState(null, "", window.location.pathname);
  return [path, asked.get("view") ?? ""];
}

function pickFiles(): Promise<readonly File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    // In the page while its dialog is open: nothing else would hold it until something was chosen.
    input.hidden = true;
    document.body.append(input);
    const end = (): void => {
      input.remove();
      resolve([...(input.files ?? [])]);
    };
    input.addEventListener("change", end, { once: true });
    input.addEventListener("cancel", end, { once: true });
    input.click();
  });
}

/** Long enough for any browser to have begun reading the blob. */
const REVOKE_AFTER_MS = 60_000;

function download(name: string, bytes: Blob): void {
  const url = URL.createObjectURL(bytes);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
