import type { Profiler } from "./profiler.ts";
import { numberOption } from "./shared/options.ts";
import { detectValgrind, isNative, valgrindChecks, valgrindTargets } from "./shared/valgrind.ts";
import { valgrindLocksPlan } from "./shared/valgrind-locks.ts";

/** Locks that are held for long, with where they were taken, whether or not somebody waits for them. */
export const drd: Profiler = {
  id: "drd",
  title: "drd",
  summary:
    "Launches a program under valgrind: locks that are held for long, with where they were taken; data races.",
  cost: "15 to 25 times slower in code that touches memory, up to 250 times in code that does nothing but lock; on one processor.",
  kinds: ["locks"],
  targets: valgrindTargets,
  options: [
    {
      id: "threshold",
      title: "Held from",
      help: "Locks that are held for at least so long, for writing or reading.",
      type: "number",
      default: 10,
      min: 1,
      max: 100_000,
      unit: "ms",
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch) ? { score: 8, reason: "who holds locks for long, where; but many times slower" } : null,
  detect: (host) => detectValgrind(host, "drd"),
  preflight: (host, request) => valgrindChecks(host, request, "drd", "2 times (computing) or more"),
  plan: (request, options, found) => {
    const ms = Math.round(numberOption(options, "threshold", 10));
    return valgrindLocksPlan(
      request,
      found,
      "drd",
      [`--exclusive-threshold=${ms}`, `--shared-threshold=${ms}`],
      "drd tells when the program has ended, or is stopped here: how long the first hold from each place took, and how often there was one.",
    );
  },
};
