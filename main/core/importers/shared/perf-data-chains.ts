import { ByteInterner } from "../../bytes/byte-interner.ts";
import type { EndianReader } from "../../bytes/endian.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, int32, uint8 } from "../../model/growable.ts";
import type { ImportContext, ImportLimits } from "../importer.ts";
import { branch, type PerfEvent } from "./perf-data-attr.ts";
import { mode, type PerfDataFrames } from "./perf-data-frames.ts";
import type { AddressSpace } from "./perf-data-maps.ts";
import type { PerfSample } from "./perf-data-sample.ts";
import { PerfDataUnwinder } from "./perf-data-unwind.ts";
import { StackShapes } from "./perf-meta.ts";

const UNWOUND = 0xffffffff;
const OF_PROGRAM = 0xfffffffe;
/** The key of a chain has room for so many frames of 12 bytes. */
const MAX_KEY_FRAMES = 10_000;

/** Addresses from -4095 on are marks: whose addresses follow. PERF_CONTEXT_* of linux/perf_event.h. */
const CONTEXT_HIGH = 0xffffffff;
const FIRST_CONTEXT = 0xfffff001;
const contexts: Readonly<Record<number, number>> = {
  [-32 >>> 0]: mode.hypervisor,
  [-128 >>> 0]: mode.kernel,
  [-512 >>> 0]: mode.user,
  [-2176 >>> 0]: mode.guestKernel,
  [-2560 >>> 0]: mode.guestUser,
};
/** The user's part of the stack comes in a record of its own: Linux 6.18 and later. */
const USER_DEFERRED = -640 >>> 0;

/** Stacks of samples: every distinct call chain is looked up once. */
export class PerfDataChains {
  readonly #out: ProfileBuilder;
  readonly #frames: PerfDataFrames;
  readonly #limits: ImportLimits;
  readonly #shapes = new StackShapes();
  /** The address space and the mode, then the addresses as they lie. */
  readonly #chains = new ByteInterner();
  readonly #chainStack = int32();
  readonly #chainDepth = int32();
  #key = new Uint8Array(1 << 17);
  readonly #keyView = new DataView(this.#key.buffer);
  readonly #modes = uint8();
  readonly #highs = float64();
  readonly #lows = float64();
  #deferred = 0;
  #unwoundCount = 0;

  readonly #exact = uint8();
  readonly #unwinder: PerfDataUnwinder | null;

  constructor(out: ProfileBuilder, frames: PerfDataFrames, { limits, services }: ImportContext) {
    this.#out = out;
    this.#frames = frames;
    this.#limits = limits;
    const find = services?.symbols?.unwindInfo;
    this.#unwinder = find ? new PerfDataUnwinder(find, (space, at) => frames.isTrampoline(space, at)) : null;
  }

