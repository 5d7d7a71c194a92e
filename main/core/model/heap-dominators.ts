import type { HeapGraph } from "./profile.ts";

/** What would be free if an object were: by the tree of dominators. */
export interface HeapDominators {
  /** The object without which this one cannot be reached; the root's is itself. */
  readonly dominator: Int32Array;
  /** What the object keeps alive, itself included. */
  readonly retainedBytes: Float64Array;
  /** Objects with every dominator before those that it dominates. */
  readonly order: Int32Array;
}

const NONE = -1;

const known = new WeakMap<HeapGraph, HeapDominators>();

/** Worked out once a graph: the import and the views after it share them. */
export function heapDominators(graph: HeapGraph, textOf: (index: number) => string): HeapDominators {
  let dominators = known.get(graph);
  if (!dominators) {
    dominators = computeDominators(graph, textOf);
    known.set(graph, dominators);
  }
  return dominators;
}

/**
 * Dominators by the algorithm of semi-dominators and nearest common ancestors (Georgiadis, "Linear-Time Algorithms for
 * Dominators and Related Problems", 2005, chapter 2), without recursion. What counts as a reference is what Chrome
 * DevTools counts: see `essentialEdges`. What only weak references reach hangs at the root.
 */
function computeDominators(graph: HeapGraph, textOf: (index: number) => string): HeapDominators {
  const { nodes } = graph;
  const count = nodes.length;
  const essential = essentialEdges(graph, textOf);
  const { vertex, number, parent } = depthFirst(graph, essential);
  const { first, from } = predecessors(graph, essential, number);

  // All by number in the order of the depth-first walk.
  const semi = new Int32Array(count);
  const label = new Int32Array(count);
  const ancestor = new Int32Array(count).fill(NONE);
  const idom = parent.slice();
  for (let i = 0; i < count; i++) {
    semi[i] = i;
    label[i] = i;
  }
  const path = new Int32Array(count);
  for (let w = count - 1; w > 0; w--) {
    let least = parent[w];
    for (let i = first[w]; i < first[w + 1]; i++) {
      let v = from[i];
      if (v > w) {
        // The least semi-dominator on the way up from v in the forest so far, with the way made shorter.
        let length = 0;
        let at = v;
        while (ancestor[at] !== NONE && ancestor[ancestor[at]] !== NONE) {
          path[length++] = at;
          at = ancestor[at];
        }
        while (length > 0) {
          const below = path[--length];
          const above = ancestor[below];
          if (semi[label[above]] < semi[label[below]]) label[below] = label[above];
          ancestor[below] = ancestor[above];
        }
        v = semi[label[v]];
      }
      if (v < least) least = v;
    }
    semi[w] = least;
    ancestor[w] = parent[w];
  }
  const dominator = new Int32Array(count);
  for (let w = 1; w < count; w++) {
    let d = idom[w];
    while (d > semi[w]) d = idom[d];
    idom[w] = d;
    dominator[vertex[w]] = vertex[d];
  }
  const retained = Float64Array.from(vertex, (node) => nodes.selfSizeBytes[node]);
  for (let w = count - 1; w > 0; w--) retained[idom[w]] += retained[w];
  const retainedBytes = new Float64Array(count);
  for (let w = 0; w < count; w++) retainedBytes[vertex[w]] = retained[w];
  return { dominator, retainedBytes, order: vertex };
}

/** A value in a WeakMap is held by its key; V8 writes the reference from the table, too, with the table's number in its name. */
const ephemeron = /^\d+ \/ part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(\d+)\)$/s;

/**
 * Which references keep their object alive (1) in the sense of DevTools: not weak ones, not those to oneself, not
 * shortcuts but from the root (where they mark the globals of pages), not those of a WeakMap's table to its values, and
 * not those from what no page owns to what one does: a debugger that holds an object is no owner.
 * https://github.com/ChromeDevTools/devtools-frontend front_end/entrypoints/heap_snapshot_worker/HeapSnapshot.ts
 */
