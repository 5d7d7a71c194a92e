import { formatCount, formatCountOf, formatDuration } from "../../base/numbers.ts";
import { wilsonInterval } from "../../base/shares.ts";
import { isSampled, type Rule, share } from "./rule.ts";
import { biased, expensive, hidden, inlinedScript, slow } from "./rules-of-recording.ts";

/** Formats that are told of every call, allocation or system call: what they time is the instrumented program. */
const counted: Readonly<Record<string, string>> = {
  callgrind: "callgrind runs the program on a simulated processor, many times slower",
  gprof: "gprof adds a call to every function",
  pstats: "cProfile is called at every call and return",
  strace: "strace stops the program twice at every system call",
  heaptrack: "heaptrack takes the stack of every allocation",
  memray: "memray takes the stack of every allocation",
  massif: "massif runs the program on a simulated processor, many times slower",
  dhat: "dhat runs the program on a simulated processor, many times slower",
};

/** Below so many samples a share of 10 % is uncertain by more than a quarter of itself. */
const FEW_SAMPLES = 500;

const fewSamples: Rule = (facts) => {
  const { samples } = facts;
  if (!isSampled(facts) || samples === 0 || samples >= FEW_SAMPLES) return null;
  const [low, high] = wilsonInterval(samples / 10, samples);
  return {
    id: "few-samples",
    severity: "info",
    title: "Few samples: small shares are chance",
    evidence: `${formatCountOf(samples, "sample")}. What shows as 10 % is, with 95 % certainty, between ${(low * 100).toFixed(1)} and ${(high * 100).toFixed(1)} %.`,
    fix: "Record for longer, or at a higher rate, before comparing functions of a few percent.",
  };
};

/** A twentieth of one CPU: below, most of what is seen is what the program does to stay asleep. */
const IDLE_CPUS = 0.05;
const LEAST_SPAN_NS = 1e9;

const idle: Rule = (facts) => {
  const { series, profile, samples } = facts;
  const { durationNs, periodNs } = profile.meta;
  if (series.kind !== "cpu" || !isSampled(facts) || series.time === null) return null;
  if (durationNs < LEAST_SPAN_NS || periodNs <= 0) return null;
  const idleSamples = facts.byKind.get("idle") ?? 0;
  const busyNs = (samples - idleSamples) * periodNs;
  if (busyNs / durationNs >= IDLE_CPUS) return null;
  return {
    id: "idle-target",
    severity: "warn",
    title: "The target was nearly idle",
    evidence: `${formatDuration(busyNs)} of CPU in ${formatDuration(durationNs)}: a profile of a program without load.`,
    fix: "Put load on it while it is recorded; or, if it should be busy, find out what it waits for (off-CPU, locks, I/O).",
  };
};

const lost: Rule = ({ profile, samples }) => {
  const { lostSamples } = profile.meta;
  const all = samples + lostSamples;
  // One in a hundred moves no picture; more may be missing just where it was busiest.
  if (lostSamples === 0 || lostSamples / all < 0.01) return null;
  return {
    id: "lost-samples",
    severity: "warn",
    title: `${share(lostSamples, all)} of the samples were lost`,
    evidence: `The profiler could not keep up: ${formatCount(lostSamples)} of ${formatCount(all)} samples are missing, most likely from the busiest moments.`,
    fix: "Lower the rate, use frame pointers instead of DWARF, or record fewer CPUs or threads.",
  };
};

const nameless: Rule = ({ nameless: byBinary, namelessSamples, withStack }) => {
  if (withStack === 0 || namelessSamples / withStack <= 0.1) return null;
  const [worst = "", samples = 0] = [...byBinary].sort((a, b) => b[1] - a[1])[0] ?? [];
  const isMap =
    /\/perf-\d+\.map$/.test(worst) || worst === "" || worst.startsWith("//anon") || worst === "[unknown]";
  return {
    id: "no-names",
    severity: "warn",
    title: `${share(namelessSamples, withStack)} of the samples have no function name`,
    evidence: isMap
      ? `Most of them (${share(samples, withStack)}) are in code that belongs to no file: compiled while the program runs, or a stack that was misread.`
      : `Most of them (${share(samples, withStack)}) are in ${worst}.`,
    fix: isMap
      ? "Let the runtime say its names: node --perf-basic-prof, java -XX:+PreserveFramePointer with a perf map, python -X perf; or record with the runtime's own profiler."
      : worst.includes("[kernel")
        ? "Let the kernel say its names: sudo sysctl kernel.kptr_restrict=0 (until the next start; it shows kernel addresses to every user)."
        : "Install the debug symbols of its package, or build it without stripping (-g, no -s).",
  };
};

