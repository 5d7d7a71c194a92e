import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Disposable } from "#core/base/disposable.ts";
import { ProblemError, problemOf, toProblem } from "#core/base/result.ts";
import type {
  ComparedRun,
  CompareQuery,
  CompareTable,
  Comparison,
  WatchedComparison,
} from "#core/model/compare.ts";
import { type Look, lookOf } from "#core/model/look.ts";
import { defaultSettings } from "#core/model/settings.ts";
import { isInverted } from "#core/model/transform.ts";
import { type Client, createClient } from "#core/rpc/client.ts";
import type { StreamSink } from "#core/rpc/server.ts";
import { type CompareContract, compareContract } from "./compare-contract.ts";
import type { Profiles, User } from "./engine-profiles.ts";
import { type ExportWriter, type ProfileHandle, readStream, workerOptions } from "./profile-handle.ts";
import { threadPort } from "./profile-port.ts";

/**
 * Profiles live one a thread, and a comparison needs several: each run's weighed tree goes, by names and as bytes that
 * nobody on the way looks into, to one thread that joins them and answers questions. Comparisons are plain data and have
 * no lifetime here: what is not joined (any more) is joined when it is asked for.
 */
export interface Comparisons extends Disposable {
  answer(user: User, comparison: Comparison, query: CompareQuery): Promise<CompareTable>;
  /** The table at once, then whenever a side has grown, until the reader goes away. */
  watch(
    user: User,
    comparison: Comparison,
    query: CompareQuery,
    sink: StreamSink<WatchedComparison>,
  ): Promise<void>;
  export(
    user: User,
    comparison: Comparison,
    order: CompareExportOrder,
    write: ExportWriter,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface CompareExportOrder {
  readonly exporter: string;
  readonly title: string;
  readonly notes: string;
  /** null for all. */
  readonly panels: readonly string[] | null;
}

interface Run {
  readonly side: "before" | "after";
  readonly run: ComparedRun;
  readonly handle: ProfileHandle;
  readonly title: string;
}

/** Functions are compared by the call tree as it is; only a flame graph is turned round, where it or the selection says so. */
interface Standing {
  readonly comparison: Comparison;
  readonly turned: boolean;
}

function standing(comparison: Comparison, turned: boolean): Standing {
  const side = (runs: Comparison["before"]): Comparison["before"] =>
    runs.map((run) => {
      const transforms = run.selection.transforms.filter(({ type }) => type !== "invert");
      return { ...run, selection: { ...run.selection, transforms } };
    });
  return {
    comparison: { ...comparison, before: side(comparison.before), after: side(comparison.after) },
    turned,
  };
}

const isTurned = ({ before }: Comparison): boolean =>
  isInverted(false, before[0]?.selection.transforms ?? []);

const EVERY_MS = 250;
/** Sides that grow are joined so seldom that their threads have most of their time for what arrives. */
const JOIN_SHARE = 0.2;

export function createComparisons(
  profiles: Profiles,
  workerFile: string,
  look: () => Look = () => lookOf(defaultSettings),
): Comparisons {
  let thread: { readonly client: Client<CompareContract>; readonly ended: Promise<Error> } | null = null;
  const joining = new Map<string, Promise<void>>();

  const start = (): Client<CompareContract> => {
    if (thread) return thread.client;
    const worker = new Worker(workerFile, { ...workerOptions("comparisons"), workerData: "compare" });
    const client = createClient(threadPort(worker), compareContract);
    const own = {
      client,
      ended: new Promise<Error>((resolve) => {
        worker.on("error", (error) => resolve(error instanceof Error ? error : new Error(String(error))));
        worker.on("exit", (code) => resolve(new Error(`exit code ${code}`)));
      }),
    };
    // The next question starts another one.
    void own.ended.then(() => {
      if (thread === own) thread = null;
    });
    thread = own;
    return client;
  };

  /** A thread that died has a better story than "disconnected". */
  const asked = async <T>(work: Promise<T>): Promise<T> => {
    const own = thread;
    try {
      return await work;
    } catch (error) {
      if (!own || toProblem(error).code !== "disconnected") throw error;
      const why = await own.ended;
      throw new ProblemError(
        problemOf(
          "comparison-died",
          "The comparison needs more memory than there is, or ended unexpectedly.",
          "Compare fewer runs, or parts of them: a time range, a thread.",
          String(why.stack ?? why),
        ),
      );
    }
  };

  const runsOf = (user: User, comparison: Comparison): readonly Run[] =>
    (["before", "after"] as const).flatMap((side) =>
      comparison[side].map((run) => {
        const { handle, title } = profiles.use(user, run.profileId);
        return { side, run, handle, title };
      }),
    );

  const keyOf = (of: Standing, runs: readonly Run[]): string =>
    JSON.stringify([of, runs.map(({ handle }) => handle.state.revision)]);

  const join = async (key: string, { comparison, turned }: Standing, runs: readonly Run[]): Promise<void> => {
    const client = start();
    const { by, confidence } = comparison;
    await asked(client.call("begin", { key, by, confidence, turned }));
    try {
      // One after the other: of many runs, one tree at a time is on its way.
      for (const { side, run, handle, title } of runs) {
        const tree = await handle.weigh(run.selection);
        await asked(client.call("add", { key, side, tree, profileId: run.profileId, title }));
      }
      await asked(client.call("finish", { key }));
    } catch (error) {
      await client.call("drop", { key }).catch(() => undefined);
      throw error;
    }
  };

  const joined = async (of: Standing, runs: readonly Run[]): Promise<string> => {
    const key = keyOf(of, runs);
    let work = joining.get(key);
    if (!work) {
      work = join(key, of, runs).finally(() => joining.delete(key));
      joining.set(key, work);
    }
    await work;
    return key;
  };

  const answer: Comparisons["answer"] = async (user, given, query) => {
    const turns = query.view === "flame" && query.inverted !== isTurned(given);
    const of = standing(given, turns);
    const runs = runsOf(user, of.comparison);
    const known = await asked(start().call("answer", { key: keyOf(of, runs), query }));
    if (known) return known.table;
    const fresh = await asked(start().call("answer", { key: await joined(of, runs), query }));
    return fresh?.table ?? answer(user, given, query);
  };

  const now = async (
    user: User,
    comparison: Comparison,
    query: CompareQuery,
    runs: readonly Run[],
  ): Promise<WatchedComparison> => {
    const states = runs.map(({ handle }) => handle.state);
    const shares = states.map(({ phase, progress }) =>
      phase === "ready" || phase === "live" ? 1 : Math.max(0, progress),
    );
    const bare = {
      revision: states.reduce((sum, { revision }) => sum + revision, 0),
      progress: shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length),
      growing: states.filter(({ phase }) => phase !== "ready" && phase !== "failed").length,
      table: null,
      problem: null,
    };
    const failed = runs.find(({ handle }) => handle.state.phase === "failed");
    const problem = failed?.handle.state.problem;
    if (failed && problem)
      return { ...bare, problem: { ...problem, message: `${failed.title}: ${problem.message}` } };
    // Half a file is no run: only what is recorded right now is shown while it grows.
    if (states.some(({ phase }) => phase === "empty" || phase === "importing")) return bare;
    try {
      return { ...bare, table: await answer(user, comparison, query) };
    } catch (error) {
      return { ...bare, problem: toProblem(error) };
    }
  };

  return {
    answer,
    watch: async (user, comparison, query, sink) => {
      const runs = runsOf(user, comparison);
      const stamp = (): string =>
        runs.map(({ handle: { state } }) => `${state.revision} ${state.phase}`).join();
      let shown = "";
      let wake = (): void => undefined;
      const changes = runs.map(({ handle }) => handle.onState(() => wake()));
      sink.signal.addEventListener("abort", () => wake());
      try {
        while (!sink.signal.aborted) {
          const before = stamp();
          if (before === shown) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          const askedAt = performance.now();
          shown = before;
          const item = await now(user, comparison, query, runs);
          void sink.send(item);
          if (item.growing === 0) continue;
          const tookMs = performance.now() - askedAt;
          await delay(Math.max(EVERY_MS, tookMs / JOIN_SHARE), undefined, { signal: sink.signal }).catch(
            () => undefined,
          );
        }
      } finally {
        for (const change of changes) change.dispose();
      }
    },
    export: async (user, comparison, { exporter, title, notes, panels }, write, signal) => {
      // Joins them where that is yet to be done, and keeps them the newest.
      const ready = async (of: Standing): Promise<string> => {
        const runs = runsOf(user, of.comparison);
        const key = keyOf(of, runs);
        const isThere = await asked(start().call("answer", { key, query: { view: "summary" } }));
        return isThere ? key : joined(of, runs);
      };
      const turned = isTurned(comparison);
      const needsTurned = turned || panels?.includes("inverted") === true;
      const key = await ready(standing(comparison, false));
      const turnedKey = needsTurned ? await ready(standing(comparison, true)) : null;
      const order = { key, turnedKey, turned, exporter, title, notes, panels: panels && [...panels] };
      await asked(start().call("look", look()));
      await asked(readStream((on) => start().stream("export", order, on), write, signal));
    },
    dispose: () => {
      thread?.client.close();
      thread = null;
    },
  };
}
