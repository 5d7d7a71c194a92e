import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { LogLine } from "#core/model/recording.ts";

const keptLines = 10_000;

/** What a recording says while it runs. The newest lines stay in memory; all of them go to the draft. */
export interface RecordingLog {
  write(source: LogLine["source"], text: string): void;
  readonly lines: readonly LogLine[];
  onLines(handler: (lines: readonly LogLine[]) => void): Disposable;
  /** From now on every line goes there, those so far first. */
  persist(keep: (line: LogLine) => void): void;
}

export function createRecordingLog(now: () => number): RecordingLog {
  let lines: LogLine[] = [];
  let batch: LogLine[] = [];
  let keep: ((line: LogLine) => void) | null = null;
  const handlers = new Set<(lines: readonly LogLine[]) => void>();

  const flush = (): void => {
    const sent = batch;
    batch = [];
    for (const handler of handlers) handler(sent);
  };

  return {
    write(source, text) {
      const line: LogLine = { timeNs: now(), source, text };
      lines.push(line);
      // Cut seldom, so that a chatty program does not copy the list with every line.
      if (lines.length > 2 * keptLines) lines = lines.slice(-keptLines);
      keep?.(line);
      if (batch.length === 0) setImmediate(flush);
      batch.push(line);
    },
    get lines() {
      // Those in the batch reach a new listener by their batch: nothing twice, nothing lost.
      const settled = batch.length === 0 ? lines : lines.slice(0, -batch.length);
      return settled.slice(-keptLines);
    },
    onLines(handler) {
      handlers.add(handler);
      return disposable(() => handlers.delete(handler));
    },
    persist(next) {
      keep = next;
      for (const line of lines) next(line);
    },
  };
}
