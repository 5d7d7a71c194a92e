import { textOf } from "../bytes/ascii.ts";
import { JsonTokenizer } from "../bytes/json.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { SourceMapper } from "./shared/source-mapper.ts";
import { V8Reader } from "./shared/v8-reader.ts";
import { median, timesFromDeltas, timesOf, type V8Times, v8Series } from "./shared/v8-times.ts";

/**
 * A CPU profile of V8 (`node --cpu-prof`, the inspector, DevTools), and the older form with one tree under "head".
 * Read as a stream of tokens: keys come in any order, and a file of any size never is one string.
 */
export const cpuprofile: StreamImporter = {
  id: "cpuprofile",
  title: "V8 CPU profile",
  extensions: ["cpuprofile"],
  order: 100,
  kind: "stream",
  sniff: looksLikeCpuProfile,
  open: (out, context) => new CpuProfileParser(out, context),
};

/** The keys of a profile near its start; "selfSize" is in heap profiles, which have the same tree. */
function looksLikeCpuProfile(head: Uint8Array): boolean {
  const text = textOf(head);
  if (
    !/^\ufeff?\s*\{\s*"(nodes|head|samples|timeDeltas|timestamps|startTime|endTime|typeId|uid|title)"\s*:/.test(
      text,
    )
  ) {
    return false;
  }
  if (text.includes('"selfSize"') || text.includes('"$schema"')) return false;
  return (
    /"functionName"\s*:/.test(text) ||
    /^\s*\{\s*"(samples|timeDeltas|timestamps)"\s*:\s*\[\s*-?\d/.test(text) ||
    /"(startTime|endTime)"\s*:\s*\d[^{]*"(startTime|endTime|nodes|samples|timeDeltas)"/.test(text)
  );
}

const BOM = [0xef, 0xbb, 0xbf];

class CpuProfileParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #reader: V8Reader;
  readonly #mapper: SourceMapper;
  readonly #tokens: JsonTokenizer;
  #isFirst = true;

  constructor(out: ProfileBuilder, { limits, services }: ImportContext) {
    this.#out = out;
    this.#mapper = new SourceMapper(services);
    this.#reader = new V8Reader(out, limits.maxSamples, limits.maxStackDepth, this.#mapper);
    this.#tokens = new JsonTokenizer(this.#reader);
    out.meta({ format: cpuprofile.id, tool: "V8", stackMethod: "v8" });
  }

  push(chunk: Uint8Array): void {
    const hasBom = this.#isFirst && BOM.every((byte, i) => chunk[i] === byte);
    if (chunk.length > 0) this.#isFirst = false;
    this.#tokens.push(hasBom ? chunk.subarray(BOM.length) : chunk);
  }

  end(): void {
    const out = this.#out;
    const reader = this.#reader;
    this.#tokens.end();
    const { fault } = this.#tokens;
    if (fault !== null) out.note(`The file is damaged; what comes before the damage was read: ${fault}.`);
    if (reader.isCut) out.note(`Only the first ${reader.samples.length} samples were read.`);
    const stacks = reader.nodes.stacks();
    if (reader.samples.length > 0) this.#addSamples(stacks);
    else this.#addHits(stacks);
    this.#addTicks(stacks);
    this.#mapper.finish(out);
  }

  #addSamples(stacks: Int32Array): void {
    const out = this.#out;
    const { samples, deltas } = this.#reader;
    const times = deltas.length > 0 ? this.#deltaTimes() : this.#otherTimes();
    const count = times ? times.timeUs.length : samples.length;
    if (count < samples.length) out.note(`${samples.length - count} samples have no time and were left out.`);
    const series = out.series(v8Series(times !== null));
    const stack = this.#stacksOf(count, times?.order ?? null, stacks);
    if (!times) {
      series.adopt(null, NONE, stack, new Float64Array(count).fill(1));
      return;
    }
    // In place: there may be hundreds of millions of them.
    const { timeUs, durationUs } = times;
    const firstNs = this.#relativeNs(timeUs[0] as number);
    const firstUs = timeUs[0] as number;
    for (let i = 0; i < count; i++) {
      timeUs[i] = firstNs + Math.round(((timeUs[i] as number) - firstUs) * 1000);
      durationUs[i] = (durationUs[i] as number) * 1000;
    }
    out.seen(timeUs[count - 1] as number);
    series.adopt(timeUs, NONE, stack, durationUs);
  }

  #stacksOf(count: number, order: Uint32Array | null, stacks: Int32Array): Int32Array {
    const { nodes, samples } = this.#reader;
    const ids = order
      ? Int32Array.from(order, (sample) => samples.at(sample))
      : samples.view().subarray(0, count);
    let unknown = 0;
    for (let i = 0; i < count; i++) {
      const row = nodes.rowOf(ids[i] as number);
      if (row === NONE) unknown++;
      ids[i] = row === NONE ? NONE : (stacks[row] as number);
    }
    if (unknown > 0) this.#out.note(`${unknown} samples are of calls that the file does not describe.`);
    return ids;
  }

  #deltaTimes(): V8Times {
    const { samples, deltas, startTime, endTime } = this.#reader;
    const used = deltas.view().subarray(0, samples.length);
    const periodUs = median(used.length > 1 ? used.subarray(1) : used);
    if (periodUs > 0) this.#out.meta({ periodNs: periodUs * 1000 });
    const startUs = Math.max(startTime, 0);
    this.#relativeNs(startUs);
    return timesFromDeltas(used, startUs, endTime);
  }

  #otherTimes(): V8Times | null {
    const { samples, stamps, startTime, endTime } = this.#reader;
    if (stamps.length > 0) {
      const used = stamps.view().subarray(0, samples.length);
      this.#relativeNs(used[0] as number);
      return timesOf(used, -1);
    }
    if (!(startTime >= 0 && endTime > startTime)) return null;
    this.#out.note(
      "The file has no time for each sample: they were spread evenly from its start to its end.",
    );
    this.#relativeNs(startTime);
    const step = (endTime - startTime) / samples.length;
    return timesOf(
      Float64Array.from({ length: samples.length }, (_, i) => startTime + i * step),
      endTime,
    );
  }

  /** Microseconds of V8's clock as ns from the profile's start. */
  #relativeNs(timeUs: number): number {
    const seconds = Math.floor(timeUs / 1e6);
    return this.#out.relativeTime(seconds, Math.round((timeUs - seconds * 1e6) * 1000));
  }

  /** Files without samples have only how often each node was hit. */
  #addHits(stacks: Int32Array): void {
    const { nodes } = this.#reader;
    const series = this.#out.series(v8Series(false));
    for (let row = 0; row < nodes.length; row++) {
      if (nodes.hits(row) > 0) series.add(0, NONE, stacks[row] as number, nodes.hits(row));
    }
  }

  /** Which lines of a function were seen, a series of its own: V8 does not say which sample was on which line. */
  #addTicks(stacks: Int32Array): void {
    const { nodes, tickNode, tickLine, tickCount } = this.#reader;
    if (tickNode.length === 0) return;
    const series = this.#out.series({
      id: "line-ticks",
      name: "Ticks by line",
      kind: "other",
      timed: false,
      values: [{ name: "ticks", unit: "samples" }],
    });
    for (let i = 0; i < tickNode.length; i++) {
      const row = tickNode.at(i);
      const stack = stacks[row] === NONE ? NONE : nodes.stackAtLine(row, tickLine.at(i), stacks);
      series.add(0, NONE, stack, tickCount.at(i));
    }
  }
}
