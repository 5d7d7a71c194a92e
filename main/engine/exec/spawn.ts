import { PassThrough, pipeline, type Readable, type Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { execa, type Options, type ResultPromise } from "execa";
import { type Problem, ProblemError, problemOf } from "#core/base/result.ts";
import type { PipelineSource } from "#core/profilers/profiler.ts";
import { readProc } from "../targets/proc-files.ts";
import { createLineSplitter } from "./lines.ts";
import { groups } from "./process-groups.ts";
import type { SourceEnd, SourceEvents, SourceRun } from "./source-run.ts";

interface StageExit {
  readonly name: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** "ENOENT", "EACCES" ... when it could not even be started. */
  readonly startError: string | null;
}

interface StageProcess {
  readonly name: string;
  readonly child: ResultPromise;
  readonly exit: Promise<StageExit>;
  readonly running: boolean;
}

const ackTimeoutMs = 20_000;
const tracedEveryMs = 20;
/** Beyond this the tool has to wait for its reader. */
const heldBytes = 1 << 20;

/** Starts the stages of a pipeline, joined by the kernel's own pipes: their data never passes through here. */
export function runPipeline(
  source: PipelineSource,
  pid: number,
  events: SourceEvents,
  /** For the first output: of what waits for a person there is no saying when it comes. */
  patienceMs: number | null = ackTimeoutMs,
): SourceRun {
  const stages: StageProcess[] = [];
  let next: Writable | null = null;
  // From the last to the first: each needs the input of the one after it.
  for (let index = source.stages.length - 1; index >= 0; index--) {
    const stage = startStage(source, index, next, events);
    next?.destroy();
    next = stage.child.stdin;
    stages.unshift(stage);
  }
  const last = stages.at(-1);
  const stopStage = stages[source.stopStage];
  if (last === undefined || stopStage === undefined) throw new RangeError("a pipeline has stages");
  // Nobody feeds the first one.
  stages[0]?.child.stdin?.end();

  const exits = Promise.all(stages.map((stage) => stage.exit));
  let asked = false;
  // Without a control channel it may sample from its first moment.
  let beganAtNs = process.hrtime.bigint();
  const began = (atNs: bigint): void => {
    beganAtNs = atNs;
  };
  const output = collected(last);
  const signal = (stage: StageProcess, name: NodeJS.Signals): void => {
    if (stage.running && stage.child.pid !== undefined) groups.signal(stage.child.pid, name);
  };

  return {
    pid,
    ready:
      source.control !== null
        ? enabled(source.control, stopStage).then((atNs) => {
            began(atNs);
            if (source.control?.flushMs !== undefined) keepFlushing(source.control, stopStage);
          })
        : source.readyAt === "output"
          ? heard(stopStage, last, patienceMs).then(began)
          : source.readyAt === "traced"
            ? attached(stopStage, pid, patienceMs).then(began)
            : started(stopStage),
    get beganAtNs() {
      return beganAtNs;
    },
    resume: async () => undefined,
    output: outputOf(last, output),
    stop() {
      asked = true;
      signal(stopStage, source.stopSignal);
    },
    kill(name) {
      asked = true;
      for (const stage of stages) signal(stage, name);
      // A grandchild may hold the pipe open for ever.
      if (name === "SIGKILL") last.child.stdout?.destroy();
    },
    ended: exits.then((all): SourceEnd => ({ problem: asked ? null : (firstProblem(all) ?? null) })),
  };
}

function startStage(
  source: PipelineSource,
  index: number,
  stdout: Writable | null,
  events: SourceEvents,
): StageProcess {
  const { argv, env, gives } = source.stages[index] ?? { argv: [] };
  const [program = "", ...args] = argv;
  const extra =
    source.control !== null && index === source.stopStage
      ? Math.max(source.control.controlFd, source.control.ackFd) - 2
      : 0;
  const given = stdout ?? "pipe";
  const outputs = gives === "stderr" ? (["ignore", given] as const) : ([given, "pipe"] as const);
  const options = {
    stdio: ["pipe", ...outputs, ...Array.from({ length: extra }, () => "pipe" as const)],
    buffer: false,
    encoding: "buffer",
    reject: false,
    // Its own group: a Ctrl-C in our terminal is ours to answer, and nothing is left behind when we end it.
    detached: true,
    cleanup: false,
    env: { ...env, LC_ALL: "C" },
  } satisfies Options;
  const child: ResultPromise = execa(program, args, options);
  const name = toolName(argv);
  const lines = createLineSplitter((line) => {
    if (line.trim() !== "") events.stderr(line);
  });
  child.stderr?.on("data", (chunk: Uint8Array) => lines.push(chunk));
  child.stderr?.on("end", () => lines.end());
  if (child.pid !== undefined) groups.add(child.pid);
  const exited = async (): Promise<StageExit> => {
    const result = await child;
    stage.running = false;
    if (child.pid !== undefined) groups.remove(child.pid);
    const code = "code" in result && typeof result.code === "string" ? result.code : null;
    return {
      name,
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
      startError: child.pid === undefined ? (code ?? "unknown") : null,
    };
  };
  const stage: { -readonly [K in keyof StageProcess]: StageProcess[K] } = {
    name,
    child,
    running: child.pid !== undefined,
    exit: Promise.resolve().then(exited),
  };
  return stage;
}

/** The tool behind prefixes like "setpriv ... --", "stdbuf -oL" and "env --ignore-signal=PIPE". */
function toolName(argv: readonly string[]): string {
  const from = argv.indexOf("--") + 1;
  const word = argv.slice(from).find((each) => !/^(stdbuf|env$|-)/.test(each)) ?? argv[0] ?? "";
  return word.slice(word.lastIndexOf("/") + 1);
}

/**
 * What a stage gives, held until somebody reads it. A stream without a reader is made to flow to nobody, by execa in the
 * next turn and by Node when the program exits: what a tool says first would be lost while files are being opened.
 */
function collected({ child: { stdout } }: StageProcess): Readable | null {
  if (stdout === null) return null;
  const held = new PassThrough({ highWaterMark: heldBytes });
  // How it ended is told by the exit of the program.
  pipeline(stdout, held, () => undefined);
  return held;
}

async function* outputOf(last: StageProcess, output: Readable | null): AsyncIterable<Uint8Array> {
  const { stdout } = last.child;
  if (stdout === null || output === null) return;
  try {
    for await (const chunk of output) yield chunk as Uint8Array;
  } catch (error) {
    // Only ours to cause, by ending it by force: what had arrived was given out.
    if (!stdout.destroyed) throw error;
  }
}

async function started(stage: StageProcess): Promise<void> {
  if (stage.child.pid === undefined) throw new ProblemError(exitProblem(await stage.exit));
}

/** Until the target is traced: what is launched runs from then on. A tool that ends before has said why. */
async function attached(stage: StageProcess, pid: number, patienceMs: number | null): Promise<bigint> {
  await started(stage);
  const isTraced = await untilTraced(pid, () => stage.running, patienceMs);
  if (isTraced) return process.hrtime.bigint();
  throw new ProblemError(stage.running ? lateProblem(stage.name) : exitProblem(await stage.exit));
}

/** False when the tracer was gone before, or took too long. */
export async function untilTraced(
  pid: number,
  isRunning: () => boolean,
  patienceMs: number | null,
): Promise<boolean> {
  const sinceMs = performance.now();
  while (isRunning() && (patienceMs === null || performance.now() - sinceMs <= patienceMs)) {
    const status = readProc(`/proc/${pid}/status`)?.toString("latin1") ?? "";
    // The target may have ended, too.
    if (!/^TracerPid:\t0$/m.test(status)) return true;
    await delay(tracedEveryMs);
  }
  return false;
}

/** Until the last stage gives its first bytes. */
async function heard(stage: StageProcess, last: StageProcess, patienceMs: number | null): Promise<bigint> {
  const first = new Promise<"heard">((resolve) => {
    last.child.stdout?.once("data", () => resolve("heard"));
  });
  await started(stage);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    if (patienceMs !== null) timer = setTimeout(() => resolve("late"), patienceMs);
  });
  const outcome = await Promise.race([first, stage.exit, late]);
  clearTimeout(timer);
  if (outcome === "heard") return process.hrtime.bigint();
  throw new ProblemError(outcome === "late" ? lateProblem(stage.name) : exitProblem(outcome));
}

