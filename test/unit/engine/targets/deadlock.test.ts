import { expect, test } from "vitest";
import { cycleOf, type LockWaiter, lockWaiters } from "../../../../main/engine/targets/deadlock.ts";

const waits = (...pairs: readonly (readonly [number, number])[]): readonly LockWaiter[] =>
  pairs.map(([tid, ownerTid]) => ({ tid, ownerTid, address: `0x${ownerTid}` }));

test.each([
  ["nobody waits", waits(), []],
  ["a queue", waits([1, 2], [2, 3], [4, 3]), []],
  ["two", waits([7, 5], [5, 7]), [5, 7]],
  ["three, and one that waits for them", waits([1, 2], [9, 1], [3, 1], [2, 3]), [1, 2, 3]],
])("rings of waiting: %s", (_, waiters, ring) => {
  expect(cycleOf(waiters).map(({ tid }) => tid)).toEqual(ring);
});

test("a process that is gone, or waits for nothing, has no waiters", () => {
  expect(lockWaiters(2 ** 22 - 3)).toEqual([]);
  expect(lockWaiters(process.pid)).toEqual([]);
});
