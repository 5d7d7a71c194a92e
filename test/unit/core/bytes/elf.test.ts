import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ElfFile, isElf, readElf } from "#core/bytes/elf.ts";

/** Every machine that runs the tests has one: the program that runs them. */
const own = readFileSync("/proc/self/exe");
const from = (bytes: Uint8Array): ElfFile | null =>
  readElf((offset, length) => bytes.subarray(offset, offset + length));

describe("ELF files", () => {
  it("functions by address, code by segment", () => {
    expect(isElf(own)).toBe(true);
    const file = from(own);
    const { symbols, segments } = file as ElfFile;
    expect(segments.length).toBeGreaterThan(0);
    expect(symbols.length).toBeGreaterThan(1000);
    const all = Array.from({ length: symbols.length }, (_, row) => symbols.name(row));
    const row = all.indexOf("napi_create_object");
    expect(row).toBeGreaterThan(-1);
    const [high = 0, low = 0] = [symbols.highs[row], symbols.lows[row]];
    expect(symbols.find(high, low)).toBe(row);
    expect(symbols.find(high, low + 1)).toBe(row);
    expect(symbols.find(high, low - 1)).not.toBe(row);
    for (let i = 1; i < symbols.length; i++)
      expect(
        (symbols.highs[i] ?? 0) * 2 ** 32 + (symbols.lows[i] ?? 0) >
          (symbols.highs[i - 1] ?? 0) * 2 ** 32 + (symbols.lows[i - 1] ?? 0),
      ).toBe(true);
  });

  it("what is cut off or has wrong numbers in its header is read in part or not at all", () => {
    const head = own.subarray(0, 1 << 16);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: head.length }),
        fc.array(fc.tuple(fc.integer({ min: 4, max: 512 }), fc.integer({ min: 0, max: 255 })), {
          maxLength: 4,
        }),
        (length, flips) => {
          const bytes = head.slice(0, length);
          for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
          const file = from(bytes);
          expect(file === null || file.symbols.length >= 0).toBe(true);
        },
      ),
    );
  });

  it("a text is none", () => {
    expect(from(new TextEncoder().encode("#!/bin/sh\n"))).toBeNull();
  });
});
