import { readFileSync } from "node:fs";

/** A process beyond its number: pids are reused, a start time (in clock ticks since boot) with the boot is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; "" where there is no /proc. */
  readonly startTicks: string;
  /** /proc/sys/kernel/random/boot_id; "" where there is none. */
  readonly bootId: string;
}

export function identityOf(pid: number): ProcessIdentity | null {
  const bootId = readOr("/proc/sys/kernel/random/boot_id", "").trim();
  if (bootId === "") return isRunning(pid) ? { pid, startTicks: "", bootId } : null;
  const stat = readOr(`/proc/${pid}/stat`, "");
  // The name in parentheses may hold spaces and parentheses: what follows starts after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0] ?? "";
  const startTicks = fields[19] ?? "";
  return stat === "" || startTicks === "" || state === "Z" || state === "X"
    ? null
    : { pid, startTicks, bootId };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identityOf(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
