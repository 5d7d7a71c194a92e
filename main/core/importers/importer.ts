import type { CodePlace } from "../bytes/dwarf/inlines.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Unpacker } from "../bytes/unwrap.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { Profile } from "../model/profile.ts";

/** What a file may make us allocate. Past a limit the import ends with a note that names it. */
export interface ImportLimits {
  /** Bytes after decompression. */
  readonly maxBytes: number;
  readonly maxSamples: number;
  /** Frames in one stack; deeper ones are cut at the root end, with a note. */
  readonly maxStackDepth: number;
}

export const defaultLimits: ImportLimits = {
  maxBytes: 64 * 2 ** 30,
  maxSamples: 400e6,
  maxStackDepth: 100_000,
};

/** A name for an address; the address is where the symbol starts. */
export interface CodeSymbol {
  readonly name: string;
  readonly high: number;
  readonly low: number;
}

/** Symbols of one binary. Addresses are those of the file (virtual addresses of its ELF), in two halves. */
export interface SymbolTable {
  /** Its names may still come from elsewhere while they are asked for: `refresh` says when they have. */
  readonly isLate?: boolean;
  /**
   * Looks for what was asked for in vain: names of code that is compiled while the program runs, debug information that is
   * read in steps. Another number than before where more is known.
   */
  refresh?(): number;
  find(high: number, low: number): CodeSymbol | null;
  /**
   * From the function inwards through the calls that were inlined; none where debug information says nothing, null where it
   * is not read yet: `refresh` goes on with it.
   */
  places?(high: number, low: number): readonly CodePlace[] | null;
  /** Name of the variable that holds the address; null for none. */
  variable?(high: number, low: number): string | null;
  /** The ELF program headers that hold code: how an offset in the file becomes an address. Empty for JIT maps and the kernel. */
  readonly segments: readonly {
    readonly offset: number;
    readonly address: number;
    readonly sizeBytes: number;
  }[];
}

export interface BinaryIdentity {
  /** As the profile says it: the service decides whether and where it may be read. */
  readonly path: string;
  /** Hex, "" where unknown. */
  readonly buildId: string;
  /** -1 where unknown; JIT maps are one a process. */
  readonly pid: number;
}

/** The kernel of a recording. It lies elsewhere after every start: symbols are moved by where its text began. */
export interface KernelIdentity {
  /** Hex, "" where unknown. */
  readonly buildId: string;
  /** As uname -r says it; "" where unknown. */
  readonly release: string;
  /** Address of its first symbol, _text or _stext, in two halves; both 0 where unknown. */
  readonly high: number;
  readonly low: number;
}

/** How callers are found from code without frame pointers: what is in a file about its stack frames. */
export interface UnwindInfo {
  readonly segments: SymbolTable["segments"];
  /** .eh_frame and .debug_frame, and where each lies in the file's own addresses. */
  readonly sections: readonly {
    readonly bytes: Uint8Array;
    readonly address: number;
    readonly isEh: boolean;
  }[];
}

/** What an importer may ask of the machine. All of it may be missing: then a note says what was lost by it. */
export interface ImportServices {
  readonly symbols?: {
    tableOf(binary: BinaryIdentity): SymbolTable | null;
    /** Null where the file is not here, or says nothing. */
    unwindInfo?(binary: BinaryIdentity): UnwindInfo | null;
    /** Before the first question, where the person lets it: looks elsewhere for binaries that are not here. */
    prepare?(binaries: readonly BinaryIdentity[], signal: AbortSignal): Promise<void>;
    /** Null where neither the kernel that runs here nor a copy of its symbols is the recording's. */
    kernel(kernel: KernelIdentity): SymbolTable | null;
    /** After the last question: what stood in the way of names, in words. */
    notes(): readonly string[];
  };
  /** The source map of a script; null where there is none. */
  readonly sourceMap?: (url: string) => Uint8Array | null;
  /** The importer of a part within the file, where a recording came in pieces. */
  readonly importer?: (id: string) => Importer | null;
  /** By layer: "zstd", "xz", "bzip2". Quicker than what the importers bring themselves, or the only way. */
  readonly unpackers?: Readonly<Record<string, Unpacker>>;
}

export interface ImportContext {
  readonly signal: AbortSignal;
  readonly limits: ImportLimits;
  /** The file's name, for words on the screen only: the result never depends on it. */
  readonly name: string;
  /** Which profile of an archive; missing or "" for the only one. */
  readonly member?: string;
  readonly services?: ImportServices;
  /**
   * Of a recording in pieces: sampling periods in ns, by event, which a tool may say in its first piece only. Read and
   * filled by the importer of a piece.
   */
  readonly periods?: Map<string, number>;
  /** Of a recording in pieces: deadlocks that an earlier piece has told, each of which is told once. */
  readonly told?: Set<string>;
  /** 0 to 1, as often as the importer likes. */
  progress(share: number): void;
  /** Lets everything else have its turn: cancelling, questions about what is there. For long work on bytes in memory. */
  pause?(): Promise<void>;
}

/** A parser that is fed as bytes arrive: from a file, or live from a profiler's pipe. Chunks end anywhere. */
export interface StreamParser {
  push(chunk: Uint8Array): void;
  /** No more bytes: what is incomplete becomes a note. */
  end(): void;
  /** Nothing came for a while: what waits for the order of its time need not wait longer. */
  idle?(): void;
  /** Resolves once everything that was given is in the profile; left out where it is as soon as `push` or `end` returns. */
  settled?(): Promise<void>;
}

interface ImporterBase {
  readonly id: string;
  readonly title: string;
  /** Without the dot; for dialog filters only. */
  readonly extensions: readonly string[];
  /** Unique; lower is asked first. A test fails on a tie. */
  readonly order: number;
  /** The first 64 KiB (or less), after unwrapping. Never decides by the name alone. */
  sniff(head: Uint8Array, name: string): boolean;
}

/** A format that is read from front to back: also usable live. */
export interface StreamImporter extends ImporterBase {
  readonly kind: "stream";
  open(out: ProfileBuilder, context: ImportContext): StreamParser;
}

/** A format that needs to seek. Throws ProblemError where nothing at all can be read. */
export interface SeekImporter extends ImporterBase {
  readonly kind: "seek";
  parse(source: ByteSource, out: ProfileBuilder, context: ImportContext): Promise<void>;
}

/** The workbench's own sessions: columns as they lie on disk, nothing to intern. */
export interface LoadImporter extends ImporterBase {
  readonly kind: "load";
  load(source: ByteSource, context: ImportContext): Promise<Profile>;
}

export type Importer = StreamImporter | SeekImporter | LoadImporter;
