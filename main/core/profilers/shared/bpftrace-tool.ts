import { formatCountOf, formatPercent } from "../../base/numbers.ts";
import { type Problem, problemOf } from "../../base/result.ts";
import type { RecordRequest } from "../../model/recording.ts";
import {
  bpfFolder,
  type Check,
  type Detection,
  type Host,
  type PipelineSource,
  type RecordingPlan,
  type Stage,
  type StderrFinding,
  type TargetKind,
} from "../profiler.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, passed } from "./checks.ts";
import { countEvents } from "./event-rate.ts";
import { commandText, pipelineText } from "./words.ts";

/** The workbench's own programs for bpftrace, native-scripts/bpf/: they count in the kernel, so that many events cost little. */

export interface BpfProgram {
  readonly title: string;
  /** File in native-scripts/bpf/. */
  readonly file: string;
  /** Reads what threads have in their registers, by the kernel's own description of its types. */
  readonly needsTypes: boolean;
  /** CPU time of the target for one context switch, ns; 0 where that is not what it counts. */
  readonly nsPerSwitch: number;
  readonly targets: readonly TargetKind[];
  /** Further settings of bpftrace; the helper sets the same for this program. */
  readonly env?: Readonly<Record<string, string>>;
  /** What cannot be had where it does not run, and what else may be done. */
  readonly prevents: string;
  readonly instead: string;
}

const missing: Problem = problemOf(
  "tool-missing",
  "bpftrace is not on PATH.",
  "Install it: sudo apt install bpftrace, or sudo dnf install bpftrace.",
);

/** Room for stacks, for the list of what is mapped, and names that outlive the process: the helper sets the same. */
const env = {
  BPFTRACE_MAP_KEYS_MAX: "65536",
  BPFTRACE_CAT_BYTES_MAX: "262144",
  BPFTRACE_CACHE_USER_SYMBOLS: "1",
} as const;

export async function detectBpftrace(host: Host): Promise<Detection | Problem> {
  const path = await host.findTool("bpftrace");
  if (path === null) return missing;
  const said = await host.probe([path, "--version"]);
  const setpriv = await host.findTool("setpriv");
  return {
    path,
    version: /v?(\d+(?:\.\d+)+)/.exec(said?.stdout ?? "")?.[1] ?? "",
    features: setpriv === null ? [] : ["setpriv"],
  };
}

export async function bpftraceChecks(
  host: Host,
  request: RecordRequest,
  program: BpfProgram,
): Promise<readonly Check[]> {
  const found = await detectBpftrace(host);
  const checks: Check[] = [
    "code" in found
      ? {
          ...passed("tool-missing", "bpftrace", found.message),
          status: "fail",
          prevents: program.prevents,
          fix: found.fix,
          consequence: "Installs a package.",
        }
      : passed("bpftrace", "bpftrace", `${found.path}, version ${found.version}`),
    ...checkKind(request, program.targets, program.title),
  ];
  const { target } = request;
  if (target.kind === "pid") {
    const info = await host.target(target.pid);
    if (info === null) return [...checks, noSuchProcess(target.pid)];
    checks.push(passed("process", "The process", `${info.name} ${info.pid}, of ${info.user}`));
  }
  checks.push(...(await checkLaunch(host, request)));
  if (program.needsTypes) checks.push(await checkTypes(host));
  checks.push(
    "code" in found ? passed("bpf", bpfTitle, "not looked at") : await checkBpf(host, found.path, program),
  );
  if (target.kind === "pid" && program.nsPerSwitch > 0)
    checks.push(await checkCost(host, target.pid, program));
  checks.push(await checkDisk(host));
  return checks;
}

const bpfTitle = "Programs in the kernel";

/** A program that does nothing: the kernel takes it, or says what it has against it. */
async function checkBpf(host: Host, path: string, { prevents, instead }: BpfProgram): Promise<Check> {
  if (host.uid !== 0)
    return {
      id: "bpf-rights",
      title: bpfTitle,
      status: "fail",
      found: "bpftrace runs as root only.",
      prevents,
      fix: "Record with root's rights for the profiler alone, or run Flamewright as root.",
      consequence:
        "Only bpftrace runs as root, with a program that belongs to Flamewright, while it records.",
      clearedBy: "root",
    };
  const said = await host.probe([path, "-e", "BEGIN { exit(); }"], 20_000);
  if (said?.code === 0) return passed("bpf", bpfTitle, "the kernel takes them");
  const words = `${said?.stderr ?? ""}\n${said?.stdout ?? ""}`
    .split("\n")
    .filter((line) => /ERROR|denied|permitted/.test(line));
  return {
    id: "bpf-refused",
    title: bpfTitle,
    status: "fail",
    found: `The kernel does not take bpftrace's programs${words.length > 0 ? `: ${words.at(-1)}` : ""}`,
    prevents,
    fix: `Record with perf (${instead}). Containers need CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE; a kernel in lockdown takes none.`,
    consequence: "perf costs some microseconds for every event.",
  };
}

