import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type ByteSource, memorySource } from "#core/bytes/source.ts";
import { unwrap } from "#core/bytes/unwrap.ts";
import { findUnpackers } from "#engine/unpackers.ts";
import { needs } from "../../../needs.ts";

const plain = Buffer.from(Array.from({ length: 200_000 }, (_, i) => `line ${i * 7919}\n`).join(""));

async function readAll(source: ByteSource, signal = new AbortController().signal): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of source.chunks(signal)) parts.push(chunk.slice());
  return Buffer.concat(parts);
}

describe.each(["xz", "bzip2", "zstd"] as const)("%s", (program) => {
  needs(program)("taken off by a program", () => unpacking(program));
});

function unpacking(program: string): void {
  const packed = new Uint8Array(execFileSync(program, ["-c"], { input: plain, maxBuffer: 1e9 }));
  const unwrapped = (bytes: Uint8Array) => unwrap(memorySource(bytes, 5000), 1e9, findUnpackers());

  test("is taken off", async () => {
    const { source, layers, damage } = await unwrapped(packed);
    expect(layers).toEqual([program]);
    expect(Buffer.compare(await readAll(source), plain)).toBe(0);
    expect((await source.read(0, 6)).toString()).toBe(plain.subarray(0, 6).join());
    expect(damage()).toBeNull();
  });

  test("says that it is damaged", async () => {
    const { source, damage } = await unwrapped(packed.subarray(0, packed.length >> 1));
    const read = await readAll(source);
    expect(Buffer.compare(read, plain.subarray(0, read.length))).toBe(0);
    expect(damage()).not.toBeNull();
  });

  test("ends when it is cancelled", async () => {
    const { source } = await unwrapped(packed);
    const abort = new AbortController();
    abort.abort();
    await expect(readAll(source, abort.signal)).rejects.toThrow(/abort/i);
  });
}
