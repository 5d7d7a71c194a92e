import { type Entry, type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { ProblemError, problemOf } from "../base/result.ts";
import { forwardSource } from "./forward-source.ts";
import type { ByteSource } from "./source.ts";

/** A file in a zip. Its name is data: it is shown and compared, never opened. */
export interface ZipMember {
  readonly name: string;
  /** As the archive claims. */
  readonly sizeBytes: number;
  readonly source: ByteSource;
}

/** A list longer than this is no folder of profiles. */
const MAX_ENTRIES = 100_000;

/** Does it begin as a zip does, an empty one included? */
export const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 &&
  head[1] === 0x4b &&
  ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));

class SourceReader extends Reader<ByteSource> {
  readonly #source: ByteSource;
  constructor(source: ByteSource) {
    super(source);
    this.#source = source;
    this.size = source.sizeBytes;
  }
  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.#source.read(index, length);
  }
}

/** The files of a zip whose size is known (it is read from its end). Throws the problem "damaged-file". */
export async function zipMembers(source: ByteSource): Promise<readonly ZipMember[]> {
  const reader = new ZipReader(new SourceReader(source), { useWebWorkers: false });
  const members: ZipMember[] = [];
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (isFile(entry)) members.push(memberOf(entry));
      if (members.length >= MAX_ENTRIES) break;
    }
  } catch (error) {
    throw damaged(error);
  }
  return members;
}

const isFile = (entry: Entry): entry is FileEntry => !entry.directory;

const damaged = (error: unknown): ProblemError =>
  new ProblemError(
    problemOf(
      "damaged-file",
      "The zip archive is damaged.",
      "Copy it again from where it came from.",
      error instanceof Error ? error.message : String(error),
    ),
  );

function memberOf(entry: FileEntry): ZipMember {
  const chunks = async function* (signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const stop = new AbortController();
    const failure = entry
      .getData(writable, { signal: AbortSignal.any([signal, stop.signal]), checkSignature: true })
      .then(
        () => null,
        (error: unknown) => error,
      );
    const reader = readable.getReader();
    try {
      for (;;) {
        const part = await reader.read().catch(async () => {
          signal.throwIfAborted();
          throw damaged(await failure);
        });
        if (part.done) break;
        yield part.value;
      }
      const error = await failure;
      signal.throwIfAborted();
      if (error !== null) throw damaged(error);
    } finally {
      stop.abort();
      await reader.cancel().catch(() => undefined);
    }
  };
  return {
    name: entry.filename,
    sizeBytes: entry.uncompressedSize,
    source: forwardSource(chunks),
  };
}
