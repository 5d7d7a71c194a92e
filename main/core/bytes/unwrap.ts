import { ProblemError, problemOf, throwProblem } from "../base/result.ts";
import type { ByteSource } from "./source.ts";

/** Files inside files: what is compressed is unpacked while it is read. */

const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;

/**
 * The source as it is, or what is packed in it. Unpacking stops with the problem "too-large" past `maxBytes`, so that
 * a small file cannot fill the memory; a file that ends early gives what could be unpacked, then `onDamage` is told.
 */
export async function unwrap(
  source: ByteSource,
  maxBytes: number,
  onDamage: (words: string) => void,
): Promise<ByteSource> {
  const head = await source.read(0, 3);
  if (!isGzip(head)) return source;
  const chunks = (signal: AbortSignal) => gunzip(source, signal, maxBytes, onDamage);
  return { sizeBytes: -1, chunks, read: (offset, length) => readThrough(chunks, offset, length) };
}

async function* gunzip(
  source: ByteSource,
  signal: AbortSignal,
  maxBytes: number,
  onDamage: (words: string) => void,
): AsyncIterable<Uint8Array> {
  const unpacker = new DecompressionStream("gzip");
  const feed = async (): Promise<void> => {
    const writer = unpacker.writable.getWriter();
    try {
      for await (const chunk of source.chunks(signal)) await writer.write(new Uint8Array(chunk));
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => undefined);
    }
  };
  const feeding = feed();
  const reader = unpacker.readable.getReader();
  let sizeBytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      sizeBytes += value.length;
      if (sizeBytes > maxBytes)
        throwProblem(
          "too-large",
          `The file unpacks to more than ${maxBytes} bytes.`,
          "Raise the limit if you trust the file.",
        );
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProblemError) throw error;
    if (sizeBytes === 0)
      throw new ProblemError(
        problemOf(
          "damaged-archive",
          "The compressed file cannot be unpacked.",
          "Fetch it again.",
          error instanceof Error ? error.message : "",
        ),
      );
    onDamage("The compressed file is damaged or cut off: what could be unpacked was read.");
  } finally {
    await reader.cancel().catch(() => undefined);
    await feeding;
  }
}

/** A range of what can only be read from front to back. */
async function readThrough(
  chunks: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const found = new Uint8Array(length);
  let filled = 0;
  let at = 0;
  for await (const chunk of chunks(new AbortController().signal)) {
    const from = Math.max(0, offset + filled - at);
    const part = chunk.subarray(from, from + length - filled);
    found.set(part, filled);
    filled += part.length;
    at += chunk.length;
    if (filled === length) break;
  }
  return found.subarray(0, filled);
}
