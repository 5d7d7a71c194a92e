import type { Profile } from "../model/profile.ts";
import type { Transform } from "../model/transform.ts";
import { type TransformCaches, transformPaths } from "../model/transform-paths.ts";
import { CallTree, type MappedTree } from "./call-tree.ts";

/** What transforms make of the call tree of all stacks. */
export interface TransformedTree {
  readonly tree: CallTree;
  /** Where each node of the tree of all stacks went: BARE, DROPPED, or a node of `tree`; null: it is the tree itself. */
  readonly map: Int32Array | null;
  /** Do samples without a stack count? */
  readonly keepsBare: boolean;
  readonly renamed: ReadonlyMap<number, number>;
}

/** Transforms in their order: each one sees the stacks that those before it left. */
export function transformTree(
  profile: Profile,
  all: MappedTree,
  transforms: readonly Transform[],
  caches: TransformCaches,
): TransformedTree {
  const { paths, ...rest } = transformPaths(
    profile,
    all.tree,
    { functionOf: null, newTree: () => new CallTree() },
    transforms,
    caches,
  );
  return { tree: paths instanceof CallTree ? paths : all.tree, ...rest };
}
