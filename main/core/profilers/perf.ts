import { type Problem, problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type Fit,
  type Host,
  isProblem,
  type Profiler,
  type RecordingPlan,
  type Stage,
} from "./profiler.ts";
import {
  checkBuffers,
  checkKernelPointers,
  checkSampling,
  kernelSetting,
  numberIn,
  rightsOf,
} from "./shared/check-rights.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, notYours, passed } from "./shared/checks.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import { createPerfStderrReader } from "./shared/perf-stderr.ts";
import { baseName, commandText, pipelineText } from "./shared/words.ts";

/** Copied from the stack with every sample, for unwinding later. Deeper stacks are cut at the root end. */
const dwarfStackBytes = 8192;
/** perf takes multiples of 8 below 64 KiB. */
const dwarfMaxStackBytes = 65_528;
/** With DWARF the unwinder, not the kernel, ends a stack: far above its default of 127. */
const dwarfMaxFrames = 2048;
/** Pages of each CPU's ring buffer. With the default, 8 KiB a sample overrun it on a busy machine. */
const dwarfRingPages = 2048;

async function detect(host: Host): Promise<Detection | Problem> {
  const path = await host.findTool("perf");
  if (path === null) return missing;
  const version = await host.probe([path, "--version"]);
  if (version === null || version.code !== 0) {
    return problemOf(
      "tool-failed",
      `${path} is there, but does not run.`,
      "Install the perf that belongs to this kernel: sudo apt install linux-perf (Ubuntu: linux-tools-$(uname -r)).",
      version === null ? undefined : (version.stderr || version.stdout).trim(),
    );
  }
  const [stdbuf, setpriv, paranoid, rights, kernel] = await Promise.all([
    host.findTool("stdbuf"),
    host.findTool("setpriv"),
    numberIn(host, kernelSetting("perf_event_paranoid")),
    rightsOf(host),
    host.readText(kernelSetting("osrelease")),
  ]);
  const features: string[] = [];
  // Both learnt it in 5.12.
  if (isSince(version.stdout, 5, 12) && isSince(kernel ?? "", 5, 12)) features.push("build-ids");
  if (stdbuf !== null) features.push("stdbuf");
  if (setpriv !== null) features.push("setpriv");
  if (host.uid === 0) features.push("root");
  if (rights.samples || (paranoid ?? 2) <= 1) features.push("kernel");
  return { path, version: /\d+(\.\d+)+/.exec(version.stdout)?.[0] ?? version.stdout.trim(), features };
}

/** Whether the first version number in the text is that one or a later one. */
function isSince(text: string, major: number, minor: number): boolean {
  const [, first, second] = /(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}

const missing = problemOf(
  "tool-missing",
  "perf is not installed.",
  "Install it: sudo apt install linux-perf (Debian), sudo apt install linux-tools-$(uname -r) (Ubuntu), sudo dnf install perf (Fedora).",
);

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const found = await detect(host);
  const checks: Check[] = [checkTool(found), ...checkKind(request, perf.targets, perf.title)];
  const rights = await rightsOf(host);
  if (request.target.kind === "pid") checks.push(await checkTarget(host, request.target.pid, rights.samples));
  checks.push(...(await checkLaunch(host, request)));
  checks.push(await checkSampling(host, rights));
  checks.push(await checkKernelPointers(host, rights));
  checks.push(await checkBuffers(host, rights));
  checks.push(await checkDepth(host, request));
  checks.push(await checkDisk(host));
  return checks;
}

function checkTool(found: Detection | Problem): Check {
  if (!isProblem(found)) return passed("perf", "perf", `${found.path}, version ${found.version}`);
  return {
    id: found.code,
    title: "perf",
    status: "fail",
    found: found.message,
    prevents: "Native programs cannot be recorded.",
    fix: found.fix,
    consequence: "Installs a package; it stays until it is removed and exposes nothing by itself.",
  };
}

