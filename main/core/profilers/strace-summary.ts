import type { Check, Profiler, Stage } from "./profiler.ts";
import { textOption } from "./shared/options.ts";
import {
  callsSpec,
  detectTracer,
  filterOf,
  readTracerStderr,
  tiedTo,
  tracerChecks,
} from "./shared/tracers.ts";
import { commandText, pipelineText } from "./shared/words.ts";

/** Measured: 27 µs a call, where strace that prints each took 49 and perf 2.6 (test/bench/README.md). */
const costCheck: Check = {
  id: "strace-cost",
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
    const stages: readonly Stage[] = [{ argv }];
    const launch =
      request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
    return {
      source: { type: "pipeline", stages, stopStage: 0, stopSignal: "SIGINT", control: null },
      launch,
      importer: "call-summary",
      rawExtension: "txt",
      stackMethod: "",
      periodNs: 0,
      commands: [
        ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
        pipelineText(stages),
      ],
      remarks: ["The sums come when the recording is stopped."],
      readStderr: readTracerStderr("strace"),
    };
  },
};
