import { int32 } from "../model/growable.ts";
import type { FlameTree } from "./flame-tree.ts";

/** Nodes that a flame graph shows, in ascending order, and what they leave out. */
export interface Pruned {
  readonly kept: Int32Array;
  readonly narrowValue: number;
  readonly narrowNodes: number;
}

/**
 * Nodes of at least `least`, the widest first when there are more than `maxRows`, and only with all their callers up
 * to the root of the view.
 */
export function prune(
  forest: FlameTree,
  root: number,
  inView: Uint8Array | null,
  least: number,
  maxRows: number,
): Pruned {
  const { tree, total, self } = forest;
  const { parent, length } = tree;
  const found = int32();
  let seen = 0;
  /** Weight of what has no caller within the view. */
  let whole = 0;
  for (let node = 0; node < length; node++) {
    const value = total[node];
    if (!(value > 0) && node !== root) continue;
    if (inView !== null && inView[node] === 0) continue;
    seen++;
    if (value >= least || node === root) found.push(node);
    if (root === -1 && parent[node] === -1) whole += value;
  }
  if (root !== -1) whole = total[root];
  let wide = found.view();
  if (wide.length > maxRows)
    wide = wide
      .sort((a, b) => Number(b === root) - Number(a === root) || total[b] - total[a] || a - b)
      .slice(0, Math.max(maxRows, root === -1 ? 0 : 1))
      .sort();
  const isKept = new Uint8Array(length);
  let count = 0;
  let ownValue = 0;
  // Sums of the same weights in another order may differ in their last digit: a child can seem the wider one.
  for (const node of wide) {
    if (node !== root && parent[node] !== -1 && isKept[parent[node]] === 0) continue;
    isKept[node] = 1;
    ownValue += self[node];
    wide[count++] = node;
  }
  return {
    kept: wide.slice(0, count),
    // What is in view and no drawn node's own; sums in another order differ in their last digits.
    narrowValue: whole - ownValue > whole * 1e-12 ? whole - ownValue : 0,
    narrowNodes: seen - count + forest.unexpanded,
  };
}

/** Rows from the top down: their nodes, the rows of their parents, and where they start. */
export interface Rows {
  readonly node: Int32Array;
  readonly parentRow: Int32Array;
  readonly start: Float64Array;
}

/**
 * Level by level, siblings side by side in the order that `compare` gives them. `ancestors` come first, the outermost
 * before the others, each as a row of its own; `kept` is ascending, with the root of the view first.
 */
export function layOut(
  forest: FlameTree,
  ancestors: readonly number[],
  kept: Int32Array,
  compare: (a: number, b: number) => number,
): Rows {
  const { parent, length } = forest.tree;
  const placeOf = placesOf(kept, length);
  /** Place of the parent among the kept, plus one: 0 for those at the top. */
  const above = (place: number): number => {
    const caller = parent[kept[place]];
    return caller === -1 ? 0 : placeOf(caller) + 1;
  };
  const ends = new Int32Array(kept.length + 2);
  for (let i = 0; i < kept.length; i++) ends[above(i) + 1]++;
  for (let i = 1; i < ends.length; i++) ends[i] += ends[i - 1];
  const firsts = ends.slice();
  const children = new Int32Array(kept.length);
  for (let i = 0; i < kept.length; i++) children[ends[above(i)]++] = kept[i];

  const rows = ancestors.length + kept.length;
  const node = new Int32Array(rows);
  const parentRow = new Int32Array(rows);
  const start = new Float64Array(rows);
  ancestors.forEach((each, row) => {
    node[row] = each;
    parentRow[row] = row - 1;
  });
  let row = ancestors.length;
  const place = (group: number, under: number, from: number): void => {
    const siblings = children.subarray(firsts[group], firsts[group + 1]);
    if (siblings.length > 1) siblings.sort(compare);
    let at = from;
    for (const each of siblings) {
      node[row] = each;
      parentRow[row] = under;
      start[row] = at;
      at += forest.total[each];
      row++;
    }
  };
  place(0, ancestors.length - 1, 0);
  for (let done = ancestors.length; done < row; done++) place(placeOf(node[done]) + 1, done, start[done]);
  return { node, parentRow, start };
}

/** Place of a node among those that are kept, -1 for others. Few of a large tree need no column of its length. */
function placesOf(kept: Int32Array, length: number): (node: number) => number {
  if (kept.length < length / 64) {
    const places = new Map<number, number>();
    for (let i = 0; i < kept.length; i++) places.set(kept[i], i);
    return (node) => places.get(node) ?? -1;
  }
  const places = new Int32Array(length).fill(-1);
  for (let i = 0; i < kept.length; i++) places[kept[i]] = i;
  return (node) => places[node];
}
