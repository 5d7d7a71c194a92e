import { problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest } from "../model/recording.ts";
import { type Check, type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { launchChecks } from "./shared/launch-checks.ts";
import { numberOption } from "./shared/options.ts";
import { detectLibrary, libraryOf, preloading, withEnvironment } from "./shared/preload.ts";
import { isNative } from "./shared/valgrind.ts";
import { commandText } from "./shared/words.ts";

const title = "jemalloc's heap profiler";
const name = /^libjemalloc\.so/;
const missing = problemOf(
  "tool-missing",
  "libjemalloc is not installed.",
  "Install it: sudo apt install libjemalloc2 (Fedora: dnf install jemalloc). It has to be built with its profiler, as Debian's is.",
);

/** Measured with pairs of malloc and free of 64 bytes, 1.5 million a second: nothing at 512 KiB, 4 times at every one. */
const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "jemalloc takes the place of malloc, and takes the stack of one allocation every so many bytes.",
  prevents:
    "Nothing that can be measured at a Sample of 512 KiB; where every allocation is taken 4 times slower at a million of them a second.",
  fix: "Nothing needs to be done; a larger Sample costs less and tells less of small sites.",
  consequence: "Nothing remains after the program's end.",
};

function plan(request: RecordRequest, options: OptionValues, found: Detection): RecordingPlan {
  const sampleLog2 = Math.round(Math.log2(Math.max(1, numberOption(options, "sample", 1))));
  const everyLog2 = Math.round(Math.log2(numberOption(options, "every", 16) * 2 ** 20));
  const settings = [
    "prof:true",
    `prof_prefix:${scratchFolder}/heap`,
    `lg_prof_sample:${sampleLog2}`,
    `lg_prof_interval:${everyLog2}`,
    "prof_final:true",
  ].join(",");
  const launched = withEnvironment(request, {
    ...preloading(request, libraryOf(found)),
    MALLOC_CONF: settings,
  });
  return {
    source: {
      type: "files",
      outputs: [
        {
          name: "heap.*.heap",
          through: null,
          frame: { kind: "chunk", importer: "jemalloc", levels: "Live heap (jemalloc)" },
        },
      ],
      dump: null,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        "The program ended and jemalloc left no profile.",
        "This jemalloc may be built without its profiler (its words are in the log), or the program was ended by a signal before the first profile.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "unwind tables",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: [
      "A profile is written whenever so much was allocated, and at a normal end. Sizes are those of jemalloc's classes.",
    ],
    readStderr: () => null,
  };
}

export const jemallocHeap: Profiler = {
  id: "jemalloc-heap",
  title,
  summary:
    "Launches a program with jemalloc and its heap profiler: what lives, each time that so much was allocated.",
  cost: "Nothing that can be measured at a Sample of 512 KiB; 4 times slower where every one of a million allocations a second is taken.",
  kinds: ["heap"],
  targets: ["launch"],
  options: [
    {
      id: "sample",
      title: "Sample",
      help: "The stack of one allocation every so many bytes is taken; 1 for every allocation.",
      type: "number",
      default: 1,
      min: 1,
      max: 1 << 30,
      unit: "B",
    },
    {
      id: "every",
      title: "Profile every",
      help: "A profile is written each time that so much was allocated.",
      type: "number",
      default: 16,
      min: 1,
      max: 1 << 20,
      unit: "MiB",
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch) ? { score: 8, reason: "snapshots of the heap through jemalloc" } : null,
  detect: (host) => detectLibrary(host, name, missing),
  preflight: (host, request) => launchChecks(host, request, title, cost),
  plan,
};
