import type { Profile } from "../model/profile.ts";
import type { FlameQuery } from "../model/query.ts";
import type { FlameTable } from "../model/tables.ts";
import { layOut, prune } from "./flame-rows.ts";
import { type FlameTree, flameTree, inlinedFunctions } from "./flame-tree.ts";
import { ShownFunctions } from "./shown-functions.ts";
import { UsedStrings } from "./used-strings.ts";
import type { Weigher } from "./weigh.ts";

/**
 * The part of a call tree that can be seen at a width: nodes that are wide enough, the widest first when there are
 * too many, always with their ancestors. Siblings are in the order that is asked for.
 */
export function flame(weigher: Weigher, profile: Profile, query: FlameQuery): FlameTable {
  const forest = flameTree(weigher, profile, query);
  const { tree, weighed } = forest;
  const { parent, function: functions, depth } = tree;
  const root = query.root >= 0 && query.root < tree.length ? query.root : -1;
  const inView = root === -1 ? null : subtree(tree, root);
  const whole = root === -1 ? weighed.totalValue : forest.total[root];
  const least = query.widthPx > 0 ? (whole / query.widthPx) * query.minPx : 0;
  const { kept, narrowValue, narrowNodes } = prune(forest, root, inView, least, query.maxRows);
  const ancestors: number[] = [];
  if (root !== -1) for (let node = parent[root]; node !== -1; node = parent[node]) ancestors.push(node);
  ancestors.reverse();

  const shown = new ShownFunctions(profile, weighed.renamed);
  const { binary, kind } = profile.functions;
  const nameOf = (node: number): string => profile.strings[shown.name(functions[node])] ?? "";
  const byName = (a: number, b: number): number => compareNames(nameOf(a), nameOf(b)) || a - b;
  const byWeight = (a: number, b: number): number => forest.total[b] - forest.total[a] || byName(a, b);
  const rows = layOut(forest, ancestors, kept, query.order === "weight" ? byWeight : byName);
  const order = rows.node;

  const used = new UsedStrings(profile);
  const inlined = inlinedFunctions(profile);
  const flags =
    query.selection.search === ""
      ? null
      : weigher.shownFlags(profile, query.selection.search, weighed.renamed);
  const column = (of: (func: number) => number): Int32Array => order.map((node) => of(functions[node]));
  const weight = (values: Float64Array): Float64Array => Float64Array.from(order, (node) => values[node]);
  return {
    view: "flame",
    series: weighed.chosen?.id ?? "",
    unit: weighed.chosen?.unit ?? "samples",
    totalValue: weighed.totalValue,
    totalSamples: weighed.totalSamples,
    sampleSize: weighed.sampleSize,
    length: order.length,
    node: order,
    parent: rows.parentRow,
    depth: order.map((node) => depth[node]),
    start: rows.start,
    value: weight(forest.total),
    self: weight(forest.self),
    samples: weight(forest.samples),
    function: column((func) => func),
    name: column((func) => used.of(shown.name(func))),
    file: column((func) => used.of(shown.file(func))),
    line: column((func) => shown.line(func)),
    binary: column((func) => used.binary(binary[func])),
    kind: Uint8Array.from(order, (node) => kind[functions[node]]),
    inlined: Uint8Array.from(order, (node) => inlined[functions[node]]),
    matched: Uint8Array.from(order, (node) => (flags?.[functions[node]] === 1 ? 1 : 0)),
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
