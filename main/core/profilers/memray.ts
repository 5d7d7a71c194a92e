import { problemOf } from "../base/result.ts";
import type { LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import { type Check, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch } from "./shared/checks.ts";
import { filePath } from "./shared/files-source.ts";
import { flagOption, textOption } from "./shared/options.ts";
import { pythonWords } from "./shared/python-command.ts";
import { baseName, commandText } from "./shared/words.ts";

const title = "memray";

const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "memray takes the stack of every allocation, of Python and of extensions.",
  prevents:
    "Code that allocates a lot runs about 2 times slower; 3 to 4 times with Python's own small objects, and its file grows by the second.",
  fix: "Turn Small objects off, or sample the memory alone (proc-memory).",
  consequence: "Nothing remains after the program's end.",
};

function plan(request: RecordRequest, options: OptionValues): RecordingPlan {
  const target: LaunchTarget =
    request.target.kind === "launch" ? request.target : { kind: "launch", argv: [], cwd: "", env: {} };
  const { interpreter, script } = pythonWords(target) ?? { interpreter: ["python3"], script: target.argv };
  const variables = Object.entries(target.env).map(([name, value]) => `${name}=${value}`);
  const memray = [...interpreter, "-m", "memray"];
  const launched: LaunchTarget = {
    ...target,
    argv: [
      ...memray,
      "run",
      "--quiet",
      ...(flagOption(options, "objects") ? ["--trace-python-allocators"] : []),
      ...(flagOption(options, "native") ? ["--native"] : []),
      "--output",
      `${scratchFolder}/memray.bin`,
      ...script,
    ],
  };
  const isLeaks = textOption(options, "report", "leaks") === "leaks";
  // With what the program itself is run with: memray may lie in its own environment.
  const through = [
    ...(variables.length > 0 ? ["env", ...variables] : []),
    ...memray,
    "flamegraph",
    ...(isLeaks ? ["--leaks"] : []),
    "--force",
    "--output",
    "/dev/stdout",
    filePath,
  ];
  return {
    source: {
      type: "files",
      outputs: [{ name: "memray.bin", atEnd: true, through, frame: { kind: "text", end: "" } }],
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
    stackMethod: "python",
    periodNs: 0,
    commands: [commandText(launched), commandText({ argv: through })],
    remarks: [
      "memray's own file is read by memray when the program has ended; until then there are counters only.",
    ],
    readStderr: () => null,
  };
}

export const memray: Profiler = {
  id: "memray",
  title,
  summary:
    "Launches a Python script under memray: every allocation of Python and its extensions, what is left, the peak.",
  kinds: ["heap", "alloc"],
  targets: ["launch"],
  options: [
    {
      id: "report",
      title: "Report",
      help: "What is made of the recording.",
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
  ],
  suits: () => null,
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
    const checks: Check[] = [...checkKind(request, ["launch"], title), ...(await checkLaunch(host, request))];
    if (request.target.kind === "launch" && pythonWords(request.target) === null)
      checks.push({
        id: "not-a-python-script",
        title: "The script",
        status: "fail",
        found: `${baseName(request.target.argv[0] ?? "")} is not python with a script or a module.`,
        prevents: "memray runs scripts (python script.py) and modules (python -m module).",
        fix: "Put the interpreter in front: python3 SCRIPT.",
        consequence: "",
      });
    return [...checks, cost, await checkDisk(host)];
  },
  plan,
};
