import type { Problem } from "#core/base/result.ts";
import type { CounterRow, KeptFile } from "../parts.ts";

/** How a source came to its end by itself, or after it was asked to. */
export interface SourceEnd {
  /** What went wrong; null for a clean end. */
  readonly problem: Problem | null;
  /** The target itself said that it ends. */
  readonly targetExited?: boolean;
}

/** What a source tells the recorder while it runs. */
export interface SourceEvents {
  stderr(line: string): void;
  /** The workbench's own words for the log. */
  remark(text: string): void;
  counters(rows: readonly Omit<CounterRow, "timeNs">[]): void;
  /** Something that lasted, by CLOCK_MONOTONIC: a collection of garbage. */
  span?(span: SourceSpan): void;
}

export interface SourceSpan {
  readonly category: string;
  readonly name: string;
  readonly startedNs: bigint;
  readonly durationNs: number;
}

/** What a source gives when it is asked in the midst of its run. */
export interface SourceAnswer {
  /** What was done, for the person. */
  readonly words: string;
  /** A file that is a profile of its own; the one who asked removes it. */
  readonly file: KeptFile | null;
}

/** Anything that yields the bytes of a raw artefact: programs joined by pipes, or an inspector. */
export interface SourceRun {
  /** The process that is recorded; -1 until `ready`. */
  readonly pid: number;
  /** Sampling has begun (or begins with `resume`). Rejects with a ProblemError. */
  readonly ready: Promise<void>;
  /** CLOCK_MONOTONIC just before sampling began, so that no sample is earlier. Valid once `ready` is. */
  readonly beganAtNs: bigint;
  /** Lets a target go that waits for its profiler. */
  resume(): Promise<void>;
  /** The raw artefact. The source is slowed down while nobody takes from it. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Does now what the plan's `ask` promises. Missing where there is nothing to ask for. */
  ask?(): Promise<SourceAnswer>;
  /** Asks for a graceful end; `output` then ends with everything that was recorded. */
  stop(): void;
  /** Ends it by force; `output` ends with what had arrived. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** Settled when nothing runs any more. Never rejects. */
  readonly ended: Promise<SourceEnd>;
}
