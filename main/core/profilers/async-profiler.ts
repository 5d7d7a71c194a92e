import { type Problem, problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest, TargetFacts, TargetInfo } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type Host,
  type Profiler,
  type RecordingPlan,
  type StderrFinding,
  scratchFolder,
} from "./profiler.ts";
import { javaChecks, javaFit, tiedToWorkbench } from "./shared/java-checks.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import { commandText } from "./shared/words.ts";

const title = "async-profiler";
const paranoidPath = "/proc/sys/kernel/perf_event_paranoid";
const kptrPath = "/proc/sys/kernel/kptr_restrict";

const missing: Problem = problemOf(
  "tool-missing",
  "asprof, the program of async-profiler, is not on PATH.",
  "Unpack a release of https://github.com/async-profiler/async-profiler and put its bin folder on PATH, or use Java Flight Recorder.",
);

/** On top of its span: asprof waits for the JVM, which may be at a safepoint, and for the file. */
const graceMs = 30_000;
const firstSpanS = 1;
const firstChunks = 2;

async function detect(host: Host): Promise<Detection | Problem> {
  const path = await host.findTool("asprof");
  if (path === null) return missing;
  const [said, setpriv] = await Promise.all([host.probe([path, "--version"]), host.findTool("setpriv")]);
  if (said === null || said.code !== 0) {
    return problemOf(
      "tool-failed",
      `${path} is there, but does not run.`,
      "Install the release of async-profiler for this processor.",
      said?.stderr.trim(),
    );
  }
  const version = /\d+(\.\d+)+/.exec(said.stdout)?.[0] ?? "";
  return { path, version, features: setpriv === null ? [] : ["setpriv"] };
}

/**
 * asprof writes a whole JFR file when it stops, so it is run again and again, as it is meant to be with -d. What it is
 * asked for by SIGINT, it stops and writes as well.
 */
function plan(_request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const event = String(options.event ?? "cpu");
  const intervalMs = Math.round(numberOption(options, "interval", 10));
  const updateS = Math.round(numberOption(options, "update", 2));
  const lockMs = Math.round(numberOption(options, "locks", 10));
  const spanS = (index: number): number => (index < firstChunks ? Math.min(firstSpanS, updateS) : updateS);
  const argvOf = (index: number): readonly string[] => [
    found.path,
    ...["-d", String(spanS(index))],
    ...["-e", event],
    ...["-i", `${intervalMs}ms`],
    "-t",
    ...(flagOption(options, "allocations") ? ["--alloc", "512k"] : []),
    ...(flagOption(options, "lock-waits") ? ["--lock", `${lockMs}ms`] : []),
    ...["-o", "jfr"],
    ...["-f", `${scratchFolder}/${index}.jfr`],
    String(pid),
  ];
  const remarks = ["Recorded in pieces: the moment between two of them is not sampled."];
  if (event === "wall") {
    remarks.push("Idle threads count as well: shares are of the clock, not of the CPU.");
  }
  return {
    source: {
      type: "chunks",
      begin: [],
      chunk: (index) => {
        const spanMs = 1000 * spanS(index);
        return {
          step: {
            kind: "run",
            argv: tiedToWorkbench(found, argvOf(index)),
            output: { file: `${scratchFolder}/${index}.jfr` },
            timeoutMs: spanMs + graceMs,
            stopSignal: "SIGINT",
          },
          importer: "jfr",
          spanMs,
          pauseMs: 0,
        };
      },
      finish: [],
      overlapMs: 0,
    },
    launch: null,
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "jvm+native",
    periodNs: intervalMs * 1e6,
    commands: [commandText({ argv: argvOf(firstChunks) })],
    remarks,
    readStderr,
  };
}

