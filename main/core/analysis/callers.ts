import type { FlameQuery } from "../model/query.ts";
import type { CallTree } from "./call-tree.ts";
import type { Weighed } from "./weigh.ts";

/** The bottom-up tree: functions that burn at the root, their callers above them. */
export interface Callers {
  readonly tree: CallTree;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly samples: Float64Array;
  readonly unexpanded: number;
  /** Nodes of the call tree whose own weight the view shows. */
  readonly leavesInView: Int32Array;
}

/** A node of the bottom-up tree and the entries [from, to) of its level that lead to it. */
interface Group {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly value: number;
  readonly samples: number;
  /** At or above the node that was zoomed into (everywhere, where none was). */
  readonly inView: boolean;
}

/** For each entry: the leaf whose weight it is, and the node of the call tree where its path has come to. */
interface Level {
  readonly leaf: Int32Array;
  readonly at: Int32Array;
}

/** Which nodes of the bottom-up tree are looked into. */
export interface CallersQuery extends Pick<FlameQuery, "root" | "widthPx" | "minPx"> {
  /** Instead of all that are wide enough. */
  readonly opens?: (node: number) => boolean;
  /** Told of the callers of a node that was looked into, before any of them is asked about. */
  readonly opened?: (
    node: number,
    callers: readonly { readonly node: number; readonly value: number }[],
  ) => void;
  /** Told of a node that has callers and was not looked into. */
  readonly closed?: (node: number) => void;
}

/**
 * Level by level, and only where it is wide enough to be drawn: the full bottom-up tree has several times the nodes of
 * the call tree. `tree` keeps the node ids stable between questions.
 */
export function callersOf(weighed: Weighed, query: CallersQuery, tree: CallTree): Callers {
  const { self: weights } = weighed;
  const { parent } = weighed.tree;
  const root = query.root >= 0 && query.root < tree.length ? query.root : -1;
  const zoomPath = new Set<number>();
  for (let node = root; node !== -1; node = tree.parent[node]) zoomPath.add(node);
  const leastOf = (whole: number): number => (query.widthPx > 0 ? (whole / query.widthPx) * query.minPx : 0);
  let least = root === -1 ? leastOf(weighed.totalValue) : 0;

  const leaves = nodesWithWeight(weights);
  const emptyLevel = (): Level => ({
    leaf: new Int32Array(leaves.length),
    at: new Int32Array(leaves.length),
  });
  const split = splitter(weighed, tree, root);
  const done: Group[] = [];
  const selfOf: number[] = [];
  let leavesInView = root === -1 ? leaves : new Int32Array(0);
  let unexpanded = 0;

  let level = emptyLevel();
  let next = emptyLevel();
  let groups = split({ leaf: leaves, at: leaves }, 0, leaves.length, level, 0, -1, root === -1);
  query.opened?.(-1, groups);
  while (groups.length > 0) {
    const above: Group[] = [];
    let used = 0;
    for (const group of groups) {
      const { node, from, to, value, inView } = group;
      if (node === root) {
        least = leastOf(value);
        leavesInView = level.leaf.slice(from, to);
      }
      // Entries move on to their callers, in place; those that have none are the node's own weight.
      let rooted = 0;
      let kept = from;
      for (let entry = from; entry < to; entry++) {
        const caller = parent[level.at[entry]];
        const leaf = level.leaf[entry];
        if (caller === -1) {
          rooted += weights[leaf];
          continue;
        }
        level.leaf[kept] = leaf;
        level.at[kept] = caller;
        kept++;
      }
      done.push(group);
      selfOf.push(rooted);
      if (query.opens ? query.opens(node) : inView ? value >= least : zoomPath.has(node)) {
        const callers = split(level, from, kept, next, used, node, inView);
        query.opened?.(node, callers);
        for (const caller of callers) above.push(caller);
        used += kept - from;
      } else if (inView && kept > from) {
        unexpanded++;
        query.closed?.(node);
      }
    }
    groups = above;
    [level, next] = [next, level];
  }

  const self = new Float64Array(tree.length);
  const total = new Float64Array(tree.length);
  const samples = new Float64Array(tree.length);
  done.forEach((group, i) => {
    self[group.node] = selfOf[i];
    total[group.node] = group.value;
    samples[group.node] = group.samples;
  });
  return { tree, self, total, samples, unexpanded, leavesInView };
}

/**
 * Gives a function that sorts entries [from, to) of a level by function into another one, from `start` on, and tells
 * the groups: nodes of `tree` under `above`.
 */
function splitter(weighed: Weighed, tree: CallTree, root: number) {
  const { self: weights, selfSamples: counts } = weighed;
  const functions = weighed.tree.function;
  const entriesOf = new Int32Array(functionsIn(functions));
  const placeOf = new Int32Array(entriesOf.length);
  const weightOf = new Float64Array(entriesOf.length);
  const samplesOf = new Float64Array(entriesOf.length);
  return (
    level: Level,
    from: number,
    to: number,
    into: Level,
    start: number,
    above: number,
    inView: boolean,
  ): Group[] => {
    const distinct: number[] = [];
    for (let entry = from; entry < to; entry++) {
      const func = functions[level.at[entry]];
      const leaf = level.leaf[entry];
      if (entriesOf[func] === 0) {
        distinct.push(func);
        weightOf[func] = 0;
        samplesOf[func] = 0;
      }
      entriesOf[func]++;
      weightOf[func] += weights[leaf];
      samplesOf[func] += counts[leaf];
    }
    const groups: Group[] = [];
    let place = start;
    for (const func of distinct) {
      const node = tree.node(above, func);
      const end = place + entriesOf[func];
      const value = weightOf[func];
      groups.push({
        node,
        from: place,
        to: end,
        value,
        samples: samplesOf[func],
        inView: inView || node === root,
      });
      placeOf[func] = place;
      entriesOf[func] = 0;
      place = end;
    }
    for (let entry = from; entry < to; entry++) {
      const place = placeOf[functions[level.at[entry]]]++;
      into.leaf[place] = level.leaf[entry];
      into.at[place] = level.at[entry];
    }
    return groups;
  };
}

function nodesWithWeight(weights: Float64Array): Int32Array {
  const nodes = new Int32Array(weights.length);
  let count = 0;
  for (let node = 0; node < weights.length; node++) if (weights[node] > 0) nodes[count++] = node;
  return nodes.slice(0, count);
}

function functionsIn(functions: Int32Array): number {
  let most = 0;
  for (let node = 0; node < functions.length; node++) if (functions[node] >= most) most = functions[node] + 1;
  return most;
}
