import type { Disposable } from "#core/base/disposable.ts";
import type { ProfileMeta } from "#core/model/profile.ts";
import type { LogLine, RecordingState, RecordRequest, SessionInfo } from "#core/model/recording.ts";
import type { RecordingPlan } from "#core/profilers/profiler.ts";
import type { Prompts } from "./recorder-prompts.ts";

/** The seams between the parts of the engine; engine.ts joins them. */

/** One value of a counter of the target, on the recording's clock. */
export interface CounterRow {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly timeNs: number;
  readonly value: number;
}

/** What a happening is where it is no mark of a person's. */
export interface HappeningKind {
  readonly category: string;
  /** JSON; "" for none. */
  readonly args: string;
  /** Of what lasted: a collection of garbage. */
  readonly endNs?: number | undefined;
}

export interface LiveCounts {
  readonly samples: number;
  readonly lostSamples: number;
  readonly lastTimeNs: number;
}

/** What the recorder knows when it starts, kept beside the raw bytes so that a recovery has it too. */
export interface RecordingHeader {
  readonly sessionId: string;
  readonly request: RecordRequest;
  readonly target: string;
  readonly pid: number;
  readonly profiler: string;
  readonly plan: Pick<
    RecordingPlan,
    "importer" | "rawExtension" | "stackMethod" | "periodNs" | "commands" | "remarks"
  >;
  readonly tool: string;
  readonly toolVersion: string;
  readonly host: string;
  readonly kernel: string;
  readonly startedAtMs: number;
  /** CLOCK_MONOTONIC at the start: time zero of the profile. */
  readonly originSeconds: number;
  readonly originNanos: number;
  /** Process that writes the draft: alive means still recording. */
  readonly workbenchPid: number;
}

/** A profile that grows: the near end of a profile worker. */
export interface LiveProfile {
  readonly profileId: string;
  /** Takes bytes of the raw artefact; resolves when they are parsed, so that awaiting it is the back-pressure. */
  push(bytes: Uint8Array): Promise<void>;
  counters(rows: readonly CounterRow[]): void;
  mark(timeNs: number, name: string, kind?: HappeningKind): void;
  note(text: string): void;
  meta(part: Partial<Pick<ProfileMeta, "lostSamples" | "target" | "command" | "recorded">>): void;
  /** As of the last few hundred milliseconds, without asking the worker. */
  counts(): LiveCounts;
  /** No more bytes: parses the rest. */
  end(): Promise<LiveCounts>;
}

/** A session that is being recorded: everything is on disk as it comes. Failures to write reject with a Problem. */
export interface SessionDraft {
  readonly sessionId: string;
  /** Private folder of the draft; also for FIFOs and tool files. */
  readonly folder: string;
  raw(bytes: Uint8Array): Promise<void>;
  counters(rows: readonly CounterRow[]): Promise<void>;
  mark(timeNs: number, name: string, kind?: HappeningKind): Promise<void>;
  log(line: LogLine): Promise<void>;
}

/** A whole file of some format that a running recording gave. */
export interface KeptFile {
  readonly path: string;
  /** For its session's id and title: "heap 1". */
  readonly name: string;
}

/** Draft and live profile of one recording, made and finished by engine.ts. */
export interface RecordingStore {
  begin(header: RecordingHeader): Promise<{ readonly draft: SessionDraft; readonly live: LiveProfile }>;
  /**
   * Saves the session as one file (at `output`, or in the library when "") and removes the draft. The path. When
   * saving fails the draft stays for recovery and this rejects with the Problem.
   */
  finish(draft: SessionDraft, live: LiveProfile, output: string): Promise<{ readonly path: string }>;
  /**
   * Keeps a file that belongs to a recording as a session of its own beside it. `name` tells it from others; the file
   * is removed once it is kept.
   */
  keep(draft: SessionDraft, file: KeptFile): Promise<{ readonly profileId: string }>;
}

/** What came of asking a running recording for something. */
export interface Asked {
  readonly words: string;
  /** What it was kept as, where it is a profile of its own. */
  readonly kept: { readonly profileId: string } | null;
}

/** One running recording, as engine.ts and the hosts see it. */
export interface Recording {
  readonly recordingId: string;
  readonly state: RecordingState;
  /** Called at every change and at least four times a second while it runs. */
  onState(handler: (state: RecordingState) => void): Disposable;
  /** Everything that was logged so far, then what comes, in batches. */
  readonly logged: readonly LogLine[];
  onLog(handler: (lines: readonly LogLine[]) => void): Disposable;
  mark(name: string): Promise<void>;
  /** Asks for what the plan's `ask` says, now. */
  ask(): Promise<Asked>;
  readonly prompts: Prompts;
  /** Graceful; the same promise however often it is called. */
  stop(): Promise<RecordingState>;
  /** Resolves at "done" or "failed". */
  readonly finished: Promise<RecordingState>;
}

export type SessionListener = (sessions: readonly SessionInfo[]) => void;
