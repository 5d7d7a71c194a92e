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
import { checkDisk, checkKind, checkLaunch, passed } from "./shared/checks.ts";
import { filePath } from "./shared/files-source.ts";
import { commandText } from "./shared/words.ts";

/** What -pg makes a program call at the start of every function: gcc on x86, on other processors, with -mfentry. */
const counterNames = /\b(_?mcount|__fentry__|__gnu_mcount_nc)\b/;

const endings: Check = {
  id: "normal-end",
  title: "End of the program",
  status: "warn",
  found: "A program built with -pg writes its profile when it returns from main or calls exit.",
  prevents: "If it is ended by a signal, or the recording is stopped before, there is no profile at all.",
  fix: "Let the program end by itself; for one that does not end, choose perf.",
  consequence: "",
};

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const checks: Check[] = [...checkKind(request, gprof.targets, gprof.title)];
  const launch = await checkLaunch(host, request);
  checks.push(...launch);
  if (request.target.kind === "launch" && launch.every(({ status }) => status === "ok"))
    checks.push(await checkCounters(host, request.target), endings);
  checks.push(await checkDisk(host));
  return checks;
}

async function checkCounters(host: Host, launch: LaunchTarget): Promise<Check> {
  const title = "Built with -pg";
  const path = pathOf(launch);
  if (path === null) {
    return {
      id: "needs-path",
      title,
      status: "fail",
      found: `"${launch.argv[0]}" is a name and not a path.`,
      prevents: "gprof reads the program's symbols from its file, which it cannot find by a name.",
      fix: `Give its path: "$(command -v PROGRAM)" in place of PROGRAM.`,
      consequence: "",
    };
  }
  const nm = await host.findTool("nm");
  if (nm === null) return passed("built-for-gprof", title, "could not be looked up");
  // Linked dynamically it asks the C library for the counter; linked statically it has one of its own.
  const dynamic = await host.probe([nm, "-D", "--", path]);
  const own = counterNames.test(dynamic?.stdout ?? "") ? null : await host.probe([nm, "--", path]);
  if (own === null) return passed("built-for-gprof", title, "the program counts its calls");
  if (counterNames.test(own.stdout)) return passed("built-for-gprof", title, "the program counts its calls");
  return {
    id: "not-built-for-gprof",
    title,
    status: "fail",
    found: `${path} does not count its calls: it was not built with -pg.`,
    prevents: "It would leave no profile.",
    fix: "Compile and link it with -pg (CFLAGS=-pg LDFLAGS=-pg), or choose perf, which needs no special build.",
    consequence: "A program built with -pg is slower, mostly where functions are small.",
  };
}

/** Of the program's file; null where only PATH leads to it. */
function pathOf({ argv, cwd }: LaunchTarget): string | null {
  const [program = ""] = argv;
  if (program.startsWith("/")) return program;
  if (!program.includes("/")) return null;
  return cwd === "" ? `./${program}` : `${cwd}/${program}`;
}

/** The prefix gets ".PID" behind it. */
const outputName = "gmon";

function plan(request: RecordRequest, _options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const { target } = request;
  const wanted: LaunchTarget =
    target.kind === "launch" ? target : { kind: "launch", argv: [""], cwd: "", env: {} };
  const env = { ...wanted.env, GMON_OUT_PREFIX: `${scratchFolder}/${outputName}` };
  const through = [found.path, "-b", pathOf(wanted) ?? wanted.argv[0] ?? "", filePath];
  return {
    source: {
      type: "files",
      // Of children with another executable gprof would make nonsense, of forks it would count their parent's calls again.
      outputs: [{ name: `${outputName}.${pid}`, through, frame: { kind: "text", end: "" } }],
      dump: null,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and left no profile (gmon.out).",
        "It writes one only when it returns from main or calls exit, not when a signal ends it or _exit does. If it is a script, launch the program itself.",
      ),
    },
    launch: { how: "held", target: { ...wanted, env } },
    importer: "gprof",
    rawExtension: "txt",
    stackMethod: "instrumented",
    periodNs: 10_000_000,
    commands: [commandText({ argv: wanted.argv, env }), commandText({ argv: through })],
    remarks: [
      "Calls are counted exactly; times are samples of 0.01 s, and what a call costs is an estimate: gprof takes every call of a function as equally dear.",
      "Time in libraries that were not built with -pg is missing.",
    ],
    readStderr,
  };
}

function readStderr(line: string): StderrFinding | null {
  if (!/^(\/\S*\/)?gprof: /.test(line)) return null;
  return {
    type: "problem",
    problem: problemOf(
      "tool-failed",
      "gprof could not read the profile.",
      "See its own words. The program may have been built anew while it ran.",
      line,
    ),
  };
}

export const gprof: Profiler = {
  id: "gprof",
  title: "gprof",
  summary: "Launches a program that was built with -pg: counts every call exactly, and samples its time.",
  cost: "About 5 ns a call: 4 times slower in code that does nothing but call small functions, nothing in long loops.",
  kinds: ["cpu"],
  targets: ["launch"],
  options: [],
  suits: () => null,
  suitsLaunch(launch) {
    if (pathOf(launch) === null) return null;
    return { score: 5, reason: "exact counts of calls, but only of a program that was built with -pg" };
  },
  async detect(host) {
    const path = await host.findTool("gprof");
    const tool = path === null ? null : await host.probe([path, "--version"]);
    if (path === null || tool === null) {
      return problemOf(
        "tool-missing",
        "gprof is not installed.",
        "It is part of binutils: sudo apt install binutils (Fedora: dnf install binutils-gprof).",
      );
    }
    return { path, version: /(\d+(?:\.\d+)+)/.exec(tool.stdout)?.[1] ?? "", features: [] };
  },
  preflight,
  plan,
};
