import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import {
  deadlockMark,
  type LockKind,
  lockHolderSightingsId,
  lockLabel,
  lockSightingsId,
} from "../../model/lock-waits.ts";

interface DumpedLock {
  readonly address: string;
  /** Its class. */
  readonly name: string;
}

export interface DumpedThread {
  readonly name: string;
  readonly thread: number;
  readonly stack: number;
  readonly wants: (DumpedLock & { readonly kind: LockKind }) | null;
  /** `stack` is where it took the lock. */
  readonly has: readonly (DumpedLock & { readonly stack: number })[];
}

/** Who wants which lock in one dump of all threads, and who has it meanwhile. */
export class DumpedLocks {
  readonly #out: ProfileBuilder;
  #threads: DumpedThread[] = [];

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  add(thread: DumpedThread): void {
    if (thread.wants !== null || thread.has.length > 0) this.#threads.push(thread);
  }

  /** A dump is whole: an address is of no use in the next one, since collections move objects. */
  flush(timeNs: number): void {
    const out = this.#out;
    const owners = new Map(
      this.#threads.flatMap((thread) => thread.has.map((lock) => [lock.address, { thread, lock }] as const)),
    );
    for (const { wants, thread, stack } of this.#threads) {
      if (wants === null) continue;
      const owner = owners.get(wants.address);
      const words: [string, string][] = [
        [lockLabel.lock, wants.name],
        [lockLabel.kind, wants.kind],
      ];
      const labels = (all: readonly [string, string][]) =>
        out.labelSet(all.map(([key, text]) => ({ key: out.string(key), text: out.string(text) })));
      this.#series("waits").add(
        timeNs,
        thread,
        stack,
        1,
        0,
        labels(owner === undefined ? words : [...words, [lockLabel.holder, owner.thread.name]]),
      );
      if (owner !== undefined)
        this.#series("holders").add(timeNs, owner.thread.thread, owner.lock.stack, 1, 0, labels(words));
    }
    this.#threads = [];
  }

  #series(what: "waits" | "holders") {
    return this.#out.series({
      id: what === "waits" ? lockSightingsId : lockHolderSightingsId,
      name: what === "waits" ? "Threads that want a lock" : "Holders of locks that others want",
      kind: "lock",
      timed: true,
      values: [{ name: "samples", unit: "samples" }],
    });
  }
}

/** What a JVM says of threads that wait for each other, after all its threads. */
export class DumpedDeadlocks {
  readonly #out: ProfileBuilder;
  readonly #told: Set<string>;
  #isOpen = false;
  #thread = "";
  #lock = "";
  #ring: string[] = [];

  /** What `told` has in it was told by an earlier dump. */
  constructor(out: ProfileBuilder, told: Set<string>) {
    this.#out = out;
    this.#told = told;
  }

  /**
   * Takes what is its own:
   *
   *     Found one Java-level deadlock:
   *     =============================
   *     "left":
   *       waiting to lock monitor 0x00007fb234001bf0 (object 0x00000000ffd1d2a0, a JavaWaits$Door),
   *       which is held by "right"
   *     ...
   *     Java stack information for the threads listed above:
   */
  takes(line: string, timeNs: number): boolean {
    const found = /^Found .*deadlocks?([:.])$/.exec(line);
    if (found) {
      this.end(timeNs);
      this.#isOpen = found[1] === ":";
      return true;
    }
    if (!this.#isOpen || /^(?:\d{4}-\d\d-\d\d |Full thread dump )/.test(line)) return false;
    if (line.startsWith("Java stack information")) this.#tell(timeNs);
    const thread = /^"(.*)":$/.exec(line);
    const lock = /^\s+waiting (?:to lock monitor|for ownable synchronizer) .*\ba ([^\s),]+)\)/.exec(line);
    const holder = /\bheld by "(.*)"$/.exec(line);
    if (thread) this.#thread = thread[1] ?? "";
    else if (lock) this.#lock = lock[1] ?? "";
    else if (holder && this.#ring.length < MOST_THREADS)
      this.#ring.push(`${this.#thread} waits for ${this.#lock || "a lock"}, which ${holder[1]} holds`);
    return true;
  }

  /** Other threads follow, or nothing. */
  end(timeNs: number): void {
    this.#tell(timeNs);
    this.#isOpen = false;
  }

  #tell(timeNs: number): void {
    const words = this.#ring.join("; ");
    this.#ring = [];
    this.#lock = "";
    if (words === "" || this.#told.has(words)) return;
    this.#told.add(words);
    const out = this.#out;
    out.interval({
      start: timeNs,
      end: timeNs,
      category: out.string("mark"),
      name: out.string(`${deadlockMark}${words}`),
      stack: NONE,
    });
  }
}

const MOST_THREADS = 50;
