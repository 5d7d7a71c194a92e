import { ProblemError, throwProblem } from "../base/result.ts";
import { forwardSource, joined } from "./forward-source.ts";
import { type ByteSource, memorySource } from "./source.ts";
import { unzstd } from "./zstd.ts";

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

/** Takes one kind of compression off. Throws where the data is damaged, after what came before. */
export type Unpacker = (packed: AsyncIterable<Uint8Array>, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/**
 * Takes gzip, zstd, xz and bzip2 off, and the UTF-16 that some shells write when output is redirected. xz and bzip2
 * need an unpacker of the host; without one they are a problem that names the command. `maxBytes` bounds what comes
 * out, however little goes in.
 */
export async function unwrap(
  source: ByteSource,
  maxBytes: number,
  unpackers: Readonly<Record<string, Unpacker>> = {},
): Promise<Unwrapped> {
  const layers: string[] = [];
  let damage: string | null = null;
  const fail = (why: string): void => {
    damage ??= why;
  };
  let current = source;
  for (let i = 0; i < MAX_LAYERS; i++) {
    const head = await current.read(0, 8);
    const layer = layerOf(head, unpackers);
    if (layer === null) break;
    layers.push(layer.name);
    current = decodedSource(current, layer.decode, maxBytes, fail);
  }
  return { source: current, layers, damage: () => damage };
}

function layerOf(
  head: Uint8Array,
  unpackers: Readonly<Record<string, Unpacker>>,
): { name: string; decode: Decoder } | null {
  const unpacked = (name: string, command: string, own?: Unpacker) => {
    const unpacker = unpackers[name] ?? own;
    return unpacker ? { name, decode: decoderOf(unpacker) } : refuse(name, command);
  };
  const begins = (...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (begins(0x1f, 0x8b)) return { name: "gzip", decode: gunzip };
  if (begins(0xff, 0xfe))
    return { name: "utf-16le", decode: (s, signal) => transcode(s, signal, "utf-16le") };
  if (begins(0xfe, 0xff))
    return { name: "utf-16be", decode: (s, signal) => transcode(s, signal, "utf-16be") };
  if (begins(0x28, 0xb5, 0x2f, 0xfd) || isSkippable(head)) return unpacked("zstd", "unzstd", unzstd);
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return unpacked("xz", "unxz");
  if (begins(0x42, 0x5a, 0x68) && head[4] === 0x31 && head[5] === 0x41) return unpacked("bzip2", "bunzip2");
  return null;
}

/** A zstd frame without data, as some writers put before the first: 0x184D2A50 to 5F. */
const isSkippable = (head: Uint8Array): boolean =>
  head[3] === 0x18 && head[2] === 0x4d && head[1] === 0x2a && ((head[0] ?? 0) & 0xf0) === 0x50;

const decoderOf = (unpacker: Unpacker): Decoder =>
  async function* (source, signal, fail) {
    try {
      yield* unpacker(source.chunks(signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ProblemError) throw error;
      fail(error instanceof Error ? error.message : String(error));
    }
  };

function refuse(name: string, command: string): never {
  return throwProblem(
    "unsupported-compression",
    `The file is compressed with ${name}, and the program that takes it off is not here.`,
    `Install \`${name}\`; or run \`${command}\` on it elsewhere, and open what comes out.`,
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
  return forwardSource(chunks);
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
