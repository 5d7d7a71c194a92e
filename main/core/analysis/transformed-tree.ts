import type { Profile } from "../model/profile.ts";
import type { Transform } from "../model/query.ts";
import { type CallTree, type MappedTree, onPath, type ReducedTree } from "./call-tree.ts";

/** What transforms make of the call tree of all stacks. */
export interface TransformedTree {
  readonly tree: CallTree;
  /** Where each node of the tree of all stacks went, -1 for nowhere; null: it is the tree itself. */
  readonly map: Int32Array | null;
  /** 1 for the nodes, of the tree of all stacks, whose samples count; null: all. */
  readonly kept: Uint8Array | null;
  /** Do samples without a stack count? */
  readonly keepsBare: boolean;
}

/** The reduced tree for transforms so far (as a key), and which functions match a pattern. */
export interface TransformCaches {
  reduced(key: string): ReducedTree;
  flags(profile: Profile, pattern: string): Uint8Array;
}

/** Transforms in their order: each one sees the stacks that those before it left. */
export function transformTree(
  profile: Profile,
  all: MappedTree,
  transforms: readonly Transform[],
  caches: TransformCaches,
): TransformedTree {
  const nodes = all.tree.length;
  let tree = all.tree;
  let map: Int32Array | null = null;
  let kept: Uint8Array | null = null;
  let keepsBare = true;
  let key = "";
  for (const { type, pattern } of transforms) {
    const flags = caches.flags(profile, pattern);
    if (type === "focus" || type === "ignore") {
      const has = onPath(tree, flags);
      const wanted = type === "focus" ? 1 : 0;
      kept ??= new Uint8Array(nodes).fill(1);
      for (let node = 0; node < nodes; node++) {
        const now: number = map === null ? node : map[node];
        if ((now === -1 ? 0 : has[now]) !== wanted) kept[node] = 0;
      }
      if (type === "focus") keepsBare = false;
      continue;
    }
    key += JSON.stringify([type, pattern]);
    const hidden = type === "hide" ? flags : flags.map((flag) => (flag === 1 ? 0 : 1));
    const reduced = caches.reduced(key).extend(tree, hidden);
    map = through(map, reduced.map);
    tree = reduced.tree;
  }
  return { tree, map, kept, keepsBare };
}

const through = (first: Int32Array | null, second: Int32Array): Int32Array =>
  first === null ? second : first.map((node) => (node === -1 ? -1 : second[node]));
