import { problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest, TargetFacts } from "../model/recording.ts";
import { type Check, type Detection, type Profiler, type RecordingPlan, scratchFolder } from "./profiler.ts";
import { checkDisk, checkKind, checkLaunch } from "./shared/checks.ts";
import { flagOption, textOption } from "./shared/options.ts";
import { findLibrary, libraryFound, libraryOf, preloading, withEnvironment } from "./shared/preload.ts";
import { isNative, suppressionsOption } from "./shared/valgrind.ts";
import { commandText } from "./shared/words.ts";

const title = "LeakSanitizer";

/** Measured with pairs of malloc and free of 64 bytes: 1.05 times at 1.5 million a second, 5 times alone. */
const cost: Check = {
  id: "slowdown",
  title: "Cost",
  status: "warn",
  found: "The sanitizer's own allocator takes the place of malloc.",
  prevents:
    "Allocations take about 5 times as long (a few percent of most programs) and a little more memory; a program built with -fsanitize=address runs about 2 times slower as a whole.",
  fix: "Nothing needs to be done; for time use perf, without the sanitizer.",
  consequence: "Nothing remains after the program's end.",
};

function plan(
  request: RecordRequest,
  options: OptionValues,
  found: Detection,
  _pid: number,
  facts: TargetFacts | null = null,
): RecordingPlan {
  const suppressions = textOption(options, "suppressions", "");
  const common = `log_path=${scratchFolder}/report:exitcode=0`;
  // Two sanitizers in one program are one too many: it does not begin.
  const isSanitized = facts?.sanitizers.some((name) => name !== "undefined") === true;
  const launched = withEnvironment(request, {
    ...(flagOption(options, "preload") && !isSanitized ? preloading(request, libraryOf(found)) : {}),
    LSAN_OPTIONS: suppressions === "" ? common : `${common}:suppressions=${suppressions}`,
    ASAN_OPTIONS: `${common}:detect_leaks=1`,
    TSAN_OPTIONS: common,
    MSAN_OPTIONS: common,
    UBSAN_OPTIONS: `log_path=${scratchFolder}/report:print_stacktrace=1`,
  });
  return {
    source: {
      type: "files",
      outputs: [{ name: "report.*", atEnd: true, through: null, frame: { kind: "text", end: "\n" } }],
      dump: null,
      stopSignal: "SIGINT",
      missing: problemOf(
        "no-report",
        "The program ended and the sanitizer reported nothing.",
        "It leaked nothing; or it was ended by a signal or by _exit, at which the sanitizer does not look. Let it end by itself.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "sanitizer",
    rawExtension: "txt",
    stackMethod: "sanitizer",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: ["What it finds is told when the program ends by itself; until then there are counters only."],
    readStderr: () => null,
  };
}

export const leakSanitizer: Profiler = {
  id: "leak-sanitizer",
  title,
  summary:
    "Launches a program with LeakSanitizer: memory that nothing points to at its end. Of one that was built with -fsanitize, all that its sanitizer reports.",
  cost: "Allocations take about 5 times as long: a few percent of most programs; 2 times slower with AddressSanitizer.",
  kinds: ["heap"],
  targets: ["launch"],
  options: [
    suppressionsOption(title),
    {
      id: "preload",
      title: "Put it into the program",
      help: "For programs that were built without a sanitizer. One that has its own, as far as its file shows it, is left as it is.",
      type: "flag",
      default: true,
    },
  ],
  suits: () => null,
  suitsLaunch: (launch) =>
    isNative(launch) ? { score: 14, reason: "leaks at the program's end, at little cost" } : null,
  async detect(host) {
    const library = await findLibrary(host, /^liblsan\.so/);
    return { path: library, version: "", features: libraryFound(library) };
  },
  async preflight(host, request) {
    const checks: Check[] = [...checkKind(request, ["launch"], title), ...(await checkLaunch(host, request))];
    const library = await findLibrary(host, /^liblsan\.so/);
    if (library === "" && request.options.preload !== false)
      checks.push({
        id: "library-missing",
        title,
        status: "warn",
        found: "LeakSanitizer's library is not installed.",
        prevents: "Only programs that were built with -fsanitize=leak or -fsanitize=address report leaks.",
        fix: "Install it: sudo apt install liblsan0 (Fedora: dnf install liblsan).",
        consequence: "Installs a library; it stays until it is removed.",
      });
    return [...checks, cost, await checkDisk(host)];
  },
  plan,
};
