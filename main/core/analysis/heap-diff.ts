import { heapClasses } from "../model/heap-classes.ts";
import type { HeapGraph, Profile } from "../model/profile.ts";
import type { HeapDiffRow, HeapDiffTable } from "../model/tables.ts";
import { compilePattern } from "./patterns.ts";

interface Sums {
  objectsBefore: number;
  objectsAfter: number;
  newObjects: number;
  newBytes: number;
  goneObjects: number;
  goneBytes: number;
  grownBytes: number;
}

/**
 * Two snapshots of one run of a program, by the numbers that V8 gives to objects for life. Snapshots of different runs
 * have nothing in common but the sums. The kinds that have grown most come first.
 */
export const heapDiff = (before: Profile, after: Profile): readonly HeapDiffRow[] =>
  diffObjects(heapObjects(before), heapObjects(after));

/** The same of objects that came from another profile's thread. */
export function heapDiffTable(before: HeapObjects, after: Profile, filter: string): HeapDiffTable {
  const now = heapObjects(after);
  const rows = diffObjects(before, now);
  const pattern = filter === "" ? null : compilePattern(filter);
  const sum = (objects: HeapObjects): number => objects.size.reduce((bytes, each) => bytes + each, 0);
  return {
    rows: pattern === null ? rows : rows.filter(({ name }) => pattern.test(name)),
    rowsInAll: rows.length,
    beforeBytes: sum(before),
    afterBytes: sum(now),
    isOneRun: rows.some(({ objectsBefore, goneObjects }) => objectsBefore > goneObjects),
  };
}

function diffObjects(old: HeapObjects, current: HeapObjects): readonly HeapDiffRow[] {
  const rows = new Map<string, Sums>();
  const sumsOf = (name: string): Sums => {
    let sums = rows.get(name);
    if (!sums) {
      sums = {
        objectsBefore: 0,
        objectsAfter: 0,
        newObjects: 0,
        newBytes: 0,
        goneObjects: 0,
        goneBytes: 0,
        grownBytes: 0,
      };
      rows.set(name, sums);
    }
    return sums;
  };
  const oldSums = old.names.map(sumsOf);
  const currentSums = current.names.map(sumsOf);
  const gone = (at: number): void => {
    const node = old.byId[at];
    const sums = oldSums[old.of[node]];
    if (!sums) return;
    sums.objectsBefore++;
    sums.goneObjects++;
    sums.goneBytes += old.size[node];
  };
  const made = (at: number): void => {
    const node = current.byId[at];
    const sums = currentSums[current.of[node]];
    if (!sums) return;
    sums.objectsAfter++;
    sums.newObjects++;
    sums.newBytes += current.size[node];
  };
  let a = 0;
  let b = 0;
  while (a < old.byId.length && b < current.byId.length) {
    const oldNode = old.byId[a];
    const node = current.byId[b];
    if (old.id[oldNode] < current.id[node]) gone(a++);
    else if (old.id[oldNode] > current.id[node]) made(b++);
    else {
      const sums = currentSums[current.of[node]];
      // A number that was given to another kind of object is another object.
      if (sums && sums === oldSums[old.of[oldNode]]) {
        sums.objectsBefore++;
        sums.objectsAfter++;
        sums.grownBytes += current.size[node] - old.size[oldNode];
      } else {
        gone(a);
        made(b);
      }
      a++;
      b++;
    }
  }
  while (a < old.byId.length) gone(a++);
  while (b < current.byId.length) made(b++);
  return [...rows]
    .filter(([, sums]) => sums.objectsBefore > 0 || sums.objectsAfter > 0)
    .map(([name, sums]) => ({
      name,
      ...sums,
      deltaBytes: sums.newBytes - sums.goneBytes + sums.grownBytes,
    }))
    .sort((x, y) => y.deltaBytes - x.deltaBytes || (x.name < y.name ? -1 : x.name > y.name ? 1 : 0));
}

/** What a comparison needs of a snapshot: columns, as the codec writes them. */
export interface HeapObjects {
  readonly names: readonly string[];
  readonly of: Int32Array;
  readonly id: Float64Array;
  readonly size: Float64Array;
  /** Objects in the order of their numbers. */
  readonly byId: Int32Array;
}

export function heapObjects({ heap, strings }: Profile): HeapObjects {
  if (!heap)
    return {
      names: [],
      of: new Int32Array(0),
      id: new Float64Array(0),
      size: new Float64Array(0),
      byId: new Int32Array(0),
    };
  const { names, of } = heapClasses(heap, (index) => strings[index] ?? "");
  const { nodes } = heap;
  return { names, of, id: nodes.id, size: nodes.selfSizeBytes, byId: sortedById(heap) };
}

/** The root (0) is no object. */
function sortedById({ nodes }: HeapGraph): Int32Array {
  const byId = new Int32Array(Math.max(0, nodes.length - 1));
  for (let i = 0; i < byId.length; i++) byId[i] = i + 1;
  return byId.sort((a, b) => nodes.id[a] - nodes.id[b] || a - b);
}
