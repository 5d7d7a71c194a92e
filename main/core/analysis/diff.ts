import type { DiffChange, DiffMode, DiffRow, DiffState } from "../model/diff-tables.ts";
import { float64, int32, uint8 } from "../model/growable.ts";
import { RowInterner } from "../model/row-interner.ts";
import type { FlameTable } from "../model/tables.ts";
import { type DiffScale, scaleOf, sigmaOf } from "./diff-noise.ts";

/**
 * Two profiles (or two parts of one) as one tree: nodes are the same where the names on their paths are. Names alone:
 * files, lines and addresses move between two builds of a program.
 */

export interface DiffSide {
  /** The whole call tree: with `widthPx` 0 and no limit of rows. */
  readonly tree: FlameTable;
  /** The same tree by numbers of samples, for what is noise; null where nothing was sampled. */
  readonly counts: FlameTable | null;
  /** How long the samples took to collect; 0 where unknown. */
  readonly durationNs: number;
}

export interface DiffTree {
  readonly unit: string;
  readonly scale: DiffScale;
  readonly length: number;
  /** Parents come before children. */
  readonly parent: Int32Array;
  readonly name: Int32Array;
  readonly depth: Int32Array;
  /** 1 where a caller has the same name. */
  readonly recursive: Uint8Array;
  readonly before: DiffColumns;
  /** Already scaled. */
  readonly after: DiffColumns;
  readonly strings: readonly string[];
}

export interface DiffColumns {
  readonly self: Float64Array;
  readonly total: Float64Array;
  /** Samples, never scaled; all 0 where they are not known. */
  readonly selfCount: Float64Array;
  readonly totalCount: Float64Array;
}

export function diffTrees(before: DiffSide, after: DiffSide, mode: DiffMode): DiffTree {
  const scale = scaleOf(before, after, mode);
  const index = new RowInterner(2);
  const stringIndex = new Map<string, number>();
  const strings: string[] = [];
  const parents = int32();
  const names = int32();
  const depths = int32();
  const columns = { before: growing(), after: growing() };
  const all = [columns.before, columns.after].flatMap((side) => Object.values(side));

  const place = (table: FlameTable): Int32Array => {
    const ownNames = table.strings.map((text) => {
      let own = stringIndex.get(text);
      if (own === undefined) {
        own = strings.length;
        strings.push(text);
        stringIndex.set(text, own);
      }
      return own;
    });
    const nodes = new Int32Array(table.length);
    for (let row = 0; row < table.length; row++) {
      const parent = table.parent[row] === -1 ? -1 : nodes[table.parent[row]];
      const name = ownNames[table.name[row]];
      const node = index.internPair(parent, name);
      if (node === parents.length) {
        parents.push(parent);
        names.push(name);
        depths.push(parent === -1 ? 0 : depths.at(parent) + 1);
        for (const column of all) column.push(0);
      }
      nodes[row] = node;
    }
    return nodes;
  };
  const add = (side: ReturnType<typeof growing>, { tree, counts }: DiffSide, factor: number): void => {
    const nodes = place(tree);
    for (let row = 0; row < tree.length; row++) {
      const node = nodes[row];
      side.self.set(node, side.self.at(node) + tree.self[row] * factor);
      side.total.set(node, side.total.at(node) + tree.value[row] * factor);
    }
    if (!counts) return;
    const counted = counts === tree ? nodes : place(counts);
    for (let row = 0; row < counts.length; row++) {
      const node = counted[row];
      side.selfCount.set(node, side.selfCount.at(node) + counts.self[row]);
      side.totalCount.set(node, side.totalCount.at(node) + counts.value[row]);
    }
  };
  add(columns.before, before, 1);
  add(columns.after, after, scale.factor);

  const parent = parents.view();
  const name = names.view();
  return {
    unit: before.tree.unit,
    scale,
    length: parents.length,
    parent,
    name,
    depth: depths.view(),
    recursive: recursiveNodes(parent, name, depths.view(), strings.length),
    before: viewOf(columns.before),
    after: viewOf(columns.after),
    strings,
  };
}

const growing = () => ({ self: float64(), total: float64(), selfCount: float64(), totalCount: float64() });

const viewOf = (side: ReturnType<typeof growing>): DiffColumns => ({
  self: side.self.view(),
  total: side.total.view(),
  selfCount: side.selfCount.view(),
  totalCount: side.totalCount.view(),
});

