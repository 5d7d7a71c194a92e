import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { ProblemError, problemOf, toProblem } from "#core/base/result.ts";
import { chunksStart } from "#core/importers/shared/chunks-format.ts";
import type { RecordingPlan } from "#core/profilers/profiler.ts";
import { dumpNumber, type FilesSource } from "#core/profilers/shared/files-source.ts";
import { createFileCollector } from "./file-collector.ts";
import { startHeld, type Terminal } from "./pty.ts";
import { inFolder } from "./scratch.ts";
import type { SourceAnswer, SourceEnd, SourceEvents, SourceRun } from "./source-run.ts";

/** Looks into the scratch folder this often. */
const lookMs = 200;
/** So many dumps in a row may fail before a remark says so: a program that starts does not answer yet. */
const toleratedFailures = 3;

const unanswered = problemOf(
  "no-answer",
  "The program did not answer.",
  "It may be about to end, or have only begun; ask again.",
);

interface LaunchEvents extends SourceEvents {
  command(text: string): void;
  output(line: string): void;
}

interface LaunchedFiles {
  readonly plan: RecordingPlan;
  readonly run: SourceRun;
  readonly terminal: Terminal;
  release(): Promise<void>;
}

/** Launches an instrumented program; the files that it leaves are the recording. */
export async function launchForFiles(
  planFor: (pid: number) => RecordingPlan,
  holdScript: string,
  events: LaunchEvents,
): Promise<LaunchedFiles> {
  const scratch = await mkdtemp(join(tmpdir(), "flamewright-files-"));
  const clean = (): Promise<void> => rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  let terminal: Terminal | null = null;
  try {
    const { launch } = inFolder(planFor(-1), scratch);
    if (launch === null) throw new RangeError("a source of files launches its program");
    terminal = await startHeld(holdScript, launch.target, events.output);
    const plan = inFolder(planFor(terminal.pid), scratch);
    if (plan.source.type !== "files") throw new RangeError("the plan changed its source");
    for (const command of plan.commands) events.command(command);
    const held = terminal;
    const run = runFiles(plan.source, held, scratch, clean, events);
    return { plan, run, terminal: held, release: async () => held.signal("SIGCONT") };
  } catch (error) {
    terminal?.signal("SIGKILL");
    await clean();
    throw error;
  }
}

function runFiles(
  source: FilesSource,
  terminal: Terminal,
  scratch: string,
  clean: () => Promise<void>,
  events: SourceEvents,
): SourceRun {
  const beganAtNs = process.hrtime.bigint();
  const startedAtMs = Date.now();
  const collector = createFileCollector(source.outputs, scratch, events, startedAtMs);
  let dumps = 0;
  let askToStop: () => void = () => undefined;
  const stopAsked = new Promise<void>((resolve) => {
    askToStop = resolve;
  });
  let stopping = false;
  let failures = 0;

  const dump = async (): Promise<boolean> => {
    if (source.dump === null || terminal.exit !== null) return false;
    const { saysInto } = source.dump;
    const number = String(dumps++).padStart(6, "0");
    const [program = "", ...args] = source.dump.argv.map((word) => word.replaceAll(dumpNumber, number));
    const ran = await execa(program, args, {
      reject: false,
      stdin: "ignore",
      timeout: source.dump.timeoutMs,
      killSignal: "SIGKILL",
      env: { LC_ALL: "C" },
    });
    if (terminal.exit !== null) return false;
    failures = ran.exitCode === 0 ? 0 : failures + 1;
    if (failures === 0) {
      if (saysInto !== undefined)
        await writeFile(join(scratch, saysInto.replaceAll(dumpNumber, number)), ran.stdout, { mode: 0o600 });
      return true;
    }
    if (failures !== toleratedFailures) return false;
    events.remark("The program does not answer the requests for what it has so far: it comes at the end.");
    for (const line of ran.stderr.split("\n").slice(-3)) if (line.trim() !== "") events.stderr(line);
    return false;
  };

  let asked = 0;
  const ask = async (): Promise<SourceAnswer> => {
    if (!(await dump())) throw new ProblemError(unanswered);
    return { words: `${source.dump?.title ?? "Snapshot"} ${++asked}`, file: null };
  };

  async function* produce(): AsyncIterable<Uint8Array> {
    if (source.outputs.some(({ frame }) => frame.kind === "chunk"))
      yield chunksStart({ version: 1, startedAtMs, tool: "" });
    let dumpAtMs = performance.now() + (source.dump?.everyMs ?? Number.POSITIVE_INFINITY);
    while (terminal.exit === null) {
      await Promise.race([terminal.exited, delay(lookMs), ...(stopping ? [] : [stopAsked.then(endProgram)])]);
      if (!stopping && performance.now() >= dumpAtMs) {
        await dump();
        dumpAtMs = performance.now() + (source.dump?.everyMs ?? 0);
      }
      yield* collector.settled();
    }
    yield* collector.all();
    if (collector.taken === 0) throw new ProblemError(source.missing);
  }

  const endProgram = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await dump();
    terminal.signal(source.stopSignal);
  };

  let ended: (end: SourceEnd) => void = () => undefined;
  const end = new Promise<SourceEnd>((resolve) => {
    ended = resolve;
  });

  async function* output(): AsyncIterable<Uint8Array> {
    let problem = null;
    try {
      yield* produce();
    } catch (error) {
      problem = toProblem(error);
      throw error;
    } finally {
      await clean();
      ended({ problem, targetExited: terminal.exit !== null });
    }
  }

  return {
    pid: terminal.pid,
    ready: Promise.resolve(),
    beganAtNs,
    resume: async () => undefined,
    output: output(),
    ...(source.dump === null ? {} : { ask }),
    stop: () => askToStop(),
    kill(name) {
      stopping = true;
      terminal.signal("SIGCONT");
      terminal.signal(name);
    },
    ended: end,
  };
}
