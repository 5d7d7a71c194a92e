import { problemOf } from "../base/result.ts";
import type { LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import { type Check, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { pythonLaunchChecks } from "./shared/launch-checks.ts";
import { numberOption } from "./shared/options.ts";
import { pythonWords } from "./shared/python-command.ts";
import { tracemallocRunner } from "./shared/tracemalloc-runner.ts";
import { commandText } from "./shared/words.ts";

const title = "tracemalloc";

/** Measured once with Python 3.11, on scripts that do little else than make small objects, and JSON to and fro. */
const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "Python takes the stack of every object that it allocates.",
  prevents:
    "Code that makes many objects runs about 7 to 12 times slower with 1 frame, up to 40 times with 25, and needs more memory; a snapshot of a million objects stops the program for seconds.",
  fix: "Fewer Frames cost less; a longer Update stops it less often.",
  consequence: "Nothing remains after the program's end.",
};

function plan(request: RecordRequest, options: OptionValues): RecordingPlan {
  const target: LaunchTarget =
    request.target.kind === "launch" ? request.target : { kind: "launch", argv: [], cwd: "", env: {} };
  const { interpreter, script } = pythonWords(target) ?? { interpreter: ["python3"], script: target.argv };
  const frames = Math.round(numberOption(options, "frames", 25));
  const everyS = numberOption(options, "interval", 2);
  const head = [...interpreter, "-c"];
  const launched: LaunchTarget = {
    ...target,
    argv: [...head, tracemallocRunner, String(everyS), String(frames), scratchFolder, ...script],
  };
  return {
    source: {
      type: "files",
      outputs: [
        {
          name: "*.tracemalloc",
          through: null,
          frame: { kind: "chunk", importer: "tracemalloc", levels: "Live memory (tracemalloc)" },
        },
      ],
      dump: null,
      // As Ctrl-C in the program: told to end otherwise, Python takes no last snapshot.
      stopSignal: "SIGINT",
      missing: problemOf(
        "no-output",
        "The program ended without a snapshot: it was killed, or left by os._exit.",
        "Let it end by itself or stop it here, or take snapshots more often.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "python",
    periodNs: 0,
    commands: [
      commandText({
        argv: [...head, "(tracemalloc)", String(everyS), String(frames), ...script],
        env: target.env,
      }),
    ],
    remarks: [
      "tracemalloc knows the lines that allocated, not the names of functions; memory that extensions take by themselves is not seen.",
    ],
    readStderr: () => null,
  };
}

export const tracemalloc: Profiler = {
  id: "tracemalloc",
  title,
  summary:
    "Launches a Python script under the interpreter's own tracemalloc: what lives, by line, every few seconds.",
  cost: "Code that makes many objects 7 to 12 times slower with 1 frame, up to 40 times with 25.",
  kinds: ["heap"],
  targets: ["launch"],
  options: [
    {
      id: "interval",
      title: "Update",
      help: "A snapshot is taken so often.",
      type: "number",
      default: 2,
      min: 0.2,
      max: 3600,
      unit: "s",
    },
    {
      id: "frames",
      title: "Frames",
      help: "So many calls of each stack are kept; more cost time and memory.",
      type: "number",
      default: 25,
      min: 1,
      max: 100,
      unit: "frames",
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    pythonWords(launch) === null
      ? null
      : { score: 30, reason: "what lives, by line, from Python's own tracemalloc" },
  detect: async (host) => {
    const path = await host.findTool("python3");
    return path === null
      ? problemOf("tool-missing", "There is no python3 on PATH.", "Install it: sudo apt install python3.")
      : { path, version: "", features: [] };
  },
  preflight: (host, request) => pythonLaunchChecks(host, request, title, cost),
  plan,
};
