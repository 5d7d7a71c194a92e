import type { OptionValues, RecordTarget } from "../../model/recording.ts";
import { flagOption, numberOption, textOption } from "./options.ts";
import { dwarfStackBytes } from "./perf-options.ts";

/** Parts of perf record's arguments, and what has to be said of them. */
export interface Arguments {
  readonly argv: readonly string[];
  readonly remarks: readonly string[];
}

export const stackBytesOf = (options: OptionValues): number =>
  Math.floor(numberOption(options, "stackBytes", dwarfStackBytes) / 8) * 8;

/** All processes of a target, the first one first. */
export const pidsOf = (target: Extract<RecordTarget, { kind: "pid" }>): readonly number[] => [
  ...new Set([target.pid, ...(target.pids ?? [])]),
];

export const eventsOf = (text: string): readonly string[] =>
  text.split(",").flatMap((each) => each.trim() || []);

/** "sched:sched_switch", as against "cycles:u". */
const isTracepoint = (event: string): boolean => /^[a-z]\w*:\w{2,}/.test(event);

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

/**
 * How often a sample is taken. Every happening of a tracepoint is one, which a rate for all would forbid: beside other events
 * the rate is said of those.
 */
export function paceOf(options: OptionValues): Arguments & { readonly periodNs: number } {
  const count = Math.round(numberOption(options, "count", 0));
  if (count > 0) return { argv: ["-c", String(count)], remarks: [], periodNs: 0 };
  const events = eventsOf(textOption(options, "events", ""));
  if (events.length > 0 && events.every(isTracepoint)) return { argv: ["-c", "1"], remarks: [], periodNs: 0 };
  const { rateHz, remarks } = steadyRate(numberOption(options, "rate", 99));
  const argv = events.some(isTracepoint) ? [] : ["-F", String(rateHz)];
  return { argv, remarks, periodNs: Math.round(1e9 / rateHz) };
}

/** "page-faults:u" -> "page-faults/freq=99/u" */
const atRate = (event: string, rateHz: number): string => {
  const [name = "", modifiers = ""] = event.split(":");
  return `${name}/freq=${rateHz}/${modifiers}`;
};

/** Which events, of whom. */
export function whomOf(target: RecordTarget, options: OptionValues, pid: number): Arguments {
  const asked = eventsOf(textOption(options, "events", ""));
  const isMixed = asked.some(isTracepoint) && !asked.every(isTracepoint);
  const { rateHz } = steadyRate(numberOption(options, "rate", 99));
  const isPaced = isMixed && numberOption(options, "count", 0) === 0;
  const events = asked.map((event) => (isPaced && !isTracepoint(event) ? atRate(event, rateHz) : event));
  if (target.kind === "system") return wholeSystem(options, events);
  const remarks: string[] = [];
  const perThread = flagOption(options, "perThread");
  const children = flagOption(options, "children") && !perThread;
  if (perThread) remarks.push("One buffer a thread: threads and children that start later are not recorded.");
  if (textOption(options, "cpus", "") !== "" || textOption(options, "cgroup", "") !== "")
    remarks.push("CPUs and control groups are for recordings of the whole system: they were left out.");
  const pids = target.kind === "pid" ? [pid, ...pidsOf(target).filter((each) => each !== pid)] : [pid];
  return {
    argv: [
      "--no-buffering",
      ...(events.length > 0 ? ["-e", events.join(",")] : []),
      ...(perThread ? ["--per-thread", "-T"] : children ? [] : ["--no-inherit"]),
      ...["-p", pids.join(",")],
    ],
    remarks,
  };
}

function wholeSystem(options: OptionValues, events: readonly string[]): Arguments {
  const cpus = textOption(options, "cpus", "");
  const cgroup = textOption(options, "cgroup", "").replace(/^\/+/, "");
  // perf wants the group after each event that it holds for.
  const named = events.length > 0 ? events : ["cpu-clock"];
  const which =
    cgroup !== ""
      ? named.flatMap((event) => ["-e", event, "-G", cgroup])
      : events.length > 0
        ? ["-e", events.join(",")]
        : [];
  // What perf and the workbench do with a happening is one more: woken for each, they would record themselves. As it is perf
  // is woken when half of a CPU's buffer is full.
  const isTraced = events.some(isTracepoint);
  return {
    argv: [...(isTraced ? [] : ["--no-buffering"]), ...which, "-a", ...(cpus === "" ? [] : ["-C", cpus])],
    remarks: isTraced
      ? [
          "Tracepoints of the whole system come in pieces of some 256 KiB: the live view lags, the recording is complete.",
        ]
      : [],
  };
}
