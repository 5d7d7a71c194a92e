import { problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import { type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { dumpNumber } from "./shared/files-source.ts";
import { flagOption, numberOption, textOption } from "./shared/options.ts";
import {
  detectValgrind,
  isNative,
  readValgrindWords,
  suppressionsOption,
  valgrindChecks,
  valgrindLaunch,
  valgrindTargets,
  vgdbOf,
} from "./shared/valgrind.ts";
import { commandText } from "./shared/words.ts";

const leaks = "Leaks";

function plan(request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const reachable = flagOption(options, "reachable");
  const suppressions = textOption(options, "suppressions", "");
  const everyS = numberOption(options, "interval", 0);
  // As text, and not as XML: what vgdb tells on the way comes as text only, and places have to be the same in both.
  const launched = valgrindLaunch(
    request,
    found,
    [
      "--tool=memcheck",
      "--leak-check=full",
      `--show-leak-kinds=${reachable ? "all" : "definite,indirect,possible"}`,
      "--num-callers=40",
      "--fullpath-after=",
      ...(flagOption(options, "origins") ? ["--track-origins=yes"] : []),
      ...(suppressions === "" ? [] : [`--suppressions=${suppressions}`]),
      `--log-file=${scratchFolder}/end.%p.txt`,
    ],
    false,
  );
  const kinds = reachable ? "reachable" : "possibleleak";
  const dump = {
    argv: [vgdbOf(found), `--pid=${pid}`, "leak_check", "full", kinds, "any"],
    everyMs: everyS > 0 ? everyS * 1000 : Number.POSITIVE_INFINITY,
    timeoutMs: 30_000,
    saysInto: `live.${dumpNumber}.txt`,
    title: "Leak check",
  };
  const frame = { kind: "chunk", importer: "valgrind-text", levels: leaks } as const;
  return {
    source: {
      type: "files",
      outputs: [
        { name: "live.*.txt", through: null, frame },
        { name: "end.*.txt", atEnd: true, through: null, frame },
      ],
      dump,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and memcheck left no report.",
        "Its own words are in the log: it may not be a program that valgrind can run, or was killed.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "instrumented",
    periodNs: 0,
    commands: [commandText(launched), commandText(dump)],
    remarks: [
      everyS > 0
        ? `It looks for leaks every ${everyS} s, which stops the program, and when the program has ended.`
        : "It looks for leaks when the program has ended, or is stopped here; before that when it is asked to.",
    ],
    ask: {
      title: "Check for leaks",
      help: "What nothing points to at this moment; stops the program for 0.1 s and more, as its heap is large.",
    },
    readStderr: readValgrindWords,
  };
}

export const memcheck: Profiler = {
  id: "memcheck",
  title: "memcheck",
  summary:
    "Launches a program under valgrind: memory that nothing points to any more, with its stack, and wrong uses of memory.",
  cost: "5 times slower (computing) to 100 times (allocating and nothing else).",
  kinds: ["heap"],
  targets: valgrindTargets,
  options: [
    {
      id: "interval",
      title: "Check every",
      help: "It looks for leaks so often; 0: at the end, and when it is asked to.",
      type: "number",
      default: 0,
      min: 0,
      max: 3600,
      unit: "s",
    },
    suppressionsOption("valgrind"),
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
