import type { Profiler } from "./profiler.ts";
import { type BpfProgram, bpftraceChecks, bpftracePlan, detectBpftrace } from "./shared/bpftrace-tool.ts";

const program: BpfProgram = {
  title: "bpftrace: waiting",
  file: "off-cpu.bt",
  needsTypes: false,
  targets: ["pid", "launch"],
  prevents: "Waits cannot be counted in the kernel.",
  instead: "perf-off-cpu",
  nsPerSwitch: 7_000,
};
const reason =
  "counts in the kernel what it waits for and who wakes it, whoever that is; costs less than perf";

/** Every time a thread leaves the processor, summed up in the kernel. */
export const bpftraceOffCpu: Profiler = {
  id: "bpftrace-off-cpu",
  title: program.title,
  summary:
    "Counts in the kernel how long threads are off the processor, where, why, and who wakes them: other processes, the kernel, timers.",
  cost: "About 7 µs each time that a thread sleeps, waking included.",
  kinds: ["offcpu"],
  answers: { waiting: {} },
  targets: program.targets,
  options: [],
  suits: (target) => (target.runtime === "kernel" ? null : { score: target.own ? 21 : 3, reason }),
  suitsLaunch: () => ({ score: 21, reason }),
  detect: detectBpftrace,
  preflight: (host, request) => bpftraceChecks(host, request, program),
  plan: (request, _options, found, pid) =>
    bpftracePlan(request, found, pid, program, [
      "Counted in the kernel: sums of each second, by stack, reason and who woke. Stacks are walked by frame pointers. Processes that the target starts are not recorded.",
    ]),
};