/**
 * perf's control protocol: "ping" is answered once every event is open, "enable" once they count. Asking both tells
 * when sampling began: a tool may take seconds to get ready.
 */
async function enabled(
  control: { readonly controlFd: number; readonly ackFd: number },
  stage: StageProcess,
): Promise<bigint> {
  await started(stage);
  const commands = stage.child.stdio[control.controlFd] as Writable | null;
  const answers = stage.child.stdio[control.ackFd] as Readable | null;
  if (commands === null || answers === null) throw new RangeError("the control descriptors were not made");
  // The tool may be gone before it reads: its exit says why, the broken pipe says nothing.
  commands.on("error", () => undefined);
  answers.on("error", () => undefined);
  const ask = async (command: string): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await Promise.race([
      new Promise<"ready">((resolve) => {
        answers.once("data", () => resolve("ready"));
        commands.write(`${command}\n`);
      }),
      stage.exit,
      new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), ackTimeoutMs);
      }),
    ]);
    clearTimeout(timer);
    if (outcome === "ready") return;
    throw new ProblemError(outcome === "late" ? lateProblem(stage.name) : exitProblem(outcome));
  };
  await ask("ping");
  const beganAtNs = process.hrtime.bigint();
  await ask("enable");
  return beganAtNs;
}

/** perf looks into its buffers whenever it is spoken to: what is in them comes at once, and no event has to wake it. */
function keepFlushing(
  { controlFd, flushMs }: NonNullable<PipelineSource["control"]>,
  stage: StageProcess,
): void {
  const commands = stage.child.stdio[controlFd] as Writable | null;
  const timer = setInterval(() => {
    // A tool that does not answer is not spoken to any more.
    if (commands?.writable === true && commands.writableLength === 0) commands.write("ping\n");
  }, flushMs);
  void stage.exit.then(() => clearInterval(timer));
}