async function checkTypes(host: Host): Promise<Check> {
  const title = "The kernel's types";
  const architecture = (await host.readText("/proc/sys/kernel/arch"))?.trim() ?? "x86_64";
  const found = await host.findFile(["/sys/kernel/btf/vmlinux"]);
  if (found !== null && architecture === "x86_64") return passed("btf", title, found);
  return {
    id: "no-btf",
    title,
    status: "fail",
    found: found === null ? "There is no /sys/kernel/btf/vmlinux." : `The processor is ${architecture}.`,
    prevents: "Which lock a thread waits for cannot be read from its registers.",
    fix: "Record with perf (perf-locks), which needs no types, or count the waits alone (bpftrace-off-cpu).",
    consequence: "perf costs some microseconds for every event.",
  };
}

async function checkCost(host: Host, pid: number, { nsPerSwitch }: BpfProgram): Promise<Check> {
  const title = "What it costs";
  const perf = await host.findTool("perf");
  const [perSecond = null] = perf === null ? [] : await countEvents(host, perf, pid, ["context-switches"]);
  const each = `about ${nsPerSwitch / 1000} µs of the target's time each time a thread goes to sleep`;
  if (perSecond === null) return passed("event-rate", title, `${each}; how often that is, is not known`);
  const share = formatPercent(perSecond * nsPerSwitch, 1e9);
  return passed(
    "event-rate",
    title,
    `${each}, ${formatCountOf(perSecond, "time")} a second: ${share} of one CPU`,
  );
}

export function bpftracePlan(
  request: RecordRequest,
  found: Detection,
  pid: number,
  { file, env: moreEnv = {} }: BpfProgram,
  remarks: readonly string[],
  { tellsLate, ...more }: Pick<RecordingPlan, "blockDevices"> & Pick<PipelineSource, "tellsLate"> = {},
): RecordingPlan {
  const argv = [
    ...(found.features.includes("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--"] : []),
    found.path || "bpftrace",
    "-q",
    ...["-B", "line"],
    ...["-f", "json"],
    `${bpfFolder}/${file}`,
    String(Math.max(0, pid)),
  ];
  const stages: readonly Stage[] = [{ argv, env: { ...env, ...moreEnv } }];
  const launch = request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
  return {
    source: {
      type: "pipeline",
      stages,
      stopStage: 0,
      stopSignal: "SIGINT",
      control: null,
      readyAt: "output",
      ...(request.target.kind !== "system" && { outlivesTarget: true }),
      ...(tellsLate && { tellsLate }),
    },
    launch,
    importer: "bpftrace-waits",
    rawExtension: "jsonl",
    stackMethod: "fp",
    periodNs: 0,
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      pipelineText(stages).replaceAll(`'${bpfFolder}/${file}'`, `native-scripts/bpf/${file}`),
    ],
    remarks,
    readStderr,
    ...more,
  };
}

function readStderr(line: string): StderrFinding | null {
  const full = /Map full; can't update element|Couldn't look up|map .* is full/i.test(line);
  if (full)
    return {
      type: "note",
      text: "More different stacks came in half a second than bpftrace has room for: some waits are missing.",
    };
  const lost = /^Lost (\d+) events$/.exec(line)?.[1];
  if (lost !== undefined) return { type: "lost", samples: Number(lost) };
  if (/only supports running as the root user/.test(line))
    return {
      type: "problem",
      problem: problemOf(
        "not-permitted",
        "bpftrace runs as root only.",
        "Record with root's rights for the profiler alone: --elevate sudo.",
        line,
      ),
    };
  // It says so wherever the limit may not be raised, and goes on.
  if (/^ERROR: (?!.*RLIMIT_MEMLOCK)(?!failed to look up stack)/.test(line))
    return {
      type: "problem",
      problem: problemOf(
        "tool-failed",
        "bpftrace could not run its program.",
        "Record with perf instead.",
        line,
      ),
    };
  return null;
}
