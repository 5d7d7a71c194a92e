import { gunzipSync } from "node:zlib";
import { ProblemError, toProblem } from "#core/base/result.ts";
import { chunkHead, chunksStart } from "#core/importers/shared/chunks-format.ts";
import {
  type ChunkStep,
  type ChunksSource,
  type FileOutput,
  type Step,
  scratchFolder,
  sinceMoment,
} from "#core/profilers/profiler.ts";
import { catchesSignal } from "../targets/signals.ts";
import { type RunningStep, startStep } from "./chunk-steps.ts";
import { createLeftFiles } from "./left-files.ts";
import { type ScratchFolder, scratchFor } from "./scratch-folder.ts";
import type { SourceEnd, SourceEvents, SourceRun } from "./source-run.ts";

/** So many pieces in a row may fail before the recording ends: a target that is busy may miss one. */
const toleratedFailures = 2;
/** A piece that unfolds to more is damage, or a trap. */
const mostPieceBytes = 1 << 30;
/** How often it is looked whether the target is still there, while nothing else tells. */
const aliveEveryMs = 200;
/** How often a program that starts is looked at. */
const knockEveryMs = 50;

/**
 * Runs a source of steps: begin, chunk after chunk, finish. What each chunk gives is framed as the importer "chunks"
 * reads it. Asked to stop, it ends the step that runs in the way the step says, and keeps what that gives. `folder` is the
 * recording's own, where somebody knows it already.
 */
