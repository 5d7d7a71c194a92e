import { problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import { type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { flagOption } from "./shared/options.ts";
import {
  detectValgrind,
  isNative,
  readValgrindWords,
  valgrindChecks,
  valgrindLaunch,
  valgrindTargets,
} from "./shared/valgrind.ts";
import { commandText } from "./shared/words.ts";

function plan(request: RecordRequest, options: OptionValues, found: Detection): RecordingPlan {
  const launched = valgrindLaunch(request, found, [
    "--tool=memcheck",
    "--leak-check=full",
    `--show-leak-kinds=${flagOption(options, "reachable") ? "all" : "definite,indirect,possible"}`,
    "--num-callers=40",
    ...(flagOption(options, "origins") ? ["--track-origins=yes"] : []),
    "--xml=yes",
    `--xml-file=${scratchFolder}/memcheck.%p.xml`,
  ]);
  return {
    source: {
      type: "files",
      outputs: [{ name: "memcheck.*.xml", atEnd: true, through: null, frame: { kind: "text", end: "" } }],
      dump: null,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and memcheck left no report.",
        "Its own words are in the log: it may not be a program that valgrind can run, or was killed.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "valgrind-xml",
    rawExtension: "xml",
    stackMethod: "instrumented",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: [
      "Leaks are told when the program has ended, or is stopped here; until then there are counters only.",
    ],
    readStderr: readValgrindWords,
  };
}

export const memcheck: Profiler = {
  id: "memcheck",
  title: "memcheck",
  summary:
    "Launches a program under valgrind: memory that nothing points to any more, with its stack, and wrong uses of memory.",
  kinds: ["heap"],
  targets: valgrindTargets,
  options: [
    {
      id: "reachable",
      title: "Still reachable",
      help: "Also what the program could still free at its end.",
      type: "flag",
      default: true,
    },
    {
      id: "origins",
      title: "Origins",
      help: "Where values come from that were never set; twice as slow again.",
      type: "flag",
      default: false,
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch)
      ? { score: 10, reason: "tells leaks from what is only kept, but many times slower" }
      : null,
  detect: (host) => detectValgrind(host, "memcheck"),
  preflight: (host, request) =>
    valgrindChecks(
      host,
      request,
      "memcheck",
      "5 times (computing) to 100 times (allocating and nothing else)",
    ),
  plan,
};