export function essentialEdges(graph: HeapGraph, textOf: (index: number) => string): Uint8Array {
  const { nodes, edges } = graph;
  const kinds = new Map<number, string>();
  const owned = ownedByPages(graph, textOf);
  /** By name: the table's number, NaN where the name is not of that form. */
  const tables = new Map<number, number>();
  const tableOf = (name: number): number => {
    let table = tables.get(name);
    if (table === undefined) {
      const text = textOf(name);
      table = text.includes(" pair in WeakMap ")
        ? Number(ephemeron.exec(text)?.[1] ?? Number.NaN)
        : Number.NaN;
      tables.set(name, table);
    }
    return table;
  };
  const essential = new Uint8Array(edges.length);
  for (let node = 0; node < nodes.length; node++) {
    for (let edge = nodes.firstEdge[node]; edge < nodes.firstEdge[node + 1]; edge++) {
      const type = edges.type[edge];
      let kind = kinds.get(type);
      if (kind === undefined) {
        kind = textOf(type);
        kinds.set(type, kind);
      }
      const to = edges.to[edge];
      if (kind === "weak" || to === node) continue;
      if (node !== 0 && (kind === "shortcut" || (owned[to] === 1 && owned[node] === 0))) continue;
      if (kind === "internal" && edges.name[edge] !== NONE && tableOf(edges.name[edge]) === nodes.id[node])
        continue;
      essential[edge] = 1;
    }
  }
  return essential;
}

/** What can be reached from the globals of pages; nothing where the root marks none. */
function ownedByPages({ nodes, edges }: HeapGraph, textOf: (index: number) => string): Uint8Array {
  const owned = new Uint8Array(nodes.length);
  const waiting = new Int32Array(nodes.length);
  const weak = new Map<number, boolean>();
  let length = 0;
  const visit = (node: number): void => {
    if (owned[node] === 1) return;
    owned[node] = 1;
    waiting[length++] = node;
  };
  if (nodes.length === 0) return owned;
  for (let edge = 0; edge < nodes.firstEdge[1]; edge++) {
    const to = edges.to[edge];
    const kind = textOf(edges.type[edge]);
    if (kind === "shortcut" || (kind === "element" && textOf(nodes.name[to]) === "(Document DOM trees)"))
      visit(to);
  }
  while (length > 0) {
    const node = waiting[--length];
    for (let edge = nodes.firstEdge[node]; edge < nodes.firstEdge[node + 1]; edge++) {
      const type = edges.type[edge];
      let isWeak = weak.get(type);
      if (isWeak === undefined) {
        isWeak = textOf(type) === "weak";
        weak.set(type, isWeak);
      }
      if (!isWeak) visit(edges.to[edge]);
    }
  }
  return owned;
}

interface Walk {
  /** Objects in the order of the walk. */
  readonly vertex: Int32Array;
  /** Place of an object in that order. */
  readonly number: Int32Array;
  /** By number; the root is its own. */
  readonly parent: Int32Array;
}

function depthFirst({ nodes, edges }: HeapGraph, essential: Uint8Array): Walk {
  const count = nodes.length;
  const vertex = new Int32Array(count);
  const number = new Int32Array(count).fill(NONE);
  const parent = new Int32Array(count);
  const next = nodes.firstEdge.slice(0, count);
  const open = new Int32Array(count);
  let reached = 0;
  const walk = (start: number): void => {
    let depth = 0;
    open[depth++] = start;
    number[start] = reached;
    vertex[reached++] = start;
    while (depth > 0) {
      const node = open[depth - 1];
      const end = nodes.firstEdge[node + 1];
      let edge = next[node];
      while (edge < end && (essential[edge] === 0 || number[edges.to[edge]] !== NONE)) edge++;
      next[node] = edge + 1;
      if (edge >= end) {
        depth--;
        continue;
      }
      const to = edges.to[edge];
      number[to] = reached;
      parent[reached] = number[node];
      vertex[reached++] = to;
      open[depth++] = to;
    }
  };
  if (count > 0) walk(0);
  if (reached < count) {
    const isHeld = new Uint8Array(count);
    for (let edge = 0; edge < edges.length; edge++) if (essential[edge] === 1) isHeld[edges.to[edge]] = 1;
    for (let node = 0; node < count; node++) if (number[node] === NONE && isHeld[node] === 0) walk(node);
    for (let node = 0; node < count; node++) if (number[node] === NONE) walk(node);
  }
  return { vertex, number, parent };
}

/** Who refers to each object, all by number. */
function predecessors({ nodes, edges }: HeapGraph, essential: Uint8Array, number: Int32Array) {
  const first = new Int32Array(nodes.length + 1);
  for (let edge = 0; edge < edges.length; edge++)
    if (essential[edge] === 1) first[number[edges.to[edge]] + 1]++;
  for (let i = 0; i < nodes.length; i++) first[i + 1] += first[i];
  const from = new Int32Array(first[nodes.length]);
  const fill = first.slice(0, nodes.length);
  for (let node = 0; node < nodes.length; node++)
    for (let edge = nodes.firstEdge[node]; edge < nodes.firstEdge[node + 1]; edge++)
      if (essential[edge] === 1) from[fill[number[edges.to[edge]]]++] = number[node];
  return { first, from };
}