/** Walks from one node to the next by way of their common caller, counting the names on the path. */
function recursiveNodes(parent: Int32Array, name: Int32Array, depth: Int32Array, names: number): Uint8Array {
  const recursive = uint8();
  const onPath = new Int32Array(names);
  let at = -1;
  const depthOf = (node: number): number => (node === -1 ? -1 : depth[node]);
  for (let node = 0; node < parent.length; node++) {
    let enter = parent[node];
    while (at !== enter) {
      if (depthOf(at) >= depthOf(enter)) {
        onPath[name[at]]--;
        at = parent[at];
      } else {
        onPath[name[enter]]++;
        enter = parent[enter];
      }
    }
    at = parent[node];
    recursive.push(onPath[name[node]] > 0 ? 1 : 0);
  }
  return recursive.view();
}

export function changeOf(
  before: number,
  after: number,
  countBefore: number,
  countAfter: number,
  scale: DiffScale,
): DiffChange {
  const change = after - before;
  // Scaled sums of the same weights may differ in their last digits.
  const isSame = Math.abs(change) <= 1e-9 * Math.max(Math.abs(before), Math.abs(after));
  const state: DiffState = isSame
    ? "same"
    : before === 0
      ? "new"
      : after === 0
        ? "gone"
        : change > 0
          ? "grown"
          : "shrunk";
  return {
    before,
    after,
    change: isSame ? 0 : change,
    state,
    sigma: sigmaOf(countBefore, countAfter, scale),
  };
}

export type DiffSort = "self" | "total" | "name";

/** Functions by how much they changed, in either direction. */
export function diffRows(diff: DiffTree, sort: DiffSort): DiffRow[] {
  const names = diff.strings.length;
  const sums = () => ({
    self: new Float64Array(names),
    total: new Float64Array(names),
    selfCount: new Float64Array(names),
    totalCount: new Float64Array(names),
  });
  const sides = [
    { of: diff.before, sum: sums() },
    { of: diff.after, sum: sums() },
  ] as const;
  const isThere = new Uint8Array(names);
  for (let node = 0; node < diff.length; node++) {
    const name = diff.name[node];
    isThere[name] = 1;
    for (const { of, sum } of sides) {
      sum.self[name] += of.self[node];
      sum.selfCount[name] += of.selfCount[node];
      if (diff.recursive[node] === 1) continue;
      sum.total[name] += of.total[node];
      sum.totalCount[name] += of.totalCount[node];
    }
  }
  const [{ sum: before }, { sum: after }] = sides;
  const rows: DiffRow[] = [];
  for (let name = 0; name < names; name++) {
    if (isThere[name] === 0 || (before.total[name] === 0 && after.total[name] === 0)) continue;
    const change = (value: "self" | "total", count: "selfCount" | "totalCount"): DiffChange =>
      changeOf(before[value][name], after[value][name], before[count][name], after[count][name], diff.scale);
    rows.push({
      name: diff.strings[name] ?? "",
      self: change("self", "selfCount"),
      total: change("total", "totalCount"),
    });
  }
  const byName = (a: DiffRow, b: DiffRow): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const size = (row: DiffRow, of: "self" | "total"): number => Math.abs(row[of].change);
  if (sort === "name") return rows.sort(byName);
  const other = sort === "self" ? "total" : "self";
  return rows.sort(
    (a, b) => size(b, sort) - size(a, sort) || size(b, other) - size(a, other) || byName(a, b),
  );
}

/**
 * Collapsed stacks with two columns, before and after: what difffolded.pl writes and flamegraph.pl draws in red and blue.
 * https://github.com/brendangregg/FlameGraph/blob/master/difffolded.pl
 */
export function* diffCollapsed(diff: DiffTree): Iterable<string> {
  const names = diff.strings.map((name) => name.replaceAll(";", ":").replace(/[\r\n\u2028\u2029]+/g, " "));
  const path: string[] = [];
  for (let node = 0; node < diff.length; node++) {
    const before = diff.before.self[node];
    const after = diff.after.self[node];
    if (before === 0 && after === 0) continue;
    path.length = 0;
    for (let at = node; at !== -1; at = diff.parent[at]) path.push(names[diff.name[at]] || "[unnamed]");
    yield `${path.reverse().join(";")} ${rounded(before)} ${rounded(after)}\n`;
  }
}

/** Whole, as all that read the format want it. */
const rounded = (value: number): number => Math.round(value);
