import { problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import { type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { dumpNumber } from "./shared/files-source.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import {
  detectValgrind,
  isNative,
  readValgrindWords,
  valgrindChecks,
  valgrindLaunch,
  valgrindTargets,
  vgdbOf,
} from "./shared/valgrind.ts";
import { commandText } from "./shared/words.ts";

function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const everyMs = numberOption(options, "interval", 1) * 1000;
  const launched = valgrindLaunch(request, found, [
    "--tool=massif",
    `--massif-out-file=${scratchFolder}/end.%p`,
    "--threshold=0.1",
    "--time-unit=ms",
    ...(flagOption(options, "pages") ? ["--pages-as-heap=yes"] : []),
    ...(flagOption(options, "stacks") ? ["--stacks=yes"] : []),
  ]);
  const dump = {
    argv: [vgdbOf(found), `--pid=${pid}`, "detailed_snapshot", `${scratchFolder}/live.${dumpNumber}`],
    everyMs,
    timeoutMs: 10_000,
    title: "Snapshot",
  };
  return {
    source: {
      type: "files",
      outputs: [
        {
          name: "live.*",
          through: null,
          frame: { kind: "chunk", importer: "massif", levels: "Live heap (massif)" },
        },
        // The one of the peak is a series of its own.
        {
          name: "end.*",
          atEnd: true,
          through: null,
          frame: { kind: "chunk", importer: "massif", levels: "", fromStart: true },
        },
      ],
      dump,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and massif left no snapshot.",
        "Its own words are in the log: it may not be a program that valgrind can run, or was killed.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "instrumented",
    periodNs: 0,
    commands: [commandText(launched), `${commandText(dump)} (every ${everyMs / 1000} s)`],
    remarks: [
      "Live snapshots are taken on request; massif's own, with the peak, come when the program has ended.",
    ],
    ask: {
      title: "Snapshot now",
      help: "What the heap holds at this moment, and who allocated it; stops the program for about 0.1 s.",
    },
    readStderr: readValgrindWords,
  };
}

export const massif: Profiler = {
  id: "massif",
  title: "massif",
  summary:
    "Launches a program under valgrind: snapshots of what its heap holds and who allocated it, while it runs and of its peak.",
  cost: "1.5 times slower (computing) to 60 times (allocating and nothing else).",
  kinds: ["heap"],
  targets: valgrindTargets,
  options: [
    {
      id: "interval",
      title: "Update",
      help: "A snapshot is taken so often; each stops the program for about 0.1 s.",
      type: "number",
      default: 1,
      min: 0.5,
      max: 3600,
      unit: "s",
    },
    {
      id: "pages",
      title: "Whole pages",
      help: "Counts all memory that the program maps, not only malloc's.",
      type: "flag",
      default: false,
    },
    {
      id: "stacks",
      title: "Stacks too",
      help: "Counts the stacks of threads as well; several times slower.",
      type: "flag",
      default: false,
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch) ? { score: 12, reason: "exact snapshots of the heap, but several times slower" } : null,
  detect: (host) => detectValgrind(host, "massif"),
  preflight: (host, request) =>
    valgrindChecks(
      host,
      request,
      "massif",
      "1.5 times (computing) to 60 times (allocating and nothing else)",
    ),
  plan,
};
