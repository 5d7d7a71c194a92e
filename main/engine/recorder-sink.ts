import { type Problem, toProblem } from "#core/base/result.ts";
import type { LogLine } from "#core/model/recording.ts";
import type { CounterRow, LiveProfile, SessionDraft } from "./parts.ts";

/** Read ahead of disk and parser up to here; above it the source has to wait. */
const highMarkBytes = 8 << 20;

/** Where everything that is recorded goes: to disk first, then into the live profile. */
export interface RecordingSink {
  readonly rawBytes: number;
  /** Resolves at once while little is pending, else when there is room again. */
  raw(bytes: Uint8Array): Promise<void>;
  counters(rows: readonly CounterRow[]): void;
  mark(timeNs: number, name: string): Promise<void>;
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
  let tail: Promise<void> = Promise.resolve();
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

  const keep = async (bytes: Uint8Array): Promise<void> => {
    try {
      if (failed) return;
      await draft.raw(bytes);
      rawBytes += bytes.length;
    } catch (error) {
      failure(error);
      return;
    } finally {
      pendingBytes -= bytes.length;
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
      tail = tail.then(() => keep(bytes));
      if (pendingBytes > highMarkBytes) await tail;
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
    log(line) {
      if (!failed) background(draft.log(line));
    },
    async settled() {
      await tail;
      await Promise.all(writes);
    },
  };
}
