import { statSync } from "node:fs";
import { readProcText } from "./proc-files.ts";

const passwdPath = "/etc/passwd";

/** Names of user ids; the number itself where there is none. Notices when the file changes. */
export function createUserNames(path = passwdPath): (uid: number) => string {
  let names = new Map<number, string>();
  let readAtMs = -1;
  let changedAtMs = -1;
  return (uid) => {
    const nowMs = performance.now();
    if (readAtMs < 0 || nowMs - readAtMs > 60_000) {
      readAtMs = nowMs;
      const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1;
      if (modifiedMs !== changedAtMs) {
        changedAtMs = modifiedMs;
        names = parsePasswd(readProcText(path) ?? "");
      }
    }
    return names.get(uid) ?? String(uid);
  };
}

export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , uid] = line.split(":");
    if (name === undefined || name === "" || uid === undefined || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
