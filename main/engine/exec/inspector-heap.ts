import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { chunkHead, chunksStart } from "#core/importers/shared/chunks-format.ts";
import type { InspectedHeap } from "#core/profilers/profiler.ts";
import type { KeptFile } from "../parts.ts";
import { type Channel, type Connection, isRecord } from "./inspector-channel.ts";
import type { PieceFormat } from "./inspector-pieces.ts";
import type { SourceEvents } from "./source-run.ts";

/** A target is left alone so many times as long as it took to collect its garbage and say what lives. */
const restTimes = 20;

/**
 * Who allocated what lives: V8's sampling heap profile, asked for again and again. Each one is a whole state, a piece of
 * the format "chunks" of which what changed counts.
 * https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/
 */
export function heapSampling({ sampleBytes, collect }: InspectedHeap): PieceFormat {
  let beganAtNs = 0n;
  let index = 0;
  const sinceNs = (): number => Math.max(0, Number(process.hrtime.bigint() - beganAtNs));
  return {
    head: (about) => {
      beganAtNs = about.beganAtNs;
      return chunksStart({ version: 1, startedAtMs: Date.now() - sinceNs() / 1e6, tool: about.tool });
    },
    thread: (channel, id, name) => ({
      async start() {
        await channel.send("HeapProfiler.enable");
        await channel.send("HeapProfiler.startSampling", { samplingInterval: sampleBytes });
      },
      async take(last, exiting) {
        const startedMs = performance.now();
        if (collect) await (exiting ? collectAtExit(channel) : channel.send("HeapProfiler.collectGarbage"));
        const { profile } = await channel.send(
          last ? "HeapProfiler.stopSampling" : "HeapProfiler.getSamplingProfile",
        );
        const tookMs = performance.now() - startedMs;
        // The samples behind it would be most of the bytes, and say nothing that the tree does not.
        const head = isRecord(profile) ? profile.head : undefined;
        if (!isRecord(head)) return { bytes: [], restMs: 0 };
        const bytes = Buffer.from(JSON.stringify({ head }));
        const atNs = sinceNs();
        return {
          bytes: [
            chunkHead({
              importer: "heapprofile",
              index: index++,
              startNs: atNs,
              endNs: atNs,
              bytes: bytes.length,
              levels: name === "main" ? "Live heap (V8)" : `Live heap (V8), ${name} ${id}`,
            }),
            bytes,
          ],
          restMs: tookMs * restTimes,
        };
      },
    }),
  };
}

/** A snapshot of so much takes a second. */
const mostAtExitBytes = 64 << 20;

/**
 * A target that waits for us to let it exit runs no more tasks, and to collect is one. Only a snapshot, of which nothing
 * is kept here, collects at once; of a large heap garbage stays in the last piece.
 */
async function collectAtExit(channel: Channel): Promise<void> {
  const { usedSize } = await channel.send("Runtime.getHeapUsage");
  if (Number(usedSize) <= mostAtExitBytes)
    await channel.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
}

/**
 * When and where each object was made: V8 tracks them all, and tells at the end, as a heap snapshot with the calls that
 * allocated. On the way it says how much of what was made is still there.
 */
export function heapTimeline(events: SourceEvents): PieceFormat {
  return {
    mainOnly: true,
    head: () => new Uint8Array(0),
    thread: (channel) => ({
      async start() {
        const sizes: number[] = [];
        channel.on("HeapProfiler.heapStatsUpdate", ({ statsUpdate }) => {
          if (!Array.isArray(statsUpdate)) return;
          // Triples: the index of a stretch of time, how many objects of it live, and their bytes.
          for (let at = 0; at + 2 < statsUpdate.length; at += 3)
            sizes[Number(statsUpdate[at])] = Number(statsUpdate[at + 2]);
          const value = sizes.reduce((sum, size) => sum + size, 0);
          events.counters([
            { id: "heap-tracked", name: "Objects made while recording, still there", unit: "bytes", value },
          ]);
        });
        await channel.send("HeapProfiler.enable");
        await channel.send("HeapProfiler.startTrackingHeapObjects", { trackAllocations: true });
      },
      async take(last) {
        if (!last) return { bytes: [], restMs: 0, over: await isOver(channel) };
        const bytes: Uint8Array[] = [];
        channel.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) =>
          bytes.push(Buffer.from(String(chunk))),
        );
        await channel.send("HeapProfiler.stopTrackingHeapObjects", { reportProgress: false });
        return { bytes, restMs: 0 };
      },
    }),
  };
}

/**
 * While V8 tracks objects, Node has a timer of the inspector that keeps it from ending. So it is asked, from within its
 * own loop (a script that computes has no resources either), whether anything else does. The terminal is listed though it
 * keeps nothing, unless it is read.
 */
const whatKeepsIt = `new Promise((resolve) => setImmediate(() => {
  if (typeof process !== 'object' || !process.getActiveResourcesInfo) return resolve(-1);
  const reads = process._getActiveHandles().some((each) => each.fd === 0 && each.readableFlowing);
  resolve(process.getActiveResourcesInfo().filter((each) => reads || each !== 'TTYWrap').length);
}))`;

async function isOver(channel: Channel): Promise<boolean> {
  const { result } = await channel.send("Runtime.evaluate", {
    expression: whatKeepsIt,
    awaitPromise: true,
    returnByValue: true,
    silent: true,
  });
  return isRecord(result) && result.value === 0;
}

/** What of a snapshot waits for the disk is bounded: above it the connection is not read. */
const waitingLimitBytes = 32 << 20;

/** Every object of the heap and who holds it, straight into a file, while the target stands still. */
export async function takeHeapSnapshot(connection: Connection, name: string): Promise<KeptFile> {
  const path = join(tmpdir(), `flamewright-${randomUUID()}.heapsnapshot`);
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const written = finished(file);
  written.catch(() => connection.pace(true));
  let taking = true;
  connection.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => {
    if (!taking) return;
    file.write(String(chunk));
    if (file.writableLength < waitingLimitBytes) return;
    connection.pace(false);
    file.once("drain", () => connection.pace(true));
  });
  try {
    await connection.send("HeapProfiler.enable");
    await connection.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
    file.end();
    await written;
    return { path, name };
  } catch (error) {
    file.destroy();
    await rm(path, { force: true });
    throw error;
  } finally {
    taking = false;
  }
}
