/** A choice in the application menu that the page carries out. */
export type ShellCommand =
  | "open-file"
  | "save-session"
  | "export-report"
  | "command-palette"
  | "keyboard-help"
  | "show-targets"
  | "show-sessions"
  | "show-compare"
  | "show-doctor"
  | "show-settings"
  | "pause-display"
  | "add-mark"
  | "stop-recording"
  | "theme-system"
  | "theme-dark"
  | "theme-light";

/** A file and what is shown of it, as words. */
export interface KeptFile {
  readonly path: string;
  readonly view: string;
}

/**
 * What the desktop shell offers to its page as `window.flamewright`; absent in a browser. Few calls on purpose:
 * everything about profiles goes over the engine's port instead.
 */
export interface ShellBridge {
  readonly platform: "linux" | "darwin";
  /**
   * Asks for a port to the engine, which is started where it is not running. The port comes as a `message` event
   * of this window, with one port and the data `{ flamewright: nonce }`; listen before the call, and take only the
   * message that carries the nonce given here. Resolves when the port is on its way; rejects with a sentence to show.
   */
  connect(nonce: string): Promise<void>;
  /** The files that the person chose; empty when they chose none. */
  chooseOpenPaths(): Promise<readonly string[]>;
  /** `extension` without the dot. */
  chooseSavePath(suggestedName: string, extension: string): Promise<string>;
  /** Path of a dropped or picked file; "" for one that is not on disk. */
  pathOfFile(file: File): string;
  showInFolder(path: string): void;
  setTitle(title: string): void;
  /** Another window, with a state of its own. */
  newWindow(): void;
  /** What the window has open, to be opened again should its page end unexpectedly; the one on the screen comes last. */
  keepOpen(files: readonly KeptFile[]): void;
  /** The page before this one ended unexpectedly: why, in a sentence. What it had open comes as paths. */
  onLost(handler: (why: string) => void): void;
  /**
   * The file of the command line, of a second start or of the recent documents, and the view that it was asked to be
   * shown in, as words ("" for none). Early ones wait for the handler.
   */
  onOpenPath(handler: (path: string, view: string) => void): void;
  onCommand(handler: (command: ShellCommand) => void): void;
}
