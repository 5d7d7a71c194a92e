import { problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import { type Check, type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { launchChecks } from "./shared/launch-checks.ts";
import { numberOption } from "./shared/options.ts";
import { detectLibrary, libraryOf, preloading, withEnvironment } from "./shared/preload.ts";
import { isNative } from "./shared/valgrind.ts";
import { commandText } from "./shared/words.ts";

const title = "tcmalloc's heap profiler";
/** The minimal one has no profiler. */
const name = /^libtcmalloc(_and_profiler)?\.so/;
const missing = problemOf(
  "tool-missing",
  "libtcmalloc, of gperftools, is not installed.",
  "Install it: sudo apt install libgoogle-perftools4 (Ubuntu from 24.04: libgoogle-perftools4t64; Fedora: dnf install gperftools-libs).",
);

/** Measured with pairs of malloc and free of 64 bytes: 6 us each, 10 times at 1.5 million a second. */
const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "tcmalloc takes the place of malloc, and takes the stack of every allocation.",
  prevents:
    "Every allocation takes about 6 µs: 10 times slower at a million a second; other code runs at full speed.",
  fix: "Nothing needs to be done; for shares of time use perf.",
  consequence: "Nothing remains after the program's end.",
};

function plan(request: RecordRequest, options: OptionValues, found: Detection): RecordingPlan {
  const everyS = Math.max(1, Math.round(numberOption(options, "interval", 1)));
  const launched = withEnvironment(request, {
    ...preloading(request, libraryOf(found)),
    HEAPPROFILE: `${scratchFolder}/heap`,
    HEAP_PROFILE_TIME_INTERVAL: String(everyS),
  });
  return {
    source: {
      type: "files",
      outputs: [
        {
          name: "heap.*.heap",
          through: null,
          frame: { kind: "chunk", importer: "gperftools-heap", levels: "Live heap (tcmalloc)" },
        },
      ],
      dump: null,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and tcmalloc left no profile.",
        "It writes one as time goes by and at a normal end. It is not loaded into statically linked programs.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "frame pointers or unwind tables",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: [
      "Every allocation is counted. What came after the last profile is missing where a signal ends the program.",
    ],
    readStderr: () => null,
  };
}

export const tcmallocHeap: Profiler = {
  id: "tcmalloc-heap",
  title,
  summary:
    "Launches a program with tcmalloc and its heap profiler: what lives and what was allocated, every second.",
  cost: "About 6 µs an allocation.",
  kinds: ["heap", "alloc"],
  targets: ["launch"],
  options: [
    {
      id: "interval",
      title: "Update",
      help: "A profile is written so often.",
      type: "number",
      default: 1,
      min: 1,
      max: 3600,
      unit: "s",
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch) ? { score: 9, reason: "snapshots of the heap through tcmalloc" } : null,
  detect: (host) => detectLibrary(host, name, missing),
  preflight: (host, request) => launchChecks(host, request, title, cost),
  plan,
};
