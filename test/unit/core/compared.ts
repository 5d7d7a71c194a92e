import { compared } from "#core/analysis/compare/index.ts";
import { JoinedTree } from "#core/analysis/compare/joined-tree.ts";
import { createAnalyst } from "#core/analysis/index.ts";
import { type Change, type CompareMode, changeAt } from "#core/model/compare.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type Selection } from "#core/model/query.ts";
import type { WeighedTree } from "#core/model/weighed-tree.ts";

export const treeOf = (profile: Profile, selection: Partial<Selection> = {}): WeighedTree =>
  createAnalyst().weighedTree(profile, { ...everything, ...selection });

export function joinedOf(
  before: readonly WeighedTree[],
  after: readonly WeighedTree[],
  mode: CompareMode = "total",
  confidence = 0.99,
): JoinedTree {
  const joined = new JoinedTree(mode, confidence);
  before.forEach((tree, run) => {
    joined.add("before", tree, { profileId: `b${run}`, title: `before ${run + 1}` });
  });
  after.forEach((tree, run) => {
    joined.add("after", tree, { profileId: `a${run}`, title: `after ${run + 1}` });
  });
  return joined;
}

export interface ComparedFunction {
  readonly name: string;
  readonly self: Change;
  readonly total: Change;
}

export function functionsOf(
  joined: JoinedTree,
  query: {
    readonly of?: "self" | "total";
    readonly sort?: "change" | "name" | "overweight";
    readonly filter?: string;
  } = {},
): ComparedFunction[] {
  const table = compared(joined, {
    view: "functions",
    limit: 1e9,
    descending: query.sort !== "name",
    ...query,
  });
  return Array.from({ length: table.length }, (_, row) => ({
    name: table.strings[table.name[row] ?? -1] ?? "",
    self: changeAt(table.self, row),
    total: changeAt(table.total, row),
  }));
}
