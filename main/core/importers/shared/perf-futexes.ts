import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { LockWaits, type WaitedLock } from "./lock-waits.ts";
import type { SpanWords } from "./perf-span-words.ts";
import type { SpanThreads, VariableNames } from "./perf-spans.ts";
import { waitDepth, waitKindOf } from "./wait-words.ts";

/** FUTEX_WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2: https://man7.org/linux/man-pages/man2/futex.2.html */
const waits = new Set([0, 6, 9, 11, 13]);
/** FUTEX_WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, UNLOCK_PI, WAKE_BITSET, CMP_REQUEUE_PI */
const wakes = new Set([1, 3, 4, 5, 7, 10, 12]);
/** Without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME. */
const COMMAND = 0x7f;

/** FUTEX_WAIT: the C library's mutexes; its condition variables call with FUTEX_WAIT_BITSET. */
const MUTEX_WAIT = 0;
const isResult = (result: string, number: number): boolean =>
  result === String(number) || result === `0x${(0x1_0000_0000_0000_0000n + BigInt(number)).toString(16)}`;
const EAGAIN = -11;
const ETIMEDOUT = -110;

interface Wait {
  readonly lock: WaitedLock;
  readonly isIdle: boolean;
  readonly thread: number;
  readonly stack: number;
  readonly startNs: number;
  /** Where it waits now. */
  address: string;
  command: number;
  isResumed: boolean;
  /** Its last call about a condition was over without the lock: it goes on. */
  isAsking: boolean;
  /** Until here is told who had it. */
  toldNs: number;
  /** ns by holder. */
  readonly holders: Map<string, number>;
}

interface Paused {
  readonly wait: Wait;
  readonly atNs: number;
}

/**
 * CPython wants the GIL for 5 ms, asks for it, and wants it again, through a condition variable and its mutex: one wait for
 * it is many calls, and lasts from the first to the end of the last. Between two of them lie microseconds, or the time for
 * which a busy machine gives the thread no processor: long ones are told from a wait anew where the thread had to ask.
 */
const askingPauseNs = 5e6;
const pauseNs = 0.1e6;

/**
 * Waits for futexes, from enter to exit of the system call. Who wakes a waiter of a mutex had it until then: glibc makes
 * that call when it lets go of a lock that somebody waits for. So the wakes within a wait tell who held the lock when, and
 * their stacks where.
 */
export class PerfFutexes {
  readonly #out: ProfileBuilder;
  readonly #threads: SpanThreads;
  readonly #maps: VariableNames;
  readonly #locks: LockWaits;
  readonly #byThread = new Map<number, Wait>();
  /** Waits for the GIL whose call is over and that may go on with the next, by thread; the oldest first. */
  readonly #paused = new Map<number, Paused>();
  readonly #byAddress = new Map<string, Set<Wait>>();
  /** By stack. */
  readonly #kinds = new Map<number, ReturnType<typeof waitKindOf>>();
  /** By address and kind, so that a lock is one object. */
  readonly #known = new Map<string, WaitedLock>();

  constructor(out: ProfileBuilder, threads: SpanThreads, maps: VariableNames) {
    this.#out = out;
    this.#threads = threads;
    this.#maps = maps;
    this.#locks = new LockWaits(out);
  }

  enter(thread: number, timeNs: number, stack: number, { address, operation }: SpanWords): void {
    if (operation < 0 || thread === NONE) return;
    const command = operation & COMMAND;
    this.#giveUp(timeNs);
    if (waits.has(command)) this.#begin(thread, timeNs, stack, address, command);
    else if (wakes.has(command)) this.#wake(thread, timeNs, stack, address);
  }

  exit(thread: number, timeNs: number, { result }: SpanWords): void {
    const wait = this.#byThread.get(thread);
    if (!wait) return;
    this.#forget(wait);
    // The lock was free by then: nobody waited.
    const isFree = isResult(result, EAGAIN);
    if (wait.lock.kind === "GIL") {
      if (wait.command !== MUTEX_WAIT) wait.isAsking = isResult(result, ETIMEDOUT);
      if (!isFree || wait.isResumed) this.#paused.set(thread, { wait, atNs: timeNs });
    } else if (!isFree) this.#write(wait, timeNs, false);
  }

