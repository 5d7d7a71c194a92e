import { type Problem, problemOf } from "../base/result.ts";
import type { OptionValues, RecordRequest, TargetFacts, TargetInfo } from "../model/recording.ts";
import {
  type Check,
  type Detection,
  type FileOutput,
  type Host,
  type Profiler,
  type RecordingPlan,
  type StderrFinding,
  type Step,
  scratchFolder,
} from "./profiler.ts";
import {
  exactPlaces,
  insideOf,
  type JavaTool,
  javaChecks,
  javaFit,
  launchesJava,
  readJcmdWords,
  tiedToWorkbench,
  withJvmOptions,
} from "./shared/java-checks.ts";
import { wholeJfr } from "./shared/jfr-parts.ts";
import { flagOption, numberOption, textOption } from "./shared/options.ts";
import { commandText } from "./shared/words.ts";

const title = "async-profiler";
const tool: JavaTool = { title, targets: ["pid", "launch"], writesFiles: true };
const paranoidPath = "/proc/sys/kernel/perf_event_paranoid";
const kptrPath = "/proc/sys/kernel/kptr_restrict";

const library = "libasyncProfiler.so";
const viaJcmd = "jcmd";

const missing: Problem = problemOf(
  "tool-missing",
  "async-profiler is not on PATH: neither asprof nor libasyncProfiler.so.",
  "Unpack a release of https://github.com/async-profiler/async-profiler and put its bin folder on PATH, or use Java Flight Recorder.",
);

/** The JVM's answer is waited for: it may be at a safepoint, or write a large chunk. */
const answerTimeoutMs = 30_000;
/** Something is to be seen soon. */
const firstPauseMs = 1000;
/** One file all along: what the JVM writes at its end stands behind all that was taken before. */
const recordingFile = `${scratchFolder}/recording.jfr`;

/** The library, and what has a JVM load it: jcmd, else asprof, which is needed for JVMs before 9. */
async function detect(host: Host): Promise<Detection | Problem> {
  const [asprof, onPath, jcmd, setpriv] = await Promise.all(
    ["asprof", library, "jcmd", "setpriv"].map((name) => host.findTool(name)),
  );
  const places = [
    ...(asprof ? [`${asprof.replace(/[^/]*\/[^/]*$/, "")}lib/${library}`] : []),
    `/usr/lib/${library}`,
    `/usr/local/lib/${library}`,
    `/opt/async-profiler/lib/${library}`,
  ];
  const path = onPath ?? (await host.findFile(places));
  if (path === null) return missing;
  const loader = jcmd ?? asprof;
  if (!loader) {
    return problemOf(
      "tool-missing",
      "async-profiler's library is there, but neither jcmd nor asprof, which have a JVM load it.",
      "Install a JDK (a JRE has no jcmd): sudo apt install openjdk-17-jdk-headless",
    );
  }
  const said = asprof ? await host.probe([asprof, "--version"]) : null;
  return {
    path,
    version: /\d+(\.\d+)+/.exec(said?.stdout ?? "")?.[0] ?? "",
    features: [...(setpriv ? ["setpriv"] : []), ...(jcmd ? [viaJcmd] : []), `loader:${loader}`],
  };
}

/** A JVM that reads "word,word": jcmd parts its own words at blanks, and needs quotes around one with "=". */
function asked(found: Detection, pid: number, action: string, words: readonly string[]): readonly string[] {
  const loader =
    found.features.find((feature) => feature.startsWith("loader:"))?.slice("loader:".length) ?? "";
  if (found.features.includes(viaJcmd)) {
    const agentWords = [action, ...words, "jfr", `file=${recordingFile}`].join(",");
    return [loader, String(pid), "JVMTI.agent_load", found.path, `"${agentWords}"`];
  }
  const flags = words.flatMap((word) =>
    (word === "threads" ? "-t" : `--${word.replace("=", " ")}`).split(" "),
  );
  const copied = found.path.startsWith(scratchFolder) ? ["--libpath", found.path] : [];
  return [loader, ...copied, action, ...flags, "-o", "jfr", "-f", recordingFile, String(pid)];
}

/**
 * The agent samples without a break into one JFR file. "dump" ends the chunk of that file that is being written and begins
 * another: each piece is what the file has grown by, in whole chunks. Measured with 4.2: no sample twice, none missing.
 */
