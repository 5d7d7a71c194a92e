import { problemOf } from "../base/result.ts";
import type { LaunchTarget, OptionValues, RecordRequest } from "../model/recording.ts";
import { type Check, type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch } from "./shared/checks.ts";
import { numberOption } from "./shared/options.ts";
import { baseName, commandText } from "./shared/words.ts";

const title = "node --heap-prof";
const isNode = ({ argv }: LaunchTarget): boolean => /^node(js)?[\d.]*$/.test(baseName(argv[0] ?? ""));

/** Measured once on a loop that only allocates: 1.7 times at 32 KiB, nothing at 512 KiB. The rest is an estimate. */
const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "V8 takes the stack of one allocation every so many bytes.",
  prevents:
    "Code that only allocates runs up to 2 times slower at 32 KiB, and slower still at smaller samples; most programs notice little.",
  fix: "A larger Sample costs less, and tells less of small sites.",
  consequence: "Nothing remains after the program's end.",
};

function plan(request: RecordRequest, options: OptionValues, _found: Detection): RecordingPlan {
  const target: LaunchTarget =
    request.target.kind === "launch" ? request.target : { kind: "launch", argv: ["node"], cwd: "", env: {} };
  const [node = "node", ...rest] = target.argv;
  const sampleBytes = Math.round(numberOption(options, "sample", 32) * 1024);
  const launched: LaunchTarget = {
    ...target,
    argv: [
      node,
      "--heap-prof",
      `--heap-prof-interval=${sampleBytes}`,
      `--heap-prof-dir=${scratchFolder}`,
      ...rest,
    ],
  };
  return {
    source: {
      type: "files",
      outputs: [{ name: "Heap.*.heapprofile", atEnd: true, through: null, frame: { kind: "text", end: "" } }],
      dump: null,
      stopSignal: "SIGINT",
      missing: problemOf(
        "no-output",
        "The program ended and Node left no heap profile.",
        "Node writes it at a normal end only, not when a signal ends it that the program does not handle.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "heapprofile",
    rawExtension: "heapprofile",
    stackMethod: "v8",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: [
      `One allocation every ${sampleBytes} bytes is sampled: sizes are estimates. It tells what is still there when the program ends.`,
    ],
    readStderr: () => null,
  };
}

export const nodeHeapProf: Profiler = {
  id: "node-heap-prof",
  title,
  summary:
    "Launches a Node program with V8's sampling heap profiler: what lives at its end, by who allocated it.",
  cost: "Little; up to 2 times slower at 32 KiB in code that only allocates.",
  kinds: ["heap"],
  targets: ["launch"],
  options: [
    {
      id: "sample",
      title: "Sample",
      help: "The stack of one allocation every so many bytes is taken.",
      type: "number",
      default: 32,
      min: 0.125,
      max: 65_536,
      unit: "KiB",
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNode(launch) ? { score: 15, reason: "what lives at the program's end, by who allocated it" } : null,
  detect: async (host) => {
    const path = await host.findTool("node");
    return path === null
      ? problemOf("tool-missing", "There is no node on PATH.", "Install Node, or put it on PATH.")
      : { path, version: "", features: [] };
  },
  async preflight(host, request) {
    const checks: Check[] = [...checkKind(request, ["launch"], title), ...(await checkLaunch(host, request))];
    if (request.target.kind === "launch" && !isNode(request.target))
      checks.push({
        id: "not-node",
        title: "The program",
        status: "fail",
        found: `${request.target.argv[0]} is not node.`,
        prevents: "The switch has to be given to node itself.",
        fix: "Launch the script with node: node SCRIPT.",
        consequence: "",
      });
    return [...checks, cost, await checkDisk(host)];
  },
  plan,
};
