import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { type ByteSource, memorySource } from "#core/bytes/source.ts";
import { seekable, unwrap } from "#core/bytes/unwrap.ts";

const text = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join("");
const plain = new TextEncoder().encode(text);
const packed = new Uint8Array(gzipSync(plain));
const signal = new AbortController().signal;

async function readAll(source: ByteSource): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of source.chunks(signal)) all += decoder.decode(chunk, { stream: true });
  return all + decoder.decode();
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "",
    (error: unknown) => (error instanceof ProblemError ? error.problem.code : String(error)),
  );

describe("what is inside", () => {
  test("nothing around it: the source itself", async () => {
    const source = memorySource(plain);
    expect((await unwrap(source, 1e9)).source).toBe(source);
  });

  test("gzip", async () => {
    const { source, layers, damage } = await unwrap(memorySource(packed, 100), 1e9);
    expect(layers).toEqual(["gzip"]);
    expect(await readAll(source)).toBe(text);
    expect(new TextDecoder().decode(await source.read(5, 10))).toBe(text.slice(5, 15));
    expect(await readAll(source)).toBe(text);
    expect(damage()).toBeNull();
  });

  test("gzip in gzip", async () => {
    const { source, layers } = await unwrap(memorySource(new Uint8Array(gzipSync(packed))), 1e9);
    expect(layers).toEqual(["gzip", "gzip"]);
    expect(await readAll(source)).toBe(text);
  });

  test.each([
    ["utf-16le", [0xff, 0xfe, 0x61, 0, 0xe9, 0, 0x0a, 0]],
    ["utf-16be", [0xfe, 0xff, 0, 0x61, 0, 0xe9, 0, 0x0a]],
  ])("%s", async (name, bytes) => {
    const { source, layers } = await unwrap(memorySource(new Uint8Array(bytes), 3), 1e9);
    expect(layers).toEqual([name]);
    expect(await readAll(source)).toBe("aé\n");
  });

  test("a range of it for those who seek", async () => {
    const source = await seekable((await unwrap(memorySource(packed), 1e9)).source, signal, 1e9);
    expect(source.sizeBytes).toBe(plain.length);
    expect(new TextDecoder().decode(await source.read(plain.length - 5, 100))).toBe(text.slice(-5));
  });
});

describe("harm", () => {
  test("cut off: what could be unpacked, and why there is no more", async () => {
    const { source, damage } = await unwrap(memorySource(packed.subarray(0, packed.length >> 1)), 1e9);
    const read = await readAll(source);
    expect(read.length).toBeGreaterThan(100);
    expect(text.startsWith(read)).toBe(true);
    expect(damage()).not.toBeNull();
  });

  test("only the first bytes are gzip's", async () => {
    const { source, damage } = await unwrap(memorySource(new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3])), 1e9);
    expect(await readAll(source)).toBe("");
    expect(damage()).not.toBeNull();
  });

  test("a bomb", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(50 << 20)));
    const { source } = await unwrap(memorySource(bomb), 1 << 20);
    expect(await codeOf(readAll(source))).toBe("too-large");
    expect(await codeOf(seekable((await unwrap(memorySource(bomb), 1e9)).source, signal, 1 << 20))).toBe(
      "too-large",
    );
  });

  test("cancelled", async () => {
    const abort = new AbortController();
    const { source } = await unwrap(memorySource(packed, 100), 1e9);
    abort.abort();
    const read = async (): Promise<void> => {
      for await (const chunk of source.chunks(abort.signal)) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow("abort");
  });

  test.each([
    ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
    ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    ["bzip2", [0x42, 0x5a, 0x68, 0x39]],
    ["zip", [0x50, 0x4b, 3, 4]],
  ])("%s is refused by name", async (_name, bytes) => {
    expect(await codeOf(unwrap(memorySource(new Uint8Array(bytes)), 1e9))).toBe("unsupported-compression");
  });
});
