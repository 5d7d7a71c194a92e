import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Check, Detection, Host, Profiler, RecordingPlan } from "./profiler.ts";
import { checkBuffers, rightsOf } from "./shared/check-rights.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, passed } from "./shared/checks.ts";
import { textOption } from "./shared/options.ts";
import { checkSystemRights } from "./shared/perf-checks.ts";
import { checkPerf, detectPerf } from "./shared/perf-tool.ts";
import { checkTracepoints, perfPipePlan } from "./shared/perf-tracepoints.ts";

const title = "perf: requests to disks";
const events = ["block:block_rq_issue", "block:block_rq_complete"] as const;
const reason = "how long the machine's disks take for each request, and who issues it; needs root's rights";
/** What the live view lags: perf is not woken for each of the machine's requests, its own would be among them. */
const flushMs = 200;

/** What biolatency and biosnoop tell, from the same events of the kernel: each request to a disk and how long it took. */
export const perfBlock: Profiler = {
  id: "perf-block",
  title,
  summary:
    "Every request to a disk of the machine: reads, writes, flushes by device, how long the device took, how many bytes, and who issued it.",
  cost: "About 20 µs a request.",
  kinds: ["io"],
  answers: { disks: {} },
  targets: ["system", "pid", "launch"],
  options: [
    {
      id: "stacks",
      title: "Stacks",
      help: "Who issues it: functions of the program, by frame pointers or by DWARF (4 KiB of the stack for each event).",
      type: "choice",
      default: "fp",
      choices: [
        { value: "fp", title: "Frame pointers" },
        { value: "dwarf", title: "DWARF" },
        { value: "none", title: "None: the thread alone" },
      ],
    },
  ],
  suits: (target) => (target.runtime === "kernel" ? null : { score: 2, reason }),
  suitsLaunch: () => ({ score: 2, reason }),
  detect: detectPerf,
  preflight,
  plan,
};

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const found = await detectPerf(host);
  const rights = await rightsOf(host);
  const checks: Check[] = [checkPerf(found), ...checkKind(request, perfBlock.targets, title)];
  if (request.target.kind === "pid" && (await host.target(request.target.pid)) === null)
    checks.push(noSuchProcess(request.target.pid));
  checks.push(
    ...(await checkLaunch(host, request)),
    await checkSystemRights(host, rights),
    await checkTracepoints(
      host,
      events,
      "Requests to disks cannot be recorded; “I/O over time” shows the disks' means.",
    ),
    await checkBuffers(host, rights),
    passed("slowdown", "What it costs", "some microseconds a request, of the processor that issues it"),
    await checkDisk(host),
  );
  return checks;
}

function plan(request: RecordRequest, options: OptionValues, found: Detection): RecordingPlan {
  const has = (feature: string): boolean => found.features.includes(feature);
  const asked = textOption(options, "stacks", "fp");
  const record = [
    found.path,
    "record",
    ...["-k", "CLOCK_MONOTONIC"],
    ...(asked === "none" ? [] : ["--call-graph", asked === "dwarf" ? "dwarf,4096" : "fp"]),
    ...(asked === "fp" ? ["--user-callchains"] : []),
    "--sample-cpu",
    has("build-ids") && asked !== "none" ? "--buildid-mmap" : "-N",
    ...["-e", events.join(",")],
    "-a",
    ...["-o", "-"],
    ...["--control", "fd:3,4", "-D", "-1"],
  ];
  return perfPipePlan(request, found, record, {
    flushMs,
    ...(request.target.kind === "system" ? {} : { outlivesTarget: true as const }),
    stackMethod: asked === "none" ? "" : asked,
    periodNs: 0,
    blockDevices: true,
    remarks: [
      "Requests of the whole machine are recorded: what a program writes into the page cache, or what has to wait its turn, threads of the kernel issue later.",
    ],
  });
}
