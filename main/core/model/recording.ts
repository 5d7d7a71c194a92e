import * as v from "valibot";
import type { Problem } from "../base/result.ts";

/** Targets, requests and states: what passes between a person, a profiler and the recorder. Plain data. */

export const runtimes = ["native", "node", "python", "java", "go", "ruby", "kernel", "unknown"] as const;
export type Runtime = (typeof runtimes)[number];

/** A process as /proc shows it. */
export interface TargetInfo {
  readonly pid: number;
  readonly ppid: number;
  /** comm: at most 15 bytes. */
  readonly name: string;
  /** argv joined by spaces, for reading only; "" for kernel threads. */
  readonly command: string;
  readonly user: string;
  readonly uid: number;
  /** Of one CPU over the last refresh: 250 is two and a half CPUs. */
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly threads: number;
  /** ms since the epoch. */
  readonly startedAtMs: number;
  readonly runtime: Runtime;
  /** Short name of a container or systemd unit, "" for none. */
  readonly container: string;
  /** Could this user attach a profiler at all? */
  readonly own: boolean;
}

/** As /proc tells it: nothing is asked of the process. */
export interface InspectorState {
  /** "closed": SIGUSR1 would open it. "unavailable": the process does not catch that signal, and would end of it. */
  readonly state: "open" | "closed" | "unavailable";
  /** "127.0.0.1:9229"; "" unless open. */
  readonly address: string;
}

/**
 * What a process's program is, from its files: /proc, the executable, what it maps. Unknown is "" or null: a process of
 * someone else, or in a container whose files cannot be reached, tells little.
 */
export interface TargetFacts {
  /** Of the interpreter, the runtime or the toolchain, without a name: "3.11.2", "1.26.8", "17.0.12", "20.20.2". */
  readonly version: string;
  /** What it is written in, as far as the binary shows: "c", "c++", "rust", "go"; else the runtime's name. */
  readonly language: string;
  /** As the target sees it; "" where it cannot be read. */
  readonly executable: string;
  /** A path by which this workbench can read the executable (/proc/PID/exe for a process). */
  readonly executableHere: string;
  /** Switches of the runtime that matter to profilers, as they were given: "-XX:+PreserveFramePointer", "--perf-basic-prof". */
  readonly flags: readonly string[];
  /** What Go's linker wrote of the build: "path example.com/shop", "-race=true", "vcs.revision=1a2b"; else []. */
  readonly build: readonly string[];
  /** Of a Node process; null of others, and before it runs. */
  readonly inspector: InspectorState | null;
  /** Do the functions of the executable itself keep a frame pointer? null: cannot be told. */
  readonly framePointers: boolean | null;
  /** "full": .symtab; "dynamic": only what is exported. */
  readonly symbols: "full" | "dynamic" | "none" | null;
  readonly debugInfo: boolean | null;
  /** Built with optimisation (DW_AT_producer, or what the compiler left); null: cannot be told. */
  readonly optimised: boolean | null;
  /** What it was built with by -fsanitize: "address", "leak", "thread", "memory", "undefined". */
  readonly sanitizers: readonly string[];
  /** Addresses on which it listens for TCP connections: "127.0.0.1:6060", "[::1]:9229". */
  readonly listens: readonly string[];
  /** It lives in other namespaces than the workbench: its paths and pids are not ours. */
  readonly namespaces: { readonly pid: boolean; readonly mount: boolean; readonly user: boolean };
  /** Its pid in its own pid namespace; the same as ours where there is none. */
  readonly pidInside: number;
  /** Files it maps that profilers look for: libasyncProfiler.so, libtcmalloc.so.4, libjemalloc.so.2, libheaptrack_preload.so. */
  readonly libraries: readonly string[];
}

export interface Recommendation {
  readonly id: string;
  readonly recommended: boolean;
  readonly reason: string;
}

export interface ListedTarget extends TargetInfo {
  readonly profilers: readonly Recommendation[];
}

export const launchTargetSchema = v.object({
  kind: v.literal("launch"),
  argv: v.pipe(v.array(v.string()), v.minLength(1, "a command has at least one word")),
  cwd: v.optional(v.string(), ""),
  env: v.optional(v.record(v.string(), v.string()), {}),
});
export type LaunchTarget = v.InferOutput<typeof launchTargetSchema>;

const pidSchema = v.pipe(v.number(), v.integer(), v.minValue(1));

export const recordTargetSchema = v.variant("kind", [
  v.object({
    kind: v.literal("pid"),
    pid: pidSchema,
    /** More processes that are recorded with it. */
    pids: v.optional(v.pipe(v.array(pidSchema), v.maxLength(1000))),
  }),
  launchTargetSchema,
  v.object({ kind: v.literal("endpoint"), url: v.string() }),
  v.object({ kind: v.literal("system") }),
]);
export type RecordTarget = v.InferOutput<typeof recordTargetSchema>;

