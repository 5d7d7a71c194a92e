import type { HeapGraph } from "../model/profile.ts";

const NONE = -1;
/** Added to distances by roots of the runtime alone, so that they are farther than any other. */
export const RUNTIME_DISTANCE = 100_000_000;

/** Who refers to each object: rows of `from` and `edge` from `first[n]` up to `first[n + 1]`. */
export interface HeapRetainers {
  readonly first: Int32Array;
  readonly from: Int32Array;
  readonly edge: Int32Array;
}

export function heapRetainers({ nodes, edges }: HeapGraph): HeapRetainers {
  const first = new Int32Array(nodes.length + 1);
  for (let edge = 0; edge < edges.length; edge++) first[edges.to[edge] + 1]++;
  for (let node = 0; node < nodes.length; node++) first[node + 1] += first[node];
  const fill = first.slice(0, nodes.length);
  const from = new Int32Array(edges.length);
  const of = new Int32Array(edges.length);
  for (let node = 0; node < nodes.length; node++)
    for (let edge = nodes.firstEdge[node]; edge < nodes.firstEdge[node + 1]; edge++) {
      const place = fill[edges.to[edge]]++;
      from[place] = node;
      of[place] = edge;
    }
  return { first, from, edge: of };
}

/**
 * References to each object from the roots of the program, weak ones not counted: what the root refers to and is no
 * synthetic group of the runtime is at 1, as in Chrome DevTools. What only the runtime's roots lead to is at
 * RUNTIME_DISTANCE and more, what nothing leads to at -1.
 */
export function heapDistances({ nodes, edges }: HeapGraph, textOf: (index: number) => string): Int32Array {
  const distances = new Int32Array(nodes.length).fill(NONE);
  if (nodes.length === 0) return distances;
  const kinds = new Map<number, string>();
  const kindOf = (index: number): string => {
    let kind = kinds.get(index);
    if (kind === undefined) {
      kind = textOf(index);
      kinds.set(index, kind);
    }
    return kind;
  };
  const queue = new Int32Array(nodes.length);
  let head = 0;
  let tail = 0;
  const reach = (node: number, distance: number): void => {
    if (distances[node] !== NONE) return;
    distances[node] = distance;
    queue[tail++] = node;
  };
  const spread = (): void => {
    while (head < tail) {
      const node = queue[head++];
      for (let edge = nodes.firstEdge[node]; edge < nodes.firstEdge[node + 1]; edge++)
        if (distances[edges.to[edge]] === NONE && kindOf(edges.type[edge]) !== "weak")
          reach(edges.to[edge], distances[node] + 1);
    }
  };
  for (let edge = 0; edge < nodes.firstEdge[1]; edge++) {
    const to = edges.to[edge];
    if (kindOf(nodes.type[to]) !== "synthetic" && kindOf(edges.type[edge]) !== "weak") reach(to, 1);
  }
  spread();
  if (distances[0] === NONE) reach(0, tail === 0 ? 0 : RUNTIME_DISTANCE);
  spread();
  return distances;
}
