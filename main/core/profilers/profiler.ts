import type { Problem } from "../base/result.ts";
import type {
  AskSpec,
  LaunchTarget,
  OptionValues,
  RecordRequest,
  RecordTarget,
  TargetFacts,
  TargetInfo,
} from "../model/recording.ts";
import type { FifoSource } from "./shared/fifo-source.ts";
import type { FilesSource } from "./shared/files-source.ts";

/** What a profiler may ask of the machine. Reads only; implemented in engine/host.ts, faked in tests. */
export interface Host {
  /** Absolute path of a program on PATH (and /usr/sbin, /sbin), or null. */
  findTool(name: string): Promise<string | null>;
  /** The first of these paths that is a file, or null. */
  findFile(paths: readonly string[]): Promise<string | null>;
  /** A small text file, or null where it is missing or forbidden. */
  readText(path: string): Promise<string | null>;
  /** Runs a program that only prints (a version), without a shell; null where it cannot be started. */
  probe(
    argv: readonly string[],
    timeoutMs?: number,
  ): Promise<{ code: number; stdout: string; stderr: string } | null>;
  /** Asks an address by GET; null where nobody answers. Redirects are not followed. */
  request(
    url: string,
    timeoutMs?: number,
  ): Promise<{ readonly status: number; readonly text: string } | null>;
  /** Effective user id of the workbench. */
  readonly uid: number;
  /** The process as /proc shows it now, or null. */
  target(pid: number): Promise<TargetInfo | null>;
  /**
   * What a process's program is, read from its files without touching it; of a launch, what is known before it runs.
   * null where nothing could be read. Takes milliseconds, so it is asked of a chosen target only.
   */
  facts(target: RecordTarget): Promise<TargetFacts | null>;
  /** Free bytes where sessions are written. */
  freeDiskBytes(): Promise<number>;
}

export type ProfileKind = "cpu" | "offcpu" | "heap" | "alloc" | "locks" | "syscalls" | "io" | "trace";
export type TargetKind = "pid" | "launch" | "system" | "endpoint";

/** One option: makes the form, the CLI flag and the validation. */
export type OptionSpec = {
  readonly id: string;
  readonly title: string;
  readonly help: string;
} & (
  | {
      readonly type: "number";
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly unit: string;
    }
  | {
      readonly type: "choice";
      readonly default: string;
      readonly choices: readonly { readonly value: string; readonly title: string }[];
    }
  | { readonly type: "flag"; readonly default: boolean }
  | {
      readonly type: "text";
      readonly default: string;
      /** Regular expression that the whole text matches. */
      readonly pattern: string;
      /** What it may look like, for who has to write it. */
      readonly example: string;
      readonly suggestions?: readonly string[];
    }
);

export interface Detection {
  /** Absolute path; "" for a profiler that needs no program. */
  readonly path: string;
  readonly version: string;
  readonly features: readonly string[];
}

/** One fact about the machine or the target: what was found, what it prevents, the exact fix. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly status: "ok" | "warn" | "fail";
  /** What was found: "perf_event_paranoid is 2". */
  readonly found: string;
  /** What it prevents; "" when ok. */
  readonly prevents: string;
  /** The exact fix, a command where there is one; "" when ok. */
  readonly fix: string;
  /** Does the fix survive a reboot, and what does it expose? "" when ok. */
  readonly consequence: string;
  /** Recording with root's rights clears it too, without a change to the machine. */
  readonly clearedBy?: "root";
  /** What it chose of what was left open: these options hold from here on. */
  readonly sets?: OptionValues;
}

export interface Stage {
  readonly argv: readonly string[];
  /** Added to the environment of the child. */
  readonly env?: Readonly<Record<string, string>>;
  /** It gives on stderr what the next one reads: a tool that can name neither stdout nor a pipe. */
  readonly gives?: "stderr";
}

/** Programs joined by pipes, stdout to stdin; the last one's stdout is the raw artefact. stderr goes to the log. */
export interface PipelineSource {
  readonly type: "pipeline";
  readonly stages: readonly Stage[];
  /** Stage that gets the stop signal; the others end by themselves when their input ends. */
  readonly stopStage: number;
  readonly stopSignal: "SIGINT" | "SIGTERM";
  /**
   * How the recorder learns that sampling has begun, so that a launched program starts running only then: file
   * descriptors of the stop stage for perf's `--control fd:CTL,ACK` protocol, or null for "as soon as it runs".
   */
  readonly control: {
    readonly controlFd: number;
    readonly ackFd: number;
    /** perf is asked for what it has this often, where no event is to wake it: hundreds of thousands a second may come. */
    readonly flushMs?: number;
  } | null;
  /** Without `control`: a tool that says nothing on its stdout until it records, or that traces the target from then on. */
  readonly readyAt?: "output" | "traced";
  /** The tool goes on when the target has ended: it is stopped then. */
  readonly outlivesTarget?: true;
  /** What it has counted it tells later, and not at all once it is asked to end: it is asked when nothing comes any more. */
  readonly tellsLate?: true;
}

