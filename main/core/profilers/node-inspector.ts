import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Detection, Profiler, RecordingPlan } from "./profiler.ts";
import {
  heapSnapshotAsk,
  inspectorChecks,
  inspectorCommand,
  launchesNode,
  readInspectorWords,
} from "./shared/inspector.ts";
import { numberOption } from "./shared/options.ts";

function plan(request: RecordRequest, options: OptionValues, _found: Detection, pid: number): RecordingPlan {
  const { target } = request;
  const intervalUs = Math.max(50, Math.round(1e6 / numberOption(options, "rate", 49)));
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

export const nodeInspector: Profiler = {
  id: "node-inspector",
  title: "Node inspector",
  summary:
    "Live CPU profiles of any Node process, and of pages of Chromium-based browsers by their address, through their own inspector. Needs no tool and no privileges.",
  cost: "About 1.6 % at 49 Hz, 2 % at 99 Hz, 3 to 5 % at 1,000 Hz.",
  kinds: ["cpu"],
  targets: ["pid", "launch", "endpoint"],
  options: [
    {
      id: "rate",
      title: "Rate",
      help: "Samples a second of each JavaScript thread. At 49 Hz the target runs 1 to 2 % slower, at 1,000 Hz 4 to 5 %.",
      type: "number",
      default: 49,
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
