import { existsSync, readdirSync } from "node:fs";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { CountersLine } from "#core/importers/shared/counters-format.ts";
import { changesOf, type Descriptor, descriptorArgs, descriptorCategory } from "#core/model/descriptors.ts";
import { readIo } from "../memory-readings.ts";
import { readProc } from "../targets/proc-files.ts";
import { askTcpTraffic, readDescriptors } from "./descriptors.ts";
import { type Disks, diskRates, readDisks } from "./disk-texts.ts";
import type { TcpTraffic } from "./socket-texts.ts";
import { createTrafficRates } from "./traffic-rates.ts";

interface SamplerOptions {
  readonly pid: number;
  readonly intervalMs: number;
  /** ns from the recording's start. */
  now(): number;
  emit(lines: readonly CountersLine[]): void;
}

/** No more than this share of a core. */
const costShare = 0.02;
const costsKept = 8;
/** ss is a program: it is asked less often. */
const trafficMs = 1000;

/** What a process has open, what its threads move, and what the disks do, until it is disposed of or the process is gone. */
export function startIoSampler({ pid, intervalMs, now, emit }: SamplerOptions): Disposable {
  let lines: CountersLine[] = [];
  let timeNs = 0;
  let traffic: ReadonlyMap<string, TcpTraffic> = new Map();
  let trafficDueMs = 0;
  /** When what ss said last was true, until it has been told. */
  let trafficNs: number | null = null;
  const ratesOf = createTrafficRates();
  let asking = false;
  const tell = changesOf((each: Descriptor) =>
    lines.push({ category: descriptorCategory, name: each.name, args: descriptorArgs(each), timeNs }),
  );
  const threads = new Map<number, { readonly read: number; readonly written: number }>();
  let disks: { readonly counts: Disks; readonly atMs: number } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  /** A busy machine makes readings slow, never quick: the quickest of the last few is what it costs. */
  const costs: number[] = [];

  const askTraffic = async (): Promise<void> => {
    asking = true;
    traffic = await askTcpTraffic();
    asking = false;
    if (traffic.size > 0) trafficNs = now();
    trafficDueMs = performance.now() + trafficMs;
  };

  const sampleThreads = (): void => {
    for (const tid of threadsOf(pid)) {
      const io = readIo(readProc(`/proc/${pid}/task/${tid}/io`)?.toString("latin1") ?? "");
      if (io === null) continue;
      const before = threads.get(tid);
      threads.set(tid, io);
      // What it moved before it was first seen is not of this time.
      if (!before || (io.read === before.read && io.written === before.written)) continue;
      const thread = readProc(`/proc/${pid}/task/${tid}/comm`)?.toString("utf8").trim() ?? "";
      const read = io.read - before.read;
      const written = io.written - before.written;
      lines.push({ pid, tid, thread, read, written, timeNs });
    }
  };

  const sampleDisks = (): void => {
    const text = readProc("/proc/diskstats")?.toString("latin1") ?? "";
    const atMs = performance.now();
    const counts = readDisks(text, isDisk);
    if (disks !== null)
      for (const { id, unit, value } of diskRates(disks.counts, counts, atMs - disks.atMs))
        lines.push({ id, name: id, unit, timeNs, value });
    disks = { counts, atMs };
  };

  const sample = (): void => {
    const startedMs = performance.now();
    timeNs = now();
    lines = [];
    const open = readDescriptors(pid, traffic);
    if (open !== null) tell(open);
    if (open !== null && trafficNs !== null) {
      lines.push(...ratesOf(open, trafficNs));
      trafficNs = null;
    }
    if (
      !asking &&
      startedMs >= trafficDueMs &&
      open?.some(({ name, peer }) => name.startsWith("TCP") && peer !== "")
    )
      void askTraffic();
    sampleThreads();
    sampleDisks();
    emit(lines);
    if (over || (open === null && !existsSync(`/proc/${pid}`))) return;
    costs.push(performance.now() - startedMs);
    if (costs.length > costsKept) costs.shift();
    const quickestMs = costs.length < costsKept ? 0 : Math.min(...costs);
    timer = setTimeout(sample, Math.max(intervalMs, quickestMs / costShare));
  };
  sample();
  return disposable(() => {
    over = true;
    clearTimeout(timer);
  });
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

const known = new Map<string, boolean>();

/** Partitions have no folder of their own. */
function isDisk(name: string): boolean {
  let is = known.get(name);
  if (is === undefined) {
    is = existsSync(`/sys/block/${name}`);
    known.set(name, is);
  }
  return is;
}
