import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { int32 } from "../../model/growable.ts";
import type { ImportServices } from "../importer.ts";

const TWO_32 = 2 ** 32;

interface Module {
  readonly path: string;
  readonly base: number;
  readonly start: number;
  readonly end: number;
}

/** Strings, instruction pointers and traces of a heaptrack file: all are counted from 1, 0 is none. */
export class HeaptrackPlaces {
  readonly #out: ProfileBuilder;
  readonly #services: ImportServices | undefined;
  readonly #maxDepth: number;
  readonly #strings: string[] = [];
  /** Frames of each instruction pointer, the outermost first: `first[ip]` up to `first[ip + 1]`. */
  readonly #first = int32();
  readonly #frames = int32();
  readonly #stacks = int32();
  readonly #depths = int32();
  readonly #addressFrames = new Map<number, number>();
  #modules: Module[] = [];
  unknown = 0;
  cut = 0;

  constructor(out: ProfileBuilder, maxDepth: number, services?: ImportServices) {
    this.#out = out;
    this.#maxDepth = maxDepth;
    this.#services = services;
    this.#first.push(0);
  }

  string(text: string): void {
    this.#strings.push(text);
  }

  #text(index: number): string {
    if (index > this.#strings.length) this.unknown++;
    return index === 0 ? "" : (this.#strings[index - 1] ?? "");
  }

  /** Numbers of an `i` line: address, module, then name, file and line of each frame, the innermost first. */
  pointer(numbers: readonly number[]): void {
    const [address = 0, module = 0] = numbers;
    const path = this.#text(module);
    const count = Math.max(1, Math.floor((numbers.length - 2) / 3));
    for (let i = count - 1; i >= 0; i--) {
      const name = this.#text(numbers[2 + 3 * i] ?? 0);
      const file = this.#text(numbers[3 + 3 * i] ?? 0);
      const line = numbers[4 + 3 * i] ?? 0;
      this.#frames.push(this.#frame(address, name, path, file, line > 0 ? line : NONE, count - 1 - i));
    }
    this.#first.push(this.#frames.length);
  }

  #frame(
    address: number,
    name: string,
    path: string,
    file: string,
    line: number,
    inlineDepth: number,
  ): number {
    const out = this.#out;
    return out.frame({
      function: out.function({
        name: out.string(name || `0x${address.toString(16)}`),
        kind: "native",
        ...(path !== "" && { binary: out.binary(path) }),
        ...(file !== "" && { file: out.string(file) }),
      }),
      addressHigh: Math.floor(address / TWO_32) >>> 0,
      addressLow: (address % TWO_32) >>> 0,
      line: line < 2 ** 31 ? line : NONE,
      inlineDepth,
    });
  }

  trace(pointer: number, parent: number): void {
    this.#trace(parent, () => {
      if (pointer < 1 || pointer >= this.#first.length) {
        this.unknown++;
        return [];
      }
      return this.#frames.view().subarray(this.#first.at(pointer - 1), this.#first.at(pointer));
    });
  }

  /** Of a raw file: the address itself. */
  addressTrace(address: number, parent: number): void {
    this.#trace(parent, () => [this.#addressFrame(address)]);
  }

  #trace(parent: number, frames: () => ArrayLike<number> & Iterable<number>): void {
    let stack: number = NONE;
    let depth = 0;
    if (parent > 0 && parent <= this.#stacks.length) {
      stack = this.#stacks.at(parent - 1);
      depth = this.#depths.at(parent - 1);
    } else if (parent !== 0) this.unknown++;
    for (const frame of frames()) {
      if (depth >= this.#maxDepth) {
        this.cut++;
        break;
      }
      stack = this.#out.stack(stack, frame);
      depth++;
    }
    this.#stacks.push(stack);
    this.#depths.push(depth);
  }

  readonly stackOf = (trace: number): number =>
    trace > 0 && trace <= this.#stacks.length ? this.#stacks.at(trace - 1) : NONE;

  clearModules(): void {
    this.#modules = [];
    this.#addressFrames.clear();
  }

  /** Segments are pairs of where they start, from the base, and how long they are. */
  module(path: string, base: number, segments: readonly number[]): void {
    for (let i = 0; i + 1 < segments.length; i += 2) {
      const start = base + (segments[i] as number);
      this.#modules.push({ path, base, start, end: start + (segments[i + 1] as number) });
    }
    this.#modules.sort((a, b) => a.start - b.start);
  }

  #addressFrame(address: number): number {
    const known = this.#addressFrames.get(address);
    if (known !== undefined) return known;
    let low = 0;
    let high = this.#modules.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#modules[middle] as Module).start <= address) low = middle + 1;
      else high = middle;
    }
    const module = this.#modules[low - 1];
    const inside = module && address < module.end ? module : null;
    const table = inside
      ? this.#services?.symbols?.tableOf({ path: inside.path, buildId: "", pid: -1 })
      : null;
    const offset = inside ? address - inside.base : 0;
    const symbol = table?.find(Math.floor(offset / TWO_32), (offset % TWO_32) >>> 0);
    const frame = this.#frame(address, symbol?.name ?? "", inside?.path ?? "", "", NONE, 0);
    this.#addressFrames.set(address, frame);
    return frame;
  }
}
