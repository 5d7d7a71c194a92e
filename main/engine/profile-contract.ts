import * as v from "valibot";
import type { Problem } from "#core/base/result.ts";
import { lookSchema } from "#core/model/look.ts";
import { recordedFactsSchema } from "#core/model/profile-check.ts";
import { querySchema, selectionSchema } from "#core/model/query.ts";
import type { HeapDiffTable, ViewTable } from "#core/model/tables.ts";
import { call, defineContract, stream } from "#core/rpc/define.ts";
import { counterRowSchema, recordingHeaderSchema } from "./library/draft-format.ts";
import type { LiveCounts } from "./parts.ts";

/** What passes between the engine and one profile's worker. Both are of one build: there is no version here. */

export interface WorkerState {
  /** Grows with every change of the profile. */
  readonly revision: number;
  readonly phase: "empty" | "importing" | "live" | "ready" | "failed";
  /** 0 to 1; -1 where unknown. */
  readonly progress: number;
  readonly problem: Problem | null;
  readonly counts: LiveCounts;
}

export interface Answer {
  /** The revision that the table shows. */
  readonly revision: number;
  readonly table: ViewTable;
}

/** Facts that the recorder knows and a tool's bytes may not say. Empty texts and -1 are left to the importer. */
export const liveMetaSchema = v.object({
  tool: v.string(),
  toolVersion: v.string(),
  command: v.string(),
  target: v.string(),
  host: v.string(),
  kernel: v.string(),
  stackMethod: v.string(),
  startedAtMs: v.number(),
  originSeconds: v.number(),
  originNanos: v.number(),
  periodNs: v.number(),
});
export type LiveMeta = v.InferOutput<typeof liveMetaSchema>;

export const saveRequestSchema = v.object({
  /** Where to. */
  path: v.string(),
  /** The recording's draft, with the tool's own bytes; null where there is none. */
  draft: v.nullable(v.object({ folder: v.string(), rawPath: v.string() })),
  /** Else the file that the profile was read from or saved to; "" for none. */
  from: v.string(),
  recording: v.nullable(recordingHeaderSchema),
});
export type SaveRequest = v.InferOutput<typeof saveRequestSchema>;

export const profileContract = defineContract({
  calls: {
    /** Reads a file; resolves when it is read, rejects with why not. */
    import: call<null>()(
      v.object({
        path: v.string(),
        name: v.string(),
        member: v.optional(v.string(), ""),
        /** How long it will be, where it is still arriving; null for a file that is whole. */
        arrivingBytes: v.optional(v.nullable(v.number()), null),
      }),
    ),
    /** So much of it is there by now; -1: no more comes. */
    arrived: call<null>()(v.object({ bytes: v.number() })),
    cancel: call<null>()(v.object({})),

    /**
     * A profile that is fed: a running recording, or the recovery of one. `importer` "" has it chosen by the first
     * bytes.
     */
    begin: call<null>()(
      v.object({
        importer: v.string(),
        name: v.string(),
        meta: liveMetaSchema,
        phase: v.picklist(["live", "importing"]),
      }),
    ),
    push: call<LiveCounts>()(
      v.object({
        bytes: v.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array),
        share: v.optional(v.number(), -1),
      }),
    ),
    counters: call<null>()(v.object({ rows: v.array(counterRowSchema) })),
    mark: call<null>()(
      v.object({
        timeNs: v.number(),
        name: v.string(),
        kind: v.optional(v.object({ category: v.string(), args: v.string(), endNs: v.optional(v.number()) })),
      }),
    ),
    note: call<null>()(v.object({ text: v.string() })),
    meta: call<null>()(
      v.object({
        lostSamples: v.optional(v.number()),
        target: v.optional(v.string()),
        command: v.optional(v.string()),
        recorded: v.optional(recordedFactsSchema),
      }),
    ),
    /** No more bytes. */
    end: call<LiveCounts>()(v.object({})),

    /** How numbers and colours are shown in what it words and draws: at the beginning, and when that changes. */
    look: call<null>()(lookSchema),
    answer: call<Answer>()(v.object({ query: querySchema })),
    /** The call tree by names, as the codec writes it: for the thread that compares. */
    weigh: call<{ tree: Uint8Array }>()(v.object({ selection: selectionSchema })),
    /** The objects of a heap snapshot, as the codec writes them. */
    heapObjects: call<{ objects: Uint8Array }>()(v.object({})),
    /** What became of such objects of an earlier snapshot. */
    heapDiff: call<HeapDiffTable>()(
      v.object({
        before: v.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array),
        filter: v.string(),
      }),
    ),
    /** Writes a session file. */
    save: call<{ sizeBytes: number }>()(saveRequestSchema),
  },
  streams: {
    state: stream<WorkerState>("latest")(v.object({})),
    export: stream<Uint8Array>("lossless")(
      v.object({
        exporter: v.string(),
        query: querySchema,
        title: v.string(),
        options: v.array(v.string()),
        notes: v.string(),
        panels: v.nullable(v.array(v.string())),
      }),
    ),
  },
});
export type ProfileContract = typeof profileContract;
