import { readdirSync } from "node:fs";
import { readProc } from "../targets/proc-files.ts";

/** Names of the machine's disks by their numbers, as the kernel's events have them: "254:0" is "vda". */
export function blockDevices(): readonly { readonly name: string; readonly number: string }[] {
  return foldersOf("/sys/block").flatMap((name) => {
    const number = readProc(`/sys/block/${name}/dev`)?.toString("latin1").trim() ?? "";
    return number === "" ? [] : [{ name, number }];
  });
}

function foldersOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    // No such folder in some containers: the numbers stand for the names.
    return [];
  }
}
