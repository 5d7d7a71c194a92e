import { type Disposable, disposable } from "#core/base/disposable.ts";
import { deadlockMark } from "#core/model/lock-waits.ts";
import { cycleOf, deadlockWords, lockWaiters } from "./targets/deadlock.ts";

const everyMs = 500;

/** Looks for threads that wait for each other, and tells of each ring once: when it was there twice in a row. */
export function startDeadlockWatch(pid: number, tell: (name: string) => void): Disposable {
  let last = "";
  const told = new Set<string>();
  const timer = setInterval(() => {
    const cycle = cycleOf(lockWaiters(pid));
    const key = JSON.stringify(cycle);
    if (cycle.length > 0 && key === last && !told.has(key)) {
      told.add(key);
      tell(`${deadlockMark}${deadlockWords(pid, cycle)}`);
    }
    last = key;
  }, everyMs);
  return disposable(() => clearInterval(timer));
}