const lateProblem = (name: string): Problem =>
  problemOf(
    "tool-timeout",
    `${name} did not begin within ${ackTimeoutMs / 1000} seconds.`,
    "The machine may be overloaded; try again, or a target with fewer threads.",
  );

/** The stage that failed first is the cause: those after it only lost their input, those before it their output. */
function firstProblem(exits: readonly StageExit[]): Problem | undefined {
  const failed = exits.filter((exit) => exit.startError !== null || exit.exitCode !== 0);
  const cause = failed.find((exit) => exit.signal !== "SIGPIPE" && exit.exitCode !== 141) ?? failed[0];
  return cause === undefined ? undefined : exitProblem(cause);
}

function exitProblem(exit: StageExit): Problem {
  if (exit.startError === "ENOENT" || exit.exitCode === 127) {
    return problemOf("tool-missing", `${exit.name} is not there.`, "Install it, or put it on PATH.");
  }
  if (exit.startError !== null) {
    return problemOf(
      "tool-failed",
      `${exit.name} could not be started (${exit.startError}).`,
      "Check that it may be executed by this user.",
    );
  }
  const how = exit.signal === null ? `exit code ${exit.exitCode}` : exit.signal;
  return problemOf(
    "tool-failed",
    `${exit.name} ended by itself (${how}).`,
    "Its own words are in the log. What had arrived is kept.",
  );
}
