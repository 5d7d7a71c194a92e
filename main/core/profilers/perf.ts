import type { OptionValues, RecordRequest, TargetFacts } from "../model/recording.ts";
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
import { checkRuntimeNames } from "./shared/check-names.ts";
import {
  checkBuffers,
  checkKernelPointers,
  checkSampling,
  kernelSetting,
  rightsOf,
} from "./shared/check-rights.ts";
import { callGraphFor } from "./shared/check-target.ts";
import { checkDisk, checkKind, checkLaunch, passed } from "./shared/checks.ts";
import { flagOption, textOption } from "./shared/options.ts";
import { paceOf, pidsOf, stackBytesOf, whomOf } from "./shared/perf-arguments.ts";
import { checkBranches, checkEvents, checkSystemRights, checkTarget } from "./shared/perf-checks.ts";
import { perfOptions } from "./shared/perf-options.ts";
import { createPerfStderrReader } from "./shared/perf-stderr.ts";
import { checkPerf, detectPerf } from "./shared/perf-tool.ts";
import { baseName, commandText, pipelineText } from "./shared/words.ts";

/** Pages of each CPU's ring buffer. With the default, 8 KiB a sample overrun it on a busy machine. */
const dwarfRingPages = 2048;

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const found = await detectPerf(host);
  const { target, options } = request;
  const checks: Check[] = [checkPerf(found), ...checkKind(request, perf.targets, perf.title)];
  const rights = await rightsOf(host);
  for (const pid of target.kind === "pid" ? pidsOf(target) : [])
    checks.push(await checkTarget(host, pid, rights.samples));
  checks.push(...(await checkLaunch(host, request)));
  checks.push(...checkRuntimeNames(await host.facts(request.target)));
  checks.push(await checkSampling(host, rights));
  if (target.kind === "system") checks.push(await checkSystemRights(host, rights));
  if (!isProblem(found))
    checks.push(...(await checkEvents(host, found.path, textOption(options, "events", ""))));
  if (options.callGraph === "lbr") checks.push(await checkBranches(host));
  checks.push(await checkKernelPointers(host, rights));
  checks.push(await checkBuffers(host, rights));
  checks.push(await checkDepth(host, request));
  checks.push(await checkDisk(host));
  return checks;
}

async function checkDepth(host: Host, request: RecordRequest): Promise<Check> {
  const title = "Depth of stacks";
  const frames = Number.parseInt((await host.readText(kernelSetting("perf_event_max_stack"))) ?? "127", 10);
  const { callGraph } = callGraphOf(request.options, await host.facts(request.target));
  const found =
    callGraph === "dwarf"
      ? `the innermost ${stackBytesOf(request.options)} bytes of each stack are kept`
      : `the innermost ${frames} frames of each stack are kept (perf_event_max_stack)`;
  return passed("stack-depth", title, found);
}

/** As asked for; by itself DWARF where the program keeps no frame pointers, and why. */
function callGraphOf(
  options: OptionValues,
  facts: TargetFacts | null,
): ReturnType<typeof callGraphFor> | { readonly callGraph: "lbr"; readonly reason: "" } {
  const asked = textOption(options, "callGraph", "auto");
  if (asked === "fp" || asked === "dwarf" || asked === "lbr") return { callGraph: asked, reason: "" };
  return callGraphFor(facts);
}

function plan(
  request: RecordRequest,
  options: OptionValues,
  found: Detection,
  pid: number,
  facts: TargetFacts | null = null,
): RecordingPlan {
  const has = (feature: string): boolean => found.features.includes(feature);
  const { target } = request;
  const { callGraph, reason } = callGraphOf(options, facts);
  const dwarf = callGraph === "dwarf";
  const launch = target.kind === "launch" ? ({ how: "held", target } as const) : null;
  const pace = paceOf(options);
  const remarks = [...pace.remarks];
  if (reason !== "") remarks.push(reason);
  const kernel = flagOption(options, "kernel") && has("kernel");
  const user = flagOption(options, "user") || !kernel;
  if (flagOption(options, "kernel") && !kernel) {
    remarks.push("Only user code is recorded: perf_event_paranoid keeps the kernel's side from this user.");
  }
  if (dwarf && !has("root")) {
    remarks.push(
      "The ring buffer is small without root: on a busy machine DWARF samples may be lost; they are counted.",
    );
  }
  const whom = whomOf(target, options, pid);
  remarks.push(...whom.remarks);

  const record = [
    found.path,
    "record",
    ...["-k", "CLOCK_MONOTONIC"],
    ...pace.argv,
    ...(callGraph === "fp" ? ["-g"] : ["--call-graph", dwarf ? `dwarf,${stackBytesOf(options)}` : "lbr"]),
    ...(dwarf && has("root") ? ["-m", String(dwarfRingPages)] : []),
    "--sample-cpu",
    // Which build was mapped, so that no other one's names are taken. Both keep perf from copying binaries into ~/.debug.
    has("build-ids") ? "--buildid-mmap" : "-N",
    ...(kernel ? [] : ["--all-user"]),
    ...(user ? [] : ["--all-kernel"]),
    ...whom.argv,
    ...["-o", "-"],
    ...["--control", "fd:3,4", "-D", "-1"],
  ];
  // An idle target lets perf wait without writing, so that a broken pipe alone would not end it with the workbench.
  const ended = has("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--"] : [];
  const stages: readonly Stage[] = [{ argv: [...ended, ...record] }];
  return {
    source: {
      type: "pipeline",
      stages,
      stopStage: 0,
      stopSignal: "SIGINT",
      control: { controlFd: 3, ackFd: 4 },
    },
    launch,
    importer: "perf-pipe",
    rawExtension: "data",
    stackMethod: callGraph,
    periodNs: pace.periodNs,
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      pipelineText(stages),
    ],
    remarks,
    readStderr: createPerfStderrReader(),
  };
}

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
  cost: "About 0.8 % at 99 Hz, by frame pointers or DWARF; more at higher rates.",
  kinds: ["cpu"],
  targets: ["pid", "launch", "system"],
  severalPids: true,
  options: perfOptions,
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
  detect: detectPerf,
  lacks: ({ features }) =>
    features.includes("build-ids")
      ? ""
      : "build ids of what is mapped: perf and the kernel write them from 5.12 on",
  preflight,
  plan,
};
