import * as v from "valibot";
import { startsWith, textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { SourceMapper } from "./shared/source-mapper.ts";
import { V8Nodes } from "./shared/v8-nodes.ts";
import { timesFromDeltas, v8Series } from "./shared/v8-times.ts";

const FIRST_BYTES = '{"type":"flamewright-v8-chunks"';
/** One chunk is a second or so of one thread; a line beyond this is not ours. */
const MAX_LINE_BYTES = 256 << 20;

/**
 * What the workbench keeps of a live V8 recording: JSON, a line each. The first says whose it is, every other one is
 * a profile of one thread over [fromUs, toUs), microseconds of CLOCK_MONOTONIC. Profiles overlap at the seams, so
 * that no sample is lost there; only those in the range count.
 */
export const v8Chunks: StreamImporter = {
  id: "v8-chunks",
  title: "V8 inspector recording",
  extensions: ["v8chunks"],
  order: 20,
  kind: "stream",
  sniff: (head) => startsWith(head, 0, head.length, FIRST_BYTES),
  open: (out, context) => new V8ChunksParser(out, context),
};

const headSchema = v.object({
  type: v.literal("flamewright-v8-chunks"),
  version: v.number(),
  pid: v.pipe(v.number(), v.integer()),
  name: v.string(),
  tool: v.optional(v.string(), ""),
});

const number = v.pipe(v.number(), v.finite());
const id = v.pipe(v.number(), v.integer());

const chunkSchema = v.object({
  type: v.literal("chunk"),
  threadId: id,
  threadName: v.string(),
  fromUs: number,
  toUs: number,
  profile: v.object({
    nodes: v.array(
      v.object({
        id,
        callFrame: v.object({
          functionName: v.string(),
          url: v.optional(v.string(), ""),
          lineNumber: v.optional(v.number(), -1),
          columnNumber: v.optional(v.number(), -1),
        }),
        children: v.optional(v.array(id), []),
        parent: v.optional(id),
      }),
    ),
    startTime: number,
    endTime: number,
    samples: v.optional(v.array(id), []),
    timeDeltas: v.optional(v.array(number), []),
  }),
});
type Chunk = v.InferOutput<typeof chunkSchema>;

class V8ChunksParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #lines: LineSplitter;
  readonly #mapper: SourceMapper;
  #process = NONE;
  #unread = 0;
  #samples = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#mapper = new SourceMapper(context.services);
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(bytes, start, end), MAX_LINE_BYTES);
    out.meta({ format: v8Chunks.id, stackMethod: "v8" });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    const unread = this.#unread;
    if (this.#lines.end() && this.#unread > unread) {
      this.#unread = unread;
      this.#out.note("The recording ends in the middle of a chunk, which was left out.");
    }
    if (this.#unread > 0) this.#out.note(`${this.#unread} lines could not be read.`);
    this.#mapper.finish(this.#out);
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    const value = parse(textOf(bytes, start, end));
    const chunk = v.safeParse(chunkSchema, value);
    if (chunk.success) {
      this.#chunk(chunk.output);
      return;
    }
    const head = v.safeParse(headSchema, value);
    if (!head.success) {
      this.#unread++;
      return;
    }
    const { pid, name, tool, version } = head.output;
    this.#process = this.#out.process(pid, name);
    if (tool !== "") this.#out.meta({ tool });
    if (version !== 1) this.#out.note(`The recording was written by another version (format ${version}).`);
  }

  #chunk({ threadId, threadName, fromUs, toUs, profile }: Chunk): void {
    const out = this.#out;
    const { maxSamples, maxStackDepth } = this.#context.limits;
    const nodes = new V8Nodes(out, maxStackDepth, this.#mapper);
    for (const { id: nodeId, callFrame, children, parent } of profile.nodes) {
      const row = nodes.add(NONE);
      nodes.setId(row, nodeId);
      nodes.setName(row, callFrame.functionName);
      nodes.setUrl(row, callFrame.url);
      nodes.setLine(row, callFrame.lineNumber);
      nodes.setColumn(row, callFrame.columnNumber);
      for (const child of children) nodes.setChildId(row, child);
      if (parent !== undefined) nodes.setParentId(row, parent);
    }
    const stacks = nodes.stacks();
    if (this.#process === NONE) this.#process = out.process(NONE);
    const thread = out.thread(this.#process, threadId, threadName);
    const series = out.series(v8Series(true));
    const count = Math.min(profile.samples.length, profile.timeDeltas.length);
    const deltas = Float64Array.from(profile.timeDeltas.slice(0, count));
    const { order, timeUs, durationUs } = timesFromDeltas(deltas, profile.startTime, profile.endTime);
    for (let i = 0; i < count; i++) {
      const at = timeUs[i] as number;
      if (at < fromUs || at >= toUs) continue;
      if (this.#samples >= maxSamples) {
        out.note(`Only the first ${maxSamples} samples were read.`);
        return;
      }
      this.#samples++;
      const row = nodes.rowOf(profile.samples[order ? (order[i] as number) : i] as number);
      const stack = row === NONE ? NONE : (stacks[row] as number);
      const timeNs = out.seen(relativeNs(out, at));
      series.add(timeNs, thread, stack, (durationUs[i] as number) * 1000);
    }
  }
}

/** Microseconds of a clock as ns from the profile's start. */
function relativeNs(out: ProfileBuilder, timeUs: number): number {
  const seconds = Math.floor(timeUs / 1e6);
  return out.relativeTime(seconds, Math.round((timeUs - seconds * 1e6) * 1000));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
