import type { FunctionKind, Profile, Series } from "../../model/profile.ts";
import { kindAt } from "../../model/profile.ts";

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

export function profileFacts(profile: Profile, series: Series): ProfileFacts {
  const { stacks, frames, functions, strings } = profile;
  const isNameless = flags(profile, (name) => namelessName.test(name));
  const isCollector = flags(
    profile,
    (name, func) => collectorName.test(name) || kindAt(functions.kind[func] ?? -1) === "gc",
  );
  const isProfiler = flags(profile, (name) => profilerName.test(name));
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
  };
  for (let row = 0; row < series.length; row++) {
    const weight = Math.max(0, weights?.[row] ?? 1);
    const stack = series.stack[row] ?? -1;
    sums.samples += weight;
    if (stack < 0) continue;
    sums.withStack += weight;
    const level = depth[stack] ?? 0;
    atDepth.set(level, (atDepth.get(level) ?? 0) + weight);
    if (level <= 2) sums.shallow += weight;
    if (collects[stack] === 1) sums.collecting += weight;
    if (profiles[stack] === 1) sums.profiling += weight;
    const func = functionOf(stack);
    if (isTrivial[func] === 1) sums.trivial += weight;
    const kind = kindAt(functions.kind[func] ?? -1);
    byKind.set(kind, (byKind.get(kind) ?? 0) + weight);
    if (isNameless[func] !== 1) continue;
    sums.namelessSamples += weight;
    const binary = functions.binary[func] ?? -1;
    const path = binary < 0 ? "" : (strings[profile.binaries.path[binary] ?? -1] ?? "");
    nameless.set(path, (nameless.get(path) ?? 0) + weight);
  }
  const deepest = Math.max(0, ...atDepth.keys());
  return { profile, series, ...sums, deepest, atDeepest: atDepth.get(deepest) ?? 0, nameless, byKind };
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
