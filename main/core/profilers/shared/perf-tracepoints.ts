import { formatCount, formatPercent } from "../../base/numbers.ts";
import type { OptionValues, RecordRequest } from "../../model/recording.ts";
import type { Check, Detection, Host, OptionSpec, RecordingPlan, Stage } from "../profiler.ts";
import { checkBuffers, checkKernelPointers, checkSampling, rightsOf } from "./check-rights.ts";
import { checkDisk, checkKind, checkLaunch, passed } from "./checks.ts";
import { countEvents } from "./event-rate.ts";
import { flagOption, numberOption } from "./options.ts";
import { checkTarget } from "./perf-checks.ts";
import { createPerfStderrReader } from "./perf-stderr.ts";
import { checkPerf, detectPerf } from "./perf-tool.ts";
import { commandText, pipelineText } from "./words.ts";

/** Events of the kernel that perf records with stacks, one by one: what waiting and locks are made of. */

const ringPages = 2048;
/**
 * CPU time that one event takes from the target, with 4 KiB of its stack copied. Measured on a virtual machine of two
 * processors: 10.5 µs for the begin or end of a futex call; about 18 µs for a switch, for which this is too low.
 */
const nsPerEvent = 10_000;
/** So many of these events a second are unwound in about half of one CPU's time; far more wait in memory, or are lost. */
const manyPerSecond = 8_000;
const tooManyPerSecond = 60_000;

interface TracepointProfiler {
  readonly title: string;
  /** perf's words: "sched:sched_switch". */
  readonly events: readonly string[];
  /** Id of the profiler that counts the same in the kernel. */
  readonly instead: string;
}

export const stackBytesSpec: OptionSpec = {
  id: "stackBytes",
  title: "Stack kept",
  help: "Bytes of the stack that are copied with each event, for unwinding. More reaches the root of deep stacks, and costs as much more.",
  type: "number",
  default: 4096,
  min: 1024,
  max: 65_528,
  unit: "bytes",
};

export const anywaySpec: OptionSpec = {
  id: "anyway",
  title: "However many events",
  help: "Records one by one even where so many events come that it slows the target down and loses some.",
  type: "flag",
  default: false,
};

export async function tracepointChecks(
  host: Host,
  request: RecordRequest,
  { title, events, instead }: TracepointProfiler,
): Promise<readonly Check[]> {
  const found = await detectPerf(host);
  const rights = await rightsOf(host);
  const checks: Check[] = [checkPerf(found), ...checkKind(request, ["pid", "launch"], title)];
  if (request.target.kind === "pid") checks.push(await checkTarget(host, request.target.pid, rights.samples));
  checks.push(...(await checkLaunch(host, request)));
  const readable = await checkTracepoints(host, events);
  checks.push(readable, await checkSampling(host, rights), await checkKernelPointers(host, rights));
  checks.push(await checkBuffers(host, rights));
  if (request.target.kind === "pid" && !("code" in found) && readable.status === "ok")
    checks.push(
      await checkRate(host, request.target.pid, {
        path: found.path,
        events,
        anyway: request.options.anyway === true,
        instead,
      }),
    );
  checks.push(await checkDisk(host));
  return checks;
}

export async function checkTracepoints(
  host: Host,
  events: readonly string[],
  prevents = "Waiting cannot be recorded event by event.",
): Promise<Check> {
  const title = "Events of the kernel";
  const path = (events.find((event) => /^[a-z_]+:[a-z_]+$/.test(event)) ?? "").replace(":", "/");
  const id = await host.readText(`/sys/kernel/tracing/events/${path}/id`);
  if (id !== null) return passed("tracepoints", title, "this user may read them");
  return {
    id: "tracepoints",
    title,
    status: "fail",
    found: "The folder of the kernel's events, /sys/kernel/tracing, cannot be read by this user.",
    prevents,
    fix: "Record with root's rights for the profiler alone, or run Flamewright as root.",
    consequence: "Only the profiler runs as root, for as long as it records.",
    clearedBy: "root",
  };
}

interface Counted {
  readonly path: string;
  readonly events: readonly string[];
  readonly anyway: boolean;
  readonly instead: string;
}