const shallow: Rule = (facts) => {
  const { shallow: samples, withStack, profile } = facts;
  const native = (facts.byKind.get("native") ?? 0) + (facts.byKind.get("unknown") ?? 0);
  if (profile.meta.stackMethod !== "fp" || withStack < 50 || native / withStack < 0.5) return null;
  // A real program's stacks begin at _start or clone3: three frames at least.
  if (samples / withStack < 0.3) return null;
  return {
    id: "no-frame-pointers",
    severity: "warn",
    title: "Stacks end too early: frame pointers are missing",
    evidence: `${share(samples, withStack)} of the stacks have one or two frames. Without frame pointers the callers are lost, and what is left may be wrong.`,
    fix: "Record with DWARF stacks (--call-graph dwarf), or build with -fno-omit-frame-pointer.",
  };
};

/** perf_event_max_stack, unless somebody raised it. */
const PERF_MOST_FRAMES = 127;

const cut: Rule = ({ deepest, atDeepest, withStack, profile }) => {
  if (profile.meta.stackMethod !== "fp" || withStack === 0) return null;
  if (deepest < PERF_MOST_FRAMES || deepest > PERF_MOST_FRAMES + 2 || atDeepest / withStack < 0.01)
    return null;
  return {
    id: "cut-stacks",
    severity: "info",
    title: "Deep stacks were cut",
    evidence: `${share(atDeepest, withStack)} of the stacks have the ${deepest} frames that the kernel keeps at most: their outermost callers are missing.`,
    fix: "sudo sysctl kernel.perf_event_max_stack=512 (until the next start), or record with DWARF.",
  };
};

const collecting: Rule = (facts) => {
  const { collecting: samples, withStack } = facts;
  if (!isSampled(facts) || withStack === 0 || samples / withStack < 0.1) return null;
  return {
    id: "garbage-collection",
    severity: "info",
    title: `${share(samples, withStack)} of the time goes into garbage collection`,
    evidence: `${formatCount(samples)} of ${formatCount(withStack)} samples are in the collector.`,
    fix: "Look at allocations next: fewer and longer-lived objects, or a larger heap, cost less collection.",
  };
};

const profiling: Rule = (facts) => {
  const { profiling: samples, withStack } = facts;
  if (!isSampled(facts) || withStack === 0 || samples / withStack < 0.03) return null;
  return {
    id: "profiler-itself",
    severity: "warn",
    title: `${share(samples, withStack)} of the time is the profiler's own`,
    evidence: `${formatCount(samples)} of ${formatCount(withStack)} samples are in functions of the profiler.`,
    fix: "Lower the rate; what is left over then is the program's.",
  };
};

const unoptimised: Rule = (facts) => {
  const { trivial, withStack, profile } = facts;
  // What the program's file says is no guess; but only code of its own is affected by it.
  const told = profile.meta.recorded?.optimised === false;
  const own = (facts.byKind.get("native") ?? 0) + (facts.byKind.get("go") ?? 0);
  const seen = withStack >= 50 && trivial / withStack >= 0.1;
  if (!isSampled(facts) || !(seen || (told && withStack > 0 && own / withStack >= 0.1))) return null;
  return {
    id: "debug-build",
    severity: "warn",
    title: told
      ? "The program was built without optimisation"
      : "This looks like a build without optimisation",
    evidence: told
      ? `Its debug information says so, and ${share(own, withStack)} of the time is in compiled code.`
      : `${share(trivial, withStack)} of the time is spent in one-line functions such as std::vector::operator[], which any optimising compiler inlines.`,
    fix: "Build with -O2 (and -g for names), then record again: what is slow will be something else.",
  };
};

const instrumented: Rule = ({ profile, series, samples }) => {
  const why = counted[profile.meta.format];
  if (why === undefined || samples === 0) return null;
  const seconds = profile.meta.durationNs / 1e9;
  const events = series.exact?.calls.calls.reduce((sum, calls) => sum + calls, 0) ?? samples;
  const rate = seconds > 0 ? `, ${formatCount(Math.round(events / seconds))} a second` : "";
  return {
    id: "instrumented",
    severity: "info",
    title: "Counted, not sampled: times are not those of the real program",
    evidence: `${why}: ${formatCountOf(Math.round(events), "time")}${rate}. The counts are exact; what is called often looks dearer than it is.`,
    fix: "Trust the counts and confirm times with a sampling profiler; do not leave it on a service that people use.",
  };
};

/** In the order in which they are told: what makes the profile wrong before what makes it weak. */
export const rules: readonly Rule[] = [
  idle,
  nameless,
  shallow,
  lost,
  unoptimised,
  profiling,
  slow,
  expensive,
  biased,
  cut,
  collecting,
  hidden,
  inlinedScript,
  instrumented,
  fewSamples,
];
