import type { Profiler } from "./profiler.ts";
import { type BpfProgram, bpftraceChecks, bpftracePlan, detectBpftrace } from "./shared/bpftrace-tool.ts";
import { passed } from "./shared/checks.ts";

const program: BpfProgram = {
  title: "bpftrace: requests to disks",
  file: "block.bt",
  needsTypes: false,
  nsPerSwitch: 0,
  targets: ["system", "pid", "launch"],
  // Each request is told by itself, also while bpftrace waits for a processor.
  env: { BPFTRACE_NO_USER_SYMBOLS: "1", BPFTRACE_PERF_RB_PAGES: "512" },
  prevents: "Who asks the disks for what cannot be seen in the kernel.",
  instead: "perf-block, which knows who issues and not who asks",
};
const reason = "each request to a disk: who asked for it, how long it was queued and on its way";

/** What biosnoop and biolatency tell, and who asked, from where: every request to a disk of the machine. */
export const bpftraceBlock: Profiler = {
  id: "bpftrace-block",
  title: program.title,
  summary:
    "Every request to a disk of the machine: who asked for it and from where, how long it waited in the queue and for the device, reads, writes and flushes by device.",
  cost: "About 15 µs of the kernel a request; 60 µs by the clock where bpftrace and its reader have no processor of their own.",
  kinds: ["io"],
  answers: { disks: {} },
  targets: program.targets,
  options: [],
  suits: (target) => (target.runtime === "kernel" ? null : { score: 3, reason }),
  suitsLaunch: () => ({ score: 3, reason }),
  detect: detectBpftrace,
  preflight: async (host, request) => [
    ...(await bpftraceChecks(host, request, program)),
    passed(
      "slowdown",
      "What it costs",
      "about 15 µs a request: half for who asks, half in the interrupt that ends it",
    ),
  ],
  plan: (request, _options, found, pid) =>
    bpftracePlan(
      request,
      found,
      request.target.kind === "system" ? 0 : pid,
      program,
      [
        "Stacks are walked by frame pointers: who called the C library is missing from them, and so are the names of a program that ended at once.",
        "Requests of the whole machine are recorded. What a program writes into the page cache, threads of the kernel ask for later; before Linux 6.5, who asks is who hands it to the device.",
      ],
      { blockDevices: true, tellsLate: true },
    ),
};