/** Stands in the argv of a pipeline for the folder of the workbench's own programs for bpftrace, native-scripts/bpf. */
export const bpfFolder = "{bpf}";

/** A V8 inspector: by address, by pid (SIGUSR1), or of the process that the plan launches. */
export interface InspectorSource {
  readonly type: "inspector";
  readonly pid: number | null;
  readonly url: string | null;
  readonly intervalUs: number;
  /** A profile chunk is taken this often. */
  readonly chunkMs: number;
  /** Who allocates what lives, in place of where the time goes. */
  readonly heap?: InspectedHeap;
}

export interface InspectedHeap {
  /** "sampling": one allocation every so many bytes, live. "timeline": every object; known at the end. */
  readonly how: "sampling" | "timeline";
  readonly sampleBytes: number;
  /** Garbage is collected before it is told what lives. */
  readonly collect: boolean;
}

/**
 * Programs and requests run one after the other; what each gives is one chunk of the recording, and together they are
 * the raw artefact, in the framing that the importer "chunks" reads.
 */
export interface ChunksSource {
  readonly type: "chunks";
  /** Run once, in order, before the first chunk. A failure ends the recording. */
  readonly begin: readonly Step[];
  /**
   * The first chunk waits until the target catches this signal: a tool that knocks at a program with it would end one
   * that has only just started.
   */
  readonly knock?: "SIGQUIT";
  /** The i-th chunk, from 0; asked for again and again until the recording is stopped or the target is gone. Pure. */
  chunk(index: number): ChunkStep;
  /** Run once at the end, whatever happened, as far as the target is still there. */
  readonly finish: readonly Step[];
  /** A chunk holds what came since the one before it: one more is taken when the recording is stopped. */
  readonly lastChunk?: boolean;
  /** What a target that ends by itself leaves: one more chunk. */
  readonly left?: {
    readonly output: FileOutput;
    readonly importer: string;
    readonly states?: readonly string[];
  };
  /** The next chunk's program is started so long before the end of the one that runs: what it needs to begin. */
  readonly overlapMs: number;
  /**
   * The target writes the files, and sees others than we do: the folder is made in the /tmp below this root, with copies
   * of these files, and has its name there in every argv.
   */
  readonly inside?: { readonly root: string; readonly copies: readonly string[] };
  /** Written into the recording's own folder before anything begins: what the target is told by a file. */
  readonly files?: readonly { readonly name: string; readonly text: string }[];
}

/** Stands in an argv, an environment or a path for a folder of the recording's own, removed at its end. */
export const scratchFolder = "{scratch}";
/** Stands in the argv of a chunk for the moment at which the one before was complete (ISO 8601, UTC). */
export const sinceMoment = "{since}";

/** A file that a step leaves. */
export interface FileOutput {
  readonly file: string;
  /**
   * Which part of it counts, as first byte and the byte after the last; everything where it is not given. Of a file that
   * `grows` it is shown what follows after the part that counted before. `sinceMs` is the moment of `sinceMoment`.
   */
  readonly part?: (bytes: Uint8Array, sinceMs: number) => readonly [from: number, to: number];
  readonly grows?: boolean;
}

export type Step =
  | {
      readonly kind: "run";
      readonly argv: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      /** Where what it gives is found; null for a step that gives nothing. */
      readonly output: "stdout" | FileOutput | null;
      readonly timeoutMs: number;
      /** What it says on stdout where it failed and ends with 0 all the same. */
      readonly fails?: RegExp;
      /** Sent when the recording is stopped in the middle; what it then writes is kept. null: waits for its end. */
      readonly stopSignal: "SIGINT" | "SIGTERM" | null;
    }
  | {
      /** A GET request; the body is what it gives. */
      readonly kind: "fetch";
      readonly url: string;
      /** Asked where `url` is not the right one; the first that answers is asked from then on. */
      readonly others?: readonly string[];
      readonly timeoutMs: number;
    };

