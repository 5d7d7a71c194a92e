import type { OptionValues, RecordRequest } from "../model/recording.ts";
import { flagOption, numberOption } from "./options.ts";
import {
  type Detection,
  type Profiler,
  type RecordingPlan,
  type Step,
  scratchFolder,
  type TargetKind,
} from "./profiler.ts";
import { pySpyMissing, readPySpyWords } from "./py-spy-words.ts";
import {
  detectTool,
  type InterpreterTool,
  interpreterChecks,
  launchesPython,
  tied,
} from "./python-checks.ts";
import { commandText } from "./words.ts";

const targets: readonly TargetKind[] = ["pid", "launch"];
const tool: InterpreterTool = {
  program: "py-spy",
  title: "py-spy",
  missing: pySpyMissing,
  runtime: "python",
  targets,
};

/** On top of its span: until it has read the interpreter, catches up on a busy machine, and has written. */
const graceMs = 30_000;
/** The first pieces are short, so that something is to be seen soon. */
const firstSpanS = 1;
const firstChunks = 2;
/** Measured with a few threads on two processors; more with native stacks. */
const stopMs = 0.45;

/**
 * py-spy writes what it sampled when it ends: it is run again and again. Nothing overlaps, since no moment may count
 * twice and its samples carry no times to cut them by. Between two runs lies its start: measured at 10 to 25 ms
 * (40 to 60 ms with native stacks), 1 % of pieces of two seconds.
 */
function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const rateHz = Math.round(numberOption(options, "rate", 50));
  const spanS = Math.round(numberOption(options, "update", 2));
  const idle = flagOption(options, "idle");
  const gil = flagOption(options, "gil");
  const nonblocking = flagOption(options, "nonblocking");
  const launch = request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;

  const argvOf = (index: number): readonly string[] => [
    found.path,
    "record",
    ...["--pid", String(pid)],
    ...["--duration", String(index < firstChunks ? Math.min(firstSpanS, spanS) : spanS)],
    ...["--rate", String(rateHz)],
    ...["--format", "speedscope"],
    ...["--output", `${scratchFolder}/${index}.json`],
    "--threads",
    "--full-filenames",
    // Of a program that is about to start, py-spy waits for the interpreter only without it.
    ...(flagOption(options, "children") && !(launch !== null && index === 0) ? ["--subprocesses"] : []),
    ...(idle ? ["--idle"] : []),
    ...(gil ? ["--gil"] : []),
    ...(flagOption(options, "native") ? ["--native"] : []),
    ...(nonblocking ? ["--nonblocking"] : []),
  ];

  const remarks = [
    "Recorded in pieces: about 1 % of the time, between two of them, is not sampled. In a piece py-spy gives a thread's samples in order, without times: idle moments are not gaps.",
  ];
  if (!nonblocking) {
    const percent = Math.max(1, Math.round((rateHz * stopMs) / 10));
    remarks.push(
      `py-spy stops the program for about ${stopMs} ms with every sample: at ${rateHz} Hz it runs about ${percent} % slower.`,
    );
  }
  if (nonblocking) remarks.push("The program is never stopped: a few stacks are read while they change.");
  if (idle && gil) remarks.push("Only the thread that holds the GIL is sampled: Idle has no effect.");
  else if (idle) remarks.push("Idle threads count as well: shares are of the clock, not of the CPU.");
  if (launch !== null) {
    remarks.push(
      "The first hundredths of a second, until the interpreter is there, are not sampled; child processes are from the second piece on.",
    );
  }

  return {
    source: {
      type: "chunks",
      begin: [],
      chunk: (index) => {
        const spanMs = 1000 * (index < firstChunks ? Math.min(firstSpanS, spanS) : spanS);
        const step: Step = {
          kind: "run",
          argv: tied(found, argvOf(index)),
          output: { file: `${scratchFolder}/${index}.json` },
          timeoutMs: 2 * spanMs + graceMs,
          stopSignal: "SIGINT",
        };
        return { step, importer: "py-spy", spanMs, pauseMs: 0 };
      },
      finish: [],
      overlapMs: 0,
    },
    launch,
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: flagOption(options, "native") ? "python+native" : "python",
    periodNs: Math.round(1e9 / rateHz),
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      commandText({ argv: argvOf(firstChunks) }),
    ],
    remarks,
    readStderr: readPySpyWords,
  };
}

export const pySpy: Profiler = {
  id: "py-spy",
  title: "py-spy",
  summary: "Samples Python functions and lines from outside, without a change to the program.",
  kinds: ["cpu"],
  targets,
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second of each thread, at irregular times. Each one stops the program for about half a millisecond.",
      type: "number",
      default: 50,
      min: 1,
      max: 1000,
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
      id: "gil",
      title: "Holders of the GIL only",
      help: "Counts only the thread that holds the interpreter's lock: shows who keeps the others from running.",
      type: "flag",
      default: false,
    },
    {
      id: "native",
      title: "Native frames",
      help: "Also shows functions of C, C++ and Cython extensions between those of Python. Starts slower, and stops the program longer.",
      type: "flag",
      default: false,
    },
    {
      id: "nonblocking",
      title: "Never stop the program",
      help: "Reads stacks while the program runs on. Costs it nothing; a few stacks will be wrong or lost.",
      type: "flag",
      default: false,
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
  suits(target) {
    if (target.runtime !== "python") return null;
    if (!target.own) return { score: 20, reason: `belongs to ${target.user}: needs root to read its memory` };
    return { score: 95, reason: "names Python functions and lines, from outside and at little cost" };
  },
  suitsLaunch: (launch) =>
    launchesPython(launch)
      ? { score: 95, reason: "names Python functions and lines, from outside and at little cost" }
      : null,
  detect: (host) => detectTool(host, tool),
  preflight: (host, request) => interpreterChecks(host, request, tool),
  plan,
};