async function checkTarget(host: Host, pid: number, privileged: boolean): Promise<Check> {
  const target = await host.target(pid);
  if (target === null) return noSuchProcess(pid);
  if (target.runtime === "kernel") {
    return {
      id: "kernel-thread",
      title: "The process",
      status: "fail",
      found: `${target.name} is a thread of the kernel.`,
      prevents: "It has no program that could be attached to.",
      fix: "Record the program that makes the kernel work: its samples include the kernel's side.",
      consequence: "",
    };
  }
  if (!target.own && !privileged) return notYours(target, "perf may not look into other people's processes.");
  return passed("process", "The process", `${target.name} ${pid}, of ${target.user}`);
}

async function checkDepth(host: Host, request: RecordRequest): Promise<Check> {
  const title = "Depth of stacks";
  const frames = Number.parseInt((await host.readText(kernelSetting("perf_event_max_stack"))) ?? "127", 10);
  const dwarf = request.options.callGraph === "dwarf";
  const found = dwarf
    ? `the innermost ${stackBytesOf(request.options)} bytes of each stack are kept`
    : `the innermost ${frames} frames of each stack are kept (perf_event_max_stack)`;
  return passed("stack-depth", title, found);
}

const stackBytesOf = (options: OptionValues): number =>
  Math.floor(numberOption(options, "stackBytes", dwarfStackBytes) / 8) * 8;

/** Even rates keep step with timers of the target, and then see only what runs at the tick. */
function steadyRate(asked: number): { readonly rateHz: number; readonly remarks: readonly string[] } {
  const whole = Math.max(1, Math.round(asked));
  const rateHz = whole % 1000 === 0 ? whole - 3 : whole % 50 === 0 ? whole - 1 : whole;
  if (rateHz === asked) return { rateHz, remarks: [] };
  return {
    rateHz,
    remarks: [`${asked} Hz was nudged to ${rateHz} Hz, so that samples do not keep step with timers.`],
  };
}

function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const has = (feature: string): boolean => found.features.includes(feature);
  const dwarf = options.callGraph === "dwarf";
  const { rateHz, remarks: rateRemarks } = steadyRate(numberOption(options, "rate", 99));
  const remarks = [...rateRemarks];
  const kernel = flagOption(options, "kernel") && has("kernel");
  if (flagOption(options, "kernel") && !kernel) {
    remarks.push("Only user code is recorded: perf_event_paranoid keeps the kernel's side from this user.");
  }
  const perThread = flagOption(options, "perThread");
  const children = flagOption(options, "children") && !perThread;
  if (perThread) {
    remarks.push("One buffer a thread: threads and children that start later are not recorded.");
  }
  if (dwarf && !has("root")) {
    remarks.push(
      "The ring buffer is small without root: on a busy machine DWARF samples may be lost; they are counted.",
    );
  }

  const record = [
    found.path,
    "record",
    ...["-k", "CLOCK_MONOTONIC"],
    ...["-F", String(rateHz)],
    "--no-buffering",
    ...(dwarf ? ["--call-graph", `dwarf,${stackBytesOf(options)}`] : ["-g"]),
    ...(dwarf && has("root") ? ["-m", String(dwarfRingPages)] : []),
    "--sample-cpu",
    // Which build was mapped, so that no other one's names are taken. Both keep perf from copying binaries into ~/.debug.
    has("build-ids") && !dwarf ? "--buildid-mmap" : "-N",
    ...(kernel ? [] : ["--all-user"]),
    ...(perThread ? ["--per-thread", "-T"] : children ? [] : ["--no-inherit"]),
    ...["-p", String(pid)],
    ...["-o", "-"],
    ...["--control", "fd:3,4", "-D", "-1"],
  ];
  // An idle target lets perf wait without writing, so that a broken pipe alone would not end it with the workbench.
  const ended = has("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--"] : [];
  const stages: Stage[] = [{ argv: [...ended, ...record] }];
  if (dwarf) {
    stages.push({ argv: [...ended, ...scriptOf(found)] });
    if (!has("stdbuf")) remarks.push("stdbuf is not there: the live view lags, the recording is complete.");
  }
  const launch = request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
  return {
    source: {
      type: "pipeline",
      stages,
      stopStage: 0,
      stopSignal: "SIGINT",
      control: { controlFd: 3, ackFd: 4 },
    },
    launch,
    ...(dwarf
      ? { importer: "perf-script", rawExtension: "txt" }
      : { importer: "perf-pipe", rawExtension: "data" }),
    stackMethod: dwarf ? "dwarf" : "fp",
    periodNs: Math.round(1e9 / rateHz),
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      pipelineText(stages),
    ],
    remarks,
    readStderr: createPerfStderrReader(),
  };
}