/** Counts the very events for a quarter of a second before any of them is recorded: counting costs next to nothing. */
async function checkRate(
  host: Host,
  pid: number,
  { path, events, anyway, instead }: Counted,
): Promise<Check> {
  const title = "What it costs";
  const plain = events.filter((event) => /^[a-z_]+:[a-z_]+$/.test(event));
  const counts = await countEvents(host, path, pid, plain);
  if (counts.length === 0)
    return passed(
      "event-rate",
      title,
      "about 10 µs of the target's time for each event; how many come is not known",
    );
  const perSecond = counts.reduce((sum, count) => sum + count, 0);
  const cost = `${formatCount(perSecond)} events a second, at about 10 µs each: ${formatPercent(perSecond * nsPerEvent, 1e9)} of one CPU`;
  if (perSecond <= manyPerSecond) return passed("event-rate", title, cost);
  const tooMany = perSecond > tooManyPerSecond && !anyway;
  return {
    id: tooMany ? "too-many-events" : "event-rate",
    title,
    status: tooMany ? "fail" : "warn",
    found: cost,
    prevents: tooMany
      ? "The target would be slowed down so much that its waits would be others, and most events would be lost."
      : "The target is slowed down noticeably, and events may be lost; they are counted.",
    fix: `Count in the kernel with bpftrace (${instead}), or record a shorter time; strace does not cost less.${tooMany ? " Or set “However many events” (anyway)." : ""}`,
    consequence:
      "Set anyway, the waits are recorded as slowed down as they are, and what is lost is counted.",
  };
}

interface TracepointPlan {
  readonly events: readonly string[];
  readonly stackMethodNote: string;
  readonly periodNs: number;
}

export function tracepointPlan(
  request: RecordRequest,
  options: OptionValues,
  found: Detection,
  pid: number,
  { events, stackMethodNote, periodNs }: TracepointPlan,
): RecordingPlan {
  const has = (feature: string): boolean => found.features.includes(feature);
  const stackBytes = Math.floor(numberOption(options, "stackBytes", 4096) / 8) * 8;
  const record = [
    found.path,
    "record",
    ...["-k", "CLOCK_MONOTONIC"],
    "--no-buffering",
    ...["--call-graph", `dwarf,${stackBytes}`],
    ...(has("root") ? ["-m", String(ringPages)] : []),
    "--switch-events",
    "--sample-cpu",
    // Which build was mapped, and no binaries copied into ~/.debug.
    has("build-ids") ? "--buildid-mmap" : "-N",
    ...events.flatMap((event) => ["-e", event]),
    ...(flagOption(options, "children") ? [] : ["--no-inherit"]),
    ...["-p", String(pid)],
    ...["-o", "-"],
    ...["--control", "fd:3,4", "-D", "-1"],
  ];
  return perfPipePlan(request, found, record, { stackMethod: "dwarf", periodNs, remarks: [stackMethodNote] });
}

/** A recording by `perf record -o -`, held with its target until its events are on (`--control fd:3,4 -D -1`). */
export function perfPipePlan(
  request: RecordRequest,
  found: Detection,
  record: readonly string[],
  {
    flushMs,
    outlivesTarget,
    ...more
  }: Pick<RecordingPlan, "stackMethod" | "periodNs" | "remarks" | "blockDevices" | "descriptors"> & {
    readonly flushMs?: number;
    readonly outlivesTarget?: true;
  },
): RecordingPlan {
  const tied = found.features.includes("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--"] : [];
  const stages: readonly Stage[] = [{ argv: [...tied, ...record] }];
  const launch = request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
  return {
    source: {
      type: "pipeline",
      stages,
      stopStage: 0,
      stopSignal: "SIGINT",
      control: { controlFd: 3, ackFd: 4, ...(flushMs !== undefined && { flushMs }) },
      ...(outlivesTarget && { outlivesTarget }),
    },
    launch,
    importer: "perf-pipe",
    rawExtension: "data",
    ...more,
    commands: [
      ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
      pipelineText(stages),
    ],
    readStderr: createPerfStderrReader(),
  };
}
