import { problemOf } from "../base/result.ts";
import type { AskSpec, LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import type { Check, Detection, Host, Profiler, RecordingPlan, StderrFinding } from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, notYours, passed } from "./shared/checks.ts";
import { numberOption } from "./shared/options.ts";
import { baseName, commandText } from "./shared/words.ts";

/** Bit of SIGUSR1 in the masks of /proc/PID/status. */
const userSignalBit = 1n << 9n;

/** Programs that are Node, or scripts that Node runs. */
const nodePrograms = new Set([
  "node",
  "nodejs",
  "npm",
  "npx",
  "pnpm",
  "yarn",
  "tsx",
  "ts-node",
  "vite",
  "tsc",
]);

export const launchesNode = ({ argv }: LaunchTarget): boolean => nodePrograms.has(baseName(argv[0] ?? ""));

/** What runs JavaScript and is not Node: by name, what stands in the way, what to do. */
const relatives: readonly (readonly [RegExp, string, string])[] = [
  [
    /^deno$/,
    "Deno opens no inspector on a signal, which would end it.",
    "Start it with deno run --inspect and record its address, or record it with perf.",
  ],
  [/^bun$/, "Bun runs on JavaScriptCore, which has no V8 inspector.", "Record it with perf."],
  [
    /^(chrom(e|ium)|msedge|brave|electron)/,
    "A browser opens no inspector on a signal, which would end it.",
    "Start it with --remote-debugging-port=0 and record the address that it prints.",
  ],
];

/** Of whatever is recorded through an inspector. */
export async function inspectorChecks(
  host: Host,
  request: RecordRequest,
  { targets, title }: Pick<Profiler, "targets" | "title">,
): Promise<readonly Check[]> {
  const checks: Check[] = [...checkKind(request, targets, title)];
  const { target } = request;
  if (target.kind === "pid") checks.push(...(await checkTarget(host, target.pid)));
  if (target.kind === "endpoint") checks.push(checkAddress(target.url));
  checks.push(...(await checkLaunch(host, request)));
  checks.push(await checkDisk(host));
  return checks;
}

async function checkTarget(host: Host, pid: number): Promise<readonly Check[]> {
  const target = await host.target(pid);
  if (target === null) return [noSuchProcess(pid)];
  if (!target.own) return [notYours(target, "Its inspector cannot be opened from here.")];
  if (target.runtime !== "node") {
    const kin = relatives.find(([pattern]) => pattern.test(target.name));
    return [
      {
        id: "not-node",
        title: "The process",
        status: "fail",
        found: `${target.name} does not run on Node.`,
        prevents: kin?.[1] ?? "It has no V8 inspector; the signal that opens one would end it.",
        fix: kin?.[2] ?? "Record it with perf.",
        consequence: "",
      },
    ];
  }
  const checks = [passed("process", "The process", `${target.name} ${pid}, of ${target.user}`)];
  const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec((await host.readText(`/proc/${pid}/status`)) ?? "")?.[1];
  const title = "Opening the inspector";
  if (caught !== undefined && (BigInt(`0x${caught}`) & userSignalBit) !== 0n) {
    checks.push(passed("inspector-signal", title, "the process listens to SIGUSR1"));
  } else {
    checks.push({
      id: "inspector-signal",
      title,
      status: "warn",
      found: "The process does not catch SIGUSR1.",
      prevents:
        "Its inspector can only be used if it is open already: the signal is not sent, it would end it.",
      fix: "Start it with node --inspect=127.0.0.1:0, without --disable-sigusr1.",
      consequence: "Any program of the same machine that finds the port can then run code in it.",
    });
  }
  return checks;
}

function checkAddress(url: string): Check {
  const title = "The address";
  if (/^(https?|wss?):\/\/[^\s/]+/.test(url)) return passed("address", title, url);
  return {
    id: "bad-address",
    title,
    status: "fail",
    found: `"${url}" is not an inspector's address.`,
    prevents: "There is nothing to connect to.",
    fix: "Give an address like http://127.0.0.1:9229, or the ws://... that Node or a browser prints.",
    consequence: "",
  };
}

