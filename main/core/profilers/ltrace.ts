import { type Check, type Profiler, type Step, scratchFolder } from "./profiler.ts";
import { flagOption, textOption } from "./shared/options.ts";
import { detectTracer, readTracerStderr, tiedTo, tracedPlan, tracerChecks } from "./shared/tracers.ts";
import { commandText } from "./shared/words.ts";

/** Measured: 150 µs a call, by breakpoints in the target (test/bench/README.md). */
const costCheck: Check = {
  id: "slowdown",
  title: "What it costs",
  status: "warn",
  found: "ltrace puts a breakpoint at each function of a library: about 150 µs a call",
  prevents:
    "A program that calls malloc or strlen a hundred thousand times a second runs a hundred times slower; it seems to hang.",
  fix: "Record for some seconds, a second instance where there is one, or use perf: its samples tell which library functions take the time.",
  consequence: "The slowdown ends with the recording.",
};

const sums = `${scratchFolder}/sums`;

/** Calls of shared libraries' functions, summed up or each. */
export const ltrace: Profiler = {
  id: "ltrace",
  title: "ltrace",
  summary:
    "Counts calls of functions in shared libraries, with their time, or tells each of them; many times slower than anything else.",
  cost: "About 150 µs a call, by a breakpoint.",
  kinds: ["trace"],
  targets: ["pid", "launch"],
  options: [
    {
      id: "each",
      title: "Each call",
      help: "Every call with its arguments, result and time, while it runs, in place of the sums at the end; some fifth slower than these.",
      type: "flag",
      default: false,
    },
    {
      id: "functions",
      title: "Functions",
      help: "Only calls of these, with + between: a breakpoint less is a stop less. Empty for all.",
      type: "text",
      default: "",
      pattern: "|[A-Za-z0-9_.*@]+(?:\\+[A-Za-z0-9_.*@]+)*",
      example: "malloc+free+fopen*",
    },
    {
      id: "systemCalls",
      title: "System calls",
      help: "Also counts system calls (-S), as SYS_read.",
      type: "flag",
      default: false,
    },
  ],
  suits: (target) =>
    target.runtime === "native" && target.own
      ? { score: 1, reason: "sums of calls into shared libraries, at a very high price" }
      : null,
  suitsLaunch: () => ({ score: 1, reason: "sums of calls into shared libraries, at a very high price" }),
  detect: (host) => detectTracer(host, "ltrace"),
  preflight: (host, request) => tracerChecks(host, request, "ltrace", costCheck),
  plan: (request, options, found, pid) => {
    const functions = textOption(options, "functions", "");
    const tied = tiedTo(found);
    const tool = (how: readonly string[]): readonly string[] => [
      ...tied,
      // A signal that ends it at once leaves its breakpoints behind, of which the target dies.
      ...(tied.length === 0 ? [] : ["env", "--ignore-signal=PIPE"]),
      found.path,
      "-f",
      ...how,
      ...(flagOption(options, "systemCalls") ? ["-S"] : []),
      ...(functions === "" ? [] : ["-e", functions]),
    ];
    if (flagOption(options, "each"))
      return tracedPlan("ltrace", request, {
        stages: [
          { argv: [...tool(["-ttt", "-T", "-s", "128"]), "-p", String(pid)], gives: "stderr" },
          { argv: ["cat"] },
        ],
        importer: "ltrace",
        rawExtension: "ltrace",
        stackMethod: "ltrace",
        remark: "The target is stopped at each call: it runs many times slower than alone.",
      });
    const argv = [
      ...tool(["-c"]),
      // Its standard output is a socket here, which it cannot open again by name.
      ...["-o", sums],
      ...["-p", String(pid)],
    ];
    const launch =
      request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
    const step: Step = {
      kind: "run",
      argv,
      output: { file: sums },
      timeoutMs: 24 * 3600 * 1000,
      stopSignal: "SIGINT",
    };
    return {
      source: {
        type: "chunks",
        begin: [],
        chunk: () => ({ step, importer: "call-summary", spanMs: 0, pauseMs: 0 }),
        finish: [],
        overlapMs: 0,
      },
      launch,
      importer: "chunks",
      rawExtension: "chunks",
      stackMethod: "",
      periodNs: 0,
      commands: [
        ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
        commandText({ argv }),
      ],
      remarks: [
        "The target is stopped at each call: it runs many times slower than alone. The sums come when the recording is stopped.",
      ],
      readStderr: readTracerStderr("ltrace"),
    };
  },
};
