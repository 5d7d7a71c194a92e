import { problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import { type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import {
  detectValgrind,
  isNative,
  readValgrindWords,
  valgrindChecks,
  valgrindLaunch,
  valgrindTargets,
} from "./shared/valgrind.ts";
import { commandText } from "./shared/words.ts";

function plan(request: RecordRequest, _options: OptionValues, found: Detection): RecordingPlan {
  const launched = valgrindLaunch(request, found, [
    "--tool=dhat",
    `--dhat-out-file=${scratchFolder}/dhat.out`,
  ]);
  return {
    source: {
      type: "files",
      outputs: [{ name: "dhat.out", atEnd: true, through: null, frame: { kind: "text", end: "" } }],
      dump: null,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and DHAT left no profile.",
        "Its own words are in the log: it may not be a program that valgrind can run, or was killed.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "dhat",
    rawExtension: "json",
    stackMethod: "instrumented",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: ["DHAT tells what it counted when the program has ended; until then there are counters only."],
    readStderr: readValgrindWords,
  };
}

export const dhat: Profiler = {
  id: "dhat",
  title: "DHAT",
  summary:
    "Launches a program under valgrind: what was allocated where, how long it lived, how much of it was read and written.",
  cost: "2 times slower (computing) to 95 times (allocating and nothing else).",
  kinds: ["heap", "alloc"],
  targets: valgrindTargets,
  options: [],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch) ? { score: 11, reason: "how blocks are used, but many times slower" } : null,
  detect: (host) => detectValgrind(host, "DHAT"),
  preflight: (host, request) =>
    valgrindChecks(host, request, "DHAT", "2 times (computing) to 95 times (allocating and nothing else)"),
  plan,
};
