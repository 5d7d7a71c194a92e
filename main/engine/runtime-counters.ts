import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import { pprofBases } from "#core/profilers/go-pprof.ts";
import { readAnswer, readPlainFile } from "./bounded-read.ts";
import type { SourceEvents } from "./exec/source-run.ts";
import type { Prepared } from "./recorder-prepare.ts";
import { readGoMemory } from "./runtime-go.ts";
import { readJavaCounters } from "./runtime-java.ts";
import { pidInsideOf } from "./targets/namespaces.ts";

/** What a runtime counts of its own heap, and its collections of garbage, beside the kernel's counters of the process. */

const everyMs = 1000;
/** Asking a program takes no more than this share of the time. */
const askShare = 0.05;
const answerMs = 5000;
const mostPageBytes = 16 << 20;
/** A JVM's own is 32 KiB, whatever lies by that name in the /tmp of others. */
const mostJavaBytes = 1 << 20;

type Told = Pick<SourceEvents, "counters" | "span">;
/** Reads once; false where there is nothing to read, now or ever. */
type Reader = () => Promise<boolean>;

const counter = (id: string, name: string, value: number) => ({ id, name, unit: "bytes", value });

/** Of a JVM always: it is a file. Of a Go program where its endpoint is asked anyway, or its memory is what is wanted. */
export function startRuntimeCounters(
  { request, profiler, facts }: Prepared,
  pid: number,
  told: Told,
): Disposable {
  const asksGo = profiler.id === "go-pprof" || (profiler.id === "proc-memory" && facts?.language === "go");
  const readers: Reader[] = [
    ...(pid > 0 ? [javaReader(pid, told)] : []),
    ...(asksGo
      ? pprofBases(request, facts)
          .slice(0, 1)
          .map((base) => goReader(base, told))
      : []),
  ];
  const timers = new Set<NodeJS.Timeout>();
  let over = false;
  const later = (reader: Reader, waitMs: number): void => {
    const timer = setTimeout(async () => {
      timers.delete(timer);
      const startedMs = performance.now();
      const there = await reader().catch(() => false);
      const tookMs = performance.now() - startedMs;
      // A launched JVM has its file a moment after its start; what is no JVM is looked at less and less.
      if (!over) later(reader, there ? Math.max(everyMs, tookMs / askShare) : Math.min(2 * waitMs, 30_000));
    }, waitMs);
    timers.add(timer);
  };
  for (const reader of readers) later(reader, everyMs / 4);
  return disposable(() => {
    over = true;
    for (const timer of timers) clearTimeout(timer);
  });
}

function javaReader(pid: number, { counters, span }: Told): Reader {
  const before = new Map<string, { readonly collections: number; readonly totalNs: number }>();
  let path: string | null = null;
  return async () => {
    path ??= await javaFile(pid);
    const bytes = path === null ? null : await readPlainFile(path, mostJavaBytes);
    const reading = bytes === null ? null : readJavaCounters(bytes);
    if (reading === null) return false;
    counters([
      counter("heap-java", "Java heap, used", reading.usedBytes),
      counter("heap-java-capacity", "Java heap, reserved", reading.capacityBytes),
      counter("heap-java-metaspace", "Java metaspace, used", reading.metaspaceBytes),
    ]);
    for (const { name, collections, totalNs } of reading.collectors) {
      const last = before.get(name);
      before.set(name, { collections, totalNs });
      if (last === undefined || collections === last.collections) continue;
      const durationNs = Math.max(0, totalNs - last.totalNs);
      const count = collections - last.collections;
      span?.({
        category: "GC",
        // To within a reading: the file has sums.
        name: count === 1 ? name : `${name}, ${count} times`,
        startedNs: process.hrtime.bigint() - BigInt(Math.round(durationNs)),
        durationNs,
      });
    }
    return true;
  };
}

/** As the process sees it: it may live in a container, under another number. */
async function javaFile(pid: number): Promise<string | null> {
  const folder = `/proc/${pid}/root/tmp`;
  const inside = String(pidInsideOf(pid));
  for (const user of (await readdir(folder)).filter((name) => name.startsWith("hsperfdata_"))) {
    const files: readonly string[] = await readdir(join(folder, user)).catch(() => []);
    if (files.includes(inside)) return join(folder, user, inside);
  }
  return null;
}

const goCounters: readonly (readonly [field: string, id: string, name: string])[] = [
  ["HeapAlloc", "heap-go", "Go heap, allocated"],
  ["HeapInuse", "heap-go-inuse", "Go heap, in use"],
  ["NextGC", "heap-go-next", "Go heap, size of the next collection"],
  ["Sys", "heap-go-sys", "Go runtime, from the system"],
];

function goReader(base: string, { counters, span }: Told): Reader {
  let seen = -1;
  return async () => {
    const answer = await fetch(`${base}heap?debug=1`, {
      signal: AbortSignal.timeout(answerMs),
      redirect: "manual",
    });
    const reading = answer.status === 200 ? readGoMemory(await readAnswer(answer, mostPageBytes)) : null;
    if (reading === null) return false;
    counters(
      goCounters.flatMap(([field, id, name]) => {
        const value = reading.fields.get(field);
        return value === undefined ? [] : [counter(id, name, value)];
      }),
    );
    const clockNs = process.hrtime.bigint() - BigInt(Date.now()) * 1_000_000n;
    const fresh = seen === -1 ? 0 : reading.collections - seen;
    seen = reading.collections;
    for (const { endedNs, durationNs } of reading.pauses.slice(0, fresh))
      span?.({
        category: "GC",
        name: "Pause",
        startedNs: endedNs + clockNs - BigInt(durationNs),
        durationNs,
      });
    return true;
  };
}
