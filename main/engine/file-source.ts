import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { type Problem, ProblemError, problemOf, throwProblem } from "#core/base/result.ts";
import type { ByteSource } from "#core/bytes/source.ts";
import type { Arrival } from "./arrival.ts";
import { directoryProblem, reading } from "./library/disk-problem.ts";

export interface FileSource extends ByteSource {
  readonly path: string;
  close(): Promise<void>;
}

const CHUNK_BYTES = 1 << 20;
/**
 * The first one is small, and each twice as long as the one before: what there is to see of it is asked for while the rest
 * is read, and is answered between two chunks.
 */
const FIRST_CHUNK_BYTES = 1 << 17;
/** One system call reads less than 2 GiB. */
const MAX_READ_BYTES = 1 << 30;

const notRegular = (path: string, what: string): Problem =>
  problemOf(
    "not-a-regular-file",
    `${path} is ${what}, not a file.`,
    "Write what it gives to a file first, and open that.",
  );

/**
 * Opens a regular file for reading; everything else is a Problem with its own code. A FIFO or a device is refused
 * before it is opened: opening one can block for ever, or do something. What is still arriving is read as it comes.
 */
export async function openFileSource(path: string, arrival: Arrival | null = null): Promise<FileSource> {
  if (path === "" || path.includes("\0"))
    throwProblem("no-such-file", "A file name is needed.", "Give the path of a profile.");
  await reading(path, async () => check(path, await stat(path)));
  const file = await reading(path, () =>
    open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY),
  );
  try {
    // Once more on what was really opened: the name may have changed its meaning in between.
    const facts = await file.stat();
    check(path, facts);
    if (arrival !== null) return sourceOf(path, file, arrival.sizeBytes, arrival);
    if (facts.size === 0)
      throwProblem("empty-file", `${path} is empty.`, "Record it again; the tool may have been cut short.");
    return sourceOf(path, file, facts.size, null);
  } catch (error) {
    await file.close();
    throw error;
  }
}

type Facts = Awaited<ReturnType<typeof stat>>;

function check(path: string, facts: Facts): void {
  if (facts.isFile()) return;
  if (facts.isDirectory()) throw new ProblemError(directoryProblem(path));
  throw new ProblemError(
    notRegular(path, facts.isFIFO() ? "a pipe" : facts.isSocket() ? "a socket" : "a device"),
  );
}

function sourceOf(path: string, file: FileHandle, sizeBytes: number, arrival: Arrival | null): FileSource {
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    reading(path, async () => {
      await arrival?.upTo(offset + length);
      const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const wanted = Math.min(bytes.length - filled, MAX_READ_BYTES);
        const { bytesRead } = await file.read(bytes, filled, wanted, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === bytes.length ? bytes : bytes.slice(0, filled);
    });
  return {
    path,
    sizeBytes,
    async *chunks(signal) {
      // While one chunk is worked on, the next is on its way.
      let sizeNow = FIRST_CHUNK_BYTES;
      let next = read(0, sizeNow);
      try {
        for (let at = 0; at < sizeBytes; ) {
          signal.throwIfAborted();
          const chunk = await next;
          if (chunk.length === 0) return;
          at += chunk.length;
          sizeNow = Math.min(2 * sizeNow, CHUNK_BYTES);
          next = read(at, sizeNow);
          yield chunk;
        }
      } finally {
        // Whoever stops early need not know how the read went that nobody asked for.
        await next.catch(() => undefined);
      }
    },
    read,
    close: () => file.close(),
  };
}
