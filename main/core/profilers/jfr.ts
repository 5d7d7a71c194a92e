import type { OptionValues, RecordRequest, TargetFacts, TargetInfo } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type Profiler,
  type RecordingPlan,
  type Step,
  scratchFolder,
  sinceMoment,
} from "./profiler.ts";
import {
  detectJcmd,
  exactPlaces,
  hasFlag,
  insideOf,
  type JavaTool,
  javaChecks,
  javaFit,
  javaRelease,
  launchesJava,
  readJcmdWords,
  tiedToWorkbench,
  tooOldForJfr,
  withJvmOptions,
} from "./shared/java-checks.ts";
import { jfrSince } from "./shared/jfr-parts.ts";
import { jfrSettings } from "./shared/jfr-settings.ts";
import { flagOption, numberOption } from "./shared/options.ts";
import { commandText } from "./shared/words.ts";

const title = "Java Flight Recorder";
const tool: JavaTool = { title, targets: ["pid", "launch"], writesFiles: true };

/** Loads the recorder's classes into the JVM at first: 1.5 s measured on an idle machine. */
const beginTimeoutMs = 60_000;
const dumpTimeoutMs = 30_000;
/** Something is to be seen soon. */
const firstPauseMs = 1000;
/** So long the JVM may look for who keeps an object, at each piece: it stands still meanwhile. */
const pathsMs = 200;

/**
 * Another recording of the same JVM may run beside it: the name is this one's alone, since its folder is.
 * jcmd takes words of the form key=value, parted at blanks and commas; a path of the engine's own has none.
 */
const name = `name=flamewright:${scratchFolder}`;

/**
 * JFR.dump ends the chunk that the JVM writes, and `begin` leaves out the chunks that ended before: what has happened
 * since the dump before, each event exactly once, however many chunks the JVM began by itself in between (it does when
 * one is 12 MB, and whenever somebody else's recording starts, dumps or stops). Measured with JDK 17: the samples of the
 * pieces are those of one dump of all.
 */
const dumpArgs = (file: string): readonly string[] => [
  "JFR.dump",
  name,
  `filename=${file}`,
  `begin=${sinceMoment}`,
];

/**
 * Flight Recorder changes classes of the library when it begins, and without records of what depends on them (all but a JVM
 * that was started with such an agent) everything compiled is given up. Seen with 17 (-XX:+PrintCompilation), not with 25.
 */
const lastToForgetCode = 17;

const settingsName = "flamewright.jfc";
const settingsFile = `${scratchFolder}/${settingsName}`;

/** Each dump tells of all old objects anew. */
const states: readonly string[] = ["jdk.OldObjectSample"];

/** Written by a JVM that ends by itself. */
const exitFile = `${scratchFolder}/exit.jfr`;

/** What was handed over long ago need not lie on the JVM's disk for ever; a busy JVM may be late with a dump. */
const keepS = (updateMs: number): number => Math.max(300, Math.ceil(updateMs / 100));

function plan(
  request: RecordRequest,
  options: OptionValues,
  found: Detection,
  pid: number,
  facts: TargetFacts | null = null,
): RecordingPlan {
  const periodMs = Math.round(numberOption(options, "period", 10));
  const updateMs = Math.round(numberOption(options, "update", 2) * 1000);
  const lockMs = Math.round(numberOption(options, "locks", 10));
  const release = javaRelease(facts?.version || found.version);
  const jcmd = (args: readonly string[]): readonly string[] => [found.path, String(pid), ...args];
  const run = (args: readonly string[], file: string | null, timeoutMs: number): Step => ({
    kind: "run",
    argv: tiedToWorkbench(found, jcmd(args)),
    // Its own words are English in every locale, but for the JVM's start.
    env: { LC_ALL: "C" },
    output: file === null ? null : { file },
    timeoutMs,
    // In the midst of a dump the JVM writes on; what it writes is wanted.
    stopSignal: null,
  });
  const words = [
    name,
    `settings=${settingsFile}`,
    `maxage=${keepS(updateMs)}s`,
    "dumponexit=true",
    `filename=${exitFile}`,
  ];
  const settings = jfrSettings({
    periodMs,
    nativeMethods: flagOption(options, "native"),
    allocations: flagOption(options, "allocations"),
    lockMs,
    pathsMs: flagOption(options, "paths") ? pathsMs : 0,
    release,
  });
  const start = ["JFR.start", ...words];
  const launched =
    request.target.kind === "launch"
      ? withJvmOptions(request.target, [...exactPlaces, `-XX:StartFlightRecording:${words.join(",")}`])
      : null;

  const remarks = [
    `The JVM hands over what it recorded every ${updateMs / 1000} s, and the rest when it ends; if it is killed, what came after the last time is not there.`,
    "To begin costs the JVM about 1 s of CPU, once; after that it is about 1 % of a processor.",
    "Only threads in Java code are sampled, at most five at each period: shares are of Java code's time, not of the whole process's.",
  ];
  if (launched === null && release !== null && release <= lastToForgetCode)
    remarks.push(
      `A running JVM of release ${release} throws away at the beginning all code that it had compiled, and compiles it anew: a large program is slow for some seconds.`,
    );
  return {
    source: {
      type: "chunks",
      begin: launched === null ? [run(start, null, beginTimeoutMs)] : [],
      // To a JVM that does not answer yet jcmd sends SIGQUIT, of which one that has only just started would end.
      knock: "SIGQUIT",
      chunk: (index) => {
        const file = `${scratchFolder}/${index}.jfr`;
        return {
          step: run(dumpArgs(file), file, dumpTimeoutMs),
          importer: "jfr",
          states,
          spanMs: 0,
          pauseMs: index < 2 ? Math.min(firstPauseMs, updateMs) : updateMs,
        };
      },
      lastChunk: true,
      left: { output: { file: exitFile, part: jfrSince }, importer: "jfr", states },
      finish: [run(["JFR.stop", name], null, dumpTimeoutMs)],
      overlapMs: 0,
      files: [{ name: settingsName, text: settings }],
      ...insideOf(pid, launched === null ? facts : null),
    },
    launch: launched === null ? null : { how: "held", target: launched },
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "jvm",
    periodNs: periodMs * 1e6,
    commands: [
      launched === null ? commandText({ argv: jcmd(start) }) : commandText(launched),
      ...[dumpArgs(`${scratchFolder}/0.jfr`), ["JFR.stop", name]].map((args) =>
        commandText({ argv: jcmd(args) }),
      ),
    ],
    remarks,
    readStderr: readJcmdWords,
  };
}

