import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { throwProblem } from "#core/base/result.ts";
import type { LaunchTarget } from "#core/model/recording.ts";
import {
  bpfFolder,
  type InspectorSource,
  type LaunchPlan,
  type RecordingPlan,
  scratchFolder,
} from "#core/profilers/profiler.ts";
import { inspectBreak } from "#core/profilers/shared/inspector.ts";
import { shownCommands } from "#core/profilers/shared/words.ts";
import { runChunks } from "./exec/chunks.ts";
import { runCounters } from "./exec/counters-run.ts";
import { openFifo } from "./exec/fifo-run.ts";
import { runInspector } from "./exec/inspector.ts";
import { launchForFiles } from "./exec/launch-files.ts";
import { startHeld, startTerminal, type Terminal } from "./exec/pty.ts";
import { makeScratch } from "./exec/scratch-folder.ts";
import type { SourceEvents, SourceRun } from "./exec/source-run.ts";
import { runPipeline } from "./exec/spawn.ts";
import type { Prepared } from "./recorder-prepare.ts";

/** A plan that runs: its source, and the program where it launched one. */
export interface OpenSource {
  readonly plan: RecordingPlan;
  readonly run: SourceRun;
  readonly terminal: Terminal | null;
  /** Lets a held program go. Call when `run.ready` is. */
  release(): Promise<void>;
}

export interface OpenEvents extends SourceEvents {
  command(text: string): void;
  output(line: string): void;
}

/** Starts what the plan says; the target of a launch waits until it is released. */
export async function openSource(
  prepared: Prepared,
  holdScript: string,
  events: OpenEvents,
): Promise<OpenSource> {
  const { profiler, request, options, found, facts } = prepared;
  const planFor = (pid: number): RecordingPlan => profiler.plan(request, options, found, pid, facts);
  const wanted = planFor(request.target.kind === "pid" ? request.target.pid : -1);
  if (wanted.launch?.how === "inspected" && wanted.source.type === "inspector") {
    return openInspected(wanted, wanted.source, wanted.launch.target, events);
  }
  if (wanted.source.type === "files") return launchForFiles(planFor, holdScript, events);
  if (wanted.source.type === "fifo")
    return openFifo(
      planFor,
      wanted,
      { holdScript, pid: request.target.kind === "pid" ? request.target.pid : -1 },
      events,
    );
  // One inside of a container gets its name there, when it is made.
  const hasFolder = wanted.source.type === "chunks" && wanted.source.inside === undefined;
  const scratch = hasFolder ? await makeScratch() : null;
  const cleared = (): Promise<void> =>
    scratch === null ? Promise.resolve() : rm(scratch, { recursive: true, force: true });
  let terminal: Terminal | null = null;
  try {
    if (wanted.launch !== null)
      terminal = await startHeld(holdScript, inScratch(wanted.launch, scratch), events.output);
    const planned = terminal === null ? wanted : planFor(terminal.pid);
    const plan = { ...planned, commands: shownCommands(planned.commands, scratch) };
    for (const command of plan.commands) events.command(command);
    const pid = terminal?.pid ?? (request.target.kind === "pid" ? request.target.pid : -1);
    const run = startSource(withPrograms(plan.source, dirname(holdScript)), pid, events, scratch);
    const held = terminal;
    const release = async (): Promise<void> => {
      await run.resume();
      held?.signal("SIGCONT");
    };
    return { plan, run, terminal, release };
  } catch (error) {
    terminal?.signal("SIGKILL");
    await cleared();
    throw error;
  }
}

/** What is launched may write into the folder of the recording. */
function inScratch({ target }: LaunchPlan, folder: string | null): LaunchTarget {
  if (folder === null) return target;
  return { ...target, argv: target.argv.map((word) => word.replaceAll(scratchFolder, folder)) };
}

/** Programs for bpftrace lie beside the other scripts. */
function withPrograms(source: RecordingPlan["source"], scripts: string): RecordingPlan["source"] {
  if (source.type !== "pipeline") return source;
  const stages = source.stages.map((stage) => ({
    ...stage,
    argv: stage.argv.map((word) => word.replace(bpfFolder, join(scripts, "bpf"))),
  }));
  return { ...source, stages };
}

function startSource(
  source: RecordingPlan["source"],
  pid: number,
  events: OpenEvents,
  scratch: string | null,
): SourceRun {
  switch (source.type) {
    case "pipeline":
      return runPipeline(source, pid, events);
    case "chunks":
      return runChunks(source, pid, events, scratch);
    case "inspector":
      return runInspector({ source, launched: null }, events);
    case "counters":
      return runCounters(source, pid, events);
    case "fifo":
    case "files":
      throw new RangeError("a source of files launches its program");
  }
}

function openInspected(
  plan: RecordingPlan,
  source: InspectorSource,
  launch: LaunchTarget,
  events: OpenEvents,
): OpenSource {
  for (const command of plan.commands) events.command(command);
  const own = launch.env.NODE_OPTIONS ?? process.env.NODE_OPTIONS;
  const nodeOptions = [own, inspectBreak].filter(Boolean).join(" ");
  let announce: (url: string) => void = () => undefined;
  const announced = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const env = { ...launch.env, NODE_OPTIONS: nodeOptions };
  const terminal = startTerminal(launch.argv, { cwd: launch.cwd, env }, (line) => {
    const url = /^Debugger listening on (ws:\/\/\S+)/.exec(line)?.[1];
    if (url !== undefined) announce(url);
    events.output(line);
  });
  const run = runInspector(
    { source, launched: { pid: terminal.pid, url: within(announced, terminal, launch), nodeOptions: own } },
    events,
  );
  return { plan, run, terminal, release: () => run.resume() };
}

const announceTimeoutMs = 10_000;

/** The address, or why there will be none. */
async function within(url: Promise<string>, terminal: Terminal, launch: LaunchTarget): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), announceTimeoutMs);
  });
  const first = await Promise.race([url, terminal.exited, late]);
  clearTimeout(timer);
  if (typeof first === "string" && first !== "late") return first;
  if (first === "late") {
    return throwProblem(
      "not-node",
      `"${launch.argv[0]}" runs, but no Node announced its inspector within ${announceTimeoutMs / 1000} seconds.`,
      "Record it with perf, or launch node itself.",
    );
  }
  return throwProblem(
    "target-exited-early",
    `"${launch.argv[0]}" ended with exit code ${first.exitCode} before its inspector opened.`,
    "Its own words are in the log.",
  );
}
