import { type Problem, problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import {
  type Detection,
  type Host,
  isProblem,
  type Profiler,
  type RecordingPlan,
  type TargetKind,
} from "./profiler.ts";
import { isOlder } from "./shared/checks.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import { pySpyRunner } from "./shared/py-spy-runner.ts";
import { pySpyMissing, readPySpyWords } from "./shared/py-spy-words.ts";
import {
  detectTool,
  type InterpreterTool,
  interpreterChecks,
  launchesPython,
  tied,
} from "./shared/python-checks.ts";
import { commandText } from "./shared/words.ts";

const targets: readonly TargetKind[] = ["pid", "launch"];
const tool: InterpreterTool = {
  program: "py-spy",
  title: "py-spy",
  missing: pySpyMissing,
  runtime: "python",
  targets,
};

/** The first pieces are short, so that something is to be seen soon. */
const shortPieces = 2;
const shortS = 1;
/** So long is waited for the interpreter of a program that only just starts. */
const launchPatienceS = 10;

/** py-spy, and a Python to run it again and again with. */
async function detect(host: Host): Promise<Detection | Problem> {
  const found = await detectTool(host, tool);
  if (isProblem(found)) return found;
  const python = await host.findTool("python3");
  if (python === null) {
    return problemOf(
      "tool-missing",
      "There is no python3 on PATH, which runs py-spy again and again.",
      "Install it: sudo apt install python3.",
    );
  }
  return { ...found, features: [...found.features, `${pythonFeature}${python}`] };
}

const pythonFeature = "python3=";
const pythonOf = ({ features }: Detection): string =>
  features.find((each) => each.startsWith(pythonFeature))?.slice(pythonFeature.length) ?? "python3";

function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const rateHz = Math.round(numberOption(options, "rate", 100));
  const spanS = Math.round(numberOption(options, "update", 2));
  const idle = flagOption(options, "idle");
  const gil = flagOption(options, "gil");
  const native = flagOption(options, "native");
  // py-spy refuses both together: native stacks are unwound while the program is stopped.
  const nonblocking = flagOption(options, "nonblocking") && !native;
  const launch = request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;

  const words = [
    found.path,
    "record",
    ...["--pid", String(pid)],
    ...["--rate", String(rateHz)],
    ...["--format", "speedscope"],
    "--threads",
    "--full-filenames",
    ...(flagOption(options, "children") ? ["--subprocesses"] : []),
    ...(idle ? ["--idle"] : []),
    ...(gil ? ["--gil"] : []),
    ...(native ? ["--native"] : []),
    ...(nonblocking ? ["--nonblocking"] : []),
  ];
  const numbers = [shortPieces, shortS, spanS, launch === null ? 0 : launchPatienceS, pid].map(String);

  const remarks = [
    "Recorded in pieces: about 1 % of the time, between two of them, is not sampled. In a piece py-spy gives a thread's samples in order, without times: idle moments are not gaps.",
  ];
  if (!nonblocking)
    remarks.push(
      `py-spy stops the program with every sample: at 100 Hz it ran some 5 to 20 % slower, and this is at ${rateHz} Hz.`,
    );
  if (nonblocking)
    remarks.push(
      "The program is never stopped: stacks are read while they change, so that up to 1 of 100 is wrong in programs that call a lot.",
    );
  if (idle && gil) remarks.push("Only the thread that holds the GIL is sampled: Idle has no effect.");
  else if (idle) remarks.push("Idle threads count as well: shares are of the clock, not of the CPU.");
  else
    remarks.push(
      "A thread that is ready and waits for a processor counts as one that runs: on a busy machine that adds chance to short recordings.",
    );
  if (launch !== null) {
    remarks.push("The first hundredths of a second, until the interpreter is there, are not sampled.");
  }

  return {
    source: {
      type: "pipeline",
      stages: [{ argv: tied(found, [pythonOf(found), "-c", pySpyRunner, ...numbers, ...words]) }],
      stopStage: 0,
      stopSignal: "SIGINT",
      control: null,
    },
    launch,
    importer: "py-spy-pieces",
    rawExtension: "ndjson",
    stackMethod: native ? "python+native" : "python",
    periodNs: Math.round(1e9 / rateHz),
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      `${commandText({ argv: [...words, "--duration", String(spanS)] })} (again and again)`,
    ],
    remarks,
    readStderr: readPySpyWords,
  };
}

export const pySpy: Profiler = {
  id: "py-spy",
  title: "py-spy",
  summary: "Samples Python functions and lines from outside, without a change to the program.",
  cost: "About 1 % while the program is not stopped (Nonblocking); some 5 to 20 % where it is.",
  kinds: ["cpu"],
  targets,
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second of each thread, at irregular times.",
      type: "number",
      default: 100,
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
      help: "Counts only the thread that holds the interpreter's lock: shows who keeps the others from running, in the table of locks too.",
      type: "flag",
      default: false,
    },
    {
      id: "native",
      title: "Native frames",
      help: "Also shows functions of C, C++ and Cython extensions between those of Python. Starts slower, and stops the program for each sample.",
      type: "flag",
      default: false,
    },
    {
      id: "nonblocking",
      title: "Never stop the program",
      help: "Reads stacks while the program runs on: costs it nothing, and on a busy machine gives truer shares; a few stacks may be wrong or lost. Off: it is stopped for each sample, and threads that wait may look busy for it.",
      type: "flag",
      default: true,
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
  detect,
  lacks: ({ version }) => (isOlder(version, 0, 4) ? "Python 3.13 and newer, known from 0.4 on" : ""),
  preflight: (host, request) => interpreterChecks(host, request, tool),
  plan,
};
