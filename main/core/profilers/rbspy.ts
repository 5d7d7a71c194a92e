import { type Problem, problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import {
  type Detection,
  type Host,
  isProblem,
  type Profiler,
  type RecordingPlan,
  type StderrFinding,
  scratchFolder,
  type TargetKind,
} from "./profiler.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import {
  detectTool,
  type InterpreterTool,
  interpreterChecks,
  launchesRuby,
  tied,
} from "./shared/python-checks.ts";
import { rbspyRunner } from "./shared/rbspy-runner.ts";
import { commandText } from "./shared/words.ts";

const missing: Problem = problemOf(
  "tool-missing",
  "rbspy is not installed.",
  "Install it: cargo install rbspy, or take a release from https://github.com/rbspy/rbspy/releases.",
);

const targets: readonly TargetKind[] = ["pid", "launch"];
const tool: InterpreterTool = { program: "rbspy", title: "rbspy", missing, runtime: "ruby", targets };

/** On top of its span: until it has read the interpreter and has written. */
const graceS = 30;
const firstSpanS = 1;
const firstChunks = 2;

const pythonFeature = "python3=";

/** With root's rights it is run by a runner, which runs as root too: the recorder's own steps do not. */
async function detect(host: Host): Promise<Detection | Problem> {
  const found = await detectTool(host, tool);
  if (isProblem(found) || host.uid !== 0) return found;
  const python = await host.findTool("python3");
  return python === null ? found : { ...found, features: [...found.features, `${pythonFeature}${python}`] };
}

/**
 * rbspy compresses its samples into blocks too large to be watched: it is run again and again. Between two runs lies
 * its start, 10 to 15 ms as measured. Its samples carry their times, so they lie where they were taken.
 */
function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const rateHz = Math.round(numberOption(options, "rate", 99));
  const updateS = Math.round(numberOption(options, "update", 2));
  const spanS = (index: number): number => (index < firstChunks ? Math.min(firstSpanS, updateS) : updateS);
  const nonblocking = flagOption(options, "nonblocking");
  const launch = request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
  const words: readonly string[] = [
    found.path,
    "record",
    ...["--pid", String(pid)],
    ...["--rate", String(rateHz)],
    ...["--format", "summary"],
    "--silent",
    ...(flagOption(options, "children") ? ["--subprocesses"] : []),
    ...(flagOption(options, "onCpu") ? ["--on-cpu"] : []),
    ...(nonblocking ? ["--nonblocking"] : []),
  ];
  const argvOf = (index: number): readonly string[] => [
    ...words,
    ...["--duration", String(spanS(index))],
    ...["--raw-file", `${scratchFolder}/${index}.raw.gz`],
    // It insists on a second file; this one is short.
    ...["--file", `${scratchFolder}/${index}.txt`],
  ];
  const python = found.features.find((each) => each.startsWith(pythonFeature))?.slice(pythonFeature.length);
  const numbers = [firstChunks, firstSpanS, updateS, graceS, pid].map(String);
  const remarks = ["Recorded in pieces: about 1 % of the time, between two of them, is not sampled."];
  if (!flagOption(options, "onCpu"))
    remarks.push("Waiting counts as well: shares are of the clock, not of the CPU.");
  if (nonblocking) remarks.push("The program is never stopped: a few stacks are read while they change.");
  else
    remarks.push(
      `rbspy stops the program with every sample: at 99 Hz it ran about 16 % slower, and this is at ${rateHz} Hz.`,
    );
  return {
    source:
      python === undefined
        ? {
            type: "chunks",
            begin: [],
            chunk: (index) => ({
              step: {
                kind: "run",
                argv: tied(found, argvOf(index)),
                output: { file: `${scratchFolder}/${index}.raw.gz` },
                timeoutMs: 1000 * (2 * spanS(index) + graceS),
                stopSignal: "SIGINT",
              },
              importer: "rbspy",
              spanMs: 1000 * spanS(index),
              pauseMs: 0,
            }),
            finish: [],
            overlapMs: 0,
          }
        : {
            type: "pipeline",
            stages: [{ argv: tied(found, [python, "-c", rbspyRunner, ...numbers, ...words]) }],
            stopStage: 0,
            stopSignal: "SIGINT",
            control: null,
            readyAt: "output",
          },
    launch,
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "ruby",
    periodNs: Math.round(1e9 / rateHz),
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      python === undefined
        ? commandText({ argv: argvOf(firstChunks) })
        : `${commandText({ argv: [...words, "--duration", String(updateS)] })} (again and again)`,
    ],
    remarks,
    readStderr,
  };
}

/** Verbatim from rbspy 0.55. */
function readStderr(line: string): StderrFinding | null {
  const problem = (code: string, message: string, fix: string): StderrFinding => ({
    type: "problem",
    problem: problemOf(code, message, fix, line),
  });
  if (/Permission denied|Operation not permitted/i.test(line)) {
    return problem(
      "not-permitted",
      "The kernel does not let this user look into the process.",
      "Record a process of your own; check kernel.yama.ptrace_scope; in a container, start it with --cap-add SYS_PTRACE.",
    );
  }
  if (/Couldn't get ruby version|Failed to locate Ruby version symbol/.test(line)) {
    return problem(
      "not-ruby",
      "rbspy found no Ruby interpreter in the process.",
      "Pick the process in which Ruby runs, perhaps a child of this one. If it only just started, try again.",
    );
  }
  if (/Ruby version .* (?:is not|isn't) (?:yet )?supported|[Uu]nsupported Ruby version/.test(line)) {
    return problem(
      "ruby-unsupported",
      "This rbspy does not know the target's version of Ruby.",
      "Update it: cargo install rbspy.",
    );
  }
  if (/No such file or directory \(os error 2\)|No such process/.test(line)) {
    return problem(
      "no-such-process",
      "The process ended before rbspy could look at it.",
      "Pick it again from the list; to record it from its start, launch it from here.",
    );
  }
  return null;
}

export const rbspy: Profiler = {
  id: "rbspy",
  title: "rbspy",
  summary: "Samples Ruby methods from outside, without a change to the program.",
  cost: "Nothing that can be measured while the program is not stopped (Nonblocking); about 16 % at 99 Hz where it is.",
  kinds: ["cpu"],
  targets,
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second of each process.",
      type: "number",
      default: 99,
      min: 1,
      max: 1000,
      unit: "Hz",
    },
    {
      id: "onCpu",
      title: "Only on the CPU",
      help: "Leaves out samples in which the program waits; rbspy calls it an experiment.",
      type: "flag",
      default: false,
    },
    {
      id: "children",
      title: "Child processes",
      help: "Also records Ruby processes that the program has started or starts.",
      type: "flag",
      default: true,
    },
    {
      id: "nonblocking",
      title: "Never stop the program",
      help: "Reads stacks while the program runs on: costs it nothing; a few stacks may be wrong. Off: it is stopped for each sample, which slows it by about a sixth.",
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
    if (target.runtime !== "ruby") return null;
    if (!target.own) return { score: 20, reason: `belongs to ${target.user}: needs root to read its memory` };
    return { score: 95, reason: "names Ruby methods, from outside and at little cost" };
  },
  suitsLaunch: (launch) =>
    launchesRuby(launch)
      ? { score: 95, reason: "names Ruby methods, from outside and at little cost" }
      : null,
  detect,
  preflight: (host, request) => interpreterChecks(host, request, tool),
  plan,
};