  /** Copies of stacks were walked here, and files that stood in the way. */
  get unwound(): { readonly count: number; readonly missing: readonly string[] } {
    return { count: this.#unwoundCount, missing: [...(this.#unwinder?.missing ?? [])] };
  }

  /** After the last sample. */
  finish(): void {
    this.#shapes.note(this.#out);
    this.#frames.note();
    if (this.#deferred > 0)
      this.#out.note(
        `The user's part of ${this.#deferred} stacks was recorded apart from its sample, which is not read yet: ` +
          "open what `perf script` prints of the file instead.",
      );
  }

  stack(
    reader: EndianReader,
    event: PerfEvent,
    sample: PerfSample,
    whose: number,
    space: AddressSpace | null,
    /** Without the kernel's frames, which are how it tells of a call. */
    isOfProgram = false,
  ): number {
    if (sample.stackAt > 0 && this.#unwinder !== null) {
      const stack = this.#unwind(this.#unwinder, reader, event, sample, whose, space, isOfProgram);
      if (stack !== null) return stack;
    }
    const isCalls = sample.branchCount > 0 && isCallStack(event);
    const bytes = sample.chainLength * 8;
    const key = this.#key;
    this.#keyView.setUint32(0, this.#frames.contextOf(space), true);
    this.#keyView.setUint32(4, isOfProgram ? OF_PROGRAM : whose, true);
    let used = 8;
    if (sample.chainLength > 2) {
      key.set(reader.bytes.subarray(sample.chainAt, sample.chainAt + bytes), used);
      used += bytes;
    } else {
      // With few addresses the sample's own may be all there is.
      this.#keyView.setUint32(used, sample.ipLow, true);
      this.#keyView.setUint32(used + 4, sample.ipHigh, true);
      key.set(reader.bytes.subarray(sample.chainAt, sample.chainAt + bytes), used + 8);
      used += 8 + bytes;
    }
    if (isCalls) {
      const branches = reader.bytes.subarray(sample.branchAt, sample.branchAt + 24 * sample.branchCount);
      key.set(branches, used);
      used += branches.length;
    }
    const row = this.#chains.intern(key, 0, used);
    if (row === this.#chainStack.length) {
      this.#exact.clear();
      this.#unroll(reader, sample, whose, isCalls);
      if (isOfProgram) this.#leaveKernel();
      const depth = Math.min(this.#modes.length, this.#limits.maxStackDepth);
      this.#chainStack.push(this.#build(space, depth));
      this.#chainDepth.push(sample.chainLength === 0 ? 0 : depth);
    }
    const depth = this.#chainDepth.at(row);
    if (depth === 0) this.#shapes.bare();
    else this.#shapes.stack(depth, false);
    return this.#chainStack.at(row);
  }

  /** The kernel's part as it was recorded, the program's from the copy of its stack; null where that cannot be walked. */
  #unwind(
    unwinder: PerfDataUnwinder,
    reader: EndianReader,
    event: PerfEvent,
    sample: PerfSample,
    whose: number,
    space: AddressSpace | null,
    isOfProgram: boolean,
  ): number | null {
    this.#unroll(reader, sample, whose, false);
    let kept = isOfProgram ? 0 : this.#modes.length;
    while (kept > 0 && this.#modes.at(kept - 1) === mode.user) kept--;
    for (const column of [this.#modes, this.#highs, this.#lows]) column.truncate(kept);
    this.#exact.clear();
    for (let i = 0; i < kept; i++) this.#exact.push(0);
    const isWalked = unwinder.unwind(reader, event, sample, space, (address, isExact) => {
      this.#push(mode.user, Math.floor(address / 2 ** 32), address >>> 0);
      this.#exact.push(isExact ? 1 : 0);
    });
    if (!isWalked) return null;
    this.#unwoundCount++;
    const depth = Math.min(this.#modes.length, this.#limits.maxStackDepth, MAX_KEY_FRAMES);
    this.#keyView.setUint32(0, this.#frames.contextOf(space), true);
    // A mode that no sample has: chains of both kinds have the same table.
    this.#keyView.setUint32(4, UNWOUND, true);
    let used = 8;
    for (let i = 0; i < depth; i++) {
      this.#keyView.setUint32(used, this.#lows.at(i), true);
      this.#keyView.setUint32(used + 4, this.#highs.at(i), true);
      this.#keyView.setUint32(used + 8, this.#modes.at(i) * 2 + this.#exact.at(i), true);
      used += 12;
    }
    const row = this.#chains.intern(this.#key, 0, used);
    if (row === this.#chainStack.length) {
      this.#chainStack.push(this.#build(space, depth));
      this.#chainDepth.push(depth);
    }
    this.#shapes.stack(depth, false);
    return this.#chainStack.at(row);
  }

  /** The kernel's frames stand before the program's. */
  #leaveKernel(): void {
    let first = 0;
    while (first < this.#modes.length && this.#modes.at(first) !== mode.user) first++;
    const left = this.#modes.length - first;
    for (const column of [this.#modes, this.#highs, this.#lows]) {
      for (let i = 0; i < left; i++) column.set(i, column.at(first + i));
      column.truncate(left);
    }
  }

  #build(space: AddressSpace | null, depth: number): number {
    let stack = NONE;
    for (let i = depth - 1; i >= 0; i--) {
      const whose = this.#modes.at(i);
      const isExact = i < this.#exact.length && this.#exact.at(i) === 1;
      const isCaller = i > 0 && whose === this.#modes.at(i - 1) && !isExact;
      stack = this.#frames.onto(stack, space, whose, this.#highs.at(i), this.#lows.at(i), isCaller);
    }
    return stack;
  }

  /** Addresses of the sample from the innermost out, and whose each is. */
  #unroll(reader: EndianReader, sample: PerfSample, whose: number, isCalls: boolean): void {
    this.#modes.clear();
    this.#highs.clear();
    this.#lows.clear();
    let current = whose;
    for (let i = 0, at = sample.chainAt; i < sample.chainLength; i++, at += 8) {
      const high = reader.high(at);
      const low = reader.low(at);
      if (high !== CONTEXT_HIGH || low < FIRST_CONTEXT) {
        if (!isCalls || current !== mode.user) this.#push(current, high, low);
        continue;
      }
      if (low === USER_DEFERRED) {
        this.#deferred++;
        break;
      }
      current = contexts[low] ?? current;
    }
    if (isCalls) this.#branchCalls(reader, sample);
    // A chain of marks only: the user's part was not taken, or is in the copy of the stack.
    if (this.#modes.length === 0) this.#push(whose, sample.ipHigh, sample.ipLow);
  }

  /** The processor's own call stack: where each call came from, the newest first. */
  #branchCalls(reader: EndianReader, { branchAt, branchCount }: PerfSample): void {
    this.#push(mode.user, reader.high(branchAt + 8), reader.low(branchAt + 8));
    for (let i = 0, at = branchAt; i < branchCount; i++, at += 24) {
      this.#push(mode.user, reader.high(at), reader.low(at));
    }
  }

  #push(whose: number, high: number, low: number): void {
    this.#modes.push(whose);
    this.#highs.push(high);
    this.#lows.push(low);
  }
}

export const isCallStack = (event: PerfEvent): boolean => (event.branchSampleType & branch.callStack) !== 0;
