import { type HeapObjects, heapDiffTable, heapObjects } from "#core/analysis/heap-diff.ts";
import { createAnalyst } from "#core/analysis/index.ts";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import {
  cancelled,
  type Problem,
  ProblemError,
  problemOf,
  throwProblem,
  toProblem,
} from "#core/base/result.ts";
import { exporterWith } from "#core/exporters/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { chooseLook } from "#core/model/look.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type Query } from "#core/model/query.ts";
import { decode, encodeWhole } from "#core/rpc/codec.ts";
import type { Port } from "#core/rpc/port.ts";
import { type Handlers, type StreamSink, serve } from "#core/rpc/server.ts";
import { type Arrival, createArrival, uploadBroken } from "./arrival.ts";
import { inTurns } from "./in-turns.ts";
import { sampleCount } from "./library/session-header.ts";
import type { LiveCounts } from "./parts.ts";
import { type ProfileContract, profileContract, type WorkerState } from "./profile-contract.ts";
import { createFed, type Fed } from "./profile-fed.ts";
import { importFile } from "./profile-import.ts";
import { saveSession } from "./profile-save.ts";

/** How often a state is told while a profile grows or is read. */
const TELL_EVERY_MS = 50;
/** A tool that gave nothing for so long has nothing to give that is older. */
const IDLE_MS = 200;
/** A report is drawn this wide where the query does not say. */
const REPORT_WIDTH_PX = 1200;

