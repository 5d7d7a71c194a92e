import type { Profiler } from "./profiler.ts";
import { flagOption } from "./shared/options.ts";
import { detectPerf } from "./shared/perf-tool.ts";
import { anywaySpec, stackBytesSpec, tracepointChecks, tracepointPlan } from "./shared/perf-tracepoints.ts";

const title = "perf: locks";
const reason =
  "names the locks it waits for, and who holds them; every futex call costs it some microseconds";
const interpreted = "sees the runtime's own locks, not those of the program's language";

/** Every futex call, with its stack: waits for mutexes, read-write locks, condition variables, the GIL. */
export const perfLocks: Profiler = {
  id: "perf-locks",
  title,
  summary:
    "Records each wait for a lock (a futex), with its stack and who held the lock meanwhile; and locks of the kernel.",
  cost: "About 10 µs for each call of futex.",
  kinds: ["locks"],
  answers: { locks: {} },
  targets: ["pid", "launch"],
  options: [
    stackBytesSpec,
    {
      id: "kernelLocks",
      title: "Locks of the kernel",
      help: "Also records where the target's threads wait for locks inside of the kernel (Linux 5.19 and later).",
      type: "flag",
      default: true,
    },
    {
      id: "children",
      title: "Children",
      help: "Also records threads and processes that the target starts later.",
      type: "flag",
      default: true,
    },
    anywaySpec,
  ],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : {
          score: !target.own ? 3 : target.runtime === "native" ? 23 : 15,
          reason: target.runtime === "native" ? reason : interpreted,
        },
  suitsLaunch: () => ({ score: 23, reason }),
  detect: async (host) => {
    const found = await detectPerf(host);
    if ("code" in found) return found;
    const kernel = await host.readText("/sys/kernel/tracing/events/lock/contention_begin/id");
    return { ...found, features: [...found.features, ...(kernel === null ? [] : ["kernel-locks"])] };
  },
  preflight: (host, request) =>
    tracepointChecks(host, request, {
      title,
      events: ["syscalls:sys_enter_futex", "syscalls:sys_exit_futex"],
      instead: "bpftrace-locks",
    }),
  plan: (request, options, found, pid) =>
    tracepointPlan(request, options, found, pid, {
      events: [
        "syscalls:sys_enter_futex",
        "syscalls:sys_exit_futex",
        ...(flagOption(options, "kernelLocks") && found.features.includes("kernel-locks")
          ? ["lock:contention_begin", "lock:contention_end"]
          : []),
      ],
      stackMethodNote:
        "Who held a lock shows in who woke its waiters: the last holder of each stretch of a wait. A lock that nobody waits for makes no call and does not show.",
      periodNs: 0,
    }),
};
