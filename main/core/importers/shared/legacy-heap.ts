import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, int32 } from "../../model/growable.ts";
import type { ImportContext } from "../importer.ts";
import { LegacyStacks } from "./legacy-stacks.ts";

/** What a line says: live objects and bytes, and all that were ever allocated. */
export interface HeapCounts {
  readonly liveObjects: number;
  readonly liveBytes: number;
  readonly allocatedObjects: number;
  readonly allocatedBytes: number;
}

export const heapCounts = (texts: readonly (string | undefined)[]): HeapCounts => {
  const [liveObjects = 0, liveBytes = 0, allocatedObjects = 0, allocatedBytes = 0] = texts.map(Number);
  return { liveObjects, liveBytes, allocatedObjects, allocatedBytes };
};

export interface HeapHeader {
  /** Bytes between samples on average, where allocations were sampled by a Poisson process; up to 1: all were recorded. */
  readonly rateBytes: number;
  readonly hasAllocated: boolean;
  /** Of what grew, or is wasted: pprof calls both by the plain names. */
  readonly plainNames: boolean;
}

/**
 * What one sampled object of this size stands for: it was recorded with a probability of 1 - exp(-size / rate). As
 * scaleHeapSample in https://github.com/google/pprof/blob/main/profile/legacy_profile.go
 */
export function unsampling(objects: number, bytes: number, rateBytes: number): number {
  if (objects === 0 || bytes === 0) return 0;
  if (rateBytes <= 1) return 1;
  return 1 / (1 - Math.exp(-bytes / objects / rateBytes));
}

/** Samples of a heap profile until all are known: stacks are, and their threads, only at the end of the file. */
export class LegacyHeap {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly stacks: LegacyStacks;
  readonly #header: HeapHeader;
  readonly #node = int32();
  readonly #thread = int32();
  readonly #objectBytes = float64();
  readonly #values = [float64(), float64(), float64(), float64()] as const;
  #dropped = 0;
  #scaled = 0;

  constructor(out: ProfileBuilder, context: ImportContext, header: HeapHeader) {
    this.#out = out;
    this.#context = context;
    this.#header = header;
    this.stacks = new LegacyStacks(out, context, true);
  }

  /** `likeliness`: of which objects the size says how likely they were recorded; mostly the same counts. */
  add(node: number, counts: HeapCounts, likeliness = counts, thread = NONE): void {
    if (this.#node.length >= this.#context.limits.maxSamples) {
      this.#dropped++;
      return;
    }
    const { rateBytes } = this.#header;
    const { liveObjects, liveBytes, allocatedObjects, allocatedBytes } = counts;
    const live = unsampling(likeliness.liveObjects, likeliness.liveBytes, rateBytes);
    const all = unsampling(likeliness.allocatedObjects, likeliness.allocatedBytes, rateBytes);
    if (live > 1 || all > 1) this.#scaled++;
    this.#node.push(node);
    this.#thread.push(thread);
    let objectBytes = Number.NaN;
    if (liveObjects !== 0) objectBytes = Math.trunc(liveBytes / liveObjects);
    else if (allocatedObjects !== 0) objectBytes = Math.trunc(allocatedBytes / allocatedObjects);
    this.#objectBytes.push(objectBytes);
    this.#values[0].push(Math.trunc(liveBytes * live));
    this.#values[1].push(Math.trunc(liveObjects * live));
    this.#values[2].push(Math.trunc(allocatedBytes * all));
    this.#values[3].push(Math.trunc(allocatedObjects * all));
  }

  finish(): void {
    const out = this.#out;
    const { hasAllocated, plainNames, rateBytes } = this.#header;
    const word = plainNames ? "" : "inuse_";
    const names = [
      { name: `${word}space`, unit: "bytes" },
      { name: `${word}objects`, unit: "count" },
      { name: "alloc_space", unit: "bytes" },
      { name: "alloc_objects", unit: "count" },
    ].slice(0, hasAllocated ? 4 : 2);
    const stacks = this.stacks.finish();
    const series = out.series({ id: names[0]?.name ?? "", kind: "heap", timed: false, values: names });
    const key = out.string("bytes");
    const values = names.map(() => 0);
    for (let row = 0; row < this.#node.length; row++) {
      const node = this.#node.at(row);
      for (let i = 0; i < values.length; i++) values[i] = this.#values[i]?.at(row) ?? 0;
      const number = this.#objectBytes.at(row);
      const labels = Number.isNaN(number) ? NONE : out.labelSet([{ key, number, unit: key }]);
      series.addValues(
        0,
        this.#thread.at(row),
        node === NONE ? NONE : (stacks[node] as number),
        values,
        labels,
      );
    }
    if (this.#scaled > 0)
      out.note(
        `Allocations were sampled, one every ${rateBytes} bytes on average: the counts of ${this.#scaled} of ${this.#node.length} stacks were scaled up by how likely objects of their size were sampled, as pprof does. They are estimates.`,
      );
    if (this.#dropped > 0) out.note(`${this.#dropped} stacks more than the limit were left out.`);
  }
}
