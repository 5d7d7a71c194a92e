import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";

/** A disk of a few mebibytes over a folder, which only root can make. */

const run = (program: string, ...args: string[]): void => {
  // Not by name alone: these are the system's own, wherever PATH leads.
  execFileSync(`/usr/bin/${program}`, args, { stdio: "ignore" });
};

export const maySmallDisk = ((): boolean => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    run("unshare", "--mount", "/usr/bin/mount", "-t", "tmpfs", "tmpfs", "/mnt");
    return true;
  } catch {
    return false;
  }
})();

export const mountSmallDisk = (folder: string, sizeMebibytes: number): void =>
  run("mount", "-t", "tmpfs", "-o", `size=${sizeMebibytes}m`, "tmpfs", folder);

export const unmountSmallDisk = (folder: string): void => run("umount", "--lazy", folder);

/** Writes to the file until there is no room for another byte. */
export function fillDisk(path: string): void {
  const file = openSync(path, "a");
  try {
    for (const blockBytes of [1 << 20, 4096, 1]) writeUntilFull(file, new Uint8Array(blockBytes));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, block: Uint8Array): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
