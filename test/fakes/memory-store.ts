import { readFile, rm } from "node:fs/promises";
import { ProblemError, problemOf, throwProblem } from "#core/base/result.ts";
import { defaultLimits, type StreamParser } from "#core/importers/importer.ts";
import { findImporter } from "#core/importers/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import type { LogLine } from "#core/model/recording.ts";
import type {
  CounterRow,
  LiveCounts,
  LiveProfile,
  RecordingHeader,
  RecordingStore,
  SessionDraft,
} from "../../main/engine/parts.ts";
import { findSymbols } from "../../main/engine/symbols/index.ts";

/** A store without disk or worker, but with the real importers and the real builder. */
export interface MemoryStore extends RecordingStore {
  readonly headers: readonly RecordingHeader[];
  readonly raw: () => Uint8Array;
  readonly log: readonly LogLine[];
  readonly counterRows: readonly CounterRow[];
  readonly marks: readonly string[];
  /** Files that were kept beside the recording. */
  readonly kept: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly profile: () => Profile;
  /** Resolves when so many samples have arrived. */
  samples(count: number): Promise<void>;
}

interface MemoryStoreOptions {
  /** The disk is full after so many bytes of raw data. */
  readonly diskBytes?: number;
  /** Each push takes so long, as a busy parser would. */
  readonly pushMs?: number;
}

export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const headers: RecordingHeader[] = [];
  const chunks: Uint8Array[] = [];
  const log: LogLine[] = [];
  const counterRows: CounterRow[] = [];
  const marks: string[] = [];
  const kept: { name: string; bytes: Uint8Array }[] = [];
  const builder = new ProfileBuilder();
  const waiting = new Set<() => void>();
  let rawBytes = 0;

  const counts = (): LiveCounts => ({
    samples: builder.sampleCount,
    lostSamples: builder.lostSamples,
    lastTimeNs: builder.lastTimeNs,
  });

  const begin = async (header: RecordingHeader): Promise<{ draft: SessionDraft; live: LiveProfile }> => {
    headers.push(header);
    const importer = findImporter(header.plan.importer);
    if (importer?.kind !== "stream") {
      return throwProblem("internal", `${header.plan.importer} is no stream importer`, "Fix the plan.");
    }
    builder.meta({
      originSeconds: header.originSeconds,
      originNanos: header.originNanos,
      startedAtMs: header.startedAtMs,
    });
    const parser: StreamParser = importer.open(builder, {
      signal: new AbortController().signal,
      limits: defaultLimits,
      name: header.target,
      progress: () => undefined,
      services: { importer: findImporter, symbols: findSymbols() },
    });
    const draft: SessionDraft = {
      sessionId: header.sessionId,
      folder: "",
      raw: async (bytes) => {
        if (options.diskBytes !== undefined && rawBytes + bytes.length > options.diskBytes) {
          throw new ProblemError(problemOf("disk-full", "There is no room left.", "Free some space."));
        }
        rawBytes += bytes.length;
        chunks.push(Uint8Array.from(bytes));
      },
      counters: async (rows) => void counterRows.push(...rows),
      mark: async (_, name, kind) => void (kind === undefined && marks.push(name)),
      log: async (line) => void log.push(line),
    };
    const live: LiveProfile = {
      profileId: `memory-${header.sessionId}`,
      async push(bytes) {
        if (options.pushMs !== undefined) {
          await new Promise((resolve) => setTimeout(resolve, options.pushMs));
        }
        parser.push(bytes);
        await parser.settled?.();
        for (const check of waiting) check();
      },
      counters: (rows) => {
        for (const row of rows) builder.counter(row.id, row.name, row.unit, row.timeNs, row.value);
      },
      mark: (timeNs, name, kind) =>
        builder.interval({
          start: timeNs,
          end: kind?.endNs ?? timeNs,
          thread: NONE,
          category: builder.string(kind?.category ?? "mark"),
          name: builder.string(name),
          ...(kind === undefined || kind.args === "" ? {} : { args: builder.string(kind.args) }),
        }),
      note: (text) => builder.note(text),
      meta: (part) => builder.meta(part),
      counts,
      async end() {
        parser.end();
        await parser.settled?.();
        return counts();
      },
    };
    return { draft, live };
  };

  return {
    headers,
    raw: () => Buffer.concat(chunks),
    log,
    counterRows,
    marks,
    kept,
    profile: () => builder.snapshot(),
    samples: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (builder.sampleCount < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    begin,
    keep: async (_draft, file) => {
      kept.push({ name: file.name, bytes: await readFile(file.path) });
      await rm(file.path);
      return { profileId: `memory-${file.name}` };
    },
    finish: async (_draft, _live, output) => {
      if (options.diskBytes !== undefined && rawBytes > options.diskBytes / 2) {
        throw new ProblemError(problemOf("disk-full", "There is no room left.", "Free some space."));
      }
      return { path: output === "" ? "memory.fwp" : output };
    },
  };
}
