import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { deadlockMark, lockHoldsId, lockLabel } from "../../model/lock-waits.ts";

interface LockError {
  /** drd's HoldtimeErr, helgrind's LockOrder. */
  readonly kind: string;
  readonly what: string;
  readonly thread: number;
  /** The first is where the lock was taken, or taken in the wrong order; others as valgrind gives them. */
  readonly stacks: readonly number[];
}

/** What drd and helgrind say of locks, as the table of locks knows it; null for their other errors. */
export function lockError(out: ProfileBuilder, error: LockError): ((count: number) => void) | null {
  const { kind, what, thread, stacks } = error;
  const held = /^Lock on (\w+) (0x[0-9a-f]+) was held during (\d+) ms/.exec(what);
  if (kind === "HoldtimeErr" && held) {
    const [, type = "", address = "", ms = "0"] = held;
    const labels = out.labelSet(
      (
        [
          [lockLabel.lock, address],
          [lockLabel.kind, `${type} (held)`],
          [lockLabel.address, address],
        ] as const
      ).map(([key, text]) => ({ key: out.string(key), text: out.string(text) })),
    );
    const series = out.series({
      id: lockHoldsId,
      name: "Locks held for long",
      kind: "lock",
      timed: false,
      values: [
        { name: "held", unit: "nanoseconds" },
        { name: "contentions", unit: "count" },
      ],
    });
    return (count) => series.add(0, thread, stacks[0] ?? NONE, Number(ms) * 1e6 * count, count, labels);
  }
  const order = /^Thread #\d+: lock order "(0x[0-9A-F]+) before (0x[0-9A-F]+)" violated/.exec(what);
  if (kind === "LockOrder" && order) {
    const [, required = "", other = ""] = order;
    const [here = "somebody", there = "somebody"] = stacks.map((stack) => placeOf(out, stack) || undefined);
    // The same of two threads is one, whichever came first.
    const [low, high] = [required, other].sort();
    const [usual, turned] = low === required ? [there, here] : [here, there];
    const name = `${deadlockMark}possible: ${usual} takes ${low} before ${high}, and ${turned} the other way round`;
    return () =>
      out.interval({
        start: 0,
        end: 0,
        category: out.string("mark"),
        name: out.string(name),
        stack: stacks[0] ?? NONE,
      });
  }
  return null;
}

/** The innermost function that is neither valgrind's nor the library's. */
const placeOf = (out: ProfileBuilder, stack: number): string =>
  out.stackNames(stack, 12).find((name) => !/^(?:0x|\?\?\?|pthread_|mutex_|__)/.test(name)) ?? "";
