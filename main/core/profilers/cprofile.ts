import { type Problem, problemOf } from "../base/result.ts";
import type { LaunchTarget, RecordRequest } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type Host,
  isProblem,
  type Profiler,
  type RecordingPlan,
  scratchFolder,
  type TargetKind,
} from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch, passed } from "./shared/checks.ts";
import { baseName, commandText } from "./shared/words.ts";

const targets: readonly TargetKind[] = ["launch"];

const outputName = "cprofile.prof";

interface PythonCommand {
  /** The interpreter and its own switches. */
  readonly interpreter: readonly string[];
  /** The script, or -m and a module, and what follows. */
  readonly script: readonly string[];
}

const withValue = new Set(["-X", "-W", "--check-hash-based-pycs"]);

/** null where it is no interpreter with a script or a module: there is nothing that cProfile could run. */
function pythonCommand({ argv }: LaunchTarget): PythonCommand | null {
  if (!/^(?:python|pypy)[\d.]*$/.test(baseName(argv[0] ?? ""))) return null;
  let at = 1;
  for (let word = argv[at]; word?.startsWith("-") && word !== "-m" && word !== "-c"; word = argv[at]) {
    at += withValue.has(word) ? 2 : 1;
  }
  const first = argv[at];
  if (first === undefined || first === "-c" || first === "-" || (first === "-m" && argv.length < at + 2)) {
    return null;
  }
  return { interpreter: argv.slice(0, at), script: argv.slice(at) };
}

const noInterpreter: Problem = problemOf(
  "tool-missing",
  "There is no python3 on PATH.",
  "Install Python 3 (sudo apt install python3): cProfile is a part of it.",
);

async function detect(host: Host): Promise<Detection | Problem> {
  const path = await host.findTool("python3");
  if (path === null) return noInterpreter;
  const said = await host.probe([path, "-c", "import cProfile, sys; print(sys.version)"]);
  if (said === null || said.code !== 0) {
    return problemOf(
      "tool-failed",
      `${path} is there, but has no cProfile.`,
      "Install the whole standard library: sudo apt install libpython3-stdlib.",
      said?.stderr.trim(),
    );
  }
  return { path, version: /\d+(\.\d+)+/.exec(said.stdout)?.[0] ?? said.stdout.trim(), features: [] };
}

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const found = await detect(host);
  const checks: Check[] = [
    isProblem(found)
      ? {
          id: found.code,
          title: "Python",
          status: "fail",
          found: found.message,
          prevents: "There is nothing to run the script with.",
          fix: found.fix,
          consequence: "Installs packages; they stay until they are removed.",
        }
      : passed("python", "Python", `${found.path}, version ${found.version}`),
    ...checkKind(request, targets, cprofile.title),
  ];
  if (request.target.kind === "launch") checks.push(checkScript(request.target), slowdown);
  checks.push(...(await checkLaunch(host, request)), await checkDisk(host));
  return checks;
}

function checkScript(launch: LaunchTarget): Check {
  const title = "The script";
  const command = pythonCommand(launch);
  if (command !== null) return passed("script", title, command.script.slice(0, 2).join(" "));
  return {
    id: "not-a-python-script",
    title,
    status: "fail",
    found: "The command is not python with a script or a module.",
    prevents: "cProfile runs scripts (python script.py) and modules (python -m module), nothing else.",
    fix: "Put the interpreter in front: python3 SCRIPT; or use py-spy, which takes any program in which Python runs.",
    consequence: "",
  };
}

const slowdown: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "cProfile is called at every call and return of the program.",
  prevents:
    "The program runs slower, often twice as slow, and functions that are called often look dearer than they are.",
  fix: "For times use py-spy; use cProfile for exact numbers of calls.",
  consequence: "",
};

function plan(request: RecordRequest): RecordingPlan {
  const target: LaunchTarget =
    request.target.kind === "launch" ? request.target : { kind: "launch", argv: [], cwd: "", env: {} };
  const { interpreter, script } = pythonCommand(target) ?? { interpreter: [], script: target.argv };
  const launched: LaunchTarget = {
    ...target,
    argv: [...interpreter, "-m", "cProfile", "-o", `${scratchFolder}/${outputName}`, ...script],
  };
  return {
    source: {
      type: "files",
      outputs: [{ name: outputName, through: null, frame: { kind: "text", end: "" } }],
      dump: null,
      // As Ctrl-C in the program: told to end otherwise, cProfile writes nothing.
      stopSignal: "SIGINT",
      missing: problemOf(
        "no-output",
        "The program ended without leaving a profile: it was killed, or left by os._exit.",
        "Let it end by itself or stop it here; a program that must be killed is recorded with py-spy.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "pstats",
    rawExtension: "prof",
    stackMethod: "instrumented",
    periodNs: 1,
    commands: [commandText(launched)],
    remarks: [
      "The profile is there when the program has ended; until then there is nothing to see. To stop is to press Ctrl-C in the program.",
      "cProfile sees the first thread only, and hides the script's own exit code.",
    ],
    readStderr: () => null,
  };
}

export const cprofile: Profiler = {
  id: "cprofile",
  title: "cProfile",
  summary: "Runs a Python script under its own profiler: exact numbers of calls, at the price of speed.",
  cost: "1.1 to 1.4 times slower in loops and libraries, over 4 times in code that does nothing but call small functions.",
  kinds: ["cpu"],
  targets,
  options: [],
  suits: () => null,
  suitsLaunch: (launch) =>
    pythonCommand(launch) === null
      ? null
      : { score: 35, reason: "counts every call exactly, but slows the program down" },
  detect,
  preflight,
  plan,
};