function plan(request: RecordRequest, options: OptionValues, _found: Detection, pid: number): RecordingPlan {
  const { target } = request;
  const intervalUs = Math.max(50, Math.round(1e6 / numberOption(options, "rate", 99)));
  const launch = target.kind === "launch" ? ({ how: "inspected", target } as const) : null;
  const url = target.kind === "endpoint" ? target.url : null;
  return {
    source: {
      type: "inspector",
      pid: target.kind === "pid" ? pid : null,
      url,
      intervalUs,
      chunkMs: numberOption(options, "chunk", 500),
    },
    launch,
    importer: "v8-chunks",
    rawExtension: "ndjson",
    stackMethod: "v8",
    periodNs: intervalUs * 1000,
    commands: [inspectorCommand(request, pid, "Profiler")],
    remarks: [
      "V8 counts the time of inlined functions, and of loops compiled before the start, for their caller.",
    ],
    ask: heapSnapshotAsk,
    readStderr: readInspectorWords,
  };
}

/** Measured: 0.2 s for a heap of 4 MB, 1 s for each 100 MB after that. */
export const heapSnapshotAsk: AskSpec = {
  title: "Heap snapshot",
  help: "Every object and who holds it, as a session of its own. The program stands still meanwhile: about a second for 100 MB of heap.",
};

/** For the person: how the inspector is reached, and which of its domains is asked. */
export function inspectorCommand(request: RecordRequest, pid: number, domain: string): string {
  const { target } = request;
  switch (target.kind) {
    case "launch": {
      const NODE_OPTIONS = [target.env.NODE_OPTIONS, inspectBreak].filter(Boolean).join(" ");
      return commandText({ argv: target.argv, env: { ...target.env, NODE_OPTIONS } });
    }
    case "endpoint":
      return `inspector ${target.url}`;
    default:
      return `kill -USR1 ${pid} (unless its inspector is open), then the inspector's ${domain} domain`;
  }
}

/** Port 0: a free one, so that two launches never meet. */
export const inspectBreak = "--inspect-brk=127.0.0.1:0";

export function readInspectorWords(line: string): StderrFinding | null {
  if (!/Starting inspector on .* failed: address already in use/.test(line)) return null;
  return {
    type: "problem",
    problem: problemOf(
      "inspector-port-taken",
      "Another process holds the inspector's port.",
      "Stop the other one, or start this one with --inspect-port=0.",
      line,
    ),
  };
}

export const nodeInspector: Profiler = {
  id: "node-inspector",
  title: "Node inspector",
  summary:
    "Live CPU profiles of any Node process, and of pages of Chromium-based browsers by their address, through their own inspector. Needs no tool and no privileges.",
  kinds: ["cpu"],
  targets: ["pid", "launch", "endpoint"],
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second of each JavaScript thread.",
      type: "number",
      default: 99,
      min: 1,
      max: 20_000,
      unit: "Hz",
    },
    {
      id: "chunk",
      title: "Update",
      help: "A piece of the profile is taken this often; longer costs the target less.",
      type: "number",
      default: 500,
      min: 100,
      max: 5000,
      unit: "ms",
    },
  ],
  suits(target) {
    if (target.runtime !== "node") return null;
    if (!target.own) return { score: 1, reason: `belongs to ${target.user}: its inspector is out of reach` };
    return { score: 90, reason: "names JavaScript functions; needs no tool and no privileges" };
  },
  suitsLaunch(launch) {
    if (!launchesNode(launch)) return null;
    return { score: 90, reason: "names JavaScript functions from the first line on" };
  },
  detect: async () => ({ path: "", version: "1.3", features: [] }),
  preflight: (host, request) => inspectorChecks(host, request, nodeInspector),
  plan,
};
