import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { idleWaitsId, lockHoldersId, lockLabel, lockWaitsId } from "../../model/lock-waits.ts";

/** A lock as somebody waits for it. */
export interface WaitedLock {
  /** The variable's name; "" where there is none. */
  readonly name: string;
  /** "" where it has none. */
  readonly address: string;
  readonly kind: string;
}

export interface LockWait {
  readonly lock: WaitedLock;
  readonly startNs: number;
  readonly endNs: number;
  readonly thread: number;
  readonly stack: number;
  /** Waiting for work or a signal. */
  readonly isIdle: boolean;
  /** "name/tid"; "" where nobody knows. */
  readonly holder: string;
  /** It had not ended when the recording did. */
  readonly isOpen?: boolean;
}

/** So many waits of about the same length, summed up before anybody saw them. */
interface WaitSum {
  readonly timeNs: number;
  readonly thread: number;
  readonly stack: number;
  readonly totalNs: number;
  readonly count: number;
}

/** Writes waits for locks as the model has them: a sample each, and an interval; of sums, a sample alone. */
export class LockWaits {
  readonly #out: ProfileBuilder;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  /** That locks were looked at shows, though nobody may have waited. */
  begin(): void {
    this.#series("waits");
  }

  wait({ lock, startNs, endNs, thread, stack, isIdle, holder, isOpen = false }: LockWait): void {
    const out = this.#out;
    const labels = out.labelSet([
      ...this.#labels(lock),
      ...this.#holder(holder),
      ...(isOpen ? [{ key: out.string(lockLabel.open), text: out.string("yes") }] : []),
    ]);
    this.#series(isIdle ? "idle" : "waits").add(
      out.seen(endNs),
      thread,
      stack,
      Math.max(0, endNs - startNs),
      1,
      labels,
    );
    out.interval({
      start: startNs,
      end: isOpen ? Number.NaN : endNs,
      thread,
      category: out.string(isIdle ? "idle" : "lock"),
      name: out.string(titleOf(lock)),
      stack,
      args: out.string(
        JSON.stringify({
          kind: lock.kind,
          ...(lock.address !== "" && { address: lock.address }),
          ...(holder !== "" && { holder }),
        }),
      ),
    });
  }

  summed(sum: WaitSum & Pick<LockWait, "lock" | "isIdle" | "holder">): void {
    const { lock, isIdle, holder, timeNs, thread, stack, totalNs, count } = sum;
    const labels = this.#out.labelSet([...this.#labels(lock), ...this.#holder(holder)]);
    this.#series(isIdle ? "idle" : "waits").add(timeNs, thread, stack, totalNs, count, labels);
  }

  heldInAll(lock: WaitedLock, { timeNs, thread, stack, totalNs, count }: WaitSum): void {
    this.#series("holders").add(
      timeNs,
      thread,
      stack,
      totalNs,
      count,
      this.#out.labelSet(this.#labels(lock)),
    );
  }

  #holder(holder: string) {
    const out = this.#out;
    return holder === "" ? [] : [{ key: out.string(lockLabel.holder), text: out.string(holder) }];
  }

  /** A stretch of somebody's wait during which this thread had the lock; `stack` is where it let it go. */
  held(lock: WaitedLock, timeNs: number, thread: number, stack: number, heldNs: number): void {
    if (thread === NONE || !(heldNs > 0)) return;
    const out = this.#out;
    this.#series("holders").add(out.seen(timeNs), thread, stack, heldNs, 1, out.labelSet(this.#labels(lock)));
  }

  #labels(lock: WaitedLock) {
    const out = this.#out;
    return [
      { key: out.string(lockLabel.lock), text: out.string(titleOf(lock)) },
      { key: out.string(lockLabel.kind), text: out.string(lock.kind) },
      ...(lock.address === ""
        ? []
        : [{ key: out.string(lockLabel.address), text: out.string(lock.address) }]),
    ];
  }

  #series(what: keyof typeof seriesOf): SeriesBuilder {
    const { id, name, kind } = seriesOf[what];
    return this.#out.series({
      id,
      name,
      kind,
      timed: true,
      values: [
        { name: "time", unit: "nanoseconds" },
        { name: "waits", unit: "count" },
      ],
    });
  }
}

const seriesOf = {
  waits: { id: lockWaitsId, name: "Waits for locks", kind: "lock" },
  holders: { id: lockHoldersId, name: "Holders of locks that others waited for", kind: "lock" },
  idle: { id: idleWaitsId, name: "Waits for work and signals", kind: "offcpu" },
} as const;

const titleOf = ({ name, address }: WaitedLock): string => name || address || "a lock";
