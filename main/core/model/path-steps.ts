import { type Growable, int32 } from "./growable.ts";
import { RowInterner } from "./row-interner.ts";
import type { Transform } from "./transform.ts";

/**
 * Transforms on a prefix tree of paths, one step a transform. A step works through the nodes of its source in their
 * order (parents come before children), each once, however often the source has grown in between, and nothing
 * recurses. The items of a tree are functions where views are made of it, frames where it goes out as samples.
 */

/** Where a node went: to a node of the step's own tree, or to one of these. */
export const BARE = -1;
/** Its samples do not count any more. */
export const DROPPED = -2;

export interface Paths {
  readonly length: number;
  /** -1 at a root. */
  readonly parent: Int32Array;
  readonly item: Int32Array;
}

export interface GrowingPaths extends Paths {
  /** The node of an item under a parent, new or known; numbered in order of first appearance. */
  node(parent: number, item: number): number;
}

/** A tree with nothing but parents and items. */
export function plainPaths(): GrowingPaths {
  const index = new RowInterner(2);
  const parents = int32();
  const items = int32();
  return {
    get length() {
      return parents.length;
    },
    get parent() {
      return parents.view();
    },
    get item() {
      return items.view();
    },
    node: (parent, item) => {
      const node = index.intern(parent, item);
      if (node === parents.length) {
        parents.push(parent);
        items.push(item);
      }
      return node;
    },
  };
}

/** What a step must know of functions as the steps before it left them; lengths are those of the profile now. */
export interface StepFacts {
  /** Function of an item; null where items are functions. */
  readonly functionOf: Int32Array | null;
  /** 1 for the functions that the transform is about. */
  readonly flags: Uint8Array;
  /** String index of the binary (or file) of a function that is to be collapsed into it, else -1. */
  moduleOf(func: number): number;
  /** The item that stands for a module: the first one that is of it. */
  moduleItem(module: number): number;
  nameOf(func: number): string;
}

export interface StepResult {
  readonly paths: Paths;
  /** By node of the source. */
  readonly map: Int32Array;
  /** Do samples without a stack go on counting? */
  readonly keepsBare: boolean;
}

type Rule = (node: number, above: number, item: number, func: number) => number;

const dropsBare: ReadonlySet<Transform["type"]> = new Set([
  "focus",
  "show-from",
  "focus-function",
  "focus-subtree",
]);

/** Transforms that are not about the stacks themselves. */
export const isAboutStacks = ({ type }: Transform): boolean =>
  type !== "tagfocus" && type !== "tagignore" && type !== "invert";

export class PathStep {
  readonly #transform: Transform;
  readonly #tree: GrowingPaths;
  readonly #map: Growable<Int32Array> = int32();
  /** What the rule has to remember of each node for its children. */
  readonly #state: Growable<Int32Array> = int32();
  readonly #onPath: PathFunctions;

  constructor(transform: Transform, tree: GrowingPaths) {
    this.#transform = transform;
    this.#tree = tree;
    this.#onPath = new PathFunctions(tree);
  }

  extend(source: Paths, facts: StepFacts): StepResult {
    const { length, parent, item } = source;
    const rule = this.#rule(source, facts);
    const map = this.#map;
    const { functionOf } = facts;
    for (let node = map.length; node < length; node++) {
      const own = item[node];
      map.push(rule(node, parent[node], own, functionOf === null ? own : functionOf[own]));
    }
    return {
      paths: this.#isFilter() ? source : this.#tree,
      map: map.view(),
      keepsBare: !dropsBare.has(this.#transform.type),
    };
  }

  /** Leaves the tree as it is, and moves samples within it. */
  #isFilter(): boolean {
    const { type } = this.#transform;
    return (
      ["focus", "ignore", "drop-function", "prune-from", "collapse-function"].includes(type) ||
      (this.#transform.type === "focus-subtree" && this.#transform.inverted === true)
    );
  }

  #rule(source: Paths, facts: StepFacts): Rule {
    const transform = this.#transform;
    const map = this.#map;
    const state = this.#state;
    const tree = this.#tree;
    const { flags } = facts;
    const to = (above: number): number => (above === -1 ? BARE : map.at(above));
    const was = (above: number): number => (above === -1 ? -1 : state.at(above));
    switch (transform.type) {
      case "focus":
        return (node, above, _, func) =>
          state.at(state.push(flags[func] === 1 || was(above) === 1 ? 1 : 0)) === 1 ? node : DROPPED;
      case "ignore":
      case "drop-function":
        return (node, above, _, func) =>
          state.at(state.push(flags[func] === 1 || was(above) === 1 ? 1 : 0)) === 1 ? DROPPED : node;
      case "hide":
      case "merge-function":
        return (_, above, item, func) => (flags[func] === 1 ? to(above) : tree.node(to(above), item));
      case "show":
        return (_, above, item, func) => (flags[func] === 1 ? tree.node(to(above), item) : to(above));
      case "show-from":
      case "focus-function":
        return (_, above, item, func) => {
          const under = to(above);
          if (under >= 0) return tree.node(under, item);
          return flags[func] === 1 ? tree.node(-1, item) : DROPPED;
        };
      case "prune-from":
        return (node, above, _, func) => {
          const innermost = state.at(state.push(flags[func] === 1 ? node : was(above)));
          return innermost === -1 ? node : innermost;
        };
      case "collapse-function":
        return (node, above, _, func) => {
          const outermost = was(above) !== -1 ? was(above) : flags[func] === 1 ? node : -1;
          return state.at(state.push(outermost)) === -1 ? node : outermost;
        };
      case "focus-subtree":
        return transform.inverted === true
          ? endingWith(transform.path, source, facts)
          : this.#under(transform.path, facts);
      case "merge-node":
        return this.#without(transform.path, facts);
      case "collapse-direct-recursion":
        return (_, above, item, func) =>
          flags[func] === 1 && above !== -1 && functionAt(source, facts, above) === func
            ? map.at(above)
            : tree.node(to(above), item);
      case "collapse-recursion":
        return (_, above, item, func) => {
          const under = to(above);
          if (flags[func] !== 1) return tree.node(under, item);
          const outermost = this.#onPath.find(under, func, flags, facts.functionOf);
          return outermost === -1 ? tree.node(under, item) : outermost;
        };
      case "collapse-module":
        return (_, above, item, func) => {
          const module = facts.moduleOf(func);
          state.push(module);
          if (module === -1) return tree.node(to(above), item);
          return was(above) === module ? to(above) : tree.node(to(above), facts.moduleItem(module));
        };
      case "tagfocus":
      case "tagignore":
      case "invert":
        return (_, above, item) => tree.node(to(above), item);
    }
  }