/** What a profile's thread does: the columns live here, and questions about them are answered here. */
export function serveProfile(port: Port): Disposable {
  const analyst = createAnalyst();
  const sinks = new Set<StreamSink<WorkerState>>();
  let revision = 0;
  let phase: WorkerState["phase"] = "empty";
  let progress = -1;
  let problem: Problem | null = null;
  /** While a file is read. */
  let filling: ProfileBuilder | null = null;
  let file: Profile | null = null;
  let fed: Fed | null = null;
  let importing: AbortController | null = null;
  /** Of a file that is still being sent. */
  let arrival: Arrival | null = null;
  let telling: NodeJS.Timeout | null = null;
  let resting: NodeJS.Timeout | null = null;

  const counts = (): LiveCounts => {
    if (fed) return fed.counts();
    if (file)
      return {
        samples: sampleCount(file),
        lostSamples: file.meta.lostSamples,
        lastTimeNs: file.meta.durationNs,
      };
    return { samples: filling?.sampleCount ?? 0, lostSamples: 0, lastTimeNs: filling?.lastTimeNs ?? 0 };
  };
  const state = (): WorkerState => ({ revision, phase, progress, problem, counts: counts() });
  const tell = (): void => {
    if (telling) clearTimeout(telling);
    telling = null;
    const now = state();
    for (const sink of sinks) void sink.send(now);
  };
  const changed = (): void => {
    revision++;
    telling ??= setTimeout(tell, TELL_EVERY_MS);
  };
  const become = (next: WorkerState["phase"], why: Problem | null = null): void => {
    phase = next;
    problem = why;
    progress = next === "ready" ? 1 : progress;
    revision++;
    tell();
  };

  const profile = (): Profile => {
    const now = fed?.snapshot() ?? file;
    if (now) return now;
    if (filling && filling.sampleCount > 0) return filling.snapshot();
    throw new ProblemError(
      problem ??
        problemOf("still-importing", "The profile is still being read.", "Wait until it is, or cancel it."),
    );
  };
  const withHeap = (): Profile => {
    const now = profile();
    if (now.heap !== null) return now;
    return throwProblem(
      "no-heap-snapshot",
      `${now.meta.target || "This profile"} is no heap snapshot.`,
      "Choose two heap snapshots of one program.",
    );
  };
  const feeding = (): Fed => {
    if (!fed || (phase !== "live" && phase !== "importing"))
      return throwProblem("not-live", "The profile takes no more.", "Open it again.");
    return fed;
  };
  /** A failure of a live parser ends the profile, not the recording: its bytes are on disk. */
  const grow = <T>(work: (into: Fed) => T): T => {
    const into = feeding();
    try {
      const result = work(into);
      changed();
      return result;
    } catch (error) {
      become("failed", toProblem(error));
      throw error;
    }
  };

  const rest = (): void => {
    if (resting) resting.refresh();
    else
      resting = setTimeout(() => {
        resting = null;
        if (phase !== "live") return;
        try {
          grow((into) => into.idle());
        } catch {
          // Nobody asked: the state says that it failed, and why.
        }
      }, IDLE_MS);
  };

  const handlers: Handlers<ProfileContract> = {
    calls: {
      import: async (request) => {
        const aborting = new AbortController();
        importing = aborting;
        arrival = request.arrivingBytes === null ? null : createArrival(request.arrivingBytes);
        const coming = arrival;
        aborting.signal.addEventListener("abort", () => coming?.fail(cancelled));
        filling = new ProfileBuilder();
        become("importing");
        try {
          let isBare = true;
          file = await importFile({ ...request, arrival }, filling, aborting.signal, (share) => {
            progress = share;
            changed();
            // The first samples are what somebody waits for.
            if (isBare && counts().samples > 0) {
              isBare = false;
              tell();
            }
          });
        } catch (error) {
          become("failed", toProblem(error));
          throw error;
        } finally {
          importing = null;
          arrival = null;
          filling = null;
        }
        become("ready");
        return null;
      },
      arrived: ({ bytes }) => {
        if (bytes < 0) arrival?.fail(uploadBroken);
        else arrival?.arrived(bytes);
        return null;
      },
      cancel: () => {
        importing?.abort();
        return null;
      },
      begin: ({ importer, name, meta, phase: next }) => {
        fed = createFed(importer, name, meta);
        become(next);
        return null;
      },
      push: async ({ bytes, share }) => {
        const into = grow((growing) => {
          growing.push(bytes);
          progress = share;
          return growing;
        });
        await into.settled();
        changed();
        if (phase === "live") rest();
        return into.counts();
      },
      counters: ({ rows }) => {
        grow((into) => into.counters(rows));
        return null;
      },
      mark: ({ timeNs, name, kind }) => {
        grow((into) => into.mark(timeNs, name, kind));
        return null;
      },
      note: ({ text }) => {
        grow((into) => into.note(text));
        return null;
      },
      meta: (part) => {
        grow((into) => into.meta(part));
        return null;
      },
      end: async () => {
        const into = feeding();
        grow(() => into.end());
        await into.settled();
        become("ready");
        return into.counts();
      },
      look: (look) => {
        chooseLook(look);
        return null;
      },
      answer: async ({ query }, signal) => {
        const asked = revision;
        return { revision: asked, table: await inTurns(analyst.steps(profile(), query), signal) };
      },
      weigh: ({ selection }) => ({ tree: encodeWhole(analyst.weighedTree(profile(), selection)) }),
      heapObjects: () => ({ objects: encodeWhole(heapObjects(withHeap())) }),
      // Written by another profile's thread of this same build.
      heapDiff: ({ before, filter }) => heapDiffTable(decode(before) as HeapObjects, withHeap(), filter),
      save: async (request) => ({ sizeBytes: await saveSession(profile(), request, phase === "live") }),
    },
    streams: {
      state: (_, sink) => {
        sinks.add(sink);
        void sink.send(state());
        return new Promise((resolve) => {
          sink.signal.addEventListener("abort", () => {
            sinks.delete(sink);
            resolve();
          });
        });
      },
      export: async ({ exporter: id, query, title, options, notes, panels }, sink) => {
        const exporter = exporterWith(id, options);
        const exported = profile();
        const chunks = exporter.write({
          profile: exported,
          selection: selectionOf(query),
          answer: (asked) => analyst.answer(exported, asked),
          title,
          options,
          notes,
          panels,
          widthPx: query.view === "flame" ? query.widthPx : REPORT_WIDTH_PX,
        });
        for (const chunk of chunks) {
          if (sink.signal.aborted) return;
          await sink.send(chunk);
        }
      },
    },
  };

  const serving = serve(port, profileContract, handlers);
  return disposable(() => {
    importing?.abort();
    if (telling) clearTimeout(telling);
    if (resting) clearTimeout(resting);
    serving.dispose();
  });
}

const selectionOf = (query: Query) => ("selection" in query ? query.selection : everything);
