import { problemOf } from "../base/result.ts";
import type { LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type FileOutput,
  type Profiler,
  type RecordingPlan,
  type StderrFinding,
  type Step,
  scratchFolder,
} from "./profiler.ts";
import { checkPtrace } from "./shared/check-rights.ts";
import { checkDisk, checkGdb, noSuchProcess, notYours } from "./shared/checks.ts";
import { filePath } from "./shared/files-source.ts";
import { pythonLaunchChecks } from "./shared/launch-checks.ts";
import { flagOption, numberOption, textOption } from "./shared/options.ts";
import { pythonWords } from "./shared/python-command.ts";
import { commandText } from "./shared/words.ts";

const title = "memray";

const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "memray takes the stack of every allocation, of Python and of extensions.",
  prevents:
    "Code that calls small functions runs about 3 times slower, for memray follows every call, and code that allocates large blocks 1.6 times; 3 to 7 times with Python's own small objects, 3 times with native stacks, and its file grows by the second.",
  fix: "Turn Small objects off, or sample the memory alone (proc-memory).",
  consequence: "Nothing remains after the program's end.",
};

const attachCost: Check = {
  ...cost,
  found:
    "gdb stops the program for about a third of a second and has it load memray, which then takes the stack of every allocation.",
  consequence: "memray is loaded until the program ends, and takes nothing after the recording.",
};

function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const { target } = request;
  return target.kind === "launch" ? planLaunch(target, options) : planAttach(options, found, pid);
}

const file = `${scratchFolder}/memray.bin`;
const tracking = (options: OptionValues): readonly string[] => [
  ...(flagOption(options, "objects") ? ["--trace-python-allocators"] : []),
  ...(flagOption(options, "native") ? ["--native"] : []),
];

/** memray writes to a path alone, and there is none for the socket that its stdout may be. */
const shown = 'file=$1; shift; "$@" --output "$file.html" "$file" >&2 && exec cat "$file.html"';

