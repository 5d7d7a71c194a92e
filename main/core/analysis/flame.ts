import type { Profile } from "../model/profile.ts";
import type { FlameQuery } from "../model/query.ts";
import type { FlameTable } from "../model/tables.ts";
import { type FlameTree, forestOf } from "./flame-tree.ts";
import { UsedStrings } from "./used-strings.ts";
import type { Weigher } from "./weigh.ts";

/**
 * The part of a call tree that can be seen at a width: nodes that are wide enough, the widest first when there are
 * too many, always with their ancestors. Siblings are ordered by name, so that nothing jumps as a recording grows.
 */
export function flame(weigher: Weigher, profile: Profile, query: FlameQuery): FlameTable {
  const forest = forestOf(weigher, profile, query);
  const { tree, weighed } = forest;
  const root = query.root >= 0 && query.root < tree.length ? query.root : -1;
  const inView = root === -1 ? null : subtree(tree, root);
  const whole = root === -1 ? weighed.totalValue : forest.total[root];
  const least = query.widthPx > 0 ? (whole / query.widthPx) * query.minPx : 0;

  const { kept, narrowValue, narrowNodes } = prune(forest, inView, least, query.maxRows);
  const ancestors: number[] = [];
  if (root !== -1) {
    if (!kept.includes(root)) kept.unshift(root);
    for (let node = tree.parent[root]; node !== -1; node = tree.parent[node]) ancestors.unshift(node);
  }

  const { name, file, line, binary, kind } = profile.functions;
  const nameOf = (node: number): string => profile.strings[name[tree.function[node]]] ?? "";
  const children = new Map<number, number[]>();
  for (const node of kept) {
    const above = node === root ? -2 : tree.parent[node];
    const siblings = children.get(above);
    if (siblings) siblings.push(node);
    else children.set(above, [node]);
  }
  for (const siblings of children.values())
    siblings.sort((a, b) => compareNames(nameOf(a), nameOf(b)) || a - b);

  const order: number[] = [...ancestors];
  const parentRow: number[] = ancestors.map((_, i) => i - 1);
  const start: number[] = ancestors.map(() => 0);
  const place = (nodes: readonly number[], under: number, from: number): void => {
    let at = from;
    for (const node of nodes) {
      order.push(node);
      parentRow.push(under);
      start.push(at);
      at += forest.total[node];
    }
  };
  place(children.get(root === -1 ? -1 : -2) ?? [], ancestors.length - 1, 0);
  for (let row = ancestors.length; row < order.length; row++)
    place(children.get(order[row]) ?? [], row, start[row]);

  const used = new UsedStrings(profile);
  const flags = query.selection.search === "" ? null : weigher.flags(profile, query.selection.search);
  const column = (of: (node: number, row: number) => number): Int32Array => Int32Array.from(order, of);
  const functionOf = (node: number): number => tree.function[node];
  return {
    view: "flame",
    series: weighed.chosen?.id ?? "",
    unit: weighed.chosen?.unit ?? "samples",
    totalValue: weighed.totalValue,
    totalSamples: weighed.totalSamples,
    length: order.length,
    node: column((node) => node),
    parent: Int32Array.from(parentRow),
    depth: column((node) => tree.depth[node]),
    start: Float64Array.from(start),
    value: Float64Array.from(order, (node) => forest.total[node]),
    self: Float64Array.from(order, (node) => forest.self[node]),
    samples: Float64Array.from(order, (node) => forest.samples[node]),
    function: column(functionOf),
    name: column((node) => used.of(name[functionOf(node)])),
    file: column((node) => used.of(file[functionOf(node)])),
    line: column((node) => line[functionOf(node)]),
    binary: column((node) => used.binary(binary[functionOf(node)])),
    kind: Uint8Array.from(order, (node) => kind[functionOf(node)]),
    inlined: Uint8Array.from(order, (node) => forest.inlined(functionOf(node))),
    matched: Uint8Array.from(order, (node) => (flags?.[functionOf(node)] === 1 ? 1 : 0)),
    matchedValue: flags === null ? 0 : forest.matchedValue(flags, inView),
    narrowValue,
    narrowNodes,
    maxDepth: forest.maxDepth,
    rootRow: root === -1 ? -1 : ancestors.length,
    strings: used.strings,
  };
}

/** By UTF-16 code unit: the same order on every machine. */
const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function subtree(tree: FlameTree["tree"], root: number): Uint8Array {
  const inside = new Uint8Array(tree.length);
  inside[root] = 1;
  const { parent, length } = tree;
  for (let node = root + 1; node < length; node++) {
    const above = parent[node];
    if (above !== -1 && inside[above] === 1) inside[node] = 1;
  }
  return inside;
}

function prune(forest: FlameTree, inView: Uint8Array | null, least: number, maxRows: number) {
  const { tree, total } = forest;
  const weighty: number[] = [];
  let seen = 0;
  for (let node = 0; node < tree.length; node++) {
    const value = total[node];
    if (!(value > 0) || inView?.[node] === 0) continue;
    seen++;
    if (value >= least) weighty.push(node);
  }
  // A parent weighs at least as much as its child and has the smaller index, so a cut keeps whole paths.
  const kept =
    weighty.length > maxRows
      ? weighty.sort((a, b) => total[b] - total[a] || a - b).slice(0, maxRows)
      : weighty;
  const isKept = new Uint8Array(tree.length);
  for (const node of kept) isKept[node] = 1;
  let narrowValue = 0;
  for (let node = 0; node < tree.length; node++) {
    if (isKept[node] === 1 || !(total[node] > 0) || inView?.[node] === 0) continue;
    const above = tree.parent[node];
    if (above === -1 || isKept[above] === 1) narrowValue += total[node];
  }
  kept.sort((a, b) => a - b);
  return { kept, narrowValue, narrowNodes: seen - kept.length + forest.unexpanded };
}
