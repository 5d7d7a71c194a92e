import type { Profiler } from "./profiler.ts";
import { type BpfProgram, bpftraceChecks, bpftracePlan, detectBpftrace } from "./shared/bpftrace-tool.ts";

const program: BpfProgram = {
  title: "bpftrace: locks",
  file: "locks.bt",
  needsTypes: true,
  targets: ["pid", "launch"],
  prevents: "Waits cannot be counted in the kernel.",
  instead: "perf-locks",
  nsPerSwitch: 5_500,
};
const reason = "counts waits for locks in the kernel: for programs with too many of them for perf";

/** Waits for futexes, summed up in the kernel: only a thread that goes to sleep for a lock costs anything. */
export const bpftraceLocks: Profiler = {
  id: "bpftrace-locks",
  title: program.title,
  summary:
    "Counts waits for locks in the kernel, with their stacks, lengths and who held them: for programs with very many.",
  cost: "About 5.5 µs each time that a thread sleeps for a lock; calls that do not sleep are free.",
  kinds: ["locks"],
  answers: { locks: {} },
  targets: program.targets,
  options: [],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : { score: !target.own ? 2 : target.runtime === "native" ? 22 : 14, reason },
  suitsLaunch: () => ({ score: 22, reason }),
  detect: detectBpftrace,
  preflight: (host, request) => bpftraceChecks(host, request, program),
  plan: (request, _options, found, pid) =>
    bpftracePlan(request, found, pid, program, [
      "Counted in the kernel: sums of each half second, by stack, lock and length; a percentile is right to 6 %. Stacks are walked by frame pointers; who called the C library is read from its stack.",
      "Who held a lock shows in who woke its waiters. A call that finds the lock free again does not sleep, and does not count. Processes that the target starts are not recorded.",
    ]),
};
