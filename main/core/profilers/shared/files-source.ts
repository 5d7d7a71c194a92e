import type { Problem } from "../../base/result.ts";

/**
 * A launched program that leaves its profile in files: parts while it runs, the rest when it ends (callgrind, gprof,
 * node --cpu-prof). The plan's launch is the whole instrumented command, held; wherever the plan says `scratchFolder`
 * there is a folder of the recording's own.
 */
export interface FilesSource {
  readonly type: "files";
  /** Looked for in the scratch folder; of several that match a file's name the first counts. */
  readonly outputs: readonly OutputFiles[];
  /** Makes the running program write what it has; run at each interval, and once before it is stopped. */
  readonly dump: {
    readonly argv: readonly string[];
    /** Infinite: only when it is asked for, and before it is stopped. */
    readonly everyMs: number;
    readonly timeoutMs: number;
    /** What it says on stdout becomes a file of this name, in which `dumpNumber` stands for its number. */
    readonly saysInto?: string;
    /** What one of them is called: "Leak check". */
    readonly title?: string;
  } | null;
  /** What ends the program when the recording is stopped: it then writes the rest. */
  readonly stopSignal: "SIGINT" | "SIGTERM";
  /** What it means when the program has ended and there is no file. */
  readonly missing: Problem;
}

export interface OutputFiles {
  /** Name in the scratch folder; `*` stands for anything. */
  readonly name: string;
  /** Begun early and complete only when the program has ended, however long nobody writes to it. */
  readonly atEnd?: boolean;
  /** A program that makes of the file what the importer reads, on stdout; `filePath` stands for the file. */
  readonly through: readonly string[] | null;
  /** How its bytes become part of the raw artefact. */
  readonly frame: FileFrame;
}

/** Stands in the argv of `through` for the file. */
export const filePath = "{file}";

/**
 * "text": as they are, each file ended by `end`: for formats that may follow one another.
 * "chunk": a piece of the format "chunks", as of when it was written; `levels` as there. `fromStart`: its own times count
 * from the program's start.
 * "v8": a whole .cpuprofile as a line of the format "v8-chunks"; process and thread come from Node's name of the file.
 */
/** Stands in the argv of `dump` for how often it was asked before: for files of different names. */
export const dumpNumber = "{n}";

export type FileFrame =
  | { readonly kind: "text"; readonly end: string }
  | { readonly kind: "v8"; readonly program: string; readonly tool: string }
  | {
      readonly kind: "chunk";
      readonly importer: string;
      readonly levels: string;
      readonly fromStart?: boolean;
    };
