import type { LabelSpec, ProfileBuilder } from "../../model/builder.ts";
import { LEAST_SIZE } from "../../model/memory-table.ts";

/** What Flight Recorder tells of one object that it sampled when it was allocated, and that is still there. */
export interface OldObject {
  /** When it was told, ns from the profile's start: the same for all that are told at once. */
  readonly toldNs: number;
  /** The moment of its allocation as the JVM counts: no two objects of a thread have the same. */
  readonly bornNs: number;
  /** The same on the profile's clock. */
  readonly allocatedNs: number;
  readonly thread: number;
  readonly stack: number;
  readonly sizeBytes: number;
  /** JVMs that do not tell it (JDK 17) leave the least that it can be. */
  readonly isSizeTold: boolean;
  readonly type: string;
  /** Of an array; negative for other objects. */
  readonly elements: number;
  /** In use after the last collection before its allocation. */
  readonly heapBytes: number;
  /** What refers to it, from the nearest to the root of the heap; "" where nobody looked. */
  readonly keptBy: string;
}

/**
 * Each dump tells of all objects anew. Rows are changes: one for an object that is told of first, at the moment of its
 * allocation, and one that takes it away when it is told of no more. So the sum of the rows is what lives.
 */
export function writeOldObjects(out: ProfileBuilder, told: readonly OldObject[], id: string): void {
  if (told.length === 0) return;
  const isLeast = told.some(({ isSizeTold }) => !isSizeTold);
  if (isLeast)
    out.note(
      "This JVM tells no sizes of old objects: arrays have the bytes of their elements, all others the least there is, 16. Go by their number.",
    );
  const series = out.series({
    id,
    name: "Old objects",
    kind: "heap",
    timed: true,
    values: [
      { name: isLeast ? LEAST_SIZE : "size", unit: "bytes" },
      { name: "objects", unit: "count" },
    ],
  });
  const rows: { readonly atNs: number; readonly sign: 1 | -1; readonly object: OldObject }[] = [];
  let living = new Map<string, OldObject>();
  let beforeNs = 0;
  for (const [toldNs, objects] of batchesOf(told)) {
    const now = new Map<string, OldObject>();
    for (const object of objects) {
      const key = `${object.thread} ${object.bornNs} ${object.stack}`;
      const known = living.get(key);
      now.set(key, known ?? object);
      if (known === undefined)
        rows.push({ atNs: Math.min(toldNs, Math.max(beforeNs, object.allocatedNs)), sign: 1, object });
    }
    for (const [key, object] of living) if (!now.has(key)) rows.push({ atNs: toldNs, sign: -1, object });
    living = now;
    beforeNs = toldNs;
  }
  rows.sort((a, b) => a.atNs - b.atNs);
  for (const { atNs, sign, object } of rows)
    series.addValues(
      out.seen(atNs),
      object.thread,
      object.stack,
      [sign * object.sizeBytes, sign],
      labels(out, object),
    );
}

/** Told at once, in order of time. */
function batchesOf(told: readonly OldObject[]): readonly (readonly [number, readonly OldObject[]])[] {
  const batches = new Map<number, OldObject[]>();
  for (const object of told) {
    const batch = batches.get(object.toldNs);
    if (batch) batch.push(object);
    else batches.set(object.toldNs, [object]);
  }
  return [...batches].sort(([a], [b]) => a - b);
}

/** The numbers tell objects apart where pieces of a recording are put together; `analysis/memory-objects.ts` reads the texts. */
function labels(out: ProfileBuilder, object: OldObject): number {
  const { bornNs, type, elements, heapBytes, keptBy } = object;
  const found: LabelSpec[] = [
    { key: out.string("allocationTime"), number: bornNs, unit: out.string("nanoseconds") },
    { key: out.string("lastKnownHeapUsage"), number: heapBytes, unit: out.string("bytes") },
  ];
  if (elements >= 0) found.push({ key: out.string("arrayElements"), number: elements });
  if (type !== "") found.push({ key: out.string("type"), text: out.string(type) });
  if (keptBy !== "") found.push({ key: out.string("kept by"), text: out.string(keptBy) });
  return out.labelSet(found);
}
