import { copyFile, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Problem, ProblemError, problemOf, throwProblem } from "#core/base/result.ts";
import type { ElevationWay } from "#core/model/recording.ts";
import {
  bpfFolder,
  type Host,
  type PipelineSource,
  type RecordingPlan,
  type Stage,
} from "#core/profilers/profiler.ts";
import { baseName, commandText, pipelineText } from "#core/profilers/shared/words.ts";
import {
  commandFor,
  elevatedWords,
  helperProblem,
  isHiddenFromRoot,
  requireProgram,
  targetWarnings,
  whyRoot,
} from "./elevation.ts";
import { type ElevatedProcess, makeStreams, startElevated } from "./exec/elevate.ts";
import { notElevatable } from "./exec/elevate-problems.ts";
import { startHeld } from "./exec/pty.ts";
import type { SourceEnd, SourceRun } from "./exec/source-run.ts";
import { runPipeline, untilTraced } from "./exec/spawn.ts";
import type { Prepared } from "./recorder-prepare.ts";
import type { Prompts } from "./recorder-prompts.ts";
import type { OpenEvents, OpenSource } from "./recorder-source.ts";

export interface ElevatedDeps {
  readonly host: Host;
  /** Path of a file of native-scripts/. */
  readonly script: (
    name: "hold-and-exec.sh" | "flamewright-elevate" | "with-streams.sh" | "with-input.sh",
  ) => string;
  readonly prompts: Prompts;
}

const ackTimeoutMs = 20_000;

/**
 * The same as openSource, with the plan's first program run as root. Resolves when it is authorised and runs; what
 * follows it in the pipeline runs as the user, as ever.
 */
export async function openElevated(
  prepared: Prepared,
  way: ElevationWay,
  deps: ElevatedDeps,
  events: OpenEvents,
): Promise<OpenSource> {
  const { profiler, request, options, found, facts } = prepared;
  const program = await requireProgram(deps.host, way);
  const unsafe = await helperProblem(deps.script("flamewright-elevate"));
  if (unsafe !== null) throw new ProblemError(unsafe);
  const planFor = (pid: number): RecordingPlan => profiler.plan(request, options, found, pid, facts);
  const wanted = planFor(request.target.kind === "pid" ? request.target.pid : 1);
  if (elevatedWords(wanted) === null || wanted.launch?.how === "inspected") {
    throw new ProblemError(notElevatable(profiler.title));
  }
  const terminal =
    wanted.launch === null
      ? null
      : await startHeld(deps.script("hold-and-exec.sh"), wanted.launch.target, events.output);
  try {
    const pid = terminal?.pid ?? (request.target.kind === "pid" ? request.target.pid : -1);
    const plan = terminal === null ? wanted : planFor(terminal.pid);
    const words = elevatedWords(plan);
    if (plan.source.type !== "pipeline" || words === null)
      throw new ProblemError(notElevatable(profiler.title));
    const shown = shownPlan(plan, plan.source, commandFor(way, deps.script("flamewright-elevate"), words));
    for (const command of shown.commands) events.command(command);
    const run = await runElevated(
      { prepared, way, program, words, source: plan.source, pid, command: shown.commands.at(-1) ?? "" },
      deps,
      events,
    );
    const release = async (): Promise<void> => {
      await run.resume();
      terminal?.signal("SIGCONT");
    };
    return { plan: shown, run, terminal, release };
  } catch (error) {
    terminal?.signal("SIGKILL");
    throw error;
  }
}

/** What runs, as a person would type it. */
function shownPlan(plan: RecordingPlan, source: PipelineSource, elevated: string): RecordingPlan {
  const rest = source.stages.slice(1);
  const pipeline = rest.length === 0 ? elevated : `${elevated} | ${pipelineText(rest)}`;
  const launch = plan.launch === null ? [] : [commandText(plan.launch.target)];
  return { ...plan, commands: [...launch, pipeline] };
}

interface Order {
  readonly prepared: Prepared;
  readonly way: ElevationWay;
  readonly program: string;
  readonly words: readonly string[];
  readonly source: PipelineSource;
  readonly pid: number;
  readonly command: string;
}

