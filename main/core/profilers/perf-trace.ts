import { formatCountOf, formatPercent } from "../base/numbers.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Check, Detection, Host, Profiler, RecordingPlan } from "./profiler.ts";
import { checkBuffers, rightsOf } from "./shared/check-rights.ts";
import { checkDisk, checkKind, checkLaunch, passed } from "./shared/checks.ts";
import { flagOption, numberOption, textOption } from "./shared/options.ts";
import { checkTarget } from "./shared/perf-checks.ts";
import { checkPerf, detectPerf } from "./shared/perf-tool.ts";
import { anywaySpec, checkTracepoints, perfPipePlan, stackBytesSpec } from "./shared/perf-tracepoints.ts";

const title = "perf: system calls";
const events = ["raw_syscalls:sys_enter", "raw_syscalls:sys_exit"] as const;
const missEvent = "filemap:mm_filemap_add_to_page_cache";

/**
 * Time of the target that a call takes, in ns. Measured on a virtual machine of two processors, on a program that does nothing
 * but one-byte writes (test/bench/README.md); strace took 49 µs a call there.
 */
const costNs = { none: 2600, fp: 3500, dwarf: 9000 } as const;
/** What the live view lags. */
const flushMs = 200;
type Stacks = keyof typeof costNs;
const straceCostNs = 49_000;
/** Above so many calls a second their stacks are more than one CPU unwinds. */
const manyWithStacks = 8000;
/** Above so many, half of the target's time would go into being recorded. */
const tooMany = 200_000;

/**
 * System calls as `perf trace` shows them, from the same events of the kernel. perf trace itself prints each as text, which
 * lost half of 50,000 calls a second here; what perf records of them as it is lost none of 380,000.
 */
export const perfTrace: Profiler = {
  id: "perf-trace",
  title,
  summary:
    "Every system call with its file or peer, result, duration and caller, without stopping the target: some microseconds a call.",
  cost: "2.6 µs a call without stacks, 3.5 to 9 µs with them.",
  kinds: ["syscalls", "io"],
  targets: ["pid", "launch"],
  options: [
    {
      id: "stacks",
      title: "Stacks",
      help: "Who calls. By rate: by DWARF where the process makes few calls, none where it makes many.",
      type: "choice",
      default: "rate",
      choices: [
        { value: "rate", title: "By rate of calls" },
        { value: "dwarf", title: "DWARF: whole, 9 µs a call" },
        { value: "fp", title: "Frame pointers: 3.5 µs a call" },
        { value: "none", title: "None: 2.6 µs a call" },
      ],
    },
    stackBytesSpec,
    {
      id: "pageCache",
      title: "Page cache",
      help: "Also each time that pages of a file were not in memory, and who wanted them.",
      type: "flag",
      default: true,
    },
    {
      id: "children",
      title: "Children",
      help: "Also records threads and processes that the target starts later.",
      type: "flag",
      default: true,
    },
    anywaySpec,
  ],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : {
          score: target.own ? 20 : 3,
          reason: "every system call with its file, duration and caller; some microseconds a call",
        },
  suitsLaunch: () => ({
    score: 20,
    reason: "every system call with its file, duration and caller; some microseconds a call",
  }),
  detect: detectPerf,
  preflight,
  plan,
};

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const found = await detectPerf(host);
  const rights = await rightsOf(host);
  const checks: Check[] = [checkPerf(found), ...checkKind(request, perfTrace.targets, title)];
  if (request.target.kind === "pid") checks.push(await checkTarget(host, request.target.pid, rights.samples));
  checks.push(...(await checkLaunch(host, request)));
  const readable = await checkTracepoints(
    host,
    events,
    "System calls cannot be recorded by perf; strace can.",
  );
  checks.push(readable, await checkBuffers(host, rights));
  if (request.target.kind === "launch")
    checks.push(
      passed(
        "call-rate",
        "What it costs",
        "2.6 µs a call, 9 µs with stacks; how many calls it will make is not known",
      ),
    );
  else if (request.target.kind === "pid" && !("code" in found) && readable.status === "ok")
    checks.push(await checkCallRate(host, request.target.pid, found.path, request.options));
  checks.push(await checkDisk(host));
  return checks;
}

