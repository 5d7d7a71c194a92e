import type { Profiler } from "./profiler.ts";
import { detectValgrind, isNative, valgrindChecks, valgrindTargets } from "./shared/valgrind.ts";
import { valgrindLocksPlan } from "./shared/valgrind-locks.ts";

/** Locks that are taken in different orders: deadlocks that have not happened yet. */
export const helgrind: Profiler = {
  id: "helgrind",
  title: "helgrind",
  summary:
    "Launches a program under valgrind: locks that are taken in different orders, which may become a deadlock; data races.",
  cost: "15 times slower in code that touches memory, up to 200 times in code that does nothing but lock; on one processor.",
  kinds: ["locks"],
  targets: valgrindTargets,
  options: [],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch)
      ? { score: 7, reason: "deadlocks that have not happened yet; but many times slower" }
      : null,
  detect: (host) => detectValgrind(host, "helgrind"),
  preflight: (host, request) => valgrindChecks(host, request, "helgrind", "2 times (computing) or more"),
  plan: (request, _options, found) =>
    valgrindLocksPlan(
      request,
      found,
      "helgrind",
      [],
      "helgrind tells when the program has ended, or is stopped here.",
    ),
};
