import { Decompress } from "fzstd";
import { ProblemError, throwProblem } from "../../base/result.ts";
import { EndianReader } from "../../bytes/endian.ts";
import type { ByteSource } from "../../bytes/source.ts";

/** perf_event_type and perf_user_event_type of linux/perf_event.h and tools/lib/perf/include/perf/event.h. */
export const record = {
  mmap: 1,
  lost: 2,
  comm: 3,
  exit: 4,
  throttle: 5,
  fork: 7,
  sample: 9,
  mmap2: 10,
  lostSamples: 13,
  switch: 14,
  switchCpuWide: 15,
  ksymbol: 17,
  headerAttr: 64,
  tracingData: 66,
  buildId: 67,
  finishedRound: 68,
  auxtrace: 71,
  eventUpdate: 78,
  headerFeature: 80,
  compressed: 81,
  compressed2: 83,
} as const;

/** Records hold less than 64 KiB each; a piece that is read at once holds many. */
const PIECE_BYTES = 1 << 22;
const HEADER_BYTES = 8;

/** One record, or what follows one that announces more: it lies at [at, end) of the reader's bytes. */
export interface RecordVisitor {
  record(reader: EndianReader, type: number, misc: number, at: number, end: number): void;
  /** The tracing data that follow their record in a pipe. */
  tracing?(bytes: Uint8Array): void;
}

export interface RecordRange {
  readonly from: number;
  readonly to: number;
  readonly isLittle: boolean;
  /** What compressed records may become. */
  readonly maxBytes: number;
}

/**
 * Gives every record from front to back, compressed ones unpacked, without an object a record. Says in words where and
 * why it had to stop early, or null.
 */
export async function walkRecords(
  source: ByteSource,
  range: RecordRange,
  visitor: RecordVisitor,
  signal: AbortSignal,
  progress: (share: number) => void,
): Promise<string | null> {
  const walker = new RecordWalker(range, visitor);
  let at = range.from;
  while (at < range.to) {
    signal.throwIfAborted();
    progress((at - range.from) / (range.to - range.from));
    const length = Math.min(PIECE_BYTES, range.to - at);
    const bytes = await source.read(at, length);
    const isLast = at + length >= range.to || bytes.length < length;
    const used = walker.walk(bytes);
    if (walker.why !== null) return walker.why;
    if (walker.blob > 0) {
      at += used;
      const blob = walker.blob;
      if (walker.isTracing && blob <= range.to - at && blob < MAX_TRACING_BYTES)
        visitor.tracing?.(await source.read(at, blob));
      walker.blob = 0;
      at += blob;
      if (at > range.to) return "it ends in the middle of a trace";
    } else if (isLast) return used < bytes.length ? "it ends in the middle of a record" : walker.rest();
    else if (used === 0) return "a record has no end";
    else at += used;
  }
  return walker.rest();
}

export const MAX_TRACING_BYTES = 2 ** 28;

/** Finds the records in pieces of bytes. */
export class RecordWalker {
  readonly #range: Pick<RecordRange, "isLittle" | "maxBytes">;
  readonly #visitor: RecordVisitor;
  why: string | null = null;
  /** Bytes after the last record that are no records. */
  blob = 0;
  isTracing = false;
  #unpacker: Unpacker | null = null;

  constructor(range: Pick<RecordRange, "isLittle" | "maxBytes">, visitor: RecordVisitor) {
    this.#range = range;
    this.#visitor = visitor;
  }

  /** Visits the whole records at the start of `bytes` and gives how many bytes they took. */
  walk(bytes: Uint8Array): number {
    const reader = new EndianReader(bytes, this.#range.isLittle);
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length && this.blob === 0) {
      const type = reader.u32(at);
      const size = reader.u16(at + 6);
      if (size < HEADER_BYTES) {
        this.why = "a record has no size";
        return at;
      }
      if (at + size > bytes.length) break;
      const end = at + size;
      if (type === record.sample) this.#visitor.record(reader, type, reader.u16(at + 4), at, end);
      else this.#other(reader, type, at, end);
      if (this.why !== null) return end;
      at = end;
    }
    return at;
  }

  /** Why what was unpacked ends early, or null. */
  rest(): string | null {
    return this.#unpacker !== null && this.#unpacker.leftBytes > 0
      ? "it ends in the middle of a record"
      : null;
  }

  #other(reader: EndianReader, type: number, at: number, end: number): void {
    if (type === record.compressed || type === record.compressed2) {
      const from = at + (type === record.compressed ? 8 : 16);
      const to = type === record.compressed ? end : Math.min(end, from + reader.u64(at + 8));
      if (from <= to) this.#unpack(reader.bytes.subarray(from, to));
      return;
    }
    if (type === record.tracingData && at + 12 <= end) {
      this.blob = Math.ceil(reader.u32(at + 8) / 8) * 8;
      this.isTracing = true;
    } else if (type === record.auxtrace && at + 16 <= end) {
      this.blob = reader.u64(at + 8);
      this.isTracing = false;
    }
    this.#visitor.record(reader, type, reader.u16(at + 4), at, end);
  }

  #unpack(packed: Uint8Array): void {
    this.#unpacker ??= new Unpacker(this.#range.maxBytes);
    const unpacker = this.#unpacker;
    if (!unpacker.push(packed)) this.why = "a compressed record is damaged";
    const inner = unpacker.take();
    const used = this.walk(inner);
    unpacker.keep(inner.subarray(used));
  }
}

/** perf compresses all records of a recording as one stream of zstd, cut anywhere. */
class Unpacker {
  readonly #maxBytes: number;
  readonly #frames: Decompress;
  #parts: Uint8Array[] = [];
  #total = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#frames = new Decompress((chunk) => {
      this.#total += chunk.length;
      if (this.#total > this.#maxBytes)
        throwProblem(
          "too-large",
          `The compressed records become more than ${Math.round(this.#maxBytes / 2 ** 30)} GiB.`,
          "Record for a shorter time, or less often.",
        );
      // The library writes over its window later.
      if (chunk.length > 0) this.#parts.push(chunk.slice());
    });
  }

  get leftBytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  push(packed: Uint8Array): boolean {
    try {
      this.#frames.push(packed, false);
      return true;
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      return false;
    }
  }

  take(): Uint8Array {
    const [first] = this.#parts;
    if (this.#parts.length === 1 && first) {
      this.#parts = [];
      return first;
    }
    const whole = new Uint8Array(this.leftBytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    return whole;
  }

  keep(rest: Uint8Array): void {
    if (rest.length > 0) this.#parts.unshift(rest);
  }
}
