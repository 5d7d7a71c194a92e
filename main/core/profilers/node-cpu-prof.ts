import { problemOf } from "../base/result.ts";
import type { LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type Host,
  type Profiler,
  type RecordingPlan,
  scratchFolder,
} from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch, passed } from "./shared/checks.ts";
import { numberOption } from "./shared/options.ts";
import { baseName, commandText } from "./shared/words.ts";

/** Node itself, not scripts that it runs: Node 20 does not take --cpu-prof from NODE_OPTIONS. */
const isNode = (program: string): boolean => /^node(js)?(-?\d+)?$/.test(baseName(program));

/** --import, which the handler below needs. */
const firstMajor = 20;

/**
 * Node writes no profile when a signal ends it, so a stop has to become an exit: but only where the program does not
 * answer the signal itself.
 */
const exitOnStop =
  "data:text/javascript,process.once('SIGTERM',()=>process.listenerCount('SIGTERM')===0&&process.exit(143))";

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const checks: Check[] = [...checkKind(request, nodeCpuProf.targets, nodeCpuProf.title)];
  const launch = await checkLaunch(host, request);
  checks.push(...launch);
  if (request.target.kind === "launch" && launch.every(({ status }) => status === "ok"))
    checks.push(await checkNode(host, request.target));
  checks.push(await checkDisk(host));
  return checks;
}

async function checkNode(host: Host, launch: LaunchTarget): Promise<Check> {
  const title = "The program";
  const program = launch.argv[0] ?? "";
  const bad = (found: string, fix: string): Check => ({
    id: "not-node",
    title,
    status: "fail",
    found,
    prevents: "It would not write a profile.",
    fix,
    consequence: "",
  });
  if (!isNode(program)) {
    return bad(
      `"${baseName(program)}" is not node itself.`,
      "Launch node with the script (node server.js), or choose the Node inspector, which follows npm and the like too.",
    );
  }
  const version = /^v(\d+)\.[\d.]+/.exec((await host.probe([program, "--version"]))?.stdout ?? "");
  // In a folder of its own: only starting it tells.
  if (version === null) return passed("node-version", title, program);
  if (Number(version[1]) >= firstMajor) return passed("node-version", title, `node ${version[0]}`);
  return bad(`It is Node ${version[0]}.`, "Choose the Node inspector, which needs no options of Node.");
}

function plan(request: RecordRequest, options: OptionValues): RecordingPlan {
  const intervalUs = Math.max(50, Math.round(1e6 / numberOption(options, "rate", 1000)));
  const { target } = request;
  const wanted: LaunchTarget =
    target.kind === "launch" ? target : { kind: "launch", argv: [""], cwd: "", env: {} };
  const [program = "", ...args] = wanted.argv;
  const launched: LaunchTarget = {
    ...wanted,
    argv: [
      program,
      "--cpu-prof",
      `--cpu-prof-dir=${scratchFolder}`,
      `--cpu-prof-interval=${intervalUs}`,
      `--import=${exitOnStop}`,
      ...args,
    ],
  };
  return {
    source: {
      type: "files",
      outputs: [
        {
          name: "CPU.*.cpuprofile",
          through: null,
          frame: { kind: "v8", program: baseName(program), tool: "node --cpu-prof" },
        },
      ],
      dump: null,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and Node left no profile.",
        "A program that is killed, or ends itself by a signal, writes none: let it end, or choose the Node inspector, which is live.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "v8-chunks",
    rawExtension: "ndjson",
    stackMethod: "v8",
    periodNs: intervalUs * 1000,
    commands: [commandText(launched)],
    remarks: [
      "Nothing is on the screen until a thread of the program ends: Node writes each thread's profile then.",
      "V8 counts the time of inlined functions for their caller.",
      "Node processes that the program starts are not recorded.",
    ],
    readStderr: () => null,
  };
}

export const nodeCpuProf: Profiler = {
  id: "node-cpu-prof",
  title: "Node --cpu-prof",
  summary:
    "Launches node with its own profiler on: no port is opened, worker threads are included, the result comes when it ends.",
  cost: "About 2 % at a sample each millisecond.",
  kinds: ["cpu"],
  targets: ["launch"],
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second of each JavaScript thread.",
      type: "number",
      default: 1000,
      min: 1,
      max: 20_000,
      unit: "Hz",
    },
  ],
  suits: () => null,
  suitsLaunch(launch) {
    if (!isNode(launch.argv[0] ?? "")) return null;
    return { score: 60, reason: "opens no port; worker threads from their first line, shown at their end" };
  },
  detect: async (): Promise<Detection> => ({ path: "", version: "", features: [] }),
  preflight,
  plan,
};
