import type { FunctionKind, Profile, Series } from "../../model/profile.ts";
import { kindAt } from "../../model/profile.ts";

export interface ThreadFacts {
  /** Thread index, -1 for none. */
  readonly thread: number;
  readonly samples: number;
  readonly waiting: number;
}

/** What the rules go by: worked out in one pass over the stacks and one over the samples. */
export interface ProfileFacts {
  readonly profile: Profile;
  readonly series: Series;
  /** Samples: of formats whose rows stand for many, how many they are. */
  readonly samples: number;
  /** Samples whose stack has at most two frames, and those with a stack at all. */
  readonly shallow: number;
  readonly withStack: number;
  readonly deepest: number;
  /** Samples at the deepest depth. */
  readonly atDeepest: number;
  /** Samples whose innermost frame has no name, by the binary that it is in ("" for none). */
  readonly nameless: ReadonlyMap<string, number>;
  readonly namelessSamples: number;
  /** Samples with a frame that matches anywhere on their stack. */
  readonly collecting: number;
  readonly profiling: number;
  /** Samples whose innermost frame is a one-line accessor that a compiler inlines where it optimises. */
  readonly trivial: number;
  /** Samples whose innermost function waits for something. */
  readonly waiting: number;
  /** Samples in JavaScript that V8 has optimised, as symbols of perf say it. */
  readonly optimisedScript: number;
  /** Of threads with samples, the busiest first: their samples, and those in which they wait. */
  readonly threads: readonly ThreadFacts[];
  /** ns between samples where they came fastest: the lower quartile of the gaps. NaN where it cannot be told. */
  readonly closestNs: number;
  /** CPU time that the system counted for the target meanwhile, ns; NaN where it was not asked. */
  readonly countedNs: number;
  /** Samples by kind of their innermost frame. */
  readonly byKind: ReadonlyMap<FunctionKind, number>;
}

const namelessName = /^(\[unknown\]|\(unknown\)|unknown|\?\?|0x[0-9a-f]+|\[[^\]]*\+0x[0-9a-f]+\])$/i;
/**
 * Collectors at work: Go's workers and assists, HotSpot's and V8's threads and marks, CPython's gc module, Ruby, .NET,
 * Boehm. An allocation that merely might collect is none.
 */
const collectorName =
  /^(runtime\.(gcBgMarkWorker|gcAssistAlloc|gcDrain|bgsweep|bgscavenge|scanobject)|G1|Parallel(Scavenge|Compact)|ConcurrentMark|ShenandoahConcurrent|ZMark|\(garbage collector\)|gc_collect_main|gc_mark_|rb_gc_|gc_start|WKS::gc_heap|SVR::gc_heap|GC_mark)/;
const profilerName =
  /^(perf_event_|__perf_event_|perf_swevent_|perf_output_|py_spy|_ZN13AsyncProfiler|Profiler::recordSample|v8::internal::(CpuProfiler|SamplingEventsProcessor|ProfilerEventsProcessor)|runtime\.(sigprof|profileWriter|cpuProfile))/;
const accessorName =
  /^std::(__\d+::)?[a-z_]+(<.*>)?::(operator\[\]|operator\*|operator->|size|begin|end|at|data|empty|get|front|back|_M_[a-z_]*begin[a-z_]*|__get_[a-z_]+)(?=\W|$)|^(__gnu_cxx::__normal_iterator|std::(forward|move|addressof|__addressof|__niter_base))</;

const waitingName =
  /^(__)?(futex|epoll_wait|epoll_pwait2?|ppoll|poll|select|pselect6?|nanosleep|clock_nanosleep|wait4|waitid|accept4?|recv(from|msg)?|read|schedule|pthread_cond_(timed)?wait|syscall|__syscall_cancel(_arch)?|do_futex_wait|futex_wait|lll_lock_wait|sem_(timed)?wait)(@.*)?$|^(java\.lang\.Object\.wait|jdk\.internal\.misc\.Unsafe\.park|java\.lang\.Thread\.sleep|runtime\.(gopark|futex|notesleep|netpoll|usleep)|time\.Sleep|\(idle\)|wait|_wait_for_tstate_lock|sleep)/;