function planLaunch(target: LaunchTarget, options: OptionValues): RecordingPlan {
  const { interpreter, script } = pythonWords(target) ?? { interpreter: ["python3"], script: target.argv };
  const variables = Object.entries(target.env).map(([name, value]) => `${name}=${value}`);
  const memray = [...interpreter, "-m", "memray"];
  const launched: LaunchTarget = {
    ...target,
    argv: [...memray, "run", "--quiet", ...tracking(options), "--output", file, ...script],
  };
  const isLeaks = textOption(options, "report", "leaks") === "leaks";
  // With what the program itself is run with: memray may lie in its own environment.
  const report = [
    ...(variables.length > 0 ? ["env", ...variables] : []),
    ...memray,
    "flamegraph",
    ...(isLeaks ? ["--leaks"] : []),
    "--force",
  ];
  return {
    ...common,
    source: {
      type: "files",
      outputs: [
        {
          name: "memray.bin",
          atEnd: true,
          through: ["sh", "-c", shown, "sh", filePath, ...report],
          frame: { kind: "text", end: "" },
        },
      ],
      dump: null,
      stopSignal: "SIGINT",
      missing: problemOf(
        "no-output",
        "The program ended and memray left nothing that it can read itself.",
        "Its own words are in the log: it may not be installed for this interpreter (python -m pip install memray).",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "memray",
    rawExtension: "html",
    commands: [commandText(launched), commandText({ argv: [...report, "--output", "memray.html", file] })],
    remarks: [
      "memray's own file is read by memray when the program has ended; until then there are counters only.",
    ],
  };
}

/** memray reads its file while that grows: each time a whole state of what lives since it was attached. */
function planAttach(options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const updateMs = Math.round(numberOption(options, "update", 5) * 1000);
  const run = (argv: readonly string[], output: FileOutput | null): Step => ({
    kind: "run",
    argv: [found.path, ...argv],
    // Else gdb asks servers for debug information while the target stands still.
    env: { LC_ALL: "C", DEBUGINFOD_URLS: "" },
    output,
    timeoutMs: 60_000,
    stopSignal: null,
  });
  const attach = ["attach", "--force", "--no-compress", ...tracking(options), "--output", file, String(pid)];
  const states = `${scratchFolder}/live.csv`;
  const transform = ["transform", "csv", "--leaks", "--force", "--output", states, file];
  const detach = ["detach", String(pid)];
  return {
    ...common,
    source: {
      type: "chunks",
      begin: [run(attach, null)],
      chunk: (index) => ({
        step: run(transform, { file: states }),
        importer: "memray-csv",
        levels: "Live memory (memray)",
        spanMs: 0,
        pauseMs: index === 0 ? Math.min(1000, updateMs) : updateMs,
      }),
      lastChunk: true,
      finish: [run(detach, null)],
      overlapMs: 0,
    },
    launch: null,
    importer: "chunks",
    rawExtension: "chunks",
    commands: [attach, transform, detach].map((argv) => commandText({ argv: [found.path, ...argv] })),
    remarks: [
      "What was allocated before is not known, and freeing it is not seen.",
      "If the program ends by itself, what came after the last update is not there.",
    ],
  };
}

const common = { stackMethod: "python", periodNs: 0, readStderr } as const;

function readStderr(line: string): StderrFinding | null {
  const words = line.trim();
  if (!/No module named '?memray/.test(words)) return null;
  return {
    type: "problem",
    problem: problemOf(
      "tool-missing",
      "The program's interpreter has no memray.",
      "Install it there, in the same version: its own python -m pip install memray. A program that runs need not be restarted.",
      words,
    ),
  };
}

export const memray: Profiler = {
  id: "memray",
  title,
  summary:
    "Every allocation of a Python program and its extensions, from its launch or from now on: what is left, the peak.",
  cost: "1.6 times slower in code that allocates large blocks, 3 times in code that calls small functions, up to 7 times with small objects.",
  kinds: ["heap", "alloc"],
  targets: ["launch", "pid"],
  options: [
    {
      id: "report",
      title: "Report",
      help: "What is made of a launched program's recording.",
      type: "choice",
      default: "leaks",
      choices: [
        { value: "leaks", title: "What was not freed at the end" },
        { value: "peak", title: "What there was at the peak" },
      ],
    },
    {
      id: "objects",
      title: "Small objects",
      help: "Every object of Python's own allocator, not only the blocks that it takes from the system.",
      type: "flag",
      default: true,
    },
    {
      id: "native",
      title: "Native stacks",
      help: "Calls of C and C++ as well.",
      type: "flag",
      default: false,
    },
    {
      id: "update",
      title: "Update",
      help: "What lives in a running program is worked out so often; it takes longer as the recording grows.",
      type: "number",
      default: 5,
      min: 1,
      max: 3600,
      unit: "s",
    },
  ],
  suits: (target) =>
    target.own && target.runtime === "python"
      ? { score: 15, reason: "every allocation from now on, where the interpreter has memray" }
      : null,
  suitsLaunch: (launch) =>
    pythonWords(launch) === null
      ? null
      : { score: 28, reason: "every allocation of Python and its extensions" },
  detect: async (host) => {
    const path = await host.findTool("memray");
    const said = path === null ? null : await host.probe([path, "--version"]);
    return path === null || said === null
      ? problemOf(
          "tool-missing",
          "memray is not installed.",
          "Install it for the interpreter of the script: python3 -m pip install memray.",
        )
      : { path, version: /\d+(\.\d+)+/.exec(said.stdout)?.[0] ?? "", features: [] };
  },
  async preflight(host, request) {
    if (request.target.kind !== "pid") return pythonLaunchChecks(host, request, title, cost);
    const info = await host.target(request.target.pid);
    return [
      ...(info === null ? [noSuchProcess(request.target.pid)] : []),
      ...(info !== null && !info.own ? [notYours(info, "gdb may not put memray into it.")] : []),
      await checkGdb(host, title),
      await checkPtrace(host, host.uid === 0, title),
      attachCost,
      await checkDisk(host),
    ];
  },
  plan,
};