/** Unwinds what was copied of the stacks. */
const scriptOf = ({ path, features }: Detection): readonly string[] => [
  // perf script writes in blocks of 4 KiB into a pipe: minutes at 99 Hz of an idle program.
  ...(features.includes("stdbuf") ? ["stdbuf", "-oL"] : []),
  path,
  "script",
  "--ns",
  "--show-lost-events",
  ...["--max-stack", String(dwarfMaxFrames)],
  ...["-i", "-"],
  ...["-F", "comm,pid,tid,cpu,time,period,event,ip,sym,symoff,dso"],
];

const reasons: Readonly<Record<string, Fit>> = {
  native: { score: 90, reason: "native code: perf samples it from outside, without slowing it" },
  go: { score: 85, reason: "Go keeps frame pointers: perf sees whole stacks" },
  unknown: { score: 60, reason: "works for any program with machine code" },
  node: { score: 40, reason: "sees native code only, unless node runs with --perf-basic-prof" },
  java: { score: 30, reason: "sees the virtual machine; Java methods have no names" },
  python: { score: 25, reason: "sees the interpreter, not the Python functions" },
  ruby: { score: 25, reason: "sees the interpreter, not the Ruby methods" },
};

export const perf: Profiler = {
  id: "perf",
  title: "perf",
  summary: "Samples native code and the kernel from outside, by frame pointers or DWARF.",
  kinds: ["cpu"],
  targets: ["pid", "launch"],
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second and CPU. 99 suits production; 997 shows short work.",
      type: "number",
      default: 99,
      min: 1,
      max: 20_000,
      unit: "Hz",
    },
    {
      id: "callGraph",
      title: "Call graph",
      help: "Frame pointers are cheap, but skip callers in code built without them (libc, most packages). DWARF is complete and copies a piece of the stack with every sample.",
      type: "choice",
      default: "fp",
      choices: [
        { value: "fp", title: "Frame pointers" },
        { value: "dwarf", title: "DWARF" },
      ],
    },
    {
      id: "stackBytes",
      title: "Stack kept for DWARF",
      help: "Bytes of the stack that are copied with each DWARF sample. More reaches the root of deep stacks, and costs as much more.",
      type: "number",
      default: dwarfStackBytes,
      min: 1024,
      max: dwarfMaxStackBytes,
      unit: "bytes",
    },
    {
      id: "children",
      title: "Children",
      help: "Also records threads and processes that the target starts later.",
      type: "flag",
      default: true,
    },
    {
      id: "perThread",
      title: "One buffer a thread",
      help: "For targets that are pinned to few of many CPUs. Threads that start later are not recorded.",
      type: "flag",
      default: false,
    },
    {
      id: "kernel",
      title: "Kernel",
      help: "Also records the kernel's side of system calls and faults, where this user may.",
      type: "flag",
      default: true,
    },
  ],
  suits(target) {
    if (target.runtime === "kernel") return null;
    if (!target.own) return { score: 5, reason: `belongs to ${target.user}: perf needs more rights` };
    return reasons[target.runtime] ?? null;
  },
  suitsLaunch(launch) {
    const interpreter = /^(node|nodejs|python|java|ruby)/.exec(baseName(launch.argv[0] ?? ""))?.[1];
    if (interpreter === undefined) return { score: 80, reason: "works for any program with machine code" };
    return reasons[interpreter === "nodejs" ? "node" : interpreter] ?? null;
  },
  detect,
  preflight,
  plan,
};
