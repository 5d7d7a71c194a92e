import { constants } from "node:fs";
import { access } from "node:fs/promises";
import type { Check, Host } from "#core/profilers/profiler.ts";
import { checkMachine } from "#core/profilers/shared/check-machine.ts";
import { passed } from "#core/profilers/shared/checks.ts";
import type { Home } from "./library/home.ts";

/** What the workbench itself needs of the machine, whatever the profiler. */
export async function machineChecks(host: Host, home: Home): Promise<readonly Check[]> {
  return [...(await checkMachine(host)), await folderCheck(home), await procCheck(host)];
}

async function folderCheck(home: Home): Promise<Check> {
  const title = "Folder of sessions";
  try {
    await access(home.sessions, constants.R_OK | constants.W_OK | constants.X_OK);
    return passed("session-folder", title, home.sessions);
  } catch (error) {
    return {
      id: "session-folder",
      title,
      status: "fail",
      found: `${home.sessions} cannot be written (${error instanceof Error ? error.message : String(error)})`,
      prevents: "Nothing can be recorded.",
      fix: "Give FLAMEWRIGHT_HOME the path of a folder of yours.",
      consequence: "Sessions are then kept there.",
    };
  }
}

/** /proc mounted with hidepid shows nobody else's processes. */
async function procCheck(host: Host): Promise<Check> {
  const title = "List of processes";
  const mounts = await host.readText("/proc/self/mounts");
  const options = /^\S+ \/proc proc (\S+)/m.exec(mounts ?? "")?.[1] ?? "";
  const hidden = /(^|,)hidepid=(1|2|noaccess|invisible|ptraceable)\b/.exec(options)?.[0].replace(",", "");
  if (hidden === undefined || host.uid === 0) return passed("proc", title, "/proc shows every process");
  return {
    id: "proc",
    title,
    status: "warn",
    found: `/proc is mounted with ${hidden}`,
    prevents: "Only processes of your own are listed.",
    fix: "sudo mount -o remount,hidepid=0 /proc",
    consequence: "Until the next boot; every user then sees every process's command line.",
  };
}
