import type { InspectorSource } from "#core/profilers/profiler.ts";
import type { Channel } from "./inspector-channel.ts";
import { heapSampling, heapTimeline } from "./inspector-heap.ts";
import { createThreadSampler, type ProfileChunk } from "./inspector-thread.ts";
import type { SourceEvents } from "./source-run.ts";

/** Who is recorded, as the raw artefact begins with it. */
export interface InspectedProcess {
  readonly pid: number;
  readonly name: string;
  readonly tool: string;
  readonly beganAtNs: bigint;
}

/** A thread of JavaScript, with the profiler that runs in it. */
export interface ThreadPieces {
  start(): Promise<void>;
  /** What came since the piece before; the last one ends the profiler, in a target that waits for us to let it exit too. */
  take(last: boolean, exiting: boolean): Promise<TakenPieces>;
}

export interface TakenPieces {
  readonly bytes: readonly Uint8Array[];
  /** What it cost the target says how long it is to be left alone. */
  readonly restMs: number;
  /** The program has nothing left to do, and would end if it were not recorded. */
  readonly over?: boolean;
}

/** What is recorded through an inspector, and how its bytes are written. */
export interface PieceFormat {
  head(about: InspectedProcess): Uint8Array;
  thread(channel: Channel, id: number, name: string): ThreadPieces;
  /** Worker threads cannot be part of it. */
  readonly mainOnly?: true;
}

export function pieceFormat(source: InspectorSource, events: SourceEvents): PieceFormat {
  switch (source.heap?.how) {
    case undefined:
      return cpuPieces(source.intervalUs, events);
    case "sampling":
      return heapSampling(source.heap);
    case "timeline":
      return heapTimeline(events);
  }
}

/**
 * V8 writes a piece as text on the target's main thread, about 4 us a node: this keeps that below a twentieth of the
 * time. Measured by the nodes, not by the time a piece takes: a busy target and TCP add tens of milliseconds to that.
 */
const restMsPerNode = 0.08;
/** Clocks further apart than this are different clocks (another machine, a time namespace). */
const sameClockUs = 1_000_000;

const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);
export const lineOf = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/** Where the time goes: lines of the format "v8-chunks". */
function cpuPieces(intervalUs: number, events: SourceEvents): PieceFormat {
  let clockOffsetUs: number | null = null;
  const chunkLine = (threadId: number, threadName: string, chunk: ProfileChunk): Uint8Array => {
    if (clockOffsetUs === null) {
      const apartUs = nowUs() - chunk.toUs;
      clockOffsetUs = Math.abs(apartUs) > sameClockUs ? apartUs : 0;
      if (clockOffsetUs !== 0) {
        events.remark("The target has another clock; its times were moved to ours, to within a round trip.");
      }
    }
    const offsetUs = clockOffsetUs;
    const { startTime, endTime, ...rest } = chunk.profile;
    return lineOf({
      type: "chunk",
      threadId,
      threadName,
      fromUs: chunk.fromUs + offsetUs,
      toUs: chunk.toUs + offsetUs,
      profile: { ...rest, startTime: Number(startTime) + offsetUs, endTime: Number(endTime) + offsetUs },
    });
  };
  return {
    head: ({ pid, name, tool }) => lineOf({ type: "flamewright-v8-chunks", version: 1, pid, name, tool }),
    thread: (channel, threadId, threadName) => {
      const sampler = createThreadSampler(channel, intervalUs);
      return {
        start: sampler.start,
        take: async (last) => {
          const chunks = await (last ? sampler.finish() : sampler.rotate());
          const nodes = chunks.map(({ profile }) =>
            Array.isArray(profile.nodes) ? profile.nodes.length : 0,
          );
          return {
            bytes: chunks.map((chunk) => chunkLine(threadId, threadName, chunk)),
            restMs: Math.max(0, ...nodes) * restMsPerNode,
          };
        },
      };
    },
  };
}
