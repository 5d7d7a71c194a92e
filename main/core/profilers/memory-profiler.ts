import { problemOf } from "../base/result.ts";
import type { LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import { type Check, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { pythonLaunchChecks } from "./shared/launch-checks.ts";
import { textOption } from "./shared/options.ts";
import { pythonWords } from "./shared/python-command.ts";
import { commandText } from "./shared/words.ts";

const title = "memory_profiler";
const file = "memory-profiler.txt";

/** Measured with a loop of nothing but sums: 45 us a line by RSS, 0.9 ms by its own memory alone, 8 ms by tracemalloc. */
const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "The process's memory is read after every line of the functions that are marked with @profile.",
  prevents:
    "A line takes about 50 µs more, and 1 to 8 ms by the other ways to measure: loops that do little run over 100 times slower. Functions that are not marked run at full speed.",
  fix: "Mark only the functions that matter, and no inner loops. memray needs no marks.",
  consequence: "Nothing remains after the program's end.",
};

function plan(request: RecordRequest, options: OptionValues): RecordingPlan {
  const target: LaunchTarget =
    request.target.kind === "launch" ? request.target : { kind: "launch", argv: [], cwd: "", env: {} };
  const { interpreter, script } = pythonWords(target) ?? { interpreter: ["python3"], script: target.argv };
  const launched: LaunchTarget = {
    ...target,
    argv: [
      ...interpreter,
      "-m",
      "memory_profiler",
      "--backend",
      textOption(options, "measure", "psutil"),
      "-o",
      `${scratchFolder}/${file}`,
      // It tells scripts from modules by their ending.
      ...(script[0] === "-m" ? script.slice(1) : script),
    ],
  };
  return {
    source: {
      type: "files",
      outputs: [{ name: file, atEnd: true, through: null, frame: { kind: "text", end: "" } }],
      dump: null,
      // As Ctrl-C in the program: told to end otherwise, it prints no table.
      stopSignal: "SIGINT",
      missing: problemOf(
        "no-output",
        "The program ended and memory_profiler has no lines to tell of.",
        "Write @profile above the functions that matter. Its own words are in the log: it may not be installed for this interpreter (python -m pip install memory_profiler).",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "memory-profiler",
    rawExtension: "txt",
    stackMethod: "python",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: ["Only functions that are marked with @profile are measured, and the table comes at the end."],
    readStderr: () => null,
  };
}

export const memoryProfiler: Profiler = {
  id: "memory-profiler",
  title,
  summary: "Launches a Python script under memory_profiler: what each line of the marked functions adds.",
  cost: "About 50 µs a line of the marked functions, 1 to 8 ms by the slower ways to measure.",
  kinds: ["alloc"],
  targets: ["launch"],
  options: [
    {
      id: "measure",
      title: "Measure",
      help: "What counts as the memory in use after a line.",
      type: "choice",
      default: "psutil",
      choices: [
        { value: "psutil", title: "Resident memory" },
        { value: "psutil_uss", title: "Memory of its own (USS)" },
        { value: "tracemalloc", title: "What Python allocated, exactly" },
      ],
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    pythonWords(launch) === null
      ? null
      : { score: 5, reason: "what each line of functions marked with @profile adds" },
  detect: async (host) => {
    const path = await host.findTool("mprof");
    return path === null
      ? problemOf(
          "tool-missing",
          "memory_profiler is not installed.",
          "Install it for the interpreter of the script: python3 -m pip install memory_profiler.",
        )
      : { path, version: "", features: [] };
  },
  preflight: (host, request) => pythonLaunchChecks(host, request, title, cost),
  plan,
};
