import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Detection, Profiler, RecordingPlan, Step, TargetKind } from "./profiler.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import { pySpyMissing, readPySpyWords } from "./shared/py-spy-words.ts";
import { detectTool, type InterpreterTool, interpreterChecks, tied } from "./shared/python-checks.ts";
import { commandText } from "./shared/words.ts";

const targets: readonly TargetKind[] = ["pid"];
const tool: InterpreterTool = {
  program: "py-spy",
  title: "py-spy dump",
  missing: pySpyMissing,
  runtime: "python",
  targets,
};

const timeoutMs = 20_000;

/** Never with --locals: values of variables may be secrets. */
function plan(_request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const pauseMs = Math.round(numberOption(options, "every", 1) * 1000);
  const argv = [
    found.path,
    "dump",
    ...["--pid", String(pid)],
    "--json",
    ...(flagOption(options, "children") ? ["--subprocesses"] : []),
    ...(flagOption(options, "native") ? ["--native"] : []),
    // py-spy refuses it together with native stacks.
    ...(flagOption(options, "nonblocking") && !flagOption(options, "native") ? ["--nonblocking"] : []),
  ];
  const step: Step = {
    kind: "run",
    argv: tied(found, argv),
    output: "stdout",
    timeoutMs,
    stopSignal: null,
  };
  return {
    source: {
      type: "chunks",
      begin: [],
      chunk: (index) => ({
        step,
        importer: "py-spy-dump",
        spanMs: 0,
        pauseMs: index === 0 ? 0 : pauseMs,
      }),
      finish: [],
      overlapMs: 0,
    },
    launch: null,
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: flagOption(options, "native") ? "python+native" : "python",
    periodNs: pauseMs * 1e6,
    commands: [commandText({ argv })],
    remarks: ["Each snapshot stops the program for some milliseconds. Values of variables are not read."],
    readStderr: readPySpyWords,
  };
}

export const pySpyDump: Profiler = {
  id: "py-spy-dump",
  title: "py-spy dump",
  summary:
    "Where every Python thread stands, waiting ones too: a snapshot at once, and again until it is stopped.",
  cost: "Each dump stops the program for 1 ms or less.",
  kinds: ["offcpu"],
  targets,
  options: [
    {
      id: "every",
      title: "Every",
      help: "Time between two snapshots; stop after the first where one is enough.",
      type: "number",
      default: 1,
      min: 0.1,
      max: 3600,
      unit: "s",
    },
    {
      id: "children",
      title: "Child processes",
      help: "Also those of the Python processes that the program has started.",
      type: "flag",
      default: false,
    },
    {
      id: "native",
      title: "Native frames",
      help: "Also shows functions of C, C++ and Cython extensions between those of Python.",
      type: "flag",
      default: false,
    },
    {
      id: "nonblocking",
      title: "Never stop the program",
      help: "Reads stacks while the program runs on; a few may be wrong.",
      type: "flag",
      default: false,
    },
  ],
  suits(target) {
    if (target.runtime !== "python") return null;
    if (!target.own) return { score: 5, reason: `belongs to ${target.user}: needs root to read its memory` };
    return { score: 15, reason: "shows at once where threads stand that hang or wait" };
  },
  suitsLaunch: () => null,
  detect: (host) => detectTool(host, tool),
  preflight: (host, request) => interpreterChecks(host, request, tool),
  plan,
};
