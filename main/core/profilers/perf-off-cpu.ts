import type { Profiler } from "./profiler.ts";
import { numberOption } from "./shared/options.ts";
import { detectPerf } from "./shared/perf-tool.ts";
import { anywaySpec, stackBytesSpec, tracepointChecks, tracepointPlan } from "./shared/perf-tracepoints.ts";

const title = "perf: waiting";
const reason = "shows what it waits for, and who wakes it; every switch costs it some microseconds";

/** Every time a thread leaves the processor, with its stack, and samples of what it does on it. */
export const perfOffCpu: Profiler = {
  id: "perf-off-cpu",
  title,
  summary:
    "Records each time a thread leaves the processor, with its stack, why, and who wakes it; and samples the CPU beside it.",
  cost: "About 10 µs each time that a thread leaves the processor.",
  kinds: ["offcpu", "cpu"],
  answers: { waiting: {} },
  targets: ["pid", "launch"],
  options: [
    {
      id: "rate",
      title: "CPU rate",
      help: "Samples a second and CPU of what runs, on the same timeline.",
      type: "number",
      default: 99,
      min: 1,
      max: 999,
      unit: "Hz",
    },
    stackBytesSpec,
    {
      id: "children",
      title: "Children",
      help: "Also records threads and processes that the target starts later.",
      type: "flag",
      default: true,
    },
    anywaySpec,
  ],
  suits: (target) => (target.runtime === "kernel" ? null : { score: target.own ? 24 : 4, reason }),
  suitsLaunch: () => ({ score: 24, reason }),
  detect: detectPerf,
  preflight: (host, request) =>
    tracepointChecks(host, request, {
      title,
      events: ["sched:sched_switch"],
      instead: "bpftrace-off-cpu",
    }),
  plan: (request, options, found, pid) => {
    const rateHz = Math.round(numberOption(options, "rate", 99));
    return tracepointPlan(request, options, found, pid, {
      events: [
        "sched:sched_switch",
        // Who wakes is enough; and only threads of the target are seen to.
        "sched:sched_waking/call-graph=no/",
        `cpu-clock/freq=${rateHz},name=cpu-clock/`,
      ],
      stackMethodNote:
        "A wait ends when the thread runs again. Who woke it is known where that was a thread of the target, and else said to be outside of it; bpftrace (bpftrace-off-cpu) knows others, timers and the kernel too.",
      periodNs: Math.round(1e9 / rateHz),
    });
  },
};
