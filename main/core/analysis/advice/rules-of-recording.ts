import { formatCount, formatCountOf, formatDuration } from "../../base/numbers.ts";
import { isSampled, type Rule, share } from "./rule.ts";

/** What goes wrong with how it was recorded, rather than with what was. */

/** Half as long again is no jitter: of the gaps it is the lower quartile, and of the CPU time the sum. */
const LATE = 1.5;
const LEAST_SPAN_NS = 2e9;

/** The rate that was asked for is not reached while the target runs. */
export const slow: Rule = (facts) => {
  const { profile, samples, closestNs, countedNs, byKind } = facts;
  const { periodNs, format, durationNs } = profile.meta;
  if (!isSampled(facts) || !(periodNs > 0) || durationNs < LEAST_SPAN_NS || samples === 0) return null;
  // perf's clock of a thread stands while the thread does: only the system's own count of its CPU time says what is
  // missing, and it has the kernel's side too. What samples by the clock on the wall comes at its rate or late.
  const isPerf = format.startsWith("perf-");
  const isWhole = (byKind.get("kernel") ?? 0) > 0;
  const gapNs = isPerf ? (isWhole ? countedNs / samples : Number.NaN) : closestNs;
  if (!(gapNs > LATE * periodNs)) return null;
  const hz = (ns: number): string => formatCount(Math.round(1e9 / ns));
  return {
    id: "rate-not-reached",
    severity: "warn",
    title: "The rate is too high for this machine",
    evidence: isPerf
      ? `Asked for ${hz(periodNs)} samples a second of CPU; ${formatCount(samples)} came in ${formatDuration(countedNs)} of it, ${hz(gapNs)} a second.`
      : `Asked for ${hz(periodNs)} samples a second; where they come fastest they are ${formatDuration(gapNs)} apart, ${hz(gapNs)} a second.`,
    fix: `Record at ${hz(gapNs)} Hz or less: what is missing is missing where the machine was busiest, and the profiler takes the time of what it measures.`,
  };
};

/** Of one core: below, nobody feels it; from half a core on, on a small machine, the target does. */
const NOTICED_PERCENT = 25;
const GRAVE_PERCENT = 50;

export const expensive: Rule = ({ profile }) => {
  const cost = profile.meta.recorded?.observer;
  if (!cost) return null;
  const { profilerPercent, workbenchPercent } = cost;
  const all = (profilerPercent ?? 0) + workbenchPercent;
  if (all < NOTICED_PERCENT) return null;
  const percent = (value: number): string => `${value.toFixed(0)} %`;
  const isProfiler = (profilerPercent ?? 0) > workbenchPercent;
  return {
    id: "observer-cost",
    severity: all >= GRAVE_PERCENT ? "warn" : "info",
    title: `Recording takes ${percent(all)} of a core`,
    evidence: `${profilerPercent === null ? "" : `The profiler ${percent(profilerPercent)}, `}the workbench ${percent(workbenchPercent)}: on a machine without idle cores the target has that much less.`,
    fix: isProfiler
      ? profile.meta.stackMethod === "dwarf"
        ? "Record with frame pointers where the program has them, or lower the rate."
        : "Lower the rate."
      : "Lower the rate, pause the display, or record with the command line and look at it afterwards.",
  };
};

/** Most of all samples in one thread, and another that would have a profile of its own. */
const HIDING = 0.75;
const LEAST_SAMPLES = 50;
const LEAST_SHARE = 0.02;
const MOSTLY_WAITING = 0.5;

export const hidden: Rule = (facts) => {
  const { threads, withStack, waiting, profile, series } = facts;
  if (!isSampled(facts) || withStack === 0) return null;
  const nameOf = (thread: number): string => {
    const name = profile.strings[profile.threads.name[thread] ?? -1] ?? "";
    return `${name || "a thread"} ${profile.threads.tid[thread] ?? ""}`.trim();
  };
  const [first, second] = threads;
  if (series.kind === "wall") {
    const busiest = threads.reduce(
      (most, each) => (each.samples - each.waiting > most.samples - most.waiting ? each : most),
      first ?? { thread: -1, samples: 0, waiting: 0 },
    );
    const running = busiest.samples - busiest.waiting;
    if (threads.length < 2 || waiting / withStack < MOSTLY_WAITING || running < LEAST_SAMPLES) return null;
    return {
      id: "hidden-thread",
      severity: "info",
      title: "Threads that wait hide the one that works",
      evidence: `${share(waiting, withStack)} of the samples wait; ${nameOf(busiest.thread)} runs in ${share(running, busiest.samples)} of its own, which is ${share(running, withStack)} of all.`,
      fix: "Choose that thread in the timeline, or hide the functions that wait.",
    };
  }
  if (first === undefined || second === undefined || first.thread < 0 || second.thread < 0) return null;
  if (first.samples / withStack < HIDING) return null;
  if (second.samples < LEAST_SAMPLES || second.samples / withStack < LEAST_SHARE) return null;
  return {
    id: "hidden-thread",
    severity: "info",
    title: "One thread hides the others",
    evidence: `${nameOf(first.thread)} has ${share(first.samples, withStack)} of the samples. All of ${nameOf(second.thread)}, ${formatCountOf(second.samples, "sample")}, is ${share(second.samples, withStack)}: what it spends its time on is too narrow to see.`,
    fix: "Choose its lane in the timeline: shares are then of that thread alone.",
  };
};

/** Flight Recorder and thread dumps see a JVM where it can stop, not where it is. */
export const biased: Rule = (facts) => {
  const { profile, withStack, byKind } = facts;
  const { format, tool, command, recorded } = profile.meta;
  const java = byKind.get("java") ?? 0;
  if (withStack === 0 || java / withStack < 0.3 || /async-profiler/i.test(tool)) return null;
  const isDump = format === "java-threads" || /thread dump/i.test(tool);
  const isJfr = format === "jfr" || /jfr|flight recorder/i.test(tool);
  const isPrecise = [command, ...(recorded?.flags ?? [])].some((text) =>
    text.includes("+DebugNonSafepoints"),
  );
  if (!isDump && (!isJfr || isPrecise)) return null;
  return {
    id: "safepoint-bias",
    severity: "info",
    title: isDump
      ? "Thread dumps see a JVM at safepoints only"
      : "Lines of Java may be those of the nearest safepoint",
    evidence: `${share(java, withStack)} of the samples are in Java, and ${isDump ? "each was taken when its thread had come to a safepoint: loops without one look like what follows them" : "the JVM ran without -XX:+DebugNonSafepoints: compiled code is known at safepoints only, and small methods are counted to what inlined them"}.`,
    fix: isDump
      ? "Record with Flight Recorder or async-profiler to see where time goes; dumps show what threads wait for."
      : "Start the JVM with -XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints, or record with async-profiler.",
  };
};

/** perf sees V8's machine code: what TurboFan inlined has no frame of its own. */
export const inlinedScript: Rule = (facts) => {
  const { optimisedScript, withStack } = facts;
  if (!isSampled(facts) || withStack < LEAST_SAMPLES || optimisedScript / withStack < 0.3) return null;
  return {
    id: "inlined-script",
    severity: "info",
    title: "Functions that V8 inlined are counted to their callers",
    evidence: `${share(optimisedScript, withStack)} of the samples are in JavaScript that was optimised (marked * by V8), of which perf sees the outermost function only.`,
    fix: "Record with the V8 inspector, which knows what was inlined; or run node with --no-turbo-inlining, which makes it slower.",
  };
};
