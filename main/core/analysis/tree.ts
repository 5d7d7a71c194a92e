import type { Profile } from "../model/profile.ts";
import type { TreeQuery } from "../model/query.ts";
import type { TreeTable } from "../model/tables.ts";
import { isInverted } from "../model/transform.ts";
import type { CallTree } from "./call-tree.ts";
import { callersOf } from "./callers.ts";
import { inlinedFunctions } from "./flame-tree.ts";
import { ShownFunctions } from "./shown-functions.ts";
import { UsedStrings } from "./used-strings.ts";
import type { Weighed, Weigher } from "./weigh.ts";

const LEAF = 0;
const CLOSED = 1;
const OPEN = 2;

/** The nodes that are shown, parents before children, and what they weigh. */
interface Shown {
  readonly tree: CallTree;
  readonly nodes: readonly number[];
  readonly total: Float64Array;
  readonly self: Float64Array;
  readonly samples: Float64Array;
  readonly stateOf: (node: number) => number;
}

/**
 * The call tree, or the tree of callers of what burns, as rows: roots, and the children of nodes that were opened. The
 * bottom-up tree has several times the nodes of the call tree and is worked out only where it was opened.
 */
export function tree(weigher: Weigher, profile: Profile, query: TreeQuery): TreeTable {
  const weighed = weigher.weigh(profile, query.selection);
  const shown = isInverted(query.inverted, query.selection.transforms)
    ? bottomUp(weigher, weighed, query)
    : topDown(weighed, query);
  const functions = shown.tree.function;
  const names = new ShownFunctions(profile, weighed.renamed);
  const nameOf = (node: number): string => profile.strings[names.name(functions[node])] ?? "";
  const { order, parentRow, depth } = inReadingOrder(shown, comparison(shown, query, nameOf));
  const rows = order.slice(0, query.limit);
  const used = new UsedStrings(profile);
  const inlined = inlinedFunctions(profile);
  const { search } = query.selection;
  const flags = search === "" ? null : weigher.shownFlags(profile, search, weighed.renamed);
  const column = (of: (func: number) => number): Int32Array =>
    Int32Array.from(rows, (node) => of(functions[node]));
  const flag = (of: (func: number) => number): Uint8Array =>
    Uint8Array.from(rows, (node) => of(functions[node]));
  const weight = (values: Float64Array): Float64Array => Float64Array.from(rows, (node) => values[node]);
  return {
    view: "tree",
    series: weighed.chosen?.id ?? "",
    unit: weighed.chosen?.unit ?? "samples",
    totalValue: weighed.totalValue,
    totalSamples: weighed.totalSamples,
    sampleSize: weighed.sampleSize,
    length: rows.length,
    node: Int32Array.from(rows),
    parent: Int32Array.from(parentRow.slice(0, rows.length)),
    depth: Int32Array.from(depth.slice(0, rows.length)),
    value: weight(shown.total),
    self: weight(shown.self),
    samples: weight(shown.samples),
    function: column((func) => func),
    name: column((func) => used.of(names.name(func))),
    file: column((func) => used.of(names.file(func))),
    line: column((func) => names.line(func)),
    binary: column((func) => used.binary(profile.functions.binary[func])),
    kind: flag((func) => profile.functions.kind[func]),
    inlined: flag((func) => inlined[func]),
    state: Uint8Array.from(rows, shown.stateOf),
    matched: flag((func) => (flags?.[func] === 1 ? 1 : 0)),
    rowsInAll: order.length,
    strings: used.strings,
  };
}

