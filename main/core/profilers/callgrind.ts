import { problemOf } from "../base/result.ts";
import type { LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type Host,
  type Profiler,
  type RecordingPlan,
  type StderrFinding,
  scratchFolder,
} from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch } from "./shared/checks.ts";
import type { FilesSource } from "./shared/files-source.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import { baseName, commandText } from "./shared/words.ts";

/** Measured on CPU-bound work: 10 times slower at best, with caches and branches simulated up to a hundred times. */
const slowdown: Check = {
  id: "slowdown",
  title: "Speed of the program",
  status: "warn",
  found: "callgrind runs the program on a simulated processor, all its threads on one.",
  prevents:
    "It runs 10 to 100 times slower than by itself: what depends on time (time-outs, load, lock contention) is not as in production.",
  fix: "Give it a small piece of work, or sample it with perf, which slows it down by about 1 %.",
  consequence: "Nothing remains after the recording.",
};

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const checks: Check[] = [...checkKind(request, callgrind.targets, callgrind.title)];
  checks.push(...(await checkLaunch(host, request)));
  if (request.target.kind === "launch") checks.push(slowdown, ...checkProgram(request.target));
  checks.push(await checkDisk(host));
  return checks;
}

/** Programs whose own work is the interpreter's: callgrind sees that, and not the script. */
const interpreters = /^(python|pypy|ruby|perl|php|node|nodejs|java|deno|bun|sh|bash|dash)[\d.]*$/;

function checkProgram(launch: LaunchTarget): readonly Check[] {
  const program = baseName(launch.argv[0] ?? "");
  if (!interpreters.test(program)) return [];
  return [
    {
      id: "interpreter",
      title: "The program",
      status: "warn",
      found: `${program} runs code of another language.`,
      prevents: "callgrind names functions of the interpreter, not those of the script.",
      fix: "Choose the profiler of the language, or launch a native program.",
      consequence: "",
    },
  ];
}

const outputName = "callgrind.out";

function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const { target } = request;
  const valgrind = found.path === "" ? "valgrind" : found.path;
  const everyMs = numberOption(options, "interval", 2) * 1000;
  const wanted: LaunchTarget = target.kind === "launch" ? target : { ...nothing };
  const launched: LaunchTarget = {
    ...wanted,
    argv: [
      valgrind,
      "-q",
      "--tool=callgrind",
      `--callgrind-out-file=${scratchFolder}/${outputName}.%p`,
      // Else it calls what lies outside of main by one name.
      "--show-below-main=yes",
      ...(flagOption(options, "threads") ? ["--separate-threads=yes"] : []),
      ...(flagOption(options, "children") ? ["--trace-children=yes"] : []),
      ...(flagOption(options, "cache") ? ["--cache-sim=yes"] : []),
      ...(flagOption(options, "branches") ? ["--branch-sim=yes"] : []),
      ...(flagOption(options, "instructions") ? ["--dump-instr=yes"] : []),
      "--",
      ...wanted.argv,
    ],
  };
  // vgdb comes with valgrind, and callgrind_control only calls it.
  const vgdb = valgrind.includes("/") ? `${valgrind.slice(0, valgrind.lastIndexOf("/"))}/vgdb` : "vgdb";
  const dump = { argv: [vgdb, `--pid=${pid}`, "dump"], everyMs, timeoutMs: 10_000 };
  const source: FilesSource = {
    type: "files",
    // A header after each file shows the importer its end, so that each part is on the screen as it arrives.
    outputs: [{ name: `${outputName}.*`, through: null, frame: { kind: "text", end: "\nversion: 1\n" } }],
    dump,
    stopSignal: "SIGTERM",
    missing: problemOf(
      "no-output",
      "The program ended and callgrind left no profile.",
      "Its own words are in the log: it may not be a program that valgrind can run (32 bits, newer instructions), or was killed.",
    ),
  };
  return {
    source,
    launch: { how: "held", target: launched },
    importer: "callgrind",
    rawExtension: "callgrind",
    stackMethod: "instrumented",
    periodNs: 0,
    commands: [commandText(launched), `${commandText(dump)} (every ${everyMs / 1000} s)`],
    remarks: [
      "Counted, not sampled: instructions of a simulated processor, on which the program runs many times slower.",
    ],
    readStderr,
  };
}

const nothing: LaunchTarget = { kind: "launch", argv: [""], cwd: "", env: {} };

function readStderr(line: string): StderrFinding | null {
  if (!/^(==\d+== )?valgrind: (Fatal|failed|mmap|.*(wrong ELF|cannot execute))/i.test(line)) return null;
  return {
    type: "problem",
    problem: problemOf("tool-failed", "valgrind could not run the program.", "See its own words.", line),
  };
}

export const callgrind: Profiler = {
  id: "callgrind",
  title: "callgrind",
  summary:
    "Launches a program under valgrind and counts every instruction and call: exact and repeatable, but 10 to 100 times slower.",
  cost: "10 to 100 times slower, on one processor.",
  kinds: ["cpu"],
  targets: ["launch"],
  options: [
    {
      id: "interval",
      title: "Update",
      help: "What was counted so far is shown this often; each time costs the program about 0.1 s.",
      type: "number",
      default: 2,
      min: 1,
      max: 3600,
      unit: "s",
    },
    {
      id: "threads",
      title: "Threads apart",
      help: "Counts every thread by itself.",
      type: "flag",
      default: true,
    },
    {
      id: "children",
      title: "Child processes",
      help: "Runs what the program starts under callgrind too; their parts come when they end.",
      type: "flag",
      default: false,
    },
    {
      id: "cache",
      title: "Simulate caches",
      help: "Counts misses of a simulated cache; twice as slow again.",
      type: "flag",
      default: false,
    },
    {
      id: "branches",
      title: "Simulate branches",
      help: "Counts branches that a simulated processor would mispredict.",
      type: "flag",
      default: false,
    },
    {
      id: "instructions",
      title: "Every instruction",
      help: "Keeps the cost of each instruction, for the view of assembler code; larger files.",
      type: "flag",
      default: false,
    },
  ],
  suits: () => null,
  suitsLaunch(launch) {
    if (interpreters.test(baseName(launch.argv[0] ?? ""))) return null;
    return { score: 20, reason: "exact and repeatable counts of every call, but 10 to 100 times slower" };
  },
  async detect(host) {
    const path = await host.findTool("valgrind");
    const tool = path === null ? null : await host.probe([path, "--version"]);
    if (path === null || tool === null) {
      return problemOf(
        "tool-missing",
        "valgrind, which callgrind is a part of, is not installed.",
        "Install it: sudo apt install valgrind (Fedora: dnf install valgrind).",
      );
    }
    return { path, version: /(\d+(?:\.\d+)+)/.exec(tool.stdout)?.[1] ?? "", features: [] };
  },
  preflight,
  plan,
};