function plan(
  request: RecordRequest,
  options: OptionValues,
  installed: Detection,
  pid: number,
  facts: TargetFacts | null = null,
): RecordingPlan {
  const inside = insideOf(pid, request.target.kind === "pid" ? facts : null, [installed.path]);
  const found =
    inside.inside === undefined ? installed : { ...installed, path: `${scratchFolder}/${library}` };
  const event = textOption(options, "event", "cpu");
  const intervalMs = Math.round(numberOption(options, "interval", 10));
  const updateMs = Math.round(numberOption(options, "update", 2) * 1000);
  const lockMs = Math.round(numberOption(options, "locks", 10));
  const words = [
    `event=${event}`,
    `interval=${intervalMs}ms`,
    "threads",
    ...(flagOption(options, "allocations") ? ["alloc=512k"] : []),
    ...(flagOption(options, "lock-waits") ? [`lock=${lockMs}ms`] : []),
  ];
  const run = (action: string, more: readonly string[], output: FileOutput | null): Step => ({
    kind: "run",
    argv: tiedToWorkbench(found, asked(found, pid, action, more)),
    env: { LC_ALL: "C" },
    output,
    fails: /^return code: [1-9-]|was not loaded/,
    timeoutMs: answerTimeoutMs,
    stopSignal: null,
  });
  const output: FileOutput = { file: recordingFile, grows: true, part: wholeJfr };
  const launched =
    request.target.kind === "launch"
      ? withJvmOptions(request.target, [
          ...exactPlaces,
          `-agentpath:${found.path}=${["start", ...words, "jfr", `file=${recordingFile}`].join(",")}`,
        ])
      : null;
  const remarks = [
    `The JVM hands over what it recorded every ${updateMs / 1000} s, and the rest when it ends; if it is killed, what came after the last time is not there.`,
  ];
  if (event === "wall") {
    remarks.push("Idle threads count as well: shares are of the clock, not of the CPU.");
  }
  return {
    source: {
      type: "chunks",
      begin: launched === null ? [run("start", words, null)] : [],
      knock: "SIGQUIT",
      chunk: (index) => ({
        step: run("dump", [], output),
        importer: "jfr",
        spanMs: 0,
        pauseMs: index < 2 ? Math.min(firstPauseMs, updateMs) : updateMs,
      }),
      lastChunk: true,
      left: { output, importer: "jfr" },
      finish: [run("stop", [], null)],
      overlapMs: 0,
      ...inside,
    },
    launch: launched === null ? null : { how: "held", target: launched },
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "jvm+native",
    periodNs: intervalMs * 1e6,
    commands: [
      launched === null ? commandText({ argv: asked(found, pid, "start", words) }) : commandText(launched),
      ...["dump", "stop"].map((action) => commandText({ argv: asked(found, pid, action, []) })),
    ],
    remarks,
    readStderr,
  };
}

/** Verbatim from async-profiler 4.2 and 4.5, and from jcmd. */
function readStderr(line: string): StderrFinding | null {
  const problem = (code: string, message: string, fix: string): StderrFinding => ({
    type: "problem",
    problem: problemOf(code, message, fix, line),
  });
  // What it has against it the agent says to the JVM, not to us.
  if (/Profiler already started|return code: 200/.test(line)) {
    return problem(
      "agent-refused",
      "async-profiler is in the JVM, but does not start.",
      "It may run there already for somebody else, or not have this event here; the JVM's own stderr says which. Or use Java Flight Recorder.",
    );
  }
  if (/Could not start attach mechanism|Target JVM failed to load|was not loaded/.test(line)) {
    return problem(
      "attach-refused",
      "The JVM does not let async-profiler in.",
      "It may have been started with -XX:+DisableAttachMechanism, or not see the library's folder (a container). Use perf.",
    );
  }
  return readJcmdWords(line);
}

async function checkEvents(host: Host): Promise<readonly Check[]> {
  const [paranoid, kptr] = await Promise.all([host.readText(paranoidPath), host.readText(kptrPath)]);
  const level = Number.parseInt(paranoid ?? "", 10);
  const hidden = Number.parseInt(kptr ?? "", 10);
  if (host.uid === 0 || ((Number.isNaN(level) || level <= 1) && (Number.isNaN(hidden) || hidden === 0)))
    return [];
  return [
    {
      id: "kernel-stacks",
      title: "Kernel functions",
      status: "warn",
      found: `perf_event_paranoid is ${paranoid?.trim() ?? "unknown"}, kptr_restrict is ${kptr?.trim() ?? "unknown"}.`,
      prevents:
        "Java and native code are sampled by the thread's CPU timer instead of perf's events: the kernel's own functions do not show.",
      fix: "sudo sysctl kernel.perf_event_paranoid=1 kernel.kptr_restrict=0",
      consequence:
        "Until the next boot; every user can then see where the kernel spends time, and its addresses.",
    },
  ];
}

const reason = "sees Java, native and kernel code, and does not wait for safepoints";

/** The list of processes does not know whether it is there: it names what every JVM has. */
function scoreFor(facts: TargetFacts | null): number {
  if (facts === null) return 80;
  return facts.libraries.some((path) => path.endsWith(library)) ? 96 : 88;
}

export const asyncProfiler: Profiler = {
  id: "async-profiler",
  title,
  summary: "Samples Java, native and kernel functions of a JVM without waiting for safepoints.",
  cost: "About 0.6 % at 10 ms.",
  kinds: ["cpu", "alloc", "locks", "offcpu"],
  answers: { locks: { "lock-waits": true, locks: 1 }, waiting: { event: "wall" } },
  targets: tool.targets,
  options: [
    {
      id: "event",
      title: "Samples",
      help: "What is sampled: threads that use a CPU, or all threads at every moment.",
      type: "choice",
      default: "cpu",
      choices: [
        { value: "cpu", title: "Use of CPUs" },
        { value: "wall", title: "All threads, waiting ones too" },
      ],
    },
    {
      id: "interval",
      title: "Interval",
      help: "Time between two samples of a thread.",
      type: "number",
      default: 10,
      min: 1,
      max: 1000,
      unit: "ms",
    },
    {
      id: "allocations",
      title: "Allocations",
      help: "Also samples where memory is allocated, once in 512 KiB.",
      type: "flag",
      default: false,
    },
    {
      id: "lock-waits",
      title: "Waits for locks",
      help: "Also records waits for monitors and locks.",
      type: "flag",
      default: false,
    },
    {
      id: "locks",
      title: "Waits for locks from",
      help: "With waits for locks: those that take at least so long.",
      type: "number",
      default: 10,
      min: 1,
      max: 10_000,
      unit: "ms",
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
  suits: (target: TargetInfo, facts: TargetFacts | null) =>
    javaFit(target, scoreFor(facts), `${reason}; needs its library on this machine`),
  suitsLaunch: (launch) => (launchesJava(launch) ? { score: 88, reason } : null),
  detect,
  async preflight(host, request) {
    const found = await detect(host);
    const checks = await javaChecks(host, request, tool, found, () => []);
    return [...checks, ...(await checkEvents(host))];
  },
  plan,
};