function topDown({ tree: calls, total, self, samples }: Weighed, query: TreeQuery): Shown {
  const { parent, length } = calls;
  const isOpen = new Uint8Array(length);
  for (const node of query.open) if (node >= 0 && node < length) isOpen[node] = 1;
  if (query.follow !== null) {
    const heaviest = heaviestChildren(calls, total);
    for (let node = query.follow; node !== -2 && node < length; node = heaviest(node))
      if (node >= 0) isOpen[node] = 1;
  }
  const isShown = new Uint8Array(length);
  const hasChildren = new Uint8Array(length);
  const nodes: number[] = [];
  // Parents come before their children.
  for (let node = 0; node < length; node++) {
    if (!(total[node] > 0)) continue;
    const above = parent[node];
    if (above !== -1) {
      if (isShown[above] === 0) continue;
      hasChildren[above] = 1;
      if (isOpen[above] === 0) continue;
    }
    isShown[node] = 1;
    nodes.push(node);
  }
  const stateOf = (node: number): number =>
    hasChildren[node] === 0 ? LEAF : isOpen[node] === 1 ? OPEN : CLOSED;
  return { tree: calls, nodes, total, self, samples, stateOf };
}

/** The heaviest child of each node; of -1, the heaviest root. -2 where there is none. */
function heaviestChildren({ parent, length }: CallTree, total: Float64Array): (node: number) => number {
  const heaviest = new Int32Array(length + 1).fill(-2);
  for (let node = 0; node < length; node++) {
    if (!(total[node] > 0)) continue;
    const known = heaviest[parent[node] + 1];
    if (known === -2 || total[node] > total[known]) heaviest[parent[node] + 1] = node;
  }
  return (node) => heaviest[node + 1];
}

function bottomUp(weigher: Weigher, weighed: Weighed, query: TreeQuery): Shown {
  const callTree = weigher.invertedTree(query.selection.transforms);
  const open = new Set(query.open);
  const followed = new Set(query.follow === null ? [] : [query.follow]);
  for (const node of followed) if (node >= 0) open.add(node);
  const state = new Map<number, number>();
  const nodes: number[] = [];
  const { total, self, samples } = callersOf(
    weighed,
    {
      root: -1,
      widthPx: 0,
      minPx: 0,
      opens: (node) => open.has(node),
      opened: (node, callers) => {
        if (node >= 0 && callers.length > 0) state.set(node, OPEN);
        for (const caller of callers) nodes.push(caller.node);
        if (!followed.has(node)) return;
        let heaviest = callers[0];
        for (const caller of callers) if (heaviest && caller.value > heaviest.value) heaviest = caller;
        if (!heaviest) return;
        followed.add(heaviest.node);
        open.add(heaviest.node);
      },
      closed: (node) => state.set(node, CLOSED),
    },
    callTree,
  );
  return { tree: callTree, nodes, total, self, samples, stateOf: (node) => state.get(node) ?? LEAF };
}

type Compare = (a: number, b: number) => number;

/** Equal ones are in the order of their names, so that nothing jumps as a recording grows. */
function comparison(shown: Shown, query: TreeQuery, nameOf: (node: number) => string): Compare {
  const byName: Compare = (a, b) => {
    const [left, right] = [nameOf(a), nameOf(b)];
    return left < right ? -1 : left > right ? 1 : a - b;
  };
  const sign = query.descending ? -1 : 1;
  if (query.sort === "name") return (a, b) => sign * byName(a, b);
  const weight = query.sort === "self" ? shown.self : shown.total;
  return (a, b) => sign * (weight[a] - weight[b]) || byName(a, b);
}

function inReadingOrder({ tree: { parent }, nodes }: Shown, compare: Compare) {
  const childrenOf = new Map<number, number[]>();
  for (const node of nodes) {
    const siblings = childrenOf.get(parent[node]);
    if (siblings) siblings.push(node);
    else childrenOf.set(parent[node], [node]);
  }
  const order: number[] = [];
  const parentRow: number[] = [];
  const depth: number[] = [];
  const waiting: { readonly node: number; readonly row: number; readonly depth: number }[] = [];
  // The last one is taken first.
  const push = (above: number, row: number, level: number): void => {
    const children = childrenOf.get(above)?.sort(compare) ?? [];
    for (let i = children.length - 1; i >= 0; i--) {
      const node = children[i];
      if (node !== undefined) waiting.push({ node, row, depth: level });
    }
  };
  push(-1, -1, 0);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const row = order.length;
    order.push(next.node);
    parentRow.push(next.row);
    depth.push(next.depth);
    push(next.node, row, next.depth + 1);
  }
  return { order, parentRow, depth };
}
