import { readFile } from "node:fs/promises";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import { readIo, readMaps, readStatus } from "./memory-readings.ts";
import type { CounterRow } from "./parts.ts";
import { readProc } from "./targets/proc-files.ts";
import { pageSizeBytes, ticksPerSecond } from "./targets/process-table.ts";
import { isGone, parseStat } from "./targets/stat.ts";

/** Memory, CPU, threads and I/O of one process, from /proc, on the recording's clock. */

interface SamplerOptions {
  readonly pid: number;
  /** ns from the recording's start. */
  now(): number;
  emit(rows: readonly CounterRow[]): void;
  remark(text: string): void;
  /** The process is gone (or became a zombie). Called once; sampling has ended. */
  gone(): void;
  readonly intervalMs?: number;
}

/** Neither the quick readings nor the dear one take more than this share of a core. */
const costShare = 0.005;
const costsKept = 8;
/** Mappings are read so often at most. */
const mapsIntervalMs = 1000;
/** Said once the mappings are read so seldom. */
const seldomMs = 5000;

const counters = {
  rss: { name: "Resident memory", unit: "bytes" },
  anon: { name: "Anonymous memory", unit: "bytes" },
  pss: { name: "Proportional memory (PSS)", unit: "bytes" },
  private: { name: "Private memory (heap, stacks, data)", unit: "bytes" },
  file: { name: "Memory of files", unit: "bytes" },
  shmem: { name: "Shared memory", unit: "bytes" },
  swap: { name: "Swapped out", unit: "bytes" },
  "heap-resident": { name: "Heap (brk), resident", unit: "bytes" },
  "stack-resident": { name: "Stack of the main thread, resident", unit: "bytes" },
  faults: { name: "Page faults", unit: "/s" },
  "major-faults": { name: "Page faults from disk", unit: "/s" },
  cpu: { name: "CPU", unit: "percent" },
  threads: { name: "Threads", unit: "count" },
  "io-read": { name: "Read since the start", unit: "bytes" },
  "io-write": { name: "Written since the start", unit: "bytes" },
} as const;
type CounterId = keyof typeof counters;

export function startMemorySampler(options: SamplerOptions): Disposable {
  const { pid, now, emit, remark } = options;
  const intervalMs = options.intervalMs ?? 250;
  const pageBytes = pageSizeBytes();
  let last: {
    readonly timeNs: number;
    readonly cpuTicks: number;
    readonly faults: number;
    readonly major: number;
  } | null = null;
  let ioStart: { readonly read: number; readonly written: number } | null = null;
  const costs: number[] = [];
  let mapsDueMs = 0;
  let mapsRunning = false;
  let saidSeldom = false;
  let over = false;
  let timer: NodeJS.Timeout | undefined;

  const row = (id: CounterId, timeNs: number, value: number): CounterRow => ({
    id,
    ...counters[id],
    timeNs,
    value,
  });

  const sampleMaps = async (): Promise<void> => {
    mapsRunning = true;
    try {
      const startedMs = performance.now();
      const text = await readFile(`/proc/${pid}/smaps`, "latin1");
      const timeNs = now();
      const maps = readMaps(text);
      const costMs = performance.now() - startedMs;
      mapsDueMs = performance.now() + Math.max(mapsIntervalMs, costMs / costShare);
      if (over) return;
      if (costMs / costShare > seldomMs && !saidSeldom) {
        saidSeldom = true;
        remark(
          `PSS, heap and stack are read every ${(costMs / costShare / 1000).toFixed(0)} s only: one reading takes ${costMs.toFixed(0)} ms.`,
        );
      }
      emit([
        row("pss", timeNs, maps.proportional),
        row("private", timeNs, maps.privateDirty),
        row("heap-resident", timeNs, maps.heap),
        row("stack-resident", timeNs, maps.stack),
      ]);
    } catch {
      // Someone else's process, or gone: there is no PSS then.
      mapsDueMs = Number.POSITIVE_INFINITY;
    } finally {
      mapsRunning = false;
    }
  };

  const sample = (): void => {
    const startedMs = performance.now();
    const line = readProc(`/proc/${pid}/stat`);
    const stat = line === null ? null : parseStat(line);
    if (stat === null || isGone(stat)) {
      stop.dispose();
      options.gone();
      return;
    }
    const timeNs = now();
    const rows = [row("rss", timeNs, stat.rssPages * pageBytes), row("threads", timeNs, stat.threads)];
    if (last !== null && timeNs > last.timeNs) {
      const spanS = (timeNs - last.timeNs) / 1e9;
      rows.push(
        row("cpu", timeNs, (100 * (stat.cpuTicks - last.cpuTicks)) / ticksPerSecond / spanS),
        row("faults", timeNs, (stat.minorFaults - last.faults) / spanS),
        row("major-faults", timeNs, (stat.majorFaults - last.major) / spanS),
      );
    }
    last = { timeNs, cpuTicks: stat.cpuTicks, faults: stat.minorFaults, major: stat.majorFaults };
    const { anonymous, file, shared, swap } = readStatus(
      readProc(`/proc/${pid}/status`)?.toString("latin1") ?? "",
    );
    const add = (id: CounterId, value: number | null): void => {
      if (value !== null) rows.push(row(id, timeNs, value));
    };
    add("anon", anonymous);
    add("file", file);
    add("shmem", shared);
    add("swap", swap);
    const io = readIo(readProc(`/proc/${pid}/io`)?.toString("latin1") ?? "");
    if (io !== null) {
      ioStart ??= io;
      add("io-read", io.read - ioStart.read);
      add("io-write", io.written - ioStart.written);
    }
    emit(rows);
    if (!mapsRunning && performance.now() >= mapsDueMs) void sampleMaps();
    const costMs = performance.now() - startedMs;
    // A busy machine makes readings slow, never quick: the quickest of the last few is what it costs.
    costs.push(costMs);
    if (costs.length > costsKept) costs.shift();
    const quickestMs = costs.length < costsKept ? 0 : Math.min(...costs);
    timer = setTimeout(sample, Math.max(intervalMs - costMs, quickestMs / costShare));
  };

  const stop = disposable(() => {
    over = true;
    clearTimeout(timer);
  });
  sample();
  return stop;
}
