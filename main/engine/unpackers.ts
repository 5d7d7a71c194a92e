import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pipeline, Readable } from "node:stream";
import zlib from "node:zlib";
import { execa } from "execa";
import type { Unpacker } from "#core/bytes/unwrap.ts";

/** A profile's thread has no environment of its own. */
const FOLDERS = (process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter);

const findProgram = (name: string): string | null =>
  FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;

/** A system program that takes a compression off its standard input. */
const through = (program: string): Unpacker =>
  async function* (packed, signal) {
    const child = execa(program, ["-dc"], {
      stdin: "pipe",
      stdout: "pipe",
      buffer: { stdout: false },
      encoding: "buffer",
      reject: false,
      cancelSignal: signal,
    });
    const input = Readable.from(packed);
    let unreadable: unknown = null;
    input.on("error", (error) => {
      unreadable = error;
    });
    // A program that ends early closes its input; how it ended says why.
    pipeline(input, child.stdin, () => undefined);
    try {
      for await (const chunk of child.stdout) yield chunk as Uint8Array;
      const { failed, stderr } = await child;
      signal.throwIfAborted();
      if (unreadable !== null) throw unreadable;
      if (failed) throw new Error(new TextDecoder().decode(stderr).trim() || `${program} failed`);
    } finally {
      input.destroy();
      child.stdout.destroy();
      child.kill("SIGKILL");
    }
  };

type ZstdMaker = () => NodeJS.ReadWriteStream;

/** Node has zstd from 22.15 on. */
const nativeZstd: ZstdMaker | null =
  "createZstdDecompress" in zlib ? (zlib.createZstdDecompress as ZstdMaker) : null;

const zstdOfNode = (make: ZstdMaker): Unpacker =>
  async function* (packed, signal) {
    // A failure of either ends the other, and is thrown where the output is read.
    const out = pipeline(Readable.from(packed), make(), () => undefined);
    for await (const chunk of out) {
      signal.throwIfAborted();
      yield chunk as unknown as Uint8Array;
    }
  };

/** What this machine has for each kind of compression; asked anew for every file, as programs get installed. */
export function findUnpackers(): Readonly<Record<string, Unpacker>> {
  const unpackers: Record<string, Unpacker> = {};
  for (const name of ["xz", "bzip2", "zstd"]) {
    const program = findProgram(name);
    if (program !== null) unpackers[name] = through(program);
  }
  if (nativeZstd) unpackers.zstd = zstdOfNode(nativeZstd);
  return unpackers;
}