function jvmChecks(info: TargetInfo, facts: TargetFacts | null): readonly Check[] {
  const checks: Check[] = [];
  if (facts !== null && tooOldForJfr(facts.version)) {
    checks.push({
      id: "jvm-too-old",
      title: "The JVM",
      status: "fail",
      found: `It is Java ${facts.version}.`,
      prevents: "Flight Recorder is free to use from 8u262 and from 11 on.",
      fix: "Start the program with a newer JDK, or record it with async-profiler or perf.",
      consequence: "A newer JDK is installed beside the old one; nothing else changes.",
    });
  }
  if (!hasFlag(info, facts, "-XX:+DebugNonSafepoints")) {
    checks.push({
      id: "debug-non-safepoints",
      title: "Where samples land",
      status: "warn",
      found: "As far as can be seen, the JVM was started without -XX:+DebugNonSafepoints.",
      prevents:
        "In compiled code a sample counts for the nearest place that the compiler kept a note of: time of inlined methods may show in a neighbour or in their caller.",
      fix: "For exact places start it with: -XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints",
      consequence: "Holds for that start of the program; costs some memory for the notes, and no time.",
    });
  }
  return checks;
}

export const jfr: Profiler = {
  id: "jfr",
  title,
  summary: "Samples Java methods with the JVM's own recorder, and shows waits for locks and allocations.",
  cost: "About 1 s of CPU at the beginning, then about 1 % of a processor.",
  kinds: ["cpu", "alloc", "locks"],
  answers: { locks: {} },
  targets: tool.targets,
  options: [
    {
      id: "period",
      title: "Period",
      help: "Time between two samples of running Java threads.",
      type: "number",
      default: 10,
      min: 10,
      max: 1000,
      unit: "ms",
    },
    {
      id: "allocations",
      title: "Allocations",
      help: "Also samples where memory is allocated, up to 300 times a second, and which objects live long.",
      type: "flag",
      default: true,
    },
    {
      id: "paths",
      title: "Who keeps old objects",
      help: `Also looks through the heap for what refers to each old object; stops the program for up to ${pathsMs} ms at each update.`,
      type: "flag",
      default: false,
    },
    {
      id: "locks",
      title: "Waits for locks from",
      help: "Waits for a monitor or a lock that take at least so long are recorded; 0 for all of them.",
      type: "number",
      default: 10,
      min: 0,
      max: 10_000,
      unit: "ms",
    },
    {
      id: "native",
      title: "Native methods",
      help: "Also samples threads in native methods: most of these wait, for the network above all.",
      type: "flag",
      default: false,
    },
    {
      id: "update",
      title: "Update",
      help: "The JVM hands over what it recorded so often.",
      type: "number",
      default: 2,
      min: 1,
      max: 60,
      unit: "s",
    },
  ],
  suits: (target) =>
    javaFit(
      target,
      85,
      "is built into the JVM, and names Java methods for a second of CPU at first and about 1 % after that",
    ),
  suitsLaunch: (launch) =>
    launchesJava(launch)
      ? { score: 85, reason: "is built into the JVM, and names Java methods from its first moment on" }
      : null,
  detect: detectJcmd,
  async preflight(host, request) {
    return javaChecks(host, request, tool, await detectJcmd(host), jvmChecks);
  },
  plan,
};
