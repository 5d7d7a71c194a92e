import { readFile } from "node:fs/promises";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { CounterRow } from "./parts.ts";
import { readProc } from "./targets/proc-files.ts";
import { pageSizeBytes, ticksPerSecond } from "./targets/process-table.ts";
import { isGone, parseStat } from "./targets/stat.ts";

/** Memory, CPU, threads and I/O of one process, from /proc, on the recording's clock. */

interface SamplerOptions {
  readonly pid: number;
  /** false: someone else counts the heap, who knows it better. */
  readonly heap: boolean;
  /** ns from the recording's start. */
  now(): number;
  emit(rows: readonly CounterRow[]): void;
  remark(text: string): void;
  /** The process is gone (or became a zombie). Called once; sampling has ended. */
  gone(): void;
  readonly intervalMs?: number;
}

/** The kernel walks every page for it and holds the target's memory map meanwhile. */
const rollupIntervalMs = 1000;
const rollupCostLimitMs = 10;
/** One slow read may be our own machine's scheduling; two in a row are the target's size. */
const slowReadsAllowed = 2;

const counters = {
  rss: { name: "Resident memory", unit: "bytes" },
  anon: { name: "Anonymous memory", unit: "bytes" },
  pss: { name: "Proportional memory (PSS)", unit: "bytes" },
  heap: { name: "Private memory (heap, stacks, data)", unit: "bytes" },
  cpu: { name: "CPU", unit: "percent" },
  threads: { name: "Threads", unit: "count" },
  "io-read": { name: "Read since the start", unit: "bytes" },
  "io-write": { name: "Written since the start", unit: "bytes" },
} as const;
type CounterId = keyof typeof counters;

export function startMemorySampler(options: SamplerOptions): Disposable {
  const { pid, now, emit, remark } = options;
  const pageBytes = pageSizeBytes();
  let lastTicks = -1;
  let lastTimeNs = 0;
  let lastRollupMs = 0;
  let slowReads = 0;
  let rollupRunning = false;
  let over = false;
  let ioStart: { readonly readBytes: number; readonly writtenBytes: number } | null = null;

  const row = (id: CounterId, timeNs: number, value: number): CounterRow => ({
    id,
    ...counters[id],
    timeNs,
    value,
  });

  const readRollup = async (): Promise<void> => {
    rollupRunning = true;
    try {
      const startedMs = performance.now();
      const text = await readFile(`/proc/${pid}/smaps_rollup`, "latin1");
      const costMs = performance.now() - startedMs;
      if (over) return;
      slowReads = costMs > rollupCostLimitMs ? slowReads + 1 : 0;
      if (slowReads >= slowReadsAllowed) {
        remark(
          `PSS is not sampled: one reading takes ${costMs.toFixed(0)} ms, during which the target cannot map memory.`,
        );
      }
      const timeNs = now();
      const sizeOf = (key: string): number | null => {
        const kib = new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
        return kib === undefined ? null : Number(kib) * 1024;
      };
      const pss = sizeOf("Pss");
      const dirty = sizeOf("Private_Dirty");
      emit([
        ...(pss === null ? [] : [row("pss", timeNs, pss)]),
        ...(dirty === null || !options.heap ? [] : [row("heap", timeNs, dirty)]),
      ]);
    } catch {
      // Someone else's process, or gone: there is no PSS then.
      slowReads = slowReadsAllowed;
    } finally {
      rollupRunning = false;
    }
  };

  const sample = (): void => {
    const line = readProc(`/proc/${pid}/stat`);
    const stat = line === null ? null : parseStat(line);
    if (stat === null || isGone(stat)) {
      stop.dispose();
      options.gone();
      return;
    }
    const timeNs = now();
    const rows = [row("rss", timeNs, stat.rssPages * pageBytes), row("threads", timeNs, stat.threads)];
    if (lastTicks >= 0 && timeNs > lastTimeNs) {
      const usedS = (stat.cpuTicks - lastTicks) / ticksPerSecond;
      rows.push(row("cpu", timeNs, (100 * usedS) / ((timeNs - lastTimeNs) / 1e9)));
    }
    lastTicks = stat.cpuTicks;
    lastTimeNs = timeNs;
    const anonKib = /^RssAnon:\s+(\d+) kB$/m.exec(
      readProc(`/proc/${pid}/status`)?.toString("latin1") ?? "",
    )?.[1];
    if (anonKib !== undefined) rows.push(row("anon", timeNs, Number(anonKib) * 1024));
    const io = readProc(`/proc/${pid}/io`)?.toString("latin1");
    const readBytes = /^rchar: (\d+)$/m.exec(io ?? "")?.[1];
    const writtenBytes = /^wchar: (\d+)$/m.exec(io ?? "")?.[1];
    if (readBytes !== undefined && writtenBytes !== undefined) {
      ioStart ??= { readBytes: Number(readBytes), writtenBytes: Number(writtenBytes) };
      rows.push(row("io-read", timeNs, Number(readBytes) - ioStart.readBytes));
      rows.push(row("io-write", timeNs, Number(writtenBytes) - ioStart.writtenBytes));
    }
    emit(rows);

    const nowMs = performance.now();
    if (!rollupRunning && slowReads < slowReadsAllowed && nowMs - lastRollupMs >= rollupIntervalMs) {
      lastRollupMs = nowMs;
      void readRollup();
    }
  };

  const timer = setInterval(sample, options.intervalMs ?? 250);
  const stop = disposable(() => {
    over = true;
    clearInterval(timer);
  });
  sample();
  return stop;
}
