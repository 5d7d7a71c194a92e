import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readElf, readElfSections } from "#core/bytes/elf.ts";
import { EndianReader } from "#core/bytes/endian.ts";
import type { UnwindInfo } from "#core/importers/importer.ts";
import { readAttr } from "#core/importers/shared/perf-data-attr.ts";
import type { AddressSpace } from "#core/importers/shared/perf-data-maps.ts";
import { PerfSample } from "#core/importers/shared/perf-data-sample.ts";
import { PerfDataUnwinder } from "#core/importers/shared/perf-data-unwind.ts";

const STACK_AT = 0x7ffc_0000_1000;
const STACK_BYTES = 512;

/** A sample of registers, by their bits in perf's mask, and of words of the stack from `sp` on, by their addresses. */
function sampleOf(registers: ReadonlyMap<number, bigint>, sp: number, words: ReadonlyMap<number, bigint>) {
  const bits = [...registers.keys()].sort((a, b) => a - b);
  // Behind what else a sample has.
  const userRegistersAt = 8;
  const stackAt = userRegistersAt + 8 + 8 * bits.length;
  const bytes = new Uint8Array(stackAt + STACK_BYTES);
  const view = new DataView(bytes.buffer);
  // PERF_SAMPLE_REGS_ABI_64
  view.setBigUint64(userRegistersAt, 2n, true);
  for (const [i, bit] of bits.entries())
    view.setBigUint64(userRegistersAt + 8 + 8 * i, registers.get(bit) ?? 0n, true);
  for (const [at, word] of words) if (at >= sp) view.setBigUint64(stackAt + at - sp, word, true);
  const attr = new Uint8Array(128);
  const mask = bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
  new DataView(attr.buffer).setBigUint64(80, mask, true);
  const event = readAttr(new EndianReader(attr, true), 0, 128, []);
  const sample = Object.assign(new PerfSample(), {
    userRegistersAt,
    stackAt,
    stackBytes: STACK_BYTES,
  });
  return { reader: new EndianReader(bytes, true), event, sample };
}

function spaceOf(path: string, start: number, pages: number): AddressSpace {
  const region = {
    firstPage: start / 4096,
    lastPage: start / 4096 + pages,
    startHigh: Math.floor(start / 2 ** 32),
    startLow: start >>> 0,
    fileOffset: 0,
    path,
    buildId: "",
  };
  return { id: 1, pid: 7, from: 0, regions: [region], revision: 0, dump: "" };
}

function infoOf(path: string): UnwindInfo {
  const bytes = readFileSync(path);
  const read = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  const section = readElfSections(read, [".eh_frame"]).get(".eh_frame");
  if (!section) throw new Error("there is no .eh_frame");
  const { bytes: frames, address } = section;
  return { segments: readElf(read)?.segments ?? [], sections: [{ bytes: frames, address, isEh: true }] };
}

const elf = join(dirname(fileURLToPath(import.meta.url)), "../../bytes/aarch64/frames.elf");

describe("a copy of a stack of AArch64", () => {
  const info = infoOf(elf);
  const unwinder = new PerfDataUnwinder(() => info);
  const space = spaceOf("/srv/frames", 0x400000, 1);
  /** As pointer authentication leaves it: bits that no address has say that it is genuine. */
  const signed = (address: number): bigint => BigInt(address) | 0x002a_0000_0000_0000n | (0x55n << 56n);
  const LR = 30;
  const SP = 31;
  const PC = 32;
  const X29 = 29;

  const framesOf = (pc: number, lr: bigint, fp: number, sp: number, words: ReadonlyMap<number, bigint>) => {
    const registers = new Map([
      [X29, BigInt(fp)],
      [LR, lr],
      [SP, BigInt(sp)],
      [PC, BigInt(pc)],
    ]);
    const { reader, event, sample } = sampleOf(registers, sp, words);
    const addresses: string[] = [];
    const isWalked = unwinder.unwind(reader, event, sample, space, (address) =>
      addresses.push(address.toString(16)),
    );
    return isWalked ? addresses : null;
  };

  // _start calls growing, which calls middle with 64 bytes below its frame, which calls inner.
  const inInner = STACK_AT;
  const inMiddle = inInner + 144;
  const inGrowing = inMiddle + 16;
  const inStart = inGrowing + 64 + 16;
  const words = new Map<number, bigint>([
    [inInner, BigInt(inMiddle)],
    [inInner + 8, signed(0x400264)],
    [inMiddle, BigInt(inGrowing + 64)],
    [inMiddle + 8, signed(0x4002b4)],
    [inGrowing + 64, BigInt(inStart)],
    [inGrowing + 72, signed(0x4002ec)],
    [inStart, 0n],
    [inStart + 8, 0n],
  ]);
  const callers = ["400264", "4002b4", "4002ec"];

  it("from a function that has no frame: the register says where it returns to", () => {
    expect(framesOf(0x4001e4, 0x400218n, inInner, inInner, words)).toEqual(["4001e4", "400218", ...callers]);
  });

  it("from the middle of a function", () => {
    expect(framesOf(0x400220, 0x400218n, inInner, inInner, words)).toEqual(["400220", ...callers]);
  });

  it("before the frame is there, when the return address is signed in its register already", () => {
    expect(framesOf(0x4001f4, signed(0x400264), inMiddle, inMiddle, words)).toEqual(["4001f4", ...callers]);
  });

  it("where the frame pointer alone says where the frame is", () => {
    expect(framesOf(0x4002ac, 0x4002b4n, inGrowing + 64, inGrowing, words)).toEqual(["4002ac", "4002ec"]);
  });
});

describe("a copy of a stack with trampolines of CPython", () => {
  const AT = 0x7f00_0000_0000;
  const space = spaceOf("//anon", AT, 1);

  it.each([
    ["that keep 8 bytes", 0x1234n],
    ["that keep rbp", BigInt(STACK_AT)],
  ])("%s", (_, bp) => {
    // Bits of x86: 6 is bp, 7 sp, 8 ip. The trampoline has called what was sampled, which has no frame of its own.
    const registers = new Map([
      [6, bp],
      [7, BigInt(STACK_AT)],
      [8, BigInt(AT + 10)],
    ]);
    const words = new Map<number, bigint>([
      [STACK_AT, 0x5678n],
      [STACK_AT + 8, BigInt(AT + 0x100)],
    ]);
    const { reader, event, sample } = sampleOf(registers, STACK_AT, words);
    const unwinder = new PerfDataUnwinder(
      () => null,
      (_space, address) => address === AT + 10,
    );
    const addresses: number[] = [];
    unwinder.unwind(reader, event, sample, space, (address) => addresses.push(address - AT));
    expect(addresses).toEqual([10, 0x100]);
  });
});
