import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const OTHERS_ENTER = 0o001;

/** May every user enter all the folders on the way? */
function isOpen(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & OTHERS_ENTER) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

let place: string | null = null;

/**
 * The project's folder by a path that every user of the machine may enter: its own, or, where it lies in somebody's home,
 * a second one of the same folder, until this process ends. Not in /tmp: what others may write to is not trusted to
 * run as root.
 */
export function openRoot(): string {
  if (place !== null) return place;
  if (isOpen(root)) {
    place = root;
    return root;
  }
  const mounted = mkdtempSync("/run/flamewright-test-");
  execFileSync("chmod", ["755", mounted]);
  execFileSync("mount", ["--bind", root, mounted]);
  process.on("exit", () => {
    execFileSync("umount", ["--lazy", mounted]);
    rmdirSync(mounted);
  });
  place = mounted;
  return mounted;
}

/** A file of the project, for a program that runs as somebody else. */
export const openPath = (path: string): string => join(openRoot(), relative(root, path));

/** The command line, for somebody else. */
export const openCli = (): string => openPath(join(root, "out", "node", "cli.js"));
