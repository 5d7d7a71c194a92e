import { throwProblem } from "../base/result.ts";
import { type ByteSource, memorySource } from "./source.ts";

/** A source without its compression. */
export interface Unwrapped {
  readonly source: ByteSource;
  /** Outermost first: ["gzip"]. */
  readonly layers: readonly string[];
  /** Why the compressed data ended early, once it was read; null while it is well. */
  damage(): string | null;
}

const MAX_LAYERS = 3;
/** What is read to recognise a format. */
export const HEAD_BYTES = 1 << 16;

type Decoder = (
  source: ByteSource,
  signal: AbortSignal,
  fail: (why: string) => void,
) => AsyncIterable<Uint8Array>;

/**
 * Takes gzip off, and the UTF-16 that some shells write when output is redirected. Other compressions are a problem
 * that names the command. `maxBytes` bounds what comes out, however little goes in.
 */
export async function unwrap(source: ByteSource, maxBytes: number): Promise<Unwrapped> {
  const layers: string[] = [];
  let damage: string | null = null;
  const fail = (why: string): void => {
    damage ??= why;
  };
  let current = source;
  for (let i = 0; i < MAX_LAYERS; i++) {
    const head = await current.read(0, 8);
    const layer = layerOf(head);
    if (layer === null) break;
    layers.push(layer.name);
    current = decodedSource(current, layer.decode, maxBytes, fail);
  }
  return { source: current, layers, damage: () => damage };
}

function layerOf(head: Uint8Array): { name: string; decode: Decoder } | null {
  const begins = (...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (begins(0x1f, 0x8b)) return { name: "gzip", decode: gunzip };
  if (begins(0xff, 0xfe))
    return { name: "utf-16le", decode: (s, signal) => transcode(s, signal, "utf-16le") };
  if (begins(0xfe, 0xff))
    return { name: "utf-16be", decode: (s, signal) => transcode(s, signal, "utf-16be") };
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return refuse("zstd", "unzstd");
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return refuse("xz", "unxz");
  if (begins(0x42, 0x5a, 0x68)) return refuse("bzip2", "bunzip2");
  if (begins(0x50, 0x4b, 3, 4)) return refuse("zip", "unzip");
  return null;
}

function refuse(name: string, command: string): never {
  return throwProblem(
    "unsupported-compression",
    `The file is compressed with ${name}, which is not read yet.`,
    `Run \`${command}\` on it and open what comes out.`,
  );
}

async function* gunzip(
  source: ByteSource,
  signal: AbortSignal,
  fail: (why: string) => void,
): AsyncIterable<Uint8Array> {
  const iterator = source.chunks(signal)[Symbol.asyncIterator]();
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  const reader = input.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const part = await reader.read().catch((error: unknown) => {
        signal.throwIfAborted();
        fail(error instanceof Error ? error.message : String(error));
        return { done: true as const, value: undefined };
      });
      if (part.done) return;
      yield part.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function* transcode(
  source: ByteSource,
  signal: AbortSignal,
  encoding: string,
): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const chunk of source.chunks(signal)) {
    yield encoder.encode(decoder.decode(chunk, { stream: true }));
  }
  const rest = decoder.decode();
  if (rest !== "") yield encoder.encode(rest);
}

function decodedSource(
  inner: ByteSource,
  decode: Decoder,
  maxBytes: number,
  fail: (why: string) => void,
): ByteSource {
  const chunks = async function* (signal: AbortSignal): AsyncIterable<Uint8Array> {
    let total = 0;
    for await (const chunk of decode(inner, signal, fail)) {
      total += chunk.length;
      if (total > maxBytes) {
        throwProblem(
          "too-large",
          "The compressed file unpacks to more than is allowed.",
          "Check that it is what it claims to be; unpack it by hand if it is.",
          `more than ${maxBytes} bytes`,
        );
      }
      yield chunk;
    }
  };
  return {
    sizeBytes: -1,
    chunks,
    /** Starts from the front every time: for the head of a file. `wholeSource` is for formats that seek. */
    async read(offset, length) {
      const parts: Uint8Array[] = [];
      const stop = new AbortController();
      let at = 0;
      for await (const chunk of chunks(stop.signal)) {
        const from = Math.max(0, offset - at);
        if (from < chunk.length) parts.push(chunk.slice(from, offset + length - at));
        at += chunk.length;
        if (at >= offset + length) break;
      }
      return joined(parts);
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The source itself where it can seek; otherwise all of it in memory, up to `maxBytes`. */
export async function seekable(
  source: ByteSource,
  signal: AbortSignal,
  maxBytes: number,
): Promise<ByteSource> {
  if (source.sizeBytes >= 0) return source;
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of source.chunks(signal)) {
    total += chunk.length;
    if (total > maxBytes) {
      throwProblem(
        "too-large",
        "The compressed file is too large to be read in one piece.",
        "Unpack it with gunzip and open what comes out.",
      );
    }
    parts.push(chunk.slice());
  }
  return memorySource(joined(parts));
}
