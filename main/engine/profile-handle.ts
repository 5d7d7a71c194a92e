import { totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Worker, WorkerOptions } from "node:worker_threads";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import { type Problem, ProblemError, problemOf, toProblem } from "#core/base/result.ts";
import type { Look } from "#core/model/look.ts";
import type { Query, Selection } from "#core/model/query.ts";
import type { HeapDiffTable } from "#core/model/tables.ts";
import { createClient, type StreamObserver } from "#core/rpc/client.ts";
import type { LiveCounts, LiveProfile } from "./parts.ts";
import { createAnswerCache } from "./profile-cache.ts";
import {
  type Answer,
  type LiveMeta,
  profileContract,
  type SaveRequest,
  type WorkerState,
} from "./profile-contract.ts";
import { threadPort } from "./profile-port.ts";

/** The near end of one profile's worker thread. */
export interface ProfileHandle extends LiveProfile {
  readonly state: WorkerState;
  onState(handler: (state: WorkerState) => void): Disposable;
  /** Reads a file in the background: how it goes is in the state. */
  importFile(path: string, name: string, member?: string, arrivingBytes?: number | null): void;
  /** Of a file that is still arriving so much is there; -1: no more comes. */
  arrived(bytes: number): void;
  cancelImport(): Promise<void>;
  begin(importer: string, name: string, meta: LiveMeta, phase: "live" | "importing"): Promise<void>;
  /** Like `push`, with how far that is of all that will come. */
  pushShare(bytes: Uint8Array, share: number): Promise<void>;
  /** Ends the profile with this problem. */
  fail(problem: Problem): void;
  /** The table of the newest revision; the same question about the same revision is asked once, until nobody waits for it. */
  answer(query: Query, signal?: AbortSignal): Promise<Answer>;
  /** A selection's tree for a comparison, as the codec writes it. */
  weigh(selection: Selection): Promise<Uint8Array>;
  /** Of a heap snapshot, as the codec writes them. */
  heapObjects(): Promise<Uint8Array>;
  heapDiff(before: Uint8Array, filter: string): Promise<HeapDiffTable>;
  /** How numbers and colours are shown from now on. */
  look(look: Look): void;
  export(order: ExportOrder, write: ExportWriter, signal: AbortSignal): Promise<void>;
  save(request: SaveRequest): Promise<{ readonly sizeBytes: number }>;
  dispose(): void;
}

/** What is to be written. */
export interface ExportOrder {
  readonly exporter: string;
  readonly query: Query;
  readonly title: string;
  /** Ids of the exporter's options. */
  readonly options: readonly string[];
  readonly notes: string;
  /** null for those that a report has by itself. */
  readonly panels: readonly string[] | null;
}

export type ExportWriter = (chunk: Uint8Array) => Promise<void>;

/**
 * The bundled worker lies beside whatever bundle runs this. Tests run from the sources and give the path of a
 * bundle that they made (test/hosts/profile-worker-file.ts).
 */
export const bundledWorkerFile = (): string => fileURLToPath(new URL("./profile-worker.js", import.meta.url));

/** Texts and JSON live on the worker's heap, columns beside it: half the machine is enough for any name table. */
const heapMegabytes = (): number => Math.max(512, Math.min(16_384, Math.floor(totalmem() / 2 / 2 ** 20)));

const CANCEL_PATIENCE_MS = 2_000;

const tooLarge: Problem = problemOf(
  "profile-too-large",
  "The profile needs more memory than this machine can give it.",
  "Open a shorter recording, or one with a lower rate; other profiles are not affected.",
);

const closedProblem = problemOf(
  "profile-closed",
  "The profile was closed.",
  "Open the session or the file again.",
);

const died = (detail: string): Problem =>
  problemOf(
    "worker-died",
    "The reader of this profile ended unexpectedly.",
    "Open the file again, and report it with the detail below if that happens again; other profiles are not affected.",
    detail,
  );

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") ||
    /array buffer allocation failed|invalid (typed )?array (buffer )?length/i.test(error.message));

/** For the threads that hold profiles, and the one that compares them. */
export const workerOptions = (
  name: string,
  maxHeapMegabytes = heapMegabytes(),
  env: Readonly<Record<string, string>> = {},
): WorkerOptions => ({
  name,
  resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes, stackSizeMb: 8 },
  // A worker that prints would print into the results of the command line.
  stdout: true,
  stderr: true,
  env: { ...env },
  execArgv: [],
});

/** Reads a lossless stream of chunks to its end, each chunk written before the next one is taken. */
export const readStream = (
  open: (on: StreamObserver<Uint8Array>) => Disposable,
  write: ExportWriter,
  signal: AbortSignal,
): Promise<void> =>
  new Promise<void>((resolve, reject) => {
    const reading = open({
      item: async (chunk) => {
        try {
          await write(chunk);
        } catch (error) {
          reading.dispose();
          reject(error);
        }
      },
      end: resolve,
      problem: (problem) => reject(new ProblemError(problem)),
    });
    signal.addEventListener(
      "abort",
      () => {
        reading.dispose();
        reject(signal.reason);
      },
      { once: true },
    );
  });