export const optionValuesSchema = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));
export type OptionValues = v.InferOutput<typeof optionValuesSchema>;

/** The ways to root's rights for the profiler alone; the workbench itself never has them. */
export const elevationWays = ["sudo", "pkexec"] as const;
export type ElevationWay = (typeof elevationWays)[number];

export const recordRequestSchema = v.object({
  /** Profiler id; "" for the recommended one. */
  profiler: v.optional(v.string(), ""),
  target: recordTargetSchema,
  /** Missing ones take the profiler's defaults; unknown ones are a problem "bad-option". */
  options: v.optional(optionValuesSchema, {}),
  /** Stops by itself after so long; null: until it is stopped. */
  durationS: v.optional(v.nullable(v.pipe(v.number(), v.minValue(0.1))), null),
  /** Where the finished session goes; "" for the library. */
  output: v.optional(v.string(), ""),
  /** Runs the profiler, and nothing else, as root: "sudo" or "pkexec". Never without being asked. */
  elevate: v.optional(v.picklist(["", ...elevationWays])),
});
export type RecordRequest = v.InferOutput<typeof recordRequestSchema>;
export type RecordRequestInput = v.InferInput<typeof recordRequestSchema>;

/** A way to record what this user's own rights do not reach. */
export interface ElevationOffer {
  readonly way: ElevationWay;
  /** The exact command that would run as root. */
  readonly command: string;
  /** What of it needs root. */
  readonly why: string;
  /** To be known before a password is given: the target is someone else's, or sits in a container. */
  readonly warnings: readonly string[];
}

/** A question of sudo, waiting for its answer. The answer is bytes, so that it can be zeroed. */
export interface AuthorisationPrompt extends ElevationOffer {
  readonly promptId: string;
  readonly recordingId: string;
  /** "Password of anna", or the machine's own words. */
  readonly words: string;
  /** This one included. */
  readonly triesLeft: number;
  /** The answer before was not accepted. */
  readonly again: boolean;
}

export const recordingPhases = [
  "checking",
  "authorising",
  "starting",
  "recording",
  "stopping",
  "importing",
  "done",
  "failed",
] as const;
export type RecordingPhase = (typeof recordingPhases)[number];

/** CPU that recording itself takes, as percent of one core. */
export interface ObserverCost {
  /** null: the profiler has no process of its own. */
  readonly profilerPercent: number | null;
  /** The engine with its profile workers; not the page. */
  readonly workbenchPercent: number;
}

/** Something a running recording can be asked for: a leak check, a heap snapshot. */
export interface AskSpec {
  /** An order: "Check for leaks". */
  readonly title: string;
  /** What it does, and what that costs the target. */
  readonly help: string;
}

export interface RecordingState {
  readonly recordingId: string;
  /** Profile to query, live and after. "" until there is one. */
  readonly profileId: string;
  readonly sessionId: string;
  readonly phase: RecordingPhase;
  readonly profiler: string;
  readonly profilerTitle: string;
  /** "nginx 2314". */
  readonly target: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly elapsedNs: number;
  readonly samples: number;
  readonly lostSamples: number;
  readonly rawBytes: number;
  /** The exact commands that run. */
  readonly commands: readonly string[];
  /** Why it ended: "stopped", "duration", "target-exited" (with exit code where known), "failed"; "" while it runs. */
  readonly ending: "" | "stopped" | "duration" | "target-exited" | "failed";
  readonly exitCode: number | null;
  /** What went wrong; may be set with phase "done" too, when something was kept. */
  readonly problem: Problem | null;
  /** Ways to record all the same, where only rights were missing. */
  readonly elevation?: readonly ElevationOffer[];
  readonly remarks: readonly string[];
  /** Over the last seconds, and on average once it has ended. Missing until it was measured. */
  readonly observer?: ObserverCost;
  /** Missing where it can be asked for nothing. */
  readonly ask?: AskSpec;
  /** Path of the saved session; "" until it is saved. */
  readonly savedTo: string;
}

export interface LogLine {
  /** ns from when the recording was asked for; the first sample comes a little later. */
  readonly timeNs: number;
  /** "command": what we ran; "stderr": the tool's words; "output": the launched program's; "workbench": ours. */
  readonly source: "command" | "stderr" | "output" | "workbench";
  readonly text: string;
}

export interface SessionInfo {
  readonly sessionId: string;
  readonly path: string;
  readonly target: string;
  readonly profiler: string;
  readonly startedAtMs: number;
  readonly durationNs: number;
  readonly samples: number;
  readonly sizeBytes: number;
  /** "interrupted": the workbench died while it recorded; opening it recovers what had arrived. */
  readonly state: "recording" | "saved" | "interrupted" | "damaged";
}
