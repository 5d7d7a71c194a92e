import type { FunctionKind, Profile, Series } from "../../model/profile.ts";
import { kindAt } from "../../model/profile.ts";
import type { Steps } from "../steps.ts";

export interface ThreadFacts {
  /** Thread index, -1 for none. */
  readonly thread: number;
  readonly samples: number;
  readonly waiting: number;
}

/** What the rules go by: worked out in two passes over the stacks and one over the samples. */
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

/** What a function's name says, as bits. */
const NAMELESS = 1;
const COLLECTOR = 2;
const PROFILER = 4;
const WAITING = 8;
const TRIVIAL = 16;

/** Of frames without a function; no kind has this number. */
const NO_KIND = 255;

/** Rows between two places where the caller may do something else. */
const STEP_ROWS = 1 << 17;

/** Gives way again and again: of ten million samples it takes longer than another question may wait. */
export function* profileFacts(profile: Profile, series: Series): Steps<ProfileFacts> {
  const { stacks, frames, functions, strings, binaries } = profile;
  const ofFunction = yield* namesSay(profile);
  const functionOf = (stack: number): number => frames.function[stacks.frame[stack]];
  const depth = new Int32Array(stacks.length);
  /** Of all functions on the stack. */
  const onPath = new Uint8Array(stacks.length);
  const waits = new Uint8Array(stacks.length);
  let mostDepth = 0;
  // A prefix comes before its stack.
  for (let stack = 0; stack < stacks.length; stack++) {
    const prefix = stacks.prefix[stack];
    const bits = ofFunction[functionOf(stack)];
    depth[stack] = (prefix < 0 ? 0 : depth[prefix]) + 1;
    onPath[stack] = (prefix < 0 ? 0 : onPath[prefix]) | bits;
    waits[stack] = bits & WAITING;
    mostDepth = Math.max(mostDepth, depth[stack]);
    if (stack % STEP_ROWS === 0) yield;
  }
  const { withStack, samples, ofStack, threads } = yield* addedUp(profile, series, waits);
  const atDepth = new Float64Array(mostDepth + 1);
  const ofKind = new Float64Array(256);
  const namelessOf = new Float64Array(binaries.length + 1);
  const sums = {
    shallow: 0,
    namelessSamples: 0,
    collecting: 0,
    profiling: 0,
    trivial: 0,
    waiting: 0,
    optimisedScript: 0,
  };
  const { symbol } = frames;
  const isOptimised = memoised((text) => optimisedSymbol.test(strings[text] ?? ""));
  for (let stack = 0; stack < stacks.length; stack++) {
    if (stack % STEP_ROWS === 0) yield;
    const weight = ofStack[stack];
    if (weight === 0) continue;
    const level = depth[stack];
    atDepth[level] += weight;
    if (level <= 2) sums.shallow += weight;
    if ((onPath[stack] & COLLECTOR) !== 0) sums.collecting += weight;
    if ((onPath[stack] & PROFILER) !== 0) sums.profiling += weight;
    const func = functionOf(stack);
    const bits = ofFunction[func];
    if ((bits & WAITING) !== 0) sums.waiting += weight;
    if ((bits & TRIVIAL) !== 0) sums.trivial += weight;
    const symbolText = symbol === undefined ? -1 : symbol[stacks.frame[stack]];
    if (symbolText >= 0 && isOptimised(symbolText)) sums.optimisedScript += weight;
    ofKind[func === -1 ? NO_KIND : functions.kind[func]] += weight;
    if ((bits & NAMELESS) === 0) continue;
    sums.namelessSamples += weight;
    namelessOf[functions.binary[func] + 1] += weight;
  }
  const nameless = new Map<string, number>();
  namelessOf.forEach((weight, at) => {
    const path = at === 0 ? "" : (strings[binaries.path[at - 1]] ?? "");
    if (weight > 0) nameless.set(path, (nameless.get(path) ?? 0) + weight);
  });
  const byKind = new Map<FunctionKind, number>();
  ofKind.forEach((weight, code) => {
    if (weight > 0) byKind.set(kindAt(code), weight);
  });
  const deepest = atDepth.findLastIndex((weight) => weight > 0);
  return {
    profile,
    series,
    samples,
    withStack,
    ...sums,
    deepest: Math.max(0, deepest),
    atDeepest: atDepth[deepest] ?? 0,
    nameless,
    byKind,
    threads,
    closestNs: closestGap(series),
    countedNs: countedCpu(profile),
  };
}

/** What is needed of the samples, in one pass over them: their weight by stack and by thread. */
function* addedUp(profile: Profile, series: Series, waits: Uint8Array): Steps<AddedUp> {
  const weights =
    series.values.find(({ unit, data }) => data !== null && (unit === "samples" || unit === "count"))?.data ??
    null;
  const ofStack = new Float64Array(profile.stacks.length);
  const ofThread = new Float64Array(profile.threads.length + 1);
  const waitingOf = new Float64Array(profile.threads.length + 1);
  let samples = 0;
  let withStack = 0;
  const { stack: stackOf, thread } = series;
  for (let row = 0; row < series.length; row++) {
    if (row % STEP_ROWS === 0) yield;
    const weight = weights === null ? 1 : Math.max(0, weights[row]);
    const stack = stackOf[row];
    samples += weight;
    if (stack < 0) continue;
    withStack += weight;
    ofStack[stack] += weight;
    const lane = thread[row] + 1;
    ofThread[lane] += weight;
    if (waits[stack] !== 0) waitingOf[lane] += weight;
  }
  const threads = Array.from(ofThread, (own, lane) => ({
    thread: lane - 1,
    samples: own,
    waiting: waitingOf[lane],
  }))
    .filter((own) => own.samples > 0)
    .sort((a, b) => b.samples - a.samples);
  return { samples, withStack, ofStack, threads };
}

interface AddedUp extends Pick<ProfileFacts, "samples" | "withStack" | "threads"> {
  readonly ofStack: Float64Array;
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

/** The bits of every function. Names are tested once: a large profile has many functions of one name. */
function* namesSay({ functions, strings }: Profile): Steps<Uint8Array> {
  const ofName = memoised((index) => {
    const name = strings[index] ?? "";
    return (
      (namelessName.test(name) ? NAMELESS : 0) |
      (collectorName.test(name) ? COLLECTOR : 0) |
      (profilerName.test(name) ? PROFILER : 0) |
      (waitingName.test(name) ? WAITING : 0) |
      (accessorName.test(name) ? TRIVIAL : 0)
    );
  });
  const bits = new Uint8Array(functions.length);
  for (let func = 0; func < functions.length; func++) {
    if (func % STEP_NAMES === 0) yield;
    const kind = kindAt(functions.kind[func]);
    bits[func] =
      ofName(functions.name[func]) | (kind === "gc" ? COLLECTOR : 0) | (kind === "idle" ? WAITING : 0);
  }
  return bits;
}

const STEP_NAMES = 1 << 12;

function memoised<T>(work: (of: number) => T): (of: number) => T {
  const known = new Map<number, T>();
  return (of) => {
    let value = known.get(of);
    if (value === undefined) {
      value = work(of);
      known.set(of, value);
    }
    return value;
  };
}
