import type { Recommendation, RecordTarget, TargetFacts, TargetInfo } from "../model/recording.ts";
import { asyncProfiler } from "./async-profiler.ts";
import { austin } from "./austin.ts";
import { bpftraceBlock } from "./bpftrace-block.ts";
import { bpftraceLocks } from "./bpftrace-locks.ts";
import { bpftraceOffCpu } from "./bpftrace-off-cpu.ts";
import { callgrind } from "./callgrind.ts";
import { cprofile } from "./cprofile.ts";
import { dhat } from "./dhat.ts";
import { drd } from "./drd.ts";
import { goPprof } from "./go-pprof.ts";
import { gprof } from "./gprof.ts";
import { heaptrack } from "./heaptrack.ts";
import { helgrind } from "./helgrind.ts";
import { javaThreads } from "./java-threads.ts";
import { jemallocHeap } from "./jemalloc-heap.ts";
import { jfr } from "./jfr.ts";
import { leakSanitizer } from "./leak-sanitizer.ts";
import { ltrace } from "./ltrace.ts";
import { massif } from "./massif.ts";
import { memcheck } from "./memcheck.ts";
import { memoryProfiler } from "./memory-profiler.ts";
import { memray } from "./memray.ts";
import { nodeCpuProf } from "./node-cpu-prof.ts";
import { nodeHeap } from "./node-heap.ts";
import { nodeHeapProf } from "./node-heap-prof.ts";
import { nodeInspector } from "./node-inspector.ts";
import { perf } from "./perf.ts";
import { perfBlock } from "./perf-block.ts";
import { perfLocks } from "./perf-locks.ts";
import { perfOffCpu } from "./perf-off-cpu.ts";
import { perfTrace } from "./perf-trace.ts";
import { procIo } from "./proc-io.ts";
import { procMemory } from "./proc-memory.ts";
import type { Fit, Profiler } from "./profiler.ts";
import { pySpy } from "./py-spy.ts";
import { pySpyDump } from "./py-spy-dump.ts";
import { rbspy } from "./rbspy.ts";
import { strace } from "./strace.ts";
import { straceSummary } from "./strace-summary.ts";
import { tcmallocHeap } from "./tcmalloc-heap.ts";
import { tracemalloc } from "./tracemalloc.ts";

/** Every profiler, one line each. */
export const profilers: readonly Profiler[] = [
  perf, //
  nodeInspector,
  goPprof,
  pySpy,
  pySpyDump,
  jfr,
  asyncProfiler,
  javaThreads,
  austin,
  rbspy,
  cprofile,
  nodeCpuProf,
  callgrind,
  gprof,
  heaptrack,
  procMemory,
  procIo,
  perfOffCpu,
  perfLocks,
  bpftraceOffCpu,
  bpftraceLocks,
  drd,
  helgrind,
  leakSanitizer,
  massif,
  dhat,
  memcheck,
  tcmallocHeap,
  jemallocHeap,
  tracemalloc,
  memray,
  memoryProfiler,
  nodeHeap,
  nodeHeapProf,
  perfTrace,
  bpftraceBlock,
  perfBlock,
  strace,
  straceSummary,
  ltrace,
];

export const findProfiler = (id: string): Profiler | undefined =>
  profilers.find((profiler) => profiler.id === id);

/** May one take the place of another that cannot run? Memory over time is no answer to where the time goes. */
export const standsIn = (first: string, other: string): boolean => {
  const kinds = findProfiler(first)?.kinds ?? [];
  return first === other || (findProfiler(other)?.kinds ?? []).some((kind) => kinds.includes(kind));
};

/** Which profilers can record a process, best first. Empty where none can. */
export function recommend(
  target: TargetInfo,
  facts: TargetFacts | null = null,
  among: readonly Profiler[] = profilers,
): readonly Recommendation[] {
  return ranked(among, (profiler) =>
    profiler.targets.includes("pid") ? profiler.suits(target, facts) : null,
  );
}

/** The same for whatever can be recorded; `info` is the process where the target is one. */
export function recommendFor(
  target: RecordTarget,
  info: TargetInfo | null,
  facts: TargetFacts | null = null,
  among: readonly Profiler[] = profilers,
): readonly Recommendation[] {
  switch (target.kind) {
    case "pid":
      return info === null ? [] : recommend(info, facts, among);
    case "launch":
      return ranked(among, (profiler) =>
        profiler.targets.includes("launch") ? profiler.suitsLaunch(target, facts) : null,
      );
    default:
      return ranked(among, (profiler) =>
        profiler.targets.includes(target.kind) ? { score: 50, reason: "takes such a target" } : null,
      );
  }
}

function ranked(
  among: readonly Profiler[],
  judge: (profiler: Profiler) => Fit | null,
): readonly Recommendation[] {
  return among
    .flatMap((profiler) => {
      const found = judge(profiler);
      return found === null ? [] : [{ id: profiler.id, ...found }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ id, reason }, index) => ({ id, recommended: index === 0, reason }));
}