  finish(): void {
    this.#giveUp(Number.POSITIVE_INFINITY);
    for (const wait of this.#byThread.values()) this.#write(wait, this.#out.lastTimeNs, true);
    this.#byThread.clear();
    this.#byAddress.clear();
  }

  #begin(thread: number, startNs: number, stack: number, address: string, command: number): void {
    const known = this.#byThread.get(thread);
    if (known) this.#forget(known);
    const { kind, isIdle } = this.#kindOf(stack);
    const paused = this.#paused.get(thread);
    if (paused) {
      this.#paused.delete(thread);
      const { wait, atNs } = paused;
      const isPart =
        wait.isAsking ||
        ((command === MUTEX_WAIT || wait.command === MUTEX_WAIT) && startNs - atNs < pauseNs);
      if (kind === "GIL" && isPart) {
        this.#wait(Object.assign(wait, { address, command, isResumed: true }));
        return;
      }
      this.#write(wait, atNs, false);
    }
    // One address is one lock in one process; its pid keeps those of several apart.
    const pid = this.#threads.pidOf(thread);
    const key = `${pid} ${address} ${kind}`;
    let lock = this.#known.get(key);
    if (!lock) {
      // A thread that wants the GIL waits at one of several words by turns.
      const name = kind === "GIL" ? kind : this.#maps.variable(pid, address);
      lock = { name, address, kind };
      this.#known.set(key, lock);
    }
    this.#wait({
      lock,
      isIdle,
      thread,
      stack,
      startNs,
      address,
      command,
      isResumed: false,
      isAsking: false,
      toldNs: startNs,
      holders: new Map(),
    });
  }

  #wait(wait: Wait): void {
    this.#byThread.set(wait.thread, wait);
    const waiting = this.#byAddress.get(wait.address);
    if (waiting) waiting.add(wait);
    else this.#byAddress.set(wait.address, new Set([wait]));
  }

  /** What did not go on by now has ended when its call did. */
  #giveUp(nowNs: number): void {
    for (const [thread, { wait, atNs }] of this.#paused) {
      if (nowNs - atNs < askingPauseNs) return;
      this.#paused.delete(thread);
      this.#write(wait, atNs, false);
    }
  }

  #wake(thread: number, timeNs: number, stack: number, address: string): void {
    for (const wait of this.#byAddress.get(address) ?? []) {
      const heldNs = timeNs - wait.toldNs;
      if (!(heldNs > 0) || wait.thread === thread) continue;
      wait.toldNs = timeNs;
      const who = this.#threads.title(thread);
      wait.holders.set(who, (wait.holders.get(who) ?? 0) + heldNs);
      if (!wait.isIdle) this.#locks.held(wait.lock, timeNs, thread, stack, heldNs);
    }
  }

  #forget(wait: Wait): void {
    this.#byThread.delete(wait.thread);
    const { address } = wait;
    const waiting = this.#byAddress.get(address);
    waiting?.delete(wait);
    if (waiting?.size === 0) this.#byAddress.delete(address);
  }

  #write(wait: Wait, endNs: number, isOpen: boolean): void {
    const { lock, isIdle, thread, stack, startNs } = wait;
    const [holder = ""] = [...wait.holders].sort((a, b) => b[1] - a[1])[0] ?? [];
    this.#locks.wait({ lock, isIdle, thread, stack, startNs, endNs, holder, isOpen });
  }

  #kindOf(stack: number): ReturnType<typeof waitKindOf> {
    let kind = this.#kinds.get(stack);
    if (!kind) {
      kind = waitKindOf(this.#out.stackNames(stack, waitDepth));
      this.#kinds.set(stack, kind);
    }
    return kind;
  }
}
