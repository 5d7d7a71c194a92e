import type { CompareFlameQuery, CompareFlameTable } from "../../model/compare.ts";
import { compilePattern } from "../../model/pattern.ts";
import { kindIndex } from "../../model/profile.ts";
import { changeColumns } from "./change-columns.ts";
import type { JoinedTree } from "./joined-tree.ts";

/**
 * The tree of both sides as boxes, each as wide as the larger side, level by level and siblings by name: nodes that are
 * wide enough for the width, the widest first when there are too many, always with their callers.
 */
export function flame(joined: JoinedTree, query: CompareFlameQuery): CompareFlameTable {
  const { parent, name, depth, length, strings } = joined;
  const widths = widthsOf(joined);
  const root = query.root >= 0 && query.root < length ? query.root : -1;
  const inView = new Uint8Array(length);
  let all = 0;
  let maxDepth = 0;
  for (let node = 0; node < length; node++) {
    inView[node] =
      root === -1 || node === root || (parent[node] !== -1 && inView[parent[node]] === 1) ? 1 : 0;
    if (parent[node] === -1) all += widths[node];
    if (widths[node] > 0) maxDepth = Math.max(maxDepth, depth[node] + 1);
  }
  const whole = root === -1 ? all : widths[root];
  const least = query.widthPx > 0 ? (whole / query.widthPx) * query.minPx : 0;
  let seen = 0;
  let drawn: number[] = [];
  for (let node = 0; node < length; node++) {
    if (inView[node] === 0 || !(widths[node] > 0)) continue;
    seen++;
    if (widths[node] >= least) drawn.push(node);
  }
  // A caller is never narrower than what it calls, so the widest rows are whole paths.
  if (drawn.length > query.maxRows)
    drawn = drawn
      .sort((a, b) => widths[b] - widths[a] || a - b)
      .slice(0, query.maxRows)
      .sort((a, b) => a - b);

  const ancestors: number[] = [];
  if (root !== -1) for (let node = parent[root]; node !== -1; node = parent[node]) ancestors.push(node);
  ancestors.reverse();
  const { nodes, parents, starts } = layOut(joined, drawn, ancestors, root, widths);
  const flags = flagsOf(strings, query.search);
  const rows = nodes.length;
  const shown = Int32Array.from(nodes);
  const ofChildren = new Float64Array(length);
  for (const node of nodes)
    if (parent[node] !== -1) ofChildren[parent[node]] = ofChildren[parent[node]] + widths[node];
  const texts: string[] = [];
  const textOf = new Map<number, number>();
  const names = shown.map((node) => {
    let text = textOf.get(name[node]);
    if (text === undefined) {
      text = texts.push(strings[name[node]] ?? "") - 1;
      textOf.set(name[node], text);
    }
    return text;
  });
  const zeros = new Float64Array(rows);
  const nowhere = new Int32Array(rows).fill(-1);
  return {
    view: "flame",
    ...joined.facts,
    flame: {
      view: "flame",
      unit: joined.first.unit,
      series: joined.first.series,
      totalValue: all,
      totalSamples: 0,
      // Of a change, which has an estimate of its own.
      sampleSize: 0,
      strings: texts,
      length: rows,
      node: shown,
      parent: Int32Array.from(parents),
      depth: shown.map((node) => depth[node]),
      start: Float64Array.from(starts),
      value: Float64Array.from(shown, (node) => widths[node]),
      self: Float64Array.from(shown, (node) => widths[node] - ofChildren[node]),
      samples: zeros,
      function: shown.map((node) => name[node]),
      name: names,
      file: nowhere,
      line: nowhere,
      binary: nowhere,
      kind: new Uint8Array(rows).fill(kindIndex("unknown")),
      inlined: new Uint8Array(rows),
      matched: Uint8Array.from(shown, (node) => flags?.[name[node]] ?? 0),
      matchedValue: flags === null ? 0 : matchedWidth(joined, flags, inView, widths),
      narrowValue: 0,
      narrowNodes: seen - (rows - ancestors.length),
      maxDepth,
      rootRow: root === -1 ? -1 : ancestors.length,
    },
    ...changesOf(joined, nodes),
  };
}

function changesOf(joined: JoinedTree, nodes: readonly number[]) {
  const columns = (of: "self" | "total") =>
    changeColumns(
      nodes.length,
      (row) => joined.nodeChange(nodes[row] as number, of),
      (change) => joined.overweight(change),
    );
  return { self: columns("self"), total: columns("total") };
}

/** Each node as wide as its larger side, and never narrower than what it calls. */
function widthsOf(joined: JoinedTree): Float64Array {
  const { parent, length } = joined;
  const widths = new Float64Array(length);
  const ofChildren = new Float64Array(length);
  for (let node = length - 1; node >= 0; node--) {
    const width = Math.max(
      joined.nodeMean("before", node, "total"),
      joined.nodeMean("after", node, "total"),
      ofChildren[node],
    );
    widths[node] = width;
    if (parent[node] !== -1) ofChildren[parent[node]] = ofChildren[parent[node]] + width;
  }
  return widths;
}

function layOut(
  joined: JoinedTree,
  drawn: readonly number[],
  ancestors: readonly number[],
  root: number,
  widths: Float64Array,
) {
  const { parent, name, strings } = joined;
  const children = new Map<number, number[]>();
  for (const node of drawn) {
    const above = node === root ? -1 : parent[node];
    const siblings = children.get(above);
    if (siblings) siblings.push(node);
    else children.set(above, [node]);
  }
  const nameOf = (node: number): string => strings[name[node]] ?? "";
  const nodes = [...ancestors];
  const parents = ancestors.map((_, row) => row - 1);
  const starts = ancestors.map(() => 0);
  const place = (above: number, row: number, from: number): void => {
    let start = from;
    const siblings = children.get(above) ?? [];
    siblings.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : a - b));
    for (const node of siblings) {
      nodes.push(node);
      parents.push(row);
      starts.push(start);
      start += widths[node];
    }
  };
  place(-1, ancestors.length - 1, 0);
  for (let row = ancestors.length; row < nodes.length; row++)
    place(nodes[row] as number, row, starts[row] as number);
  return { nodes, parents, starts };
}

function flagsOf(strings: readonly string[], search: string): Uint8Array | null {
  if (search === "") return null;
  const pattern = compilePattern(search);
  return Uint8Array.from(strings, (text) => (pattern.test(text) ? 1 : 0));
}

/** Width under the outermost boxes that match. */
function matchedWidth(
  { parent, name, length }: JoinedTree,
  flags: Uint8Array,
  inView: Uint8Array,
  widths: Float64Array,
): number {
  const isUnder = new Uint8Array(length);
  let sum = 0;
  for (let node = 0; node < length; node++) {
    if (parent[node] !== -1 && isUnder[parent[node]] === 1) isUnder[node] = 1;
    else if (flags[name[node]] === 1) {
      isUnder[node] = 1;
      if (inView[node] === 1) sum += widths[node];
    }
  }
  return sum;
}