async function runElevated(order: Order, deps: ElevatedDeps, events: OpenEvents): Promise<SourceRun> {
  const { prepared, way, source, pid } = order;
  const streams = await makeStreams();
  // Waits for the FIFO's writer, so that it is there before anything is written.
  const rest = runPipeline(
    {
      type: "pipeline",
      stages: readingFrom(streams.data, deps.script("with-input.sh"), source.stages.slice(1)),
      stopStage: 0,
      stopSignal: "SIGTERM",
      control: null,
      ...(source.readyAt === "output" && { readyAt: source.readyAt }),
    },
    pid,
    events,
    null,
  );
  rest.ready.catch(() => undefined);
  let acknowledge: () => void = () => undefined;
  let elevated: ElevatedProcess | null = null;
  const prompts = deps.prompts;
  try {
    const warnings = await targetWarnings(deps.host, prepared.request);
    const helper = await reachableHelper(deps.script("flamewright-elevate"), streams.folder);
    const running = startElevated(
      {
        way,
        program: order.program,
        streamScript: deps.script("with-streams.sh"),
        helper,
        words: await withTexts(order.words, dirname(deps.script("flamewright-elevate"))),
      },
      streams,
      {
        line: events.stderr,
        acknowledged: () => acknowledge(),
        prompt: (asked, again) =>
          prompts.ask({
            way,
            words: asked.words === "" ? `Password of ${asked.user}` : asked.words,
            command: commandFor(way, helper, order.words),
            why: whyRoot(prepared.cleared),
            warnings,
            again,
          }),
      },
    );
    elevated = running;
    prompts.open(running);
    await running.started;
    await streams.remove();
  } catch (error) {
    prompts.close();
    rest.kill("SIGKILL");
    elevated?.dispose();
    await elevated?.ended;
    await streams.remove();
    throw error;
  }
  prompts.close();

  const tool = elevated;
  let asked = false;
  let isRunning = true;
  const exited = tool.ended.finally(() => {
    isRunning = false;
  });
  let beganAtNs = process.hrtime.bigint();
  const ask = async (word: "ping" | "enable"): Promise<void> => {
    const outcome = await Promise.race([
      new Promise<"ready">((resolve) => {
        acknowledge = () => resolve("ready");
        tool.tell(word);
      }),
      tool.ended,
      delay(ackTimeoutMs, "late" as const, { ref: false }),
    ]);
    if (outcome === "ready") return;
    throw new ProblemError(outcome === "late" ? lateProblem(order) : exitProblem(order, outcome));
  };
  const begin = async (): Promise<void> => {
    await rest.ready;
    if (source.readyAt === "output") beganAtNs = rest.beganAtNs;
    if (source.readyAt === "traced") {
      if (!(await untilTraced(pid, () => isRunning, ackTimeoutMs)))
        throw new ProblemError(isRunning ? lateProblem(order) : exitProblem(order, await exited));
      beganAtNs = process.hrtime.bigint();
    }
    if (source.control === null) return;
    await ask("ping");
    beganAtNs = process.hrtime.bigint();
    await ask("enable");
    const { flushMs } = source.control;
    if (flushMs === undefined) return;
    // What is in perf's buffers comes whenever it is spoken to.
    const timer = setInterval(() => tool.tell("ping"), flushMs);
    void tool.ended.then(() => clearInterval(timer));
  };
  const ready = begin();
  ready.catch(() => undefined);

  const ended = Promise.all([tool.ended, rest.ended]).then(([code, restEnd]): SourceEnd => {
    tool.dispose();
    if (asked) return { problem: null };
    return { problem: code === 0 ? restEnd.problem : exitProblem(order, code) };
  });

  return {
    pid,
    ready,
    get beganAtNs() {
      return beganAtNs;
    },
    resume: async () => undefined,
    output: rest.output,
    stop() {
      asked = true;
      tool.tell("stop");
    },
    kill(signal) {
      asked = true;
      tool.tell(signal === "SIGTERM" ? "terminate" : "kill");
      if (signal === "SIGKILL") {
        rest.kill(signal);
        tool.dispose();
      }
    },
    ended,
  };
}

/** Texts of the programs for bpftrace, without the line end that a shell takes off: the helper knows them by their hash. */
const withTexts = (words: readonly string[], scripts: string): Promise<readonly string[]> =>
  Promise.all(
    words.map(async (word) =>
      word.startsWith(`${bpfFolder}/`)
        ? (await readFile(join(scripts, "bpf", baseName(word)), "utf8")).trimEnd()
        : word,
    ),
  );

/** The rest of the pipeline, reading from a FIFO; where there is none, what comes is passed on as it is. */
function readingFrom(fifo: string, inputScript: string, stages: readonly Stage[]): readonly Stage[] {
  const [first, ...others] = stages.length === 0 ? [{ argv: ["cat"] }] : stages;
  if (first === undefined) return [];
  // A prefix that lets it die with the workbench comes first: it may have to wait for long.
  const cut = baseName(first.argv[0] ?? "") === "setpriv" ? first.argv.indexOf("--") + 1 : 0;
  const argv = [...first.argv.slice(0, cut), "/bin/sh", inputScript, fifo, ...first.argv.slice(cut)];
  return [{ ...first, argv }, ...others];
}

async function reachableHelper(helper: string, folder: string): Promise<string> {
  if (!(await isHiddenFromRoot(helper))) return helper;
  const copy = join(folder, baseName(helper));
  try {
    await copyFile(helper, copy);
    return copy;
  } catch {
    return throwProblem(
      "helper-unreachable",
      "Root cannot read Flamewright's helper where it lies, and it could not be copied.",
      "Check that there is room in the folder for temporary files.",
    );
  }
}

const toolOf = ({ words }: Order): string => words[0] ?? "";

const lateProblem = (order: Order): Problem =>
  problemOf(
    "tool-timeout",
    `${toolOf(order)} did not begin within ${ackTimeoutMs / 1000} seconds.`,
    "The machine may be overloaded; try again, or a target with fewer threads.",
  );

const exitProblem = (order: Order, code: number): Problem =>
  problemOf(
    "tool-failed",
    `${toolOf(order)}, run as root, ended by itself (exit code ${code}).`,
    "Its own words are in the log. What had arrived is kept.",
  );
