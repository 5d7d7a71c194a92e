import { type Problem, toProblem } from "#core/base/result.ts";
import type { LogLine } from "#core/model/recording.ts";
import type { CounterRow, HappeningKind, LiveProfile, SessionDraft } from "./parts.ts";

/** Read ahead of disk and parser up to here; above it the source has to wait. */
const highMarkBytes = 8 << 20;
/** A tool that flushes every line gives tiny pieces: what waits is joined, up to this size. */
const pieceBytes = 1 << 20;

/** Where everything that is recorded goes: to disk first, then into the live profile. */
export interface RecordingSink {
  readonly rawBytes: number;
  /** Resolves at once while little is pending, else when there is room again. */
  raw(bytes: Uint8Array): Promise<void>;
  counters(rows: readonly CounterRow[]): void;
  mark(timeNs: number, name: string): Promise<void>;
  /** A happening that is no mark of a person's. */
  happened(timeNs: number, name: string, kind: HappeningKind): void;
  log(line: LogLine): void;
  /** Everything that was given is on disk and parsed, as far as that went well. */
  settled(): Promise<void>;
}

/**
 * After a failure to write nothing more is kept, on disk or in the profile, so that both stay the same; `onFailure`
 * is told once.
 */
export function createSink(
  draft: SessionDraft,
  live: LiveProfile,
  onFailure: (problem: Problem) => void,
): RecordingSink {
  let rawBytes = 0;
  let pendingBytes = 0;
  let failed = false;
  let liveFailed = false;
  let waiting: Uint8Array[] = [];
  let draining: Promise<void> | null = null;
  const writes = new Set<Promise<void>>();

  const failure = (error: unknown): void => {
    if (failed) return;
    failed = true;
    onFailure(toProblem(error));
  };

  const background = (write: Promise<void>): void => {
    const done = write.catch(failure).finally(() => writes.delete(done));
    writes.add(done);
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const bytes = takePiece();
      await keep(bytes);
      pendingBytes -= bytes.length;
    }
    draining = null;
  };

  const takePiece = (): Uint8Array => {
    let count = 0;
    let length = 0;
    do length += waiting[count++]?.length ?? 0;
    while (count < waiting.length && length < pieceBytes);
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return taken.length === 1 ? (taken[0] ?? new Uint8Array()) : Buffer.concat(taken, length);
  };

  const keep = async (bytes: Uint8Array): Promise<void> => {
    if (failed) return;
    try {
      await draft.raw(bytes);
      rawBytes += bytes.length;
    } catch (error) {
      failure(error);
      return;
    }
    if (liveFailed) return;
    try {
      await live.push(bytes);
    } catch (error) {
      // The bytes are safe: recording goes on, the session is read again from disk.
      liveFailed = true;
      onFailure(toProblem(error));
    }
  };

  return {
    get rawBytes() {
      return rawBytes;
    },
    async raw(bytes) {
      pendingBytes += bytes.length;
      waiting.push(bytes);
      draining ??= drain();
      if (pendingBytes > highMarkBytes) await draining;
    },
    counters(rows) {
      if (failed) return;
      background(draft.counters(rows));
      live.counters(rows);
    },
    async mark(timeNs, name) {
      if (failed) return;
      live.mark(timeNs, name);
      await draft.mark(timeNs, name);
    },
    happened(timeNs, name, kind) {
      if (failed) return;
      live.mark(timeNs, name, kind);
      background(draft.mark(timeNs, name, kind));
    },
    log(line) {
      if (!failed) background(draft.log(line));
    },
    async settled() {
      await draining;
      await Promise.all(writes);
    },
  };
}
