import type { Check, Profiler } from "./profiler.ts";
import { textOption } from "./shared/options.ts";
import { callsSpec, detectTracer, filterOf, tiedTo, tracedPlan, tracerChecks } from "./shared/tracers.ts";

/** Measured: 27 µs a call, where strace that prints each took 49 and perf 2.6 (test/bench/README.md). */
const costCheck: Check = {
  id: "slowdown",
  title: "What it costs",
  status: "warn",
  found: "strace stops the target twice at each system call, to count it: about 30 µs each",
  prevents: "A program that makes tens of thousands of calls a second runs several times slower.",
  fix: "Count for a short time, or record with perf (--profiler perf-trace), which takes some microseconds a call.",
  consequence: "The slowdown ends with the recording.",
};

/** How often, how long in all, how many failed: one row a system call, when it is stopped. */
export const straceSummary: Profiler = {
  id: "strace-summary",
  title: "strace -c",
  summary:
    "Counts system calls with their time and errors and says the sums when it is stopped; half of strace's price.",
  cost: "About 30 µs a call: the target is stopped twice at each.",
  kinds: ["syscalls"],
  targets: ["pid", "launch"],
  options: [callsSpec],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : { score: target.own ? 8 : 1, reason: "sums of its system calls, at half the price of each one" },
  suitsLaunch: () => ({ score: 8, reason: "sums of its system calls, at half the price of each one" }),
  detect: (host) => detectTracer(host, "strace"),
  preflight: (host, request) => tracerChecks(host, request, "strace", costCheck),
  plan: (request, options, found, pid) => {
    const argv = [
      ...tiedTo(found),
      found.path,
      "-f",
      // By the clock: without -w it is the processor's time alone that is summed up.
      ...["-c", "-w", "-q"],
      ...filterOf(textOption(options, "calls", "all")),
      ...["-o", "|cat"],
      ...["-p", String(pid)],
    ];
    return tracedPlan("strace", request, {
      stages: [{ argv }],
      importer: "call-summary",
      rawExtension: "txt",
      remark: "The sums come when the recording is stopped.",
    });
  },
};
