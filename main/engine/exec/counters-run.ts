import { type CountersLine, countersStart } from "#core/importers/shared/counters-format.ts";
import type { CountersSource } from "#core/profilers/profiler.ts";
import { startIoSampler } from "../io/io-sampler.ts";
import { startMemorySampler } from "../memory-sampler.ts";
import type { SourceEnd, SourceEvents, SourceRun } from "./source-run.ts";

/** The counters of a process as lines of the importer "counters". */
export function runCounters(source: CountersSource, pid: number, events: SourceEvents): SourceRun {
  const beganAtNs = process.hrtime.bigint();
  const waiting: CountersLine[] = [];
  let targetExited = false;
  let over = false;
  let wake: () => void = () => undefined;
  let ended: (end: SourceEnd) => void = () => undefined;
  const end = new Promise<SourceEnd>((resolve) => {
    ended = resolve;
  });
  const finish = (): void => {
    over = true;
    wake();
  };

  async function* output(): AsyncIterable<Uint8Array> {
    const now = (): number => Number(process.hrtime.bigint() - beganAtNs);
    const emit = (rows: readonly CountersLine[]): void => {
      waiting.push(...rows);
      wake();
    };
    const io = source.io ? startIoSampler({ pid, intervalMs: source.intervalMs, now, emit }) : null;
    const sampler = startMemorySampler({
      pid,
      intervalMs: source.intervalMs,
      now,
      emit,
      remark: events.remark,
      gone: () => {
        targetExited = true;
        finish();
      },
    });
    try {
      yield Buffer.from(countersStart);
      for (;;) {
        const rows = waiting.splice(0);
        if (rows.length > 0) yield Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
        else if (over) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      sampler.dispose();
      io?.dispose();
      ended({ problem: null, targetExited });
    }
  }

  return {
    pid,
    ready: Promise.resolve(),
    beganAtNs,
    resume: async () => undefined,
    output: output(),
    stop: finish,
    kill: finish,
    ended: end,
  };
}
