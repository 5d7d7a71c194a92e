import type { Check, Profiler } from "./profiler.ts";
import { flagOption, textOption } from "./shared/options.ts";
import { callsSpec, detectTracer, filterOf, tiedTo, tracedPlan, tracerChecks } from "./shared/tracers.ts";

/** Measured: two stops a call, 40 to 170 µs by machine; a loop of one-byte reads and writes ran 100 times as long. */
const costCheck: Check = {
  id: "slowdown",
  title: "What it costs",
  status: "warn",
  found: "strace stops the target twice at each system call: about 50 µs or more each",
  prevents:
    "A program that makes tens of thousands of calls a second runs many times slower; one that computes or waits hardly notices.",
  fix: "Record for a short time, choose fewer calls (option “Calls”), or record with perf (--profiler perf-trace), which takes some microseconds a call.",
  consequence: "The slowdown ends with the recording.",
};

/** Each system call with its arguments, result and duration. */
export const strace: Profiler = {
  id: "strace",
  title: "strace",
  summary:
    "Every system call with its file or peer, result and duration; stops the target twice at each, so it is slow.",
  cost: "About 50 µs or more a call: the target is stopped twice at each.",
  kinds: ["syscalls", "io"],
  targets: ["pid", "launch"],
  options: [
    callsSpec,
    {
      id: "stacks",
      title: "Stacks",
      help: "Also the stack of each call (-k), where strace was built with it; many times slower still.",
      type: "flag",
      default: false,
    },
  ],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : {
          score: target.own ? 12 : 2,
          reason: "every system call with its file and duration, at a high price",
        },
  suitsLaunch: () => ({ score: 12, reason: "every system call with its file and duration, at a high price" }),
  detect: (host) => detectTracer(host, "strace"),
  lacks: ({ features }) => (features.includes("stacks") ? "" : "stacks of system calls: built without them"),
  preflight: (host, request) => tracerChecks(host, request, "strace", costCheck),
  plan: (request, options, found, pid) => {
    const argv = [
      ...tiedTo(found),
      found.path,
      "-f",
      "-ttt",
      "-T",
      "-yy",
      "-q",
      ...(flagOption(options, "stacks") ? ["-k"] : []),
      ...["-s", "128"],
      ...filterOf(textOption(options, "calls", "all")),
      // Its own words go to stderr, the calls to stdout: a command of strace's, and the only one that it is given.
      ...["-o", "|cat"],
      ...["-p", String(pid)],
    ];
    return tracedPlan("strace", request, {
      stages: [{ argv }],
      importer: "strace",
      rawExtension: "strace",
      stackMethod: flagOption(options, "stacks") ? "strace" : "",
      remark: "The target is stopped twice at each call: it runs slower than it does alone.",
    });
  },
};