/** Counts the calls for a quarter of a second before any is recorded: counting costs next to nothing. */
async function checkCallRate(
  host: Host,
  pid: number,
  perf: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<Check> {
  const heading = "What it costs";
  const counting = [perf, "stat", "--log-fd", "1", "-x", ",", "-e", events[0], "-p", String(pid)];
  const said = await host.probe([...counting, "--", "sleep", "0.25"], 10_000);
  const count = /^(\d+),/m.exec(said?.stdout ?? "")?.[1];
  if (count === undefined)
    return passed(
      "call-rate",
      heading,
      "2.6 µs a call, 9 µs with stacks; how many calls it makes is not known",
    );
  const perSecond = Number(count) * 4;
  const wanted = String(asked.stacks ?? "rate");
  const chosen: Stacks =
    wanted === "none" || wanted === "fp" || wanted === "dwarf"
      ? wanted
      : perSecond > manyWithStacks
        ? "none"
        : "dwarf";
  const share = (ns: number): string => formatPercent(perSecond * ns, 1e9);
  const how =
    chosen === "none" ? "without stacks" : chosen === "fp" ? "with frame pointers" : "with DWARF stacks";
  const text =
    `${formatCountOf(perSecond, "call")} a second, recorded ${how}: ${share(costNs[chosen])} of one CPU ` +
    `(strace: ${share(straceCostNs)})`;
  const sets = { stacks: chosen };
  if (perSecond > tooMany && asked.anyway !== true)
    return {
      id: "too-many-calls",
      title: heading,
      status: "fail",
      found: text,
      prevents:
        "The target would be slowed down so much that its calls would be others, and many would be lost.",
      fix: "Record while it does less, count its calls with strace -c for a moment (--profiler strace-summary), or set “However many events” (anyway).",
      consequence: "Set anyway, calls are recorded as slowed down as they are, and what is lost is counted.",
    };
  if (perSecond * costNs[chosen] <= 0.05e9) return { ...passed("call-rate", heading, text), sets };
  return {
    id: "call-rate",
    title: heading,
    status: "warn",
    found: text,
    prevents: "The target is slowed down noticeably; calls that are lost are counted.",
    fix: chosen === "none" ? "Record for a short time." : "Record without stacks (option “Stacks”).",
    consequence: "The slowdown ends with the recording.",
    sets,
  };
}

function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const has = (feature: string): boolean => found.features.includes(feature);
  const asked = textOption(options, "stacks", "rate");
  const stacks: Stacks = asked === "none" || asked === "fp" ? asked : "dwarf";
  const stackBytes = Math.floor(numberOption(options, "stackBytes", 4096) / 8) * 8;
  const callers = stacks === "fp" ? "fp" : `dwarf,${stackBytes}`;
  const bare = stacks === "none" ? "" : "/call-graph=no/";
  const record = [
    found.path,
    "record",
    ...["-k", "CLOCK_MONOTONIC"],
    ...(stacks === "none" ? [] : ["--call-graph", callers]),
    // Of frame pointers the program's alone are walked; with DWARF perf would copy no stack.
    ...(stacks === "fp" ? ["--user-callchains"] : []),
    "--sample-cpu",
    // Woken for each call perf would take as long as the target.
    ...(has("root") ? ["-m", "2048"] : []),
    has("build-ids") && stacks !== "none" ? "--buildid-mmap" : "-N",
    ...["-e", events[0], "-e", `${events[1]}${bare}`],
    ...(flagOption(options, "pageCache") ? ["-e", missEvent] : []),
    ...(flagOption(options, "children") ? [] : ["--no-inherit"]),
    ...["-p", String(pid)],
    ...["-o", "-"],
    ...["--control", "fd:3,4", "-D", "-1"],
  ];
  return perfPipePlan(request, found, record, {
    flushMs,
    stackMethod: stacks === "none" ? "" : stacks,
    periodNs: 0,
    descriptors: true,
    remarks: [
      "perf sees the numbers of descriptors: their files and peers are looked up while they are open. Those that are open for less than a quarter of a second, and the names that calls are given, strace alone knows.",
    ],
  });
}
