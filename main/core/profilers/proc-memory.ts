import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Profiler, RecordingPlan } from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, passed } from "./shared/checks.ts";
import { numberOption } from "./shared/options.ts";
import { commandText } from "./shared/words.ts";

/** The memory of a process as the kernel counts it: no tool, no stacks, and nothing of it is felt by the process. */
export const procMemory: Profiler = {
  id: "proc-memory",
  title: "Memory over time",
  summary:
    "The memory of any process over time, from /proc: resident, private, shared, swapped, page faults. Needs no tool and costs the process nothing; it has no stacks.",
  cost: "Nothing: /proc is read from outside.",
  kinds: ["heap"],
  targets: ["pid", "launch"],
  options: [
    {
      id: "interval",
      title: "Update",
      help: "It is read so often; less often where that would take more than half a percent of a processor.",
      type: "number",
      default: 0.25,
      min: 0.05,
      max: 60,
      unit: "s",
    },
  ],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : { score: 3, reason: "memory over time without any tool, and without stacks" },
  suitsLaunch: () => ({ score: 3, reason: "memory over time without any tool, and without stacks" }),
  detect: async () => ({ path: "", version: "", features: [] }),
  async preflight(host, request) {
    const checks = [...checkKind(request, procMemory.targets, procMemory.title)];
    if (request.target.kind === "pid") {
      const info = await host.target(request.target.pid);
      if (info === null) checks.push(noSuchProcess(request.target.pid));
      else if (info.own) checks.push(passed("process", "The process", `${info.name} ${info.pid}`));
      else
        checks.push({
          id: "not-yours",
          title: "The process",
          status: "warn",
          found: `Process ${info.pid} (${info.name}) belongs to ${info.user}.`,
          prevents:
            "Its mappings and its I/O cannot be read: there is no PSS, no private memory, no bytes read.",
          fix: `Run Flamewright as ${info.user} or as root.`,
          consequence: "What others may see of a process, its resident memory, is recorded all the same.",
        });
    }
    return [...checks, ...(await checkLaunch(host, request)), await checkDisk(host)];
  },
  plan,
};

function plan(request: RecordRequest, options: OptionValues, _found: unknown, pid: number): RecordingPlan {
  const { target } = request;
  const launch = target.kind === "launch" ? ({ how: "held", target } as const) : null;
  const files = ["stat", "status", "smaps", "io"].map((name) => `/proc/${pid > 0 ? pid : "PID"}/${name}`);
  return {
    source: { type: "counters", intervalMs: Math.round(numberOption(options, "interval", 0.25) * 1000) },
    launch,
    importer: "counters",
    rawExtension: "counters",
    stackMethod: "",
    periodNs: 0,
    commands: [...(launch === null ? [] : [commandText(launch.target)]), `read ${files.join(" ")}`],
    remarks: [],
    readStderr: () => null,
  };
}