  /** Of the nodes below a path, which starts at a root: its last one becomes the root. */
  #under(path: readonly string[], facts: StepFacts): Rule {
    const tree = this.#tree;
    return (_, above, item, func) => {
      const matched = this.#advance(path, above, func, facts);
      if (matched < path.length) return DROPPED;
      const inside = above !== -1 && this.#state.at(above) === path.length;
      return tree.node(inside ? this.#map.at(above) : -1, item);
    };
  }

  #without(path: readonly string[], facts: StepFacts): Rule {
    const tree = this.#tree;
    return (_, above, item, func) => {
      const isInside = above !== -1 && this.#state.at(above) === path.length;
      const matched = this.#advance(path, above, func, facts);
      const under = above === -1 ? BARE : this.#map.at(above);
      return matched === path.length && !isInside ? under : tree.node(under, item);
    };
  }

  /** How much of the path a node has matched from the root on; -1 where it has left it. Below its end: all of it. */
  #advance(path: readonly string[], above: number, func: number, facts: StepFacts): number {
    const before = above === -1 ? 0 : this.#state.at(above);
    const matched =
      before === -1 || before === path.length
        ? before
        : facts.nameOf(func) === path[before]
          ? before + 1
          : -1;
    this.#state.push(matched);
    return matched;
  }
}

const functionAt = ({ item }: Paths, { functionOf }: StepFacts, node: number): number =>
  functionOf === null ? item[node] : functionOf[item[node]];

/** Of the samples whose stack ends with a path (innermost first): they go to its outermost node. */
function endingWith(path: readonly string[], source: Paths, facts: StepFacts): Rule {
  const { parent } = source;
  return (leaf) => {
    let node = leaf;
    for (let matched = 0; node !== -1; matched++) {
      if (facts.nameOf(functionAt(source, facts, node)) !== path[matched]) return DROPPED;
      if (matched === path.length - 1) return node;
      node = parent[node];
    }
    return DROPPED;
  };
}

/**
 * Where on the path to a node each flagged function is, when none is on it twice. Kept by walking from the path that was
 * asked about before by way of their common caller: a step or two, as new nodes come along one stack after the other.
 */
class PathFunctions {
  readonly #tree: GrowingPaths;
  readonly #depth: Growable<Int32Array> = int32();
  #at = -1;
  #nodeOf = new Int32Array(256).fill(-1);

  constructor(tree: GrowingPaths) {
    this.#tree = tree;
  }

  find(node: number, func: number, flags: Uint8Array, functionOf: Int32Array | null): number {
    const { parent, item } = this.#tree;
    const depth = this.#depth;
    for (let each = depth.length; each < parent.length; each++)
      depth.push(parent[each] === -1 ? 0 : depth.at(parent[each]) + 1);
    if (flags.length > this.#nodeOf.length) {
      const grown = new Int32Array(Math.max(flags.length, this.#nodeOf.length * 2)).fill(-1);
      grown.set(this.#nodeOf);
      this.#nodeOf = grown;
    }
    const functionAtNode = (at: number): number => (functionOf === null ? item[at] : functionOf[item[at]]);
    let leave = this.#at;
    let enter = node;
    const entered: number[] = [];
    while (leave !== enter) {
      const leaveDepth = leave === -1 ? -1 : depth.at(leave);
      const enterDepth = enter === -1 ? -1 : depth.at(enter);
      if (leaveDepth >= enterDepth) {
        this.#nodeOf[functionAtNode(leave)] = -1;
        leave = parent[leave];
      } else {
        entered.push(enter);
        enter = parent[enter];
      }
    }
    for (const each of entered) {
      const own = functionAtNode(each);
      if (flags[own] === 1) this.#nodeOf[own] = each;
    }
    this.#at = node;
    return this.#nodeOf[func];
  }
}
