import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Profiler, RecordingPlan } from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, passed } from "./shared/checks.ts";
import { numberOption } from "./shared/options.ts";
import { commandText } from "./shared/words.ts";

/** What a process reads and writes, and on what, as the kernel tells it: no tool, and nothing of it is felt by the process. */
export const procIo: Profiler = {
  id: "proc-io",
  title: "I/O over time",
  summary:
    "Open files and sockets of any process with their positions, queues and peers, bytes by thread, and the machine's disks, from /proc. Needs no tool and costs the process nothing; it has no stacks.",
  cost: "Nothing: /proc is read from outside.",
  kinds: ["io"],
  targets: ["pid", "launch"],
  options: [
    {
      id: "interval",
      title: "Update",
      help: "It is read so often; less often where that would take more than two percent of a processor.",
      type: "number",
      default: 0.5,
      min: 0.1,
      max: 60,
      unit: "s",
    },
  ],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : { score: 3, reason: "files, sockets and disks without any tool, and without stacks" },
  suitsLaunch: () => ({ score: 3, reason: "files, sockets and disks without any tool, and without stacks" }),
  detect: async () => ({ path: "", version: "", features: [] }),
  async preflight(host, request) {
    const checks = [...checkKind(request, procIo.targets, procIo.title)];
    if (request.target.kind === "pid") {
      const info = await host.target(request.target.pid);
      if (info === null) checks.push(noSuchProcess(request.target.pid));
      else if (info.own || host.uid === 0)
        checks.push(passed("process", "The process", `${info.name} ${info.pid}`));
      else
        checks.push({
          id: "not-yours",
          title: "The process",
          status: "fail",
          found: `Process ${info.pid} (${info.name}) belongs to ${info.user}.`,
          prevents: "What it has open, and what it reads and writes, is for its owner to see.",
          fix: `Run Flamewright as ${info.user} or as root.`,
          consequence: "",
        });
    }
    checks.push(...(await checkLaunch(host, request)), await checkDisk(host));
    checks.push(
      (await host.findTool("ss")) === null
        ? {
            id: "no-ss",
            title: "ss",
            status: "warn",
            found: "ss is not installed.",
            prevents: "Bytes and round trips of TCP connections are not known; their states and queues are.",
            fix: "Install it: sudo apt install iproute2.",
            consequence: "Installs a package.",
          }
        : passed("ss", "ss", "bytes and round trips of TCP connections"),
    );
    return checks;
  },
  plan,
};

function plan(request: RecordRequest, options: OptionValues, _found: unknown, pid: number): RecordingPlan {
  const { target } = request;
  const launch = target.kind === "launch" ? ({ how: "held", target } as const) : null;
  const files = ["io", "task/*/io", "fd", "fdinfo", "net/*"].map(
    (name) => `/proc/${pid > 0 ? pid : "PID"}/${name}`,
  );
  return {
    source: {
      type: "counters",
      intervalMs: Math.round(numberOption(options, "interval", 0.5) * 1000),
      io: true,
    },
    launch,
    importer: "counters",
    rawExtension: "counters",
    stackMethod: "",
    periodNs: 0,
    commands: [
      ...(launch === null ? [] : [commandText(launch.target)]),
      `read ${[...files, "/proc/diskstats"].join(" ")}`,
    ],
    remarks: [
      "What is received and sent a second is of TCP alone, and of connections that live for more than a second or so: of UDP and Unix sockets the kernel keeps no count.",
    ],
    readStderr: () => null,
  };
}
