import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Check, Detection, Profiler, RecordingPlan } from "./profiler.ts";
import {
  heapSnapshotAsk,
  inspectorChecks,
  inspectorCommand,
  launchesNode,
  readInspectorWords,
} from "./shared/inspector.ts";
import { flagOption, numberOption, textOption } from "./shared/options.ts";

function plan(request: RecordRequest, options: OptionValues, _found: Detection, pid: number): RecordingPlan {
  const { target } = request;
  const how = textOption(options, "how", "sampling") === "timeline" ? "timeline" : "sampling";
  const isSampling = how === "sampling";
  const sampleBytes = Math.max(1, Math.round(numberOption(options, "sample", 32) * 1024));
  const collect = flagOption(options, "collect");
  return {
    source: {
      type: "inspector",
      pid: target.kind === "pid" ? pid : null,
      url: target.kind === "endpoint" ? target.url : null,
      intervalUs: 0,
      chunkMs: Math.round(numberOption(options, "update", 1) * 1000),
      heap: { how, sampleBytes, collect },
    },
    launch: target.kind === "launch" ? { how: "inspected", target } : null,
    importer: isSampling ? "chunks" : "heapsnapshot",
    rawExtension: isSampling ? "chunks" : "heaptimeline",
    stackMethod: "v8",
    periodNs: 0,
    commands: [inspectorCommand(request, pid, "HeapProfiler")],
    remarks: isSampling
      ? [
          `V8 takes the stack of one allocation every ${sampleBytes} bytes: sizes are estimates. What was there before the recording does not show; a heap snapshot has it.`,
          ...(collect ? [] : ["Garbage that is not yet collected counts as alive."]),
        ]
      : ["Objects, and who made them, are known when the recording ends; until then there are counters."],
    ask: heapSnapshotAsk,
    readStderr: readInspectorWords,
  };
}

/** Measured once with Node 20: JSON to and fro, and a loop that makes small objects and nothing else. */
const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "V8 takes the stack of some allocations, or of every one for the allocation timeline.",
  prevents:
    "Sampled at 32 KiB most programs notice nothing, and code that only allocates runs about 4 times slower; at 1 KiB JSON takes twice as long. The allocation timeline makes JSON 8 times slower, code that only allocates 150 times.",
  fix: "A larger Sample costs less; turn off Collect garbage first where the heap is large.",
  consequence: "Nothing remains after the recording.",
};

export const nodeHeap: Profiler = {
  id: "node-heap",
  title: "Node heap, live",
  summary:
    "Who allocated what lives in a Node program or a page, live through its inspector; heap snapshots at any moment.",
  cost: "Little at a Sample of 32 KiB, 4 times slower in code that only allocates; the allocation timeline 8 to 150 times.",
  kinds: ["heap", "alloc"],
  targets: ["pid", "launch", "endpoint"],
  options: [
    {
      id: "how",
      title: "How",
      help: "Sampled, and shown while it records; or every object with its time and place, shown at the end.",
      type: "choice",
      default: "sampling",
      choices: [
        { value: "sampling", title: "Sampled, live" },
        { value: "timeline", title: "Allocation timeline: every object" },
      ],
    },
    {
      id: "sample",
      title: "Sample",
      help: "The stack of one allocation every so many bytes is taken.",
      type: "number",
      default: 32,
      min: 0.001,
      max: 65_536,
      unit: "KiB",
    },
    {
      id: "update",
      title: "Update",
      help: "It is told so often what lives; less often where that would take more than a twentieth of the program's time.",
      type: "number",
      default: 1,
      min: 0.2,
      max: 3600,
      unit: "s",
    },
    {
      id: "collect",
      title: "Collect garbage first",
      help: "Before each update, so that only what is held counts: the program stands still for as long as its own full collections take.",
      type: "flag",
      default: true,
    },
  ],
  suits(target) {
    if (target.runtime !== "node" || !target.own) return null;
    return { score: 40, reason: "who allocated what lives, through its own inspector" };
  },
  suitsLaunch: (launch) =>
    launchesNode(launch)
      ? { score: 40, reason: "who allocated what lives, live from the first line on" }
      : null,
  detect: async () => ({ path: "", version: "1.3", features: [] }),
  preflight: async (host, request) => [...(await inspectorChecks(host, request, nodeHeap)), cost],
  plan,
};
