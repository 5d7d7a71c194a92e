import { readdirSync } from "node:fs";
import type { TargetInfo } from "#core/model/recording.ts";
import { containerOf } from "./cgroup.ts";
import { readLink, readProc, readProcText } from "./proc-files.ts";
import { createRuntimeDetector } from "./runtime.ts";
import { isGone, parseStat, type StatLine } from "./stat.ts";
import { createUserNames } from "./users.ts";

/** USER_HZ: 100 on every Linux that Node runs on; the unit of times in /proc. */
export const ticksPerSecond = 100;
/** What an exec may change is read again after so long, when comm did not give it away. */
const detailsLastMs = 30_000;

interface Details {
  readonly command: string;
  readonly uid: number;
  readonly user: string;
  readonly own: boolean;
  readonly runtime: TargetInfo["runtime"];
  readonly container: string;
  readonly startedAtMs: number;
}

interface Entry {
  readonly startTicks: number;
  comm: string;
  cpuTicks: number;
  cpuPercent: number;
  details: Details;
  detailsAtMs: number;
  /** Refreshes survived: a young process is looked at again, for it may still exec under the same name. */
  age: number;
  round: number;
}

export interface ProcessTable {
  /** One look at every process: CPU is what was used since the last look. */
  refresh(): { readonly targets: readonly TargetInfo[]; readonly hidden: number };
  get(pid: number): TargetInfo | null;
}

export function createProcessTable(ownUid = process.getuid?.() ?? 0): ProcessTable {
  const entries = new Map<number, Entry>();
  const userName = createUserNames();
  const runtimeOf = createRuntimeDetector();
  const bootMs = bootTimeMs();
  const pageBytes = pageSizeBytes();
  let round = 0;
  let lastRefreshMs = 0;

  const readDetails = (pid: number, stat: StatLine): Details => {
    const status = readProc(`/proc/${pid}/status`)?.toString("latin1") ?? "";
    // Effective, not real: that is whose rights it has, and who may attach.
    const uid = Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? 0);
    const words = (readProc(`/proc/${pid}/cmdline`, 1 << 16)?.toString("utf8") ?? "").split("\0");
    if (words.at(-1) === "") words.pop();
    const exe = stat.kernelThread ? "" : readLink(`/proc/${pid}/exe`);
    const started = bootMs + (stat.startTicks / ticksPerSecond) * 1000;
    return {
      command: words.join(" "),
      uid,
      user: userName(uid),
      own: ownUid === 0 || uid === ownUid,
      runtime: stat.kernelThread ? "kernel" : runtimeOf(pid, exe, words[0] ?? ""),
      container: stat.kernelThread ? "" : containerOf(readProcText(`/proc/${pid}/cgroup`) ?? ""),
      startedAtMs: Math.round(started),
    };
  };

  const entryOf = (pid: number, stat: StatLine, nowMs: number): Entry => {
    const known = entries.get(pid);
    if (known !== undefined && known.startTicks === stat.startTicks) {
      const stale = !stat.kernelThread && nowMs - known.detailsAtMs > detailsLastMs + (pid % 97) * 100;
      if (known.comm !== stat.comm || stale || (known.age === 1 && !stat.kernelThread)) {
        known.comm = stat.comm;
        known.details = readDetails(pid, stat);
        known.detailsAtMs = nowMs;
      }
      return known;
    }
    const entry: Entry = {
      startTicks: stat.startTicks,
      comm: stat.comm,
      cpuTicks: stat.cpuTicks,
      cpuPercent: 0,
      details: readDetails(pid, stat),
      detailsAtMs: nowMs,
      age: 0,
      round,
    };
    entries.set(pid, entry);
    return entry;
  };

  const infoOf = (pid: number, stat: StatLine, entry: Entry): TargetInfo => ({
    pid,
    ppid: stat.ppid,
    name: stat.comm,
    command: entry.details.command,
    user: entry.details.user,
    uid: entry.details.uid,
    cpuPercent: entry.cpuPercent,
    rssBytes: stat.rssPages * pageBytes,
    threads: stat.threads,
    startedAtMs: entry.details.startedAtMs,
    runtime: entry.details.runtime,
    container: entry.details.container,
    own: entry.details.own,
  });

  return {
    refresh() {
      round++;
      const nowMs = performance.now();
      const spanS = lastRefreshMs === 0 ? 0 : (nowMs - lastRefreshMs) / 1000;
      lastRefreshMs = nowMs;
      const targets: TargetInfo[] = [];
      let hidden = 0;
      for (const name of readdirSync("/proc")) {
        const first = name.charCodeAt(0);
        if (first < 0x30 || first > 0x39) continue;
        const pid = Number(name);
        const line = readProc(`/proc/${name}/stat`);
        if (line === null) {
          hidden++;
          continue;
        }
        const stat = parseStat(line);
        if (stat === null || isGone(stat)) continue;
        const entry = entryOf(pid, stat, nowMs);
        entry.age++;
        if (spanS > 0 && entry.round === round - 1) {
          entry.cpuPercent = (100 * (stat.cpuTicks - entry.cpuTicks)) / ticksPerSecond / spanS;
        }
        entry.cpuTicks = stat.cpuTicks;
        entry.round = round;
        targets.push(infoOf(pid, stat, entry));
      }
      for (const [pid, entry] of entries) if (entry.round !== round) entries.delete(pid);
      return { targets, hidden };
    },
    get(pid) {
      const line = readProc(`/proc/${pid}/stat`);
      const stat = line === null ? null : parseStat(line);
      if (stat === null || isGone(stat)) return null;
      const entry = entryOf(pid, stat, performance.now());
      // Asked for by name: what it runs now matters more than the cost of looking.
      entry.details = readDetails(pid, stat);
      return infoOf(pid, stat, entry);
    },
  };
}

/** Wall-clock time of the boot, which start times count from. */
function bootTimeMs(): number {
  const bootS = /^btime (\d+)$/m.exec(readProcText("/proc/stat") ?? "")?.[1];
  return bootS === undefined ? 0 : Number(bootS) * 1000;
}

/** 4 KiB on x86, up to 64 KiB on ARM: the unit of resident memory in /proc/PID/stat. */
export function pageSizeBytes(): number {
  const sizeKib = /^KernelPageSize:\s+(\d+) kB$/m.exec(readProcText("/proc/self/smaps") ?? "")?.[1];
  return sizeKib === undefined ? 4096 : Number(sizeKib) * 1024;
}
