import { spawn } from "node:child_process";
import type { Terminal } from "./command.ts";

/** Asks the desktop to open an address; where no desktop is, the printed address has to do. */
export function openInBrowser(url: string, terminal: Terminal): void {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  child.once("error", () =>
    terminal.err("No browser could be opened from here: open the address yourself.\n"),
  );
  child.unref();
}
