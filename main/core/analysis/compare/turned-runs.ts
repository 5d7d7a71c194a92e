import type { CompareMode, RunSummary } from "../../model/compare.ts";
import { int32 } from "../../model/growable.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { WeighedTree } from "../../model/weighed-tree.ts";
import { JoinedTree, type SideName } from "./joined-tree.ts";

/**
 * Runs of both sides, joined upside down: the functions that burn, and under each who called it. All callers of a million
 * call nodes are many millions, of which a picture shows thousands: those are followed that weigh enough on either side, and
 * each of them has the exact values of every run. What is cut off stays with the last that is shown.
 */
export class TurnedRuns {
  readonly #mode: CompareMode;
  readonly #confidence: number;
  readonly #index = new RowInterner(2);
  readonly #parent = int32();
  readonly #name = int32();
  readonly #strings: string[] = [];
  readonly #stringIndex = new Map<string, number>();
  readonly #runs: Run[] = [];

  constructor(mode: CompareMode, confidence: number) {
    this.#mode = mode;
    this.#confidence = confidence;
  }

  add(side: SideName, tree: WeighedTree, about: About): void {
    const names = tree.names.map((text) => {
      const known = this.#stringIndex.get(text);
      if (known !== undefined) return known;
      this.#stringIndex.set(text, this.#strings.length);
      return this.#strings.push(text) - 1;
    });
    const nodes = new Int32Array(tree.length);
    for (let row = 0; row < tree.length; row++) {
      const above = tree.parent[row] as number;
      const parent = above === -1 ? -1 : (nodes[above] as number);
      const name = names[tree.name[row] as number] as number;
      const node = this.#index.internPair(parent, name);
      if (node === this.#parent.length) {
        this.#parent.push(parent);
        this.#name.push(name);
      }
      nodes[row] = node;
    }
    const placed = (values: Float64Array): Float64Array => {
      const own = new Float64Array(values.length === 0 ? 0 : this.#parent.length);
      for (let row = 0; row < values.length; row++) own[nodes[row]] += values[row] as number;
      return own;
    };
    this.#runs.push({ side, about, tree, self: placed(tree.self), count: placed(tree.selfCount) });
  }

  /** The tree of callers. Throws as `JoinedTree.add` does. */
  finish(): JoinedTree {
    const rows = this.#expanded();
    const joined = new JoinedTree(this.#mode, this.#confidence);
    for (const [at, { side, about, tree }] of this.#runs.entries())
      joined.add(
        side,
        {
          ...tree,
          length: rows.parent.length,
          parent: rows.parent,
          name: rows.name,
          self: Float64Array.from(rows.self[at] ?? []),
          selfCount: Float64Array.from(rows.count[at] ?? []),
          names: this.#strings,
        },
        about,
      );
    return joined;
  }

  #expanded() {
    const [parent, name] = [this.#parent.view(), this.#name.view()];
    const widths = this.#widths();
    const widthOf = (group: Group): number => {
      let [before, after] = [0, 0];
      for (const leaf of group.leaves) {
        before += widths.before[leaf] as number;
        after += widths.after[leaf] as number;
      }
      return Math.max(before, after);
    };
    const rows = { parent: [] as number[], name: [] as number[] };
    const self = this.#runs.map((): number[] => []);
    const count = this.#runs.map(({ count: own }): number[] | null => (own.length === 0 ? null : []));
    const stay = (row: number, { leaves }: Group): void => {
      for (const [at, run] of this.#runs.entries())
        for (const leaf of leaves) {
          const [values, counts] = [self[at], count[at]];
          if (values) values[row] = (values[row] ?? 0) + (run.self[leaf] ?? 0);
          if (counts) counts[row] = (counts[row] ?? 0) + (run.count[leaf] ?? 0);
        }
    };
    const waiting: { row: number; group: Group }[] = [];
    const place = (above: number, groups: ReadonlyMap<number, Group>): void => {
      for (const [text, group] of groups) {
        if (widthOf(group) < widths.least) {
          if (above !== -1) stay(above, group);
          continue;
        }
        const row = rows.parent.push(above) - 1;
        rows.name.push(text);
        for (const values of [...self, ...count]) values?.push(0);
        waiting.push({ row, group });
      }
    };
    const burning: number[] = [];
    for (let node = 0; node < parent.length; node++)
      if ((widths.before[node] as number) > 0 || (widths.after[node] as number) > 0) burning.push(node);
    place(-1, grouped(burning, burning, name));
    // Level after level; what was followed is let go.
    for (let next = 0; next < waiting.length; next++) {
      const { row, group } = waiting[next] as { row: number; group: Group };
      waiting[next] = { row, group: noGroup };
      const ended: Group = { leaves: [], at: [] };
      const called: Group = { leaves: [], at: [] };
      for (const [i, leaf] of group.leaves.entries()) {
        const above = parent[group.at[i] as number] as number;
        const to = above === -1 ? ended : called;
        to.leaves.push(leaf);
        to.at.push(above);
      }
      stay(row, ended);
      place(row, grouped(called.leaves, called.at, name));
    }
    return { parent: Int32Array.from(rows.parent), name: Int32Array.from(rows.name), self, count };
  }

  /** By which a node is drawn: the mean of each side, made comparable. */
  #widths() {
    const widths = {
      before: new Float64Array(this.#parent.length),
      after: new Float64Array(this.#parent.length),
    };
    const whole = { before: 0, after: 0 };
    for (const { side, self, tree } of this.#runs) {
      const runs = this.#runs.filter((run) => run.side === side).length;
      const by = this.#mode === "total" ? tree.totalValue : this.#mode === "time" ? tree.durationNs : 1;
      const factor = by > 0 ? 1 / by / runs : 0;
      const sums = widths[side];
      for (let node = 0; node < self.length; node++) {
        // Of growth, some is negative.
        const width = Math.abs(self[node] as number) * factor;
        sums[node] += width;
        whole[side] += width;
      }
    }
    return { ...widths, least: Math.max(whole.before, whole.after) * LEAST_SHARE };
  }
}

/** Below this share of the whole a caller is not followed: a seventh of a pixel where the picture is 1500 wide. */
const LEAST_SHARE = 1e-4;

type About = Pick<RunSummary, "profileId" | "title">;

interface Run {
  readonly side: SideName;
  readonly about: About;
  readonly tree: WeighedTree;
  /** By joined nodes; of runs that do not tell their samples, no counts. */
  readonly self: Float64Array;
  readonly count: Float64Array;
}

/** Innermost nodes, and which of its callers each has come to. */
interface Group {
  readonly leaves: number[];
  readonly at: number[];
}
const noGroup: Group = { leaves: [], at: [] };

function grouped(
  leaves: readonly number[],
  at: readonly number[],
  name: Int32Array,
): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  for (const [i, leaf] of leaves.entries()) {
    const node = at[i] as number;
    const text = name[node] as number;
    const group = groups.get(text) ?? { leaves: [], at: [] };
    groups.set(text, group);
    group.leaves.push(leaf);
    group.at.push(node);
  }
  return groups;
}