export function profileFacts(profile: Profile, series: Series): ProfileFacts {
  const { stacks, frames, functions, strings } = profile;
  const isNameless = flags(profile, (name) => namelessName.test(name));
  const isCollector = flags(
    profile,
    (name, func) => collectorName.test(name) || kindAt(functions.kind[func] ?? -1) === "gc",
  );
  const isProfiler = flags(profile, (name) => profilerName.test(name));
  const isWaiting = flags(
    profile,
    (name, func) => waitingName.test(name) || kindAt(functions.kind[func] ?? -1) === "idle",
  );
  const isTrivial = flags(profile, (name) => accessorName.test(name));
  const depth = new Int32Array(stacks.length);
  const collects = new Uint8Array(stacks.length);
  const profiles = new Uint8Array(stacks.length);
  const functionOf = (stack: number): number => frames.function[stacks.frame[stack] ?? -1] ?? -1;
  // A prefix comes before its stack.
  for (let stack = 0; stack < stacks.length; stack++) {
    const prefix = stacks.prefix[stack] ?? -1;
    const func = functionOf(stack);
    depth[stack] = (prefix < 0 ? 0 : (depth[prefix] ?? 0)) + 1;
    collects[stack] = (prefix < 0 ? 0 : (collects[prefix] ?? 0)) | (isCollector[func] ?? 0);
    profiles[stack] = (prefix < 0 ? 0 : (profiles[prefix] ?? 0)) | (isProfiler[func] ?? 0);
  }
  const weights =
    series.values.find(({ unit, data }) => data !== null && (unit === "samples" || unit === "count"))?.data ??
    null;
  const atDepth = new Map<number, number>();
  const nameless = new Map<string, number>();
  const byKind = new Map<FunctionKind, number>();
  const sums = {
    samples: 0,
    shallow: 0,
    withStack: 0,
    namelessSamples: 0,
    collecting: 0,
    profiling: 0,
    trivial: 0,
    waiting: 0,
    optimisedScript: 0,
  };
  const perThread = new Map<number, { samples: number; waiting: number }>();
  const { symbol } = frames;
  for (let row = 0; row < series.length; row++) {
    const weight = Math.max(0, weights?.[row] ?? 1);
    const stack = series.stack[row] ?? -1;
    sums.samples += weight;
    if (stack < 0) continue;
    sums.withStack += weight;
    const leaf = functionOf(stack);
    const waits = isWaiting[leaf] === 1 ? weight : 0;
    sums.waiting += waits;
    const thread = series.thread[row] ?? -1;
    const own = perThread.get(thread);
    if (own === undefined) perThread.set(thread, { samples: weight, waiting: waits });
    else {
      own.samples += weight;
      own.waiting += waits;
    }
    const frame = stacks.frame[stack] ?? -1;
    const symbolText = symbol === undefined ? -1 : (symbol[frame] ?? -1);
    if (symbolText >= 0 && optimisedSymbol.test(strings[symbolText] ?? "")) sums.optimisedScript += weight;
    const level = depth[stack] ?? 0;
    atDepth.set(level, (atDepth.get(level) ?? 0) + weight);
    if (level <= 2) sums.shallow += weight;
    if (collects[stack] === 1) sums.collecting += weight;
    if (profiles[stack] === 1) sums.profiling += weight;
    const func = leaf;
    if (isTrivial[func] === 1) sums.trivial += weight;
    const kind = kindAt(functions.kind[func] ?? -1);
    byKind.set(kind, (byKind.get(kind) ?? 0) + weight);
    if (isNameless[func] !== 1) continue;
    sums.namelessSamples += weight;
    const binary = functions.binary[func] ?? -1;
    const path = binary < 0 ? "" : (strings[profile.binaries.path[binary] ?? -1] ?? "");
    nameless.set(path, (nameless.get(path) ?? 0) + weight);
  }
  const deepest = [...atDepth.keys()].reduce((most, level) => Math.max(most, level), 0);
  const threads = [...perThread]
    .map(([thread, own]) => ({ thread, ...own }))
    .sort((a, b) => b.samples - a.samples);
  return {
    profile,
    series,
    ...sums,
    deepest,
    atDeepest: atDepth.get(deepest) ?? 0,
    nameless,
    byKind,
    threads,
    closestNs: closestGap(series),
    countedNs: countedCpu(profile),
  };
}

/** "LazyCompile:*hot /app/a.js:2", "JS:*hot": the star is V8's sign for code that TurboFan made. */
const optimisedSymbol = /^(LazyCompile|Function|JS|Eval|Script):\*/;

/** Rows of which gaps are looked at, the newest; and gaps that it takes to tell. */
const LATEST_ROWS = 50_000;
const LEAST_GAPS = 100;

function closestGap({ time, length }: Series): number {
  if (time === null) return Number.NaN;
  const gaps: number[] = [];
  for (let row = Math.max(1, length - LATEST_ROWS); row < length; row++) {
    const gap = (time[row] ?? Number.NaN) - (time[row - 1] ?? Number.NaN);
    if (gap > 0) gaps.push(gap);
  }
  if (gaps.length < LEAST_GAPS) return Number.NaN;
  return Float64Array.from(gaps).sort()[Math.floor(gaps.length / 4)] ?? Number.NaN;
}

/** CPU time that the system counted for the target, ns; NaN where nobody asked it. */
function countedCpu({ counters }: Profile): number {
  const cpu = counters.find(({ id, unit }) => id === "cpu" && unit === "percent");
  if (cpu === undefined || cpu.length < 4) return Number.NaN;
  let sum = 0;
  // Each value is of the time since the one before it.
  for (let row = 1; row < cpu.length; row++)
    sum += ((cpu.value[row] ?? 0) / 100) * ((cpu.time[row] ?? 0) - (cpu.time[row - 1] ?? 0));
  return sum;
}

function flags({ functions, strings }: Profile, test: (name: string, func: number) => boolean): Uint8Array {
  const known = new Map<number, boolean>();
  return Uint8Array.from({ length: functions.length }, (_, func) => {
    const name = functions.name[func] ?? -1;
    const kind = functions.kind[func] ?? -1;
    // Names are tested once: a large profile has many functions of one name.
    const key = name * 256 + kind;
    let found = known.get(key);
    if (found === undefined) {
      found = test(strings[name] ?? "", func);
      known.set(key, found);
    }
    return found ? 1 : 0;
  });
}