export interface ChunkStep {
  readonly step: Step;
  /** Importer of what the step gives. */
  readonly importer: string;
  /** It gives a state, not what came since the piece before: the name of the series that the changes are. */
  readonly levels?: string;
  /** Series of it that tell of all objects that are there, each time anew. */
  readonly states?: readonly string[];
  /** How long it samples; 0 for a snapshot. */
  readonly spanMs: number;
  /** Wait so long after the end of the chunk before. */
  readonly pauseMs: number;
}

/** Counters of the process alone, read by the workbench itself. There are no samples. */
export interface CountersSource {
  readonly type: "counters";
  readonly intervalMs: number;
  /** Also what it has open, what its threads move, and the machine's disks. */
  readonly io?: true;
}

/**
 * The program to launch. "held": started stopped in a pty, and continued once the profiler is attached to its pid
 * (the plan is made with that pid). "inspected": Node, started with its inspector waiting.
 */
export interface LaunchPlan {
  readonly how: "held" | "inspected";
  readonly target: LaunchTarget;
}

export interface RecordingPlan {
  readonly source:
    | PipelineSource
    | InspectorSource
    | ChunksSource
    | FilesSource
    | FifoSource
    | CountersSource;
  readonly launch: LaunchPlan | null;
  /** Importer that reads the raw artefact, live and later. A stream importer. */
  readonly importer: string;
  /** Extension of the raw artefact, without the dot. */
  readonly rawExtension: string;
  readonly stackMethod: string;
  readonly periodNs: number;
  /** Which files and sockets the target has open is read beside it, for what numbers of descriptors mean. */
  readonly descriptors?: true;
  /** The names of the machine's disks are kept with it, for what their numbers mean. */
  readonly blockDevices?: true;
  /** For the person: the exact commands, one a line. */
  readonly commands: readonly string[];
  /** Things done differently from what was asked, in words ("100 Hz was nudged to 99 Hz"). */
  readonly remarks: readonly string[];
  /** What a running recording can be asked for at any moment: the words of its button. */
  readonly ask?: AskSpec;
  /** What the tool prints on stderr, line by line, as a problem or a count of lost samples; null for plain log. */
  readStderr(line: string): StderrFinding | null;
}

export type StderrFinding =
  | { readonly type: "problem"; readonly problem: Problem }
  | { readonly type: "lost"; readonly samples: number }
  | { readonly type: "note"; readonly text: string };

export interface Fit {
  /** 0 to 100; the highest is recommended. */
  readonly score: number;
  /** Because: one short clause. */
  readonly reason: string;
}

/** What may be asked for instead of a profiler: the best of those that answer is taken, with the options that make it answer. */
export const questions = ["locks", "waiting", "disks"] as const;
export type Question = (typeof questions)[number];

/** A profiler describes; the recorder runs. One file and one line in index.ts. */
export interface Profiler {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** How much slower the target runs, as measured (test/bench/README.md): a sentence with its figure. */
  readonly cost: string;
  readonly kinds: readonly ProfileKind[];
  readonly targets: readonly TargetKind[];
  readonly answers?: Partial<Readonly<Record<Question, OptionValues>>>;
  /** Takes several processes at once. */
  readonly severalPids?: true;
  readonly options: readonly OptionSpec[];
  /**
   * How well it suits a process, from what /proc shows; null where it cannot work at all. `facts` are null in the list
   * of processes, and known of one that was chosen. Pure.
   */
  suits(target: TargetInfo, facts: TargetFacts | null): Fit | null;
  /** The same for a command that is to be launched. */
  suitsLaunch(launch: LaunchTarget, facts: TargetFacts | null): Fit | null;
  /** Where it is, which version, what it can do; a Problem where it is not to be had. No side effects. */
  detect(host: Host): Promise<Detection | Problem>;
  /** What this one cannot do that others of its kind can; "" or absent for nothing. For the doctor. */
  lacks?(found: Detection): string;
  /** What stands in the way of this request. No side effects. */
  preflight(host: Host, request: RecordRequest): Promise<readonly Check[]>;
  /**
   * Pure. `pid` is the process to attach to: the request's own, or that of the held launch (-1 before it runs). `facts` are
   * the target's, null where they could not be read.
   */
  plan(
    request: RecordRequest,
    options: OptionValues,
    found: Detection,
    pid: number,
    facts?: TargetFacts | null,
  ): RecordingPlan;
}

export const isProblem = (value: Detection | Problem): value is Problem => "code" in value;
