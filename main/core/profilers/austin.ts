import { type Problem, problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest, TargetFacts } from "../model/recording.ts";
import type { Detection, Fit, Profiler, RecordingPlan, StderrFinding, TargetKind } from "./profiler.ts";
import { isOlder } from "./shared/checks.ts";
import { onceAProgram } from "./shared/once-a-program.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import {
  detectTool,
  type InterpreterTool,
  interpreterChecks,
  launchesPython,
  tied,
} from "./shared/python-checks.ts";
import { commandText, pipelineText } from "./shared/words.ts";

const missing: Problem = problemOf(
  "tool-missing",
  "austin is not installed.",
  "Install it: pipx install austin-dist (3.7.0 where the system's glibc is older than 2.38), or use py-spy.",
);

const targets: readonly TargetKind[] = ["pid", "launch"];
const tool: InterpreterTool = { program: "austin", title: "austin", missing, runtime: "python", targets };

/** So long austin looks for the interpreter of a program that only just starts. */
const launchWaitMs = 3000;

/** austin reads the target's memory while it runs on, and writes every sample at once: no pieces, no pauses. */
function plan(
  request: RecordRequest,
  options: OptionValues,
  found: Detection,
  pid: number,
  facts: TargetFacts | null = null,
): RecordingPlan {
  const intervalUs = Math.round(1e6 / numberOption(options, "rate", 100));
  // Python says its threads' numbers in their namespace: austin finds none of them in /proc, and takes all for idle.
  const isElsewhere = request.target.kind === "pid" && facts?.namespaces.pid === true;
  const idle = flagOption(options, "idle") || isElsewhere;
  const launch = request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
  const argv = [
    // Into a pipe it writes in blocks of 4 KiB: seconds, for a program that does little.
    ...(found.features.includes("stdbuf") ? ["stdbuf", "-oL"] : []),
    found.path,
    ...["--interval", `${intervalUs}us`],
    ...(idle ? [] : ["--sleepless"]),
    ...(flagOption(options, "children") ? ["--children"] : []),
    ...(flagOption(options, "gc") ? ["--gc"] : []),
    ...(launch === null ? [] : ["--timeout", String(launchWaitMs)]),
    ...["--pid", String(pid)],
  ];
  const remarks = ["Samples carry their length, not their time: there is no timeline of stacks."];
  if (isElsewhere)
    remarks.push(
      "It runs in a container, where austin cannot tell which threads work: idle ones count as well.",
    );
  else if (idle) remarks.push("Idle threads count as well: shares are of the clock, not of the CPU.");
  if (!found.features.includes("stdbuf")) {
    remarks.push("stdbuf is not there: the live view lags, the recording is complete.");
  }
  const waits = launch === null ? [] : ["/bin/sh", "-c", onceAProgram, String(pid)];
  const stage = { argv: tied(found, [...waits, ...argv]) };
  return {
    source: { type: "pipeline", stages: [stage], stopStage: 0, stopSignal: "SIGINT", control: null },
    launch,
    importer: "austin",
    rawExtension: "austin",
    stackMethod: "python",
    periodNs: intervalUs * 1000,
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      pipelineText([{ argv: tied(found, argv) }]),
    ],
    remarks,
    readStderr,
  };
}

/** Verbatim from austin 3.7, which breaks its lines. */
function readStderr(line: string): StderrFinding | null {
  const problem = (code: string, message: string, fix: string): StderrFinding => ({
    type: "problem",
    problem: problemOf(code, message, fix, line),
  });
  if (/Cannot attach to the given process/.test(line)) {
    return problem(
      "no-such-process",
      "austin could not attach: the process has ended, or is not this user's.",
      "Pick it again from the list; check kernel.yama.ptrace_scope if it is your own.",
    );
  }
  if (/Not a Python process|you are targeting the right application/.test(line)) {
    return problem(
      "interpreter-not-found",
      "austin found no Python interpreter that it knows in the process, or may not read its memory.",
      "Use py-spy, which says more; or pick the process in which Python runs, perhaps a child of this one.",
    );
  }
  if (/[Pp]ermission/.test(line)) {
    return problem(
      "not-permitted",
      "The kernel does not let this user read the process's memory.",
      "Record a process of your own, or check kernel.yama.ptrace_scope.",
    );
  }
  return null;
}

/** What austin 3.7 reads right, by trying: 3.8 to 3.13. Of 3.6 it gives nothing, of 2.7 it crashes. */
const oldestMinor = 8;

function judge(facts: TargetFacts | null): Fit | null {
  const minor = Number(/^3\.(\d+)/.exec(facts?.version ?? "")?.[1] ?? Number.NaN);
  if (/^2\./.test(facts?.version ?? "") || minor < oldestMinor) return null;
  return {
    score: 75,
    reason: "streams Python functions and lines; never stops the program, knows no thread names",
  };
}

export const austin: Profiler = {
  id: "austin",
  title: "austin",
  summary: "Streams samples of Python functions and lines from outside, without ever stopping the program.",
  cost: "About 1 %, from outside.",
  kinds: ["cpu"],
  targets,
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second of each thread.",
      type: "number",
      default: 99,
      min: 1,
      max: 10_000,
      unit: "Hz",
    },
    {
      id: "children",
      title: "Child processes",
      help: "Also records Python processes that the program has started or starts.",
      type: "flag",
      default: true,
    },
    {
      id: "idle",
      title: "Idle threads",
      help: "Also counts threads that wait: shows where time passes, not where the CPU works.",
      type: "flag",
      default: false,
    },
    {
      id: "gc",
      title: "Garbage collector",
      help: "Also says which samples fell into a garbage collection.",
      type: "flag",
      default: false,
    },
  ],
  suits(target, facts) {
    if (target.runtime !== "python") return null;
    if (!target.own) return { score: 10, reason: `belongs to ${target.user}: needs root to read its memory` };
    return judge(facts);
  },
  suitsLaunch: (launch, facts) => (launchesPython(launch) ? judge(facts) : null),
  detect: (host) => detectTool(host, tool),
  lacks: ({ version, features }) =>
    isOlder(version, 3, 0)
      ? "Python 3.9 and newer"
      : features.includes("stdbuf")
        ? ""
        : "a live view without lag: stdbuf is not there",
  preflight: (host, request) => interpreterChecks(host, request, tool),
  plan,
};
