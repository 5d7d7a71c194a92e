import { formatBytes } from "../../base/numbers.ts";
import type { RecordRequest, TargetInfo } from "../../model/recording.ts";
import type { Check, Host } from "../profiler.ts";

/** Checks that several profilers share. A failed check's id is the code of the problem it becomes. */

const leastFreeBytes = 64 * 2 ** 20;
const comfortableFreeBytes = 1024 * 2 ** 20;

export const passed = (id: string, title: string, found: string): Check => ({
  id,
  title,
  status: "ok",
  found,
  prevents: "",
  fix: "",
  consequence: "",
});

export async function checkDisk(host: Host): Promise<Check> {
  const title = "Room for the recording";
  const freeBytes = await host.freeDiskBytes();
  const found = `${formatBytes(freeBytes)} are free where sessions are written`;
  if (freeBytes >= comfortableFreeBytes) return passed("disk-space", title, found);
  const full = freeBytes < leastFreeBytes;
  return {
    id: full ? "disk-full" : "disk-space",
    title,
    status: full ? "fail" : "warn",
    found,
    prevents: full ? "Nothing could be kept." : "A long recording may fill the disk and end early.",
    fix: "Delete sessions that are not needed, or give FLAMEWRIGHT_HOME the path of a folder on another disk.",
    consequence: "Deleted sessions are gone for good.",
  };
}

export function noSuchProcess(pid: number): Check {
  return {
    id: "no-such-process",
    title: "The process",
    status: "fail",
    found: `There is no process ${pid}.`,
    prevents: "There is nothing to attach to.",
    fix: "Pick a process from the list: it may have ended, or started again under another number.",
    consequence: "",
  };
}

export function notYours(target: TargetInfo, prevents: string): Check {
  return {
    id: "not-yours",
    title: "The process",
    status: "fail",
    found: `Process ${target.pid} (${target.name}) belongs to ${target.user}.`,
    prevents,
    fix: `Run Flamewright as ${target.user}: sudo -u ${target.user} flamewright record --pid ${target.pid}`,
    consequence: `The recording then belongs to ${target.user}; it lasts for that command only.`,
  };
}

/** The program of a launch: found on PATH, or given with a slash and left to the system to judge. */
export async function checkLaunch(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  if (request.target.kind !== "launch") return [];
  const program = request.target.argv[0] ?? "";
  const title = "The program";
  if (program.includes("/")) return [passed("program", title, program)];
  const path = await host.findTool(program);
  if (path !== null) return [passed("program", title, path)];
  return [
    {
      id: "no-such-program",
      title,
      status: "fail",
      found: `There is no program "${program}" on PATH.`,
      prevents: "There is nothing to start.",
      fix: "Check the spelling, or give the program's full path.",
      consequence: "",
    },
  ];
}

/** Of what gdb puts into a running process. */
export async function checkGdb(host: Host, title: string): Promise<Check> {
  const gdb = await host.findTool("gdb");
  if (gdb !== null) return passed("gdb", "gdb", gdb);
  return {
    id: "gdb-missing",
    title: "gdb",
    status: "fail",
    found: "gdb is not installed.",
    prevents: `${title} is put into a running process by gdb.`,
    fix: `Install it: sudo apt install gdb. Or launch the program with ${title}, which needs no gdb.`,
    consequence: "Installs a program; it stays until it is removed.",
  };
}

/** The kinds of target a profiler does not take. */
export function checkKind(request: RecordRequest, taken: readonly string[], title: string): readonly Check[] {
  if (taken.includes(request.target.kind)) return [];
  return [
    {
      id: "wrong-target",
      title: "The target",
      status: "fail",
      found: `${title} cannot record a target of the kind "${request.target.kind}".`,
      prevents: "There is no way to attach.",
      fix: "Choose another profiler, or a process from the list.",
      consequence: "",
    },
  ];
}

/** A version that is not known is as good as any. */
export function isOlder(version: string, major: number, minor: number): boolean {
  const [ofMajor = Number.NaN, ofMinor = 0] = version.split(".").map(Number);
  return ofMajor < major || (ofMajor === major && ofMinor < minor);
}
