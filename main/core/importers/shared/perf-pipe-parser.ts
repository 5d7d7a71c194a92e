import type { EndianReader } from "../../bytes/endian.ts";
import type { ProfileBuilder } from "../../model/builder.ts";
import type { ImportContext, StreamParser } from "../importer.ts";
import { describePerfData, stackMethodOf } from "./perf-data-describe.ts";
import { noFeatures } from "./perf-data-features.ts";
import { PerfDataFrames } from "./perf-data-frames.ts";
import { isPerfData, PIPE_HEADER_BYTES } from "./perf-data-header.ts";
import { OrderedRecords } from "./perf-data-order.ts";
import { MAX_TRACING_BYTES, type RecordVisitor, RecordWalker, record } from "./perf-data-records.ts";
import { PerfDataSamples } from "./perf-data-samples.ts";
import { PerfDataSurvey } from "./perf-data-survey.ts";
import { TracingData } from "./perf-data-tracing.ts";

/** How often names of JIT code are looked for, in ns of the recording's own clock. */
const NAMES_EVERY_NS = 100e6;

/** perf's pipe as it comes. What describes the samples stands before them; all else comes in the order of time. */
export class PerfPipeParser implements StreamParser, RecordVisitor {
  readonly #out: ProfileBuilder;
  readonly #limits: ImportContext["limits"];
  readonly #tracing = new TracingData();
  readonly #survey: PerfDataSurvey;
  readonly #frames: PerfDataFrames;
  readonly #samples: PerfDataSamples;
  readonly #ordered: OrderedRecords;
  #walker: RecordWalker | null = null;
  /** What is left of the bytes: a part of a record. */
  #rest = new Uint8Array(0);
  /** Bytes of a trace that are yet to come, and those of tracing data that have. */
  #blobBytes = 0;
  #blob: Uint8Array[] = [];
  #areEventsNamed = false;
  #lookedNs = 0;
  #why: string | null = null;

  constructor(out: ProfileBuilder, context: ImportContext) {
    const { limits, services } = context;
    this.#out = out;
    this.#limits = limits;
    const survey = new PerfDataSurvey([], noFeatures(), this.#tracing, true);
    this.#survey = survey;
    this.#frames = new PerfDataFrames(out, {
      services,
      kernel: () => survey.kernelPlace,
      kernelSpace: () => survey.spaces.at(-1, Number.MAX_VALUE),
      kernelSymbols: survey.kernelSymbols,
      buildIds: survey.features.buildIds,
    });
    this.#samples = new PerfDataSamples(out, survey, this.#frames, this.#tracing, context);
    this.#ordered = new OrderedRecords(this, (reader, type, at, end) =>
      survey.timeOfAny(reader, type, at, end),
    );
  }

  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let at = 0;
    if (this.#walker === null) {
      if (bytes.length < PIPE_HEADER_BYTES) {
        this.#rest = bytes.slice();
        return;
      }
      at = PIPE_HEADER_BYTES;
      this.#walker = this.#walkerFor(bytes);
    }
    at += this.#walk(this.#walker, bytes.subarray(at));
    // The bytes are whoever's they came from.
    this.#rest = this.#why === null ? bytes.slice(at) : new Uint8Array(0);
  }

  idle(): void {
    this.#ordered.flush();
  }

  end(): void {
    const why =
      this.#why ??
      (this.#blobBytes > 0
        ? "it ends in the middle of a trace"
        : this.#rest.length > 0
          ? "it ends in the middle of a record"
          : (this.#walker?.rest() ?? null));
    if (why !== null) this.#out.note(`The recording was read as far as it goes: ${why}.`);
    this.#ordered.flush();
    this.#survey.nameEvents();
    this.#survey.spaces.finish(this.#out);
    this.#samples.finish();
    describePerfData(this.#out, this.#survey, this.#samples.unwound);
  }

  #walkerFor(head: Uint8Array): RecordWalker {
    if (!isPerfData(head)) this.#why = "it does not begin as perf's pipe does";
    const isLittle = head[0] === 0x50;
    return new RecordWalker({ isLittle, maxBytes: this.#limits.maxBytes }, this.#ordered);
  }

  /** How many of the bytes are done with. */
  #walk(walker: RecordWalker, bytes: Uint8Array): number {
    let at = 0;
    while (this.#why === null) {
      if (this.#blobBytes > 0) {
        const taken = Math.min(this.#blobBytes, bytes.length - at);
        if (walker.isTracing) this.#blob.push(bytes.slice(at, at + taken));
        at += taken;
        this.#blobBytes -= taken;
        if (this.#blobBytes > 0) return at;
        this.#readBlob(walker.isTracing);
      }
      at += walker.walk(bytes.subarray(at));
      this.#why = walker.why;
      if (walker.blob === 0) return at;
      this.#blobBytes = walker.blob;
      walker.blob = 0;
      if (walker.isTracing && this.#blobBytes > MAX_TRACING_BYTES)
        this.#why = "what describes its tracepoints is damaged";
    }
    return at;
  }

  #readBlob(isTracing: boolean): void {
    if (isTracing && this.#blob.length > 0) {
      const whole = new Uint8Array(this.#blob.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of this.#blob) {
        whole.set(part, at);
        at += part.length;
      }
      this.#survey.tracing(whole);
      // That locks are looked at shows before any sample; other names are still to come.
      this.#survey.nameEvents();
      this.#samples.begin();
    }
    this.#blob = [];
  }

  /** In the order of time. */
  record(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    if (type === record.sample && !this.#areEventsNamed) this.#begin();
    if (type === record.headerAttr) this.#areEventsNamed = false;
    if (type === record.sample) this.#lookForNames(this.#survey.timeOfAny(reader, type, at, end));
    else {
      const lost = this.#survey.lostSamples;
      this.#survey.record(reader, type, misc, at, end);
      if (this.#survey.lostSamples !== lost) this.#out.meta({ lostSamples: this.#survey.lostSamples });
    }
    this.#samples.record(reader, type, misc, at, end);
  }

  #begin(): void {
    this.#areEventsNamed = true;
    this.#survey.nameEvents();
    this.#out.meta({ stackMethod: stackMethodOf(this.#survey.events) });
    this.#samples.begin();
  }

  #lookForNames(timeNs: number): void {
    if (timeNs - this.#lookedNs < NAMES_EVERY_NS) return;
    this.#lookedNs = timeNs;
    this.#frames.refresh();
  }
}
