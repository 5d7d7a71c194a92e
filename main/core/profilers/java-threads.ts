import type { OptionValues, RecordRequest } from "../model/recording.ts";
import type { Detection, Profiler, RecordingPlan } from "./profiler.ts";
import { detectJcmd, javaChecks, javaFit, readJcmdWords, tiedToWorkbench } from "./shared/java-checks.ts";
import { numberOption } from "./shared/options.ts";
import { commandText } from "./shared/words.ts";

const title = "Java thread dump";
const timeoutMs = 20_000;

function plan(_request: RecordRequest, options: OptionValues, found: Detection, pid: number): RecordingPlan {
  const pauseMs = Math.round(numberOption(options, "every", 1) * 1000);
  const argv = [found.path, String(pid), "Thread.print", "-l"];
  return {
    source: {
      type: "chunks",
      begin: [],
      chunk: (index) => ({
        step: {
          kind: "run",
          argv: tiedToWorkbench(found, argv),
          env: { LC_ALL: "C" },
          output: "stdout",
          timeoutMs,
          stopSignal: null,
        },
        importer: "java-threads",
        spanMs: 0,
        pauseMs: index === 0 ? 0 : pauseMs,
      }),
      finish: [],
      overlapMs: 0,
    },
    launch: null,
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "jvm",
    periodNs: pauseMs * 1e6,
    commands: [commandText({ argv })],
    remarks: ["Each snapshot stops all Java threads for some milliseconds, more where there are thousands."],
    readStderr: readJcmdWords,
  };
}

export const javaThreads: Profiler = {
  id: "java-threads",
  title,
  summary:
    "Where every Java thread stands and which locks it holds or waits for: a snapshot at once, and again until it is stopped.",
  cost: "Each dump stops all threads for some milliseconds: 5 to 10 with 60 of them.",
  kinds: ["offcpu", "locks"],
  answers: { locks: {} },
  targets: ["pid"],
  options: [
    {
      id: "every",
      title: "Every",
      help: "Time between two snapshots; stop after the first where one is enough.",
      type: "number",
      default: 1,
      min: 0.5,
      max: 3600,
      unit: "s",
    },
  ],
  suits: (target) => javaFit(target, 15, "shows at once where threads stand that hang or wait"),
  suitsLaunch: () => null,
  detect: detectJcmd,
  async preflight(host, request) {
    const found = await detectJcmd(host);
    return javaChecks(host, request, { title, targets: ["pid"], writesFiles: false }, found, () => []);
  },
  plan,
};