export function createProfile(profileId: string, worker: Worker): ProfileHandle {
  const client = createClient(threadPort(worker), profileContract);
  const cache = createAnswerCache();
  const handlers = new Set<(state: WorkerState) => void>();
  let state: WorkerState = {
    revision: 0,
    phase: "empty",
    progress: -1,
    problem: null,
    counts: { samples: 0, lostSamples: 0, lastTimeNs: 0 },
  };
  let ended: Problem | null = null;

  const change = (next: WorkerState): void => {
    if (ended && next.problem !== ended) return;
    state = next;
    for (const handler of [...handlers]) handler(state);
  };
  const end = (problem: Problem): void => {
    if (ended) return;
    ended = problem;
    cache.clear();
    change({ ...state, revision: state.revision + 1, phase: "failed", problem });
  };

  worker.on("error", (error) => end(isOutOfMemory(error) ? tooLarge : died(String(error.stack ?? error))));
  worker.on("exit", (code) => end(died(`exit code ${code}`)));
  client.stream("state", {}, { item: change });

  /** A dead worker's own story is better than "disconnected"; what it could not allocate is no bug. */
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === "disconnected") {
        // The port closes in the same turn in which the worker's last event comes.
        await new Promise(setImmediate);
        throw new ProblemError(ended ?? problem);
      }
      throw error;
    }
  };
  /** For what has no one to report to: the state carries the failure. */
  const unawaited = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      if (!ended) change({ ...state, phase: "failed", problem: toProblem(error) });
    });
  };

  return {
    profileId,
    get state() {
      return state;
    },
    onState: (handler) => {
      handlers.add(handler);
      return disposable(() => handlers.delete(handler));
    },
    importFile: (path, name, member = "", arrivingBytes = null) => {
      change({ ...state, phase: "importing", progress: 0 });
      unawaited(asked(client.call("import", { path, name, member, arrivingBytes })));
    },
    arrived: (bytes) => unawaited(asked(client.call("arrived", { bytes }))),
    cancelImport: async () => {
      if (state.phase !== "importing") return;
      const settled = new Promise<void>((resolve) => {
        const watching = (next: WorkerState): void => {
          if (next.phase === "importing") return;
          handlers.delete(watching);
          resolve();
        };
        handlers.add(watching);
      });
      // A parser that does not come up for air is ended with its thread.
      const impatient = setTimeout(() => {
        end(problemOf("cancelled", "The import was cancelled.", "Open the file again when you need it."));
        void worker.terminate();
      }, CANCEL_PATIENCE_MS);
      await asked(client.call("cancel", {})).catch(() => undefined);
      await settled;
      clearTimeout(impatient);
    },
    begin: async (importer, name, meta, phase) => {
      await asked(client.call("begin", { importer, name, meta, phase }));
    },
    push: async (bytes) => {
      await asked(client.call("push", { bytes }));
    },
    pushShare: async (bytes, share) => {
      await asked(client.call("push", { bytes, share }));
    },
    fail: (problem) => {
      end(problem);
      void worker.terminate();
    },
    counters: (rows) => unawaited(asked(client.call("counters", { rows: [...rows] }))),
    mark: (timeNs, name, kind) => unawaited(asked(client.call("mark", { timeNs, name, kind }))),
    note: (text) => unawaited(asked(client.call("note", { text }))),
    meta: (part) => unawaited(asked(client.call("meta", part))),
    counts: (): LiveCounts => state.counts,
    end: () => asked(client.call("end", {})),
    answer: async (query, signal) => {
      if (ended) throw new ProblemError(ended);
      return cache.answer(
        JSON.stringify(query),
        state.revision,
        (stopped) => asked(client.call("answer", { query }, { signal: stopped })),
        signal,
      );
    },
    export: async ({ exporter, query, title, options, notes, panels }, write, signal) => {
      if (ended) throw new ProblemError(ended);
      const order = { exporter, query, title, notes, options: [...options], panels: panels && [...panels] };
      await asked(readStream((on) => client.stream("export", order, on), write, signal));
    },
    look: (look) => {
      cache.clear();
      unawaited(asked(client.call("look", look)));
    },
    weigh: async (selection) => {
      if (ended) throw new ProblemError(ended);
      return (await asked(client.call("weigh", { selection }))).tree;
    },
    heapObjects: async () => (await asked(client.call("heapObjects", {}))).objects,
    heapDiff: (before, filter) => asked(client.call("heapDiff", { before, filter })),
    save: (request) => asked(client.call("save", request)),
    dispose: () => {
      end(closedProblem);
      handlers.clear();
      client.close();
    },
  };
}