/** Verbatim from async-profiler 4.5. */
function readStderr(line: string): StderrFinding | null {
  const problem = (code: string, message: string, fix: string): StderrFinding => ({
    type: "problem",
    problem: problemOf(code, message, fix, line),
  });
  if (/No such process|Process \d+ not found/.test(line)) {
    return problem("no-such-process", "The JVM has ended.", "Pick it again from the list.");
  }
  if (/Profiler already started/.test(line)) {
    return problem(
      "already-profiled",
      "async-profiler runs in this JVM already, for somebody else.",
      "Wait until that ends or stop it (asprof stop PID), or use Java Flight Recorder.",
    );
  }
  if (/Failed to change credentials|Operation not permitted|Permission denied/.test(line)) {
    return problem(
      "not-permitted",
      "The JVM belongs to another user, or may not write into the recording's folder.",
      "Run Flamewright as the user of that JVM: sudo -u USER flamewright record --pid PID",
    );
  }
  if (/Could not start attach mechanism|Target JVM failed to load/.test(line)) {
    return problem(
      "attach-refused",
      "The JVM does not let async-profiler in.",
      "It may have been started with -XX:+DisableAttachMechanism, or not see the library's folder (a container). Use perf.",
    );
  }
  return null;
}

async function checkEvents(host: Host): Promise<readonly Check[]> {
  const [paranoid, kptr] = await Promise.all([host.readText(paranoidPath), host.readText(kptrPath)]);
  const level = Number.parseInt(paranoid ?? "", 10);
  const hidden = Number.parseInt(kptr ?? "", 10);
  if (host.uid === 0 || ((Number.isNaN(level) || level <= 1) && (Number.isNaN(hidden) || hidden === 0)))
    return [];
  return [
    {
      id: "kernel-stacks",
      title: "Kernel functions",
      status: "warn",
      found: `perf_event_paranoid is ${paranoid?.trim() ?? "unknown"}, kptr_restrict is ${kptr?.trim() ?? "unknown"}.`,
      prevents:
        "Java and native code are sampled by the thread's CPU timer instead of perf's events: the kernel's own functions do not show.",
      fix: "sudo sysctl kernel.perf_event_paranoid=1 kernel.kptr_restrict=0",
      consequence:
        "Until the next boot; every user can then see where the kernel spends time, and its addresses.",
    },
  ];
}

export const asyncProfiler: Profiler = {
  id: "async-profiler",
  title,
  summary: "Samples Java, native and kernel functions of a JVM without waiting for safepoints.",
  kinds: ["cpu", "alloc", "locks", "offcpu"],
  targets: ["pid"],
  options: [
    {
      id: "event",
      title: "Samples",
      help: "What is sampled: threads that use a CPU, or all threads at every moment.",
      type: "choice",
      default: "cpu",
      choices: [
        { value: "cpu", title: "Use of CPUs" },
        { value: "wall", title: "All threads, waiting ones too" },
      ],
    },
    {
      id: "interval",
      title: "Interval",
      help: "Time between two samples of a thread.",
      type: "number",
      default: 10,
      min: 1,
      max: 1000,
      unit: "ms",
    },
    {
      id: "allocations",
      title: "Allocations",
      help: "Also samples where memory is allocated, once in 512 KiB.",
      type: "flag",
      default: false,
    },
    {
      id: "lock-waits",
      title: "Waits for locks",
      help: "Also records waits for monitors and locks.",
      type: "flag",
      default: false,
    },
    {
      id: "locks",
      title: "Waits for locks from",
      help: "With waits for locks: those that take at least so long.",
      type: "number",
      default: 10,
      min: 1,
      max: 10_000,
      unit: "ms",
    },
    {
      id: "update",
      title: "Update",
      help: "How long a piece of the recording is; longer ones leave fewer moments out between them.",
      type: "number",
      default: 2,
      min: 1,
      max: 60,
      unit: "s",
    },
  ],
  suits: (target: TargetInfo, facts: TargetFacts | null) =>
    javaFit(
      target,
      facts?.libraries.some((path) => path.endsWith("libasyncProfiler.so")) === true ? 96 : 80,
      "sees Java, native and kernel code, and does not wait for safepoints; needs asprof",
    ),
  suitsLaunch: () => null,
  detect,
  async preflight(host, request) {
    const found = await detect(host);
    const checks = await javaChecks(host, request, { title, writesFiles: true }, found, () => []);
    return [...checks, ...(await checkEvents(host))];
  },
  plan,
};
