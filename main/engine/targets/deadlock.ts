import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { PerfTextMaps } from "#core/importers/shared/perf-text-maps.ts";
import { findSymbols } from "../symbols/index.ts";
import { readProcText } from "./proc-files.ts";

/** A thread that waits for a lock, and who has it. */
export interface LockWaiter {
  readonly tid: number;
  readonly address: string;
  readonly ownerTid: number;
}

/** Number of the system call futex, by processor; on others nothing is told. */
const futexCalls: Readonly<Record<string, string>> = { x64: "202", arm64: "98" };
/** FUTEX_WAIT alone: glibc waits for a mutex with it, and for conditions and thread ends with FUTEX_WAIT_BITSET. */
const FUTEX_WAIT = 0;
const FUTEX_COMMAND = 0x7f;
/** Of __owner in glibc's pthread_mutex_t; its first word is what threads wait at. */
const OWNER_OFFSET = 8;

/**
 * The threads of a process that wait for a mutex whose owner is another thread of it, from /proc: what each one is blocked
 * in, and the owner that glibc writes into the mutex. Costs the target nothing. Empty where this user may not look.
 */
export function lockWaiters(pid: number): readonly LockWaiter[] {
  const futex = futexCalls[process.arch];
  if (futex === undefined) return [];
  const tids = namesIn(`/proc/${pid}/task`).map(Number);
  const threads = new Set(tids);
  const waiters: LockWaiter[] = [];
  let memory: number | null = null;
  try {
    for (const tid of tids) {
      const [call, address = "", operation = ""] = (
        readProcText(`/proc/${pid}/task/${tid}/syscall`) ?? ""
      ).split(" ");
      if (call !== futex || (Number(operation) & FUTEX_COMMAND) !== FUTEX_WAIT) continue;
      memory ??= openSync(`/proc/${pid}/mem`, "r");
      const word = new Uint8Array(4);
      if (readSync(memory, word, 0, 4, Number(address) + OWNER_OFFSET) !== 4) continue;
      const ownerTid = new DataView(word.buffer).getInt32(0, true);
      // What is no mutex of glibc has something else there, which is hardly ever one of the process's own threads.
      if (ownerTid !== tid && threads.has(ownerTid)) waiters.push({ tid, address, ownerTid });
    }
  } catch {
    // The process ended, unmapped the lock, or belongs to someone else.
  } finally {
    if (memory !== null) closeSync(memory);
  }
  return waiters;
}

/** Threads that wait for each other in a ring, each once, from the one with the lowest number on. */
export function cycleOf(waiters: readonly LockWaiter[]): readonly LockWaiter[] {
  const byTid = new Map(waiters.map((waiter) => [waiter.tid, waiter]));
  for (const start of waiters) {
    const path: LockWaiter[] = [];
    const seen = new Set<number>();
    for (let at: LockWaiter | undefined = start; at && !seen.has(at.tid); at = byTid.get(at.ownerTid)) {
      seen.add(at.tid);
      path.push(at);
    }
    if (path.at(-1)?.ownerTid !== start.tid || path.length < 2) continue;
    const first = path.reduce((low, waiter, i) => (waiter.tid < (path[low]?.tid ?? 0) ? i : low), 0);
    return [...path.slice(first), ...path.slice(0, first)];
  }
  return [];
}

/** "left/12 waits for lock_b, which right/13 holds; right/13 waits for lock_a, which left/12 holds" */
export function deadlockWords(pid: number, cycle: readonly LockWaiter[]): string {
  const maps = new PerfTextMaps(findSymbols());
  maps.addMemoryMap(pid, readProcText(`/proc/${pid}/maps`) ?? "");
  const who = (tid: number): string =>
    `${(readProcText(`/proc/${pid}/task/${tid}/comm`) ?? "").trim()}/${tid}`;
  return cycle
    .map(
      ({ tid, address, ownerTid }) =>
        `${who(tid)} waits for ${maps.variable(pid, address) || address}, which ${who(ownerTid)} holds`,
    )
    .join("; ");
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
