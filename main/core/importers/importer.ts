import type { ByteSource } from "../bytes/source.ts";
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

export interface ImportContext {
  readonly signal: AbortSignal;
  readonly limits: ImportLimits;
  /** The file's name, for words on the screen only: the result never depends on it. */
  readonly name: string;
  /** 0 to 1, as often as the importer likes. */
  progress(share: number): void;
}

/** A parser that is fed as bytes arrive: from a file, or live from a profiler's pipe. Chunks end anywhere. */
export interface StreamParser {
  push(chunk: Uint8Array): void;
  /** No more bytes: what is incomplete becomes a note. */
  end(): void;
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
