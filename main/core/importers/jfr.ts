import { throwProblem } from "../base/result.ts";
import type { ByteSource } from "../bytes/source.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, SeekImporter } from "./importer.ts";
import { type ChunkHeader, HEADER_BYTES, isChunk, JfrChunk, readHeader } from "./shared/jfr-chunk.ts";
import { JfrConstants } from "./shared/jfr-constants.ts";
import { JfrEvents, type JfrTotals, OLD_OBJECTS, writeCounters } from "./shared/jfr-events.ts";
import { readJvmFacts } from "./shared/jfr-facts.ts";
import { writeOldObjects } from "./shared/jfr-old-objects.ts";

/**
 * Recordings of Java Flight Recorder, JDK 8 to 25, and of async-profiler in the same form: chunks, each with the classes
 * of its events and its own constants. https://github.com/openjdk/jdk/tree/master/src/hotspot/share/jfr
 */
export const jfr: SeekImporter = {
  id: "jfr",
  title: "Java Flight Recorder (JFR)",
  extensions: ["jfr"],
  order: 30,
  kind: "seek",
  sniff: (head) => isChunk(head) && readHeader(head) !== null,
  parse: (source, out, context) => readJfr(source, out, context),
};

/** A recording rolls its chunks over at twelve megabytes; async-profiler may write one of any size. */
const MAX_CHUNK_BYTES = 2 ** 31 - 1;

async function readJfr(source: ByteSource, out: ProfileBuilder, context: ImportContext): Promise<void> {
  const first = readHeader(await source.read(0, HEADER_BYTES));
  if (!first)
    throwProblem(
      "damaged-file",
      "The recording ends in its header.",
      "Copy it again from where it came from, or dump it again with `jcmd PID JFR.dump`.",
    );
  out.meta({ format: jfr.id, tool: "JFR", startedAtMs: Number(first.startNs / 1_000_000n) });
  const totals: JfrTotals = {
    out,
    limits: context.limits,
    process: NONE,
    originNs: first.startNs,
    periods: context.periods ?? new Map(),
    series: new Map(),
    counters: new Map(),
    leftOut: new Map(),
    oldObjects: [],
    rows: 0,
    sets: 0,
  };
  let truncated = 0;
  let at = 0;
  while (at < source.sizeBytes) {
    context.signal.throwIfAborted();
    context.progress(at / source.sizeBytes);
    const header = readHeader(await source.read(at, HEADER_BYTES));
    if (!header) {
      out.note(`The file is damaged after its first ${at} bytes, which were read.`);
      break;
    }
    const rest = source.sizeBytes - at;
    const size = sizeOf(header, rest, out);
    truncated += readChunk(header, await source.read(at, size), totals);
    at += size;
  }
  for (const series of totals.series.values()) series.sortByTime();
  writeOldObjects(out, totals.oldObjects, OLD_OBJECTS);
  writeCounters(totals);
  if (truncated > 0)
    out.note(
      `${truncated} stacks are cut off at their outer end: they were deeper than the recorder keeps. ` +
        "Record with -XX:FlightRecorderOptions=stackdepth=512.",
    );
  noteLeftOut(totals);
}

/** Bytes of the chunk that are there. One that is still being written says 0, or less than there is of it. */
function sizeOf({ sizeBytes }: ChunkHeader, rest: number, out: ProfileBuilder): number {
  if (sizeBytes > rest)
    out.note(`The recording is cut off: ${sizeBytes - rest} bytes are missing at its end.`);
  if (sizeBytes < HEADER_BYTES)
    out.note("The recording was not ended properly; its last chunk was read as far as it goes.");
  const size = sizeBytes < HEADER_BYTES ? rest : Math.min(sizeBytes, rest);
  if (size > MAX_CHUNK_BYTES) out.note(`Only the first ${MAX_CHUNK_BYTES} bytes of a chunk were read.`);
  return Math.min(size, MAX_CHUNK_BYTES);
}

/** Gives how many stacks were cut off. */
function readChunk(header: ChunkHeader, bytes: Uint8Array, totals: JfrTotals): number {
  const chunk = new JfrChunk(header, bytes);
  const constants = new JfrConstants(totals, chunk);
  const seen = readJvmFacts(chunk, constants, totals);
  const events = new JfrEvents(totals, chunk, constants);
  events.prepare(seen);
  chunk.events((type) => events.read(type));
  for (const why of chunk.damage)
    totals.out.note(`A part of the recording is damaged and was left out: ${why}.`);
  return constants.truncated;
}

function noteLeftOut({ out, leftOut }: JfrTotals): void {
  if (leftOut.size === 0) return;
  const most = [...leftOut].sort((a, b) => b[1] - a[1]);
  const total = most.reduce((sum, [, count]) => sum + count, 0);
  const shown = most.slice(0, 4).map(([name, count]) => `${name} ${count}`);
  const more = most.length > shown.length ? ` and ${most.length - shown.length} more kinds` : "";
  out.note(
    `${total} ${total === 1 ? "event" : "events"} about the machine and its settings, and not about what ran, left out: ` +
      `${shown.join(", ")}${more}. \`jfr print --events NAME\` shows them.`,
  );
}