export function runChunks(
  source: ChunksSource,
  pid: number,
  events: SourceEvents,
  folder: string | null = null,
): SourceRun {
  const stopped = new AbortController();
  const killed = new AbortController();
  const running = new Set<RunningStep>();
  const began = deferred<void>();
  const end = deferred<SourceEnd>();
  let beganAtNs = process.hrtime.bigint();
  let targetExited = false;
  const files = createLeftFiles();
  // Whoever does not wait for the beginning learns of its failure from the end.
  began.promise.catch(() => undefined);

  const start = (step: Step, scratch: ScratchFolder): RunningStep => {
    const own = startStep(filledIn(step, scratch, files.sinceMs), events, files);
    running.add(own);
    void own.done.catch(() => undefined).finally(() => running.delete(own));
    return own;
  };
  const isGone = (): boolean => {
    if (pid > 0 && !isAlive(pid)) targetExited = true;
    return targetExited;
  };
  const sinceNs = (atNs: bigint): number => Number(atNs - beganAtNs);

  async function* produce(scratch: ScratchFolder): AsyncIterable<Uint8Array> {
    for (const step of source.begin) await start(step, scratch).done;
    beganAtNs = process.hrtime.bigint();
    began.resolve();
    yield chunksStart({ version: 1, startedAtMs: Date.now(), tool: "" });
    while (source.knock !== undefined && !catchesSignal(pid, source.knock)) {
      if (isGone() || stopped.signal.aborted) break;
      await later(knockEveryMs).done;
    }
    let failures = 0;
    let next: Begun | null = null;
    let isLast = false;
    let count = 0;
    for (let index = 0; ; index++) {
      if (stopped.signal.aborted) {
        if (source.lastChunk !== true || isLast || killed.signal.aborted) break;
        isLast = true;
      }
      const current: Begun = next ?? begin(index, scratch);
      next = null;
      const following = source.overlapMs > 0 ? later(current.chunk.spanMs - source.overlapMs) : null;
      void following?.done.then((isTime) => {
        if (isTime && !isGone()) next = begin(index + 1, scratch);
      });
      const watch = setInterval(() => {
        if (isGone()) current.step.stop();
      }, aliveEveryMs);
      try {
        const bytes = unpacked(await current.step.done);
        failures = 0;
        count = index + 1;
        files.sinceMs = Date.now();
        const endNs = sinceNs(process.hrtime.bigint());
        const { importer, spanMs, levels = "", states = [] } = current.chunk;
        // A program that took long to start or to write did not sample all that time.
        const startNs = Math.max(sinceNs(current.atNs), spanMs > 0 ? endNs - spanMs * 1e6 : 0);
        yield* framed(bytes, { importer, index, startNs, endNs, levels, states: [...states] });
      } catch (error) {
        if (isGone() || killed.signal.aborted) break;
        failures++;
        // The first one never worked: what stands in the way now will stand there later.
        if (index < failures || failures > toleratedFailures) throw error;
        events.remark(`A piece is missing: ${toProblem(error).message}`);
      } finally {
        clearInterval(watch);
        following?.cancel();
      }
      if (isGone()) break;
      if (next === null) await later(source.chunk(index + 1).pauseMs).done;
    }
    for (const step of running) step.stop();
    if (source.left !== undefined && isGone() && !killed.signal.aborted) {
      const { importer, output, states = [] } = source.left;
      const startNs = sinceNs(process.hrtime.bigint());
      const bytes = await files.take(fileIn(output, scratch.here));
      yield* framed(bytes, { importer, index: count, startNs, endNs: startNs, states: [...states] });
    }
  }

  interface Begun {
    readonly chunk: ChunkStep;
    readonly step: RunningStep;
    readonly atNs: bigint;
  }
  const begin = (index: number, scratch: ScratchFolder): Begun => {
    const chunk = source.chunk(index);
    return { chunk, step: start(chunk.step, scratch), atNs: process.hrtime.bigint() };
  };

  /** Resolves true after a time, false as soon as the recording is to stop. */
  const later = (waitMs: number): { readonly done: Promise<boolean>; cancel(): void } => {
    let cancel = (): void => undefined;
    const done = new Promise<boolean>((resolve) => {
      const settle = (isTime: boolean): void => {
        clearTimeout(timer);
        stopped.signal.removeEventListener("abort", stop);
        resolve(isTime);
      };
      const stop = (): void => settle(false);
      const timer = setTimeout(() => settle(true), Math.max(0, waitMs));
      cancel = stop;
      if (stopped.signal.aborted) stop();
      else stopped.signal.addEventListener("abort", stop);
    });
    return { done, cancel };
  };

  async function* output(): AsyncIterable<Uint8Array> {
    let scratch: ScratchFolder | null = null;
    let problem = null;
    try {
      scratch = await scratchFor(source, folder);
      yield* produce(scratch);
    } catch (error) {
      problem = toProblem(error);
      began.reject(new ProblemError(problem));
    } finally {
      // The target may need to be told, even where something failed.
      if (scratch !== null && !killed.signal.aborted && !isGone())
        for (const step of source.finish)
          await start(step, scratch).done.catch((error: unknown) =>
            events.remark(`The end of the recording: ${toProblem(error).message}`),
          );
      for (const step of running) step.kill();
      await scratch?.remove();
      end.resolve({ problem, targetExited });
    }
  }

  const bytes = eager(output());
  return {
    pid,
    ready: began.promise,
    get beganAtNs() {
      return beganAtNs;
    },
    resume: async () => undefined,
    output: bytes,
    stop() {
      stopped.abort();
      for (const step of running) step.stop();
    },
    kill() {
      killed.abort();
      stopped.abort();
      for (const step of running) step.kill();
    },
    ended: end.promise,
  };
}

function* framed(
  bytes: Uint8Array,
  head: Omit<Parameters<typeof chunkHead>[0], "bytes">,
): Iterable<Uint8Array> {
  if (bytes.length === 0) return;
  yield chunkHead({ ...head, bytes: bytes.length });
  yield bytes;
}

/** The step with the folder and the moment in place of their names. */
function filledIn(step: Step, { here, there }: ScratchFolder, sinceMs: number): Step {
  if (step.kind !== "run") return step;
  const { output } = step;
  const since = new Date(sinceMs).toISOString();
  return {
    ...step,
    argv: step.argv.map((word) => word.replaceAll(scratchFolder, there).replaceAll(sinceMoment, since)),
    output: output !== null && output !== "stdout" ? fileIn(output, here) : output,
  };
}

const fileIn = (output: FileOutput, folder: string): FileOutput => ({
  ...output,
  file: output.file.replaceAll(scratchFolder, folder),
});

/** Go's endpoints answer in gzip; the importer of a piece reads what is inside. */
const unpacked = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: mostPieceBytes }) : bytes;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Someone else's is there all the same.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Begins at once, so that `ready` does not wait for a reader, and gives on what comes as it is asked for. */
function eager(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<Uint8Array>> | null = iterator.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const next = first ?? iterator.next();
        first = null;
        return next;
      },
      return: async () => {
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}
