import { type Problem, problemOf } from "../../base/result.ts";
import type { RecordRequest } from "../../model/recording.ts";
import type { Check, Detection, Host, OptionSpec, RecordingPlan, Stage, StderrFinding } from "../profiler.ts";
import { rightsOf } from "./check-rights.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, notYours, passed } from "./checks.ts";
import { commandText, pipelineText } from "./words.ts";

/** strace and ltrace: they stop the target at each call. */

export type Tracer = "strace" | "ltrace";

/** What strace can be told to look at; names of its own. */
const classes = [
  { value: "all", title: "All calls" },
  { value: "io", title: "Files, sockets and descriptors" },
  { value: "file", title: "Calls that name a file" },
  { value: "network", title: "Network" },
] as const;
const filters: Readonly<Record<string, readonly string[]>> = {
  io: ["-e", "trace=%desc,%file,%network"],
  file: ["-e", "trace=%file"],
  network: ["-e", "trace=%network"],
};
export const filterOf = (calls: string): readonly string[] => filters[calls] ?? [];

export const callsSpec: OptionSpec = {
  id: "calls",
  title: "Calls",
  help: "What is recorded; the others are not stopped at.",
  type: "choice",
  default: "all",
  choices: classes,
};

const missing = (tracer: Tracer): Problem =>
  problemOf("tool-missing", `${tracer} is not installed.`, `Install it: sudo apt install ${tracer}.`);

export async function detectTracer(host: Host, tracer: Tracer): Promise<Detection | Problem> {
  const path = await host.findTool(tracer);
  if (path === null) return missing(tracer);
  const said = await host.probe([path, "--version"]);
  const setpriv = await host.findTool("setpriv");
  return {
    path,
    version: /(?:version |ltrace )(\d\S*)/.exec(said?.stdout ?? "")?.[1]?.replace(/\.$/, "") ?? "",
    features: [
      ...(setpriv === null ? [] : ["setpriv"]),
      ...(/stack-trace=/.test(said?.stdout ?? "") ? ["stacks"] : []),
    ],
  };
}

export async function tracerChecks(
  host: Host,
  request: RecordRequest,
  tracer: Tracer,
  cost: Check,
): Promise<readonly Check[]> {
  const { target } = request;
  const path = await host.findTool(tracer);
  const { message, fix } = missing(tracer);
  const checks: Check[] = [
    path === null
      ? {
          ...passed("tool-missing", tracer, message),
          status: "fail",
          prevents: `${tracer === "strace" ? "System" : "Library"} calls cannot be recorded.`,
          fix,
          consequence: "Installs a package.",
        }
      : passed(tracer, tracer, path),
    ...checkKind(request, ["pid", "launch"], tracer),
  ];
  const rights = await rightsOf(host);
  if (target.kind === "pid") {
    const info = await host.target(target.pid);
    if (info === null) return [...checks, noSuchProcess(target.pid)];
    if (!info.own && !rights.traces)
      return [...checks, notYours(info, `${tracer} may not stop other people's processes.`)];
    checks.push(passed("process", "The process", `${info.name} ${info.pid}, of ${info.user}`));
  }
  checks.push(...(await checkLaunch(host, request)), cost, await checkDisk(host));
  return checks;
}

/** Both say it in their own words, ltrace and ends with 0. */
export const readTracerStderr =
  (tracer: Tracer) =>
  (line: string): StderrFinding | null =>
    /ptrace\(PTRACE_SEIZE, \d+\): Operation not permitted|Cannot attach to pid \d+: Operation not permitted/.test(
      line,
    )
      ? {
          type: "problem",
          problem: problemOf(
            "not-permitted",
            `The kernel does not let ${tracer} stop this process.`,
            "Record a process of your own, launch it from here, or set kernel.yama.ptrace_scope to 0.",
            line,
          ),
        }
      : null;

export const tiedTo = (found: Detection): readonly string[] =>
  found.features.includes("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--"] : [];

interface TracedPlan {
  readonly stages: readonly Stage[];
  readonly importer: string;
  readonly rawExtension: string;
  readonly stackMethod?: string;
  readonly remark: string;
}

/** What is recorded through a pipe of a tracer that is attached, also to what is launched. */
export function tracedPlan(tracer: Tracer, { target }: RecordRequest, plan: TracedPlan): RecordingPlan {
  const { stages, importer, rawExtension, stackMethod = "", remark } = plan;
  return {
    source: {
      type: "pipeline",
      stages,
      stopStage: 0,
      stopSignal: "SIGINT",
      control: null,
      readyAt: "traced",
    },
    launch: target.kind === "launch" ? { how: "held", target } : null,
    importer,
    rawExtension,
    stackMethod,
    periodNs: 0,
    commands: [
      ...(target.kind === "launch" ? [commandText({ argv: target.argv, env: target.env })] : []),
      pipelineText(stages),
    ],
    remarks: [remark],
    readStderr: readTracerStderr(tracer),
  };
}
