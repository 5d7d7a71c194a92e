import { execFile, spawn } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ProblemError, toProblem } from "#core/base/result.ts";
import type { PipelineSource, RecordingPlan } from "#core/profilers/profiler.ts";
import { type FifoSource, fifoPath } from "#core/profilers/shared/fifo-source.ts";
import { startStep } from "./chunk-steps.ts";
import { startHeld, type Terminal } from "./pty.ts";
import { inFolder } from "./scratch.ts";
import type { SourceEnd, SourceEvents, SourceRun } from "./source-run.ts";
import { runPipeline } from "./spawn.ts";

interface FifoEvents extends SourceEvents {
  command(text: string): void;
  output(line: string): void;
}

interface OpenFifo {
  readonly plan: RecordingPlan;
  readonly run: SourceRun;
  readonly terminal: Terminal | null;
  release(): Promise<void>;
}

/** Starts the reader of a FIFO, and the program that will write into it, or has one write that runs. */
export async function openFifo(
  planFor: (pid: number) => RecordingPlan,
  wanted: RecordingPlan,
  { holdScript, pid }: { readonly holdScript: string; readonly pid: number },
  events: FifoEvents,
): Promise<OpenFifo> {
  const scratch = await mkdtemp(join(tmpdir(), "flamewright-fifo-"));
  let terminal: Terminal | null = null;
  try {
    const { launch } = inFolder(wanted, scratch);
    terminal = launch === null ? null : await startHeld(holdScript, launch.target, events.output);
    const plan = inFolder(planFor(terminal?.pid ?? pid), scratch);
    if (plan.source.type !== "fifo") throw new RangeError("the plan changed its source");
    for (const command of plan.commands) events.command(command);
    const fifo = inFolder(fifoPath, scratch);
    const passed = join(scratch, "passed.fifo");
    await promisify(execFile)("mkfifo", ["-m", "600", fifo, passed]);
    const run = runFifo({ source: plan.source, fifo, passed, scratch, holdScript, pid }, terminal, events);
    const held = terminal;
    return { plan, run, terminal, release: async () => held?.signal("SIGCONT") };
  } catch (error) {
    terminal?.signal("SIGKILL");
    await rm(scratch, { recursive: true, force: true });
    throw error;
  }
}

const fewestBytes = 200;

interface Order {
  readonly source: FifoSource;
  readonly fifo: string;
  readonly passed: string;
  readonly scratch: string;
  readonly holdScript: string;
  readonly pid: number;
}

function runFifo(order: Order, terminal: Terminal | null, events: SourceEvents): SourceRun {
  const { source, fifo, passed, scratch, pid } = order;
  // In a session of its own, so that nothing that ends the recording or the workbench ends it.
  const reader = spawn("/bin/sh", [join(dirname(order.holdScript), "keep-reading.sh"), fifo, passed], {
    detached: true,
    stdio: "ignore",
  });
  reader.unref();
  const taken: PipelineSource = {
    type: "pipeline",
    stages: [{ argv: ["cat", passed] }, ...source.through],
    stopStage: 0,
    stopSignal: "SIGTERM",
    control: null,
  };
  const pipeline = runPipeline(taken, terminal?.pid ?? pid, events);
  let asked = false;
  let beganAtNs = process.hrtime.bigint();
  let bytes = 0;

  const begin = async (): Promise<void> => {
    await pipeline.ready;
    if (source.inject === null) return;
    try {
      await startStep(source.inject, events).done;
      if (!isWrittenBy(pid, fifo)) throw new ProblemError(source.refused);
    } catch (error) {
      endUnopened(fifo);
      pipeline.stop();
      throw error;
    }
    beganAtNs = process.hrtime.bigint();
  };
  const ready = begin();
  ready.catch(() => undefined);
  void terminal?.exited.then(() => endUnopened(fifo));

  const clean = (): Promise<void> => rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  let ended: (end: SourceEnd) => void = () => undefined;
  const end = new Promise<SourceEnd>((resolve) => {
    ended = resolve;
  });
  async function* output(): AsyncIterable<Uint8Array> {
    for await (const chunk of pipeline.output) {
      bytes += chunk.length;
      yield chunk;
    }
    // A program that makes lines of nothing may still give a few.
    if (bytes < fewestBytes && !asked && source.inject === null) throw new ProblemError(source.silent);
  }
  void pipeline.ended.then(async ({ problem }) => {
    await ready.catch(toProblem);
    await clean();
    // The FIFO ends when its last writer does.
    ended({ problem: asked ? null : problem, targetExited: !asked });
  });

  return {
    pid: terminal?.pid ?? pid,
    ready,
    get beganAtNs() {
      return beganAtNs;
    },
    resume: async () => undefined,
    output: output(),
    stop() {
      asked = true;
      // What it wrote last comes when it ends; a process of someone else's stays as it is.
      if (terminal !== null) {
        terminal.signal("SIGCONT");
        terminal.signal("SIGTERM");
      } else pipeline.stop();
    },
    kill(name) {
      asked = true;
      pipeline.kill(name);
    },
    ended: end,
  };
}

/** Nobody will write any more: whoever waits for a first writer sees the end. */
function endUnopened(fifo: string): void {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // It was read to its end, or nobody reads yet.
  }
}

function isWrittenBy(pid: number, fifo: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === fifo;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
