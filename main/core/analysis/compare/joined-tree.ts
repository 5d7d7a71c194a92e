import { throwProblem } from "../../base/result.ts";
import type { Change, CompareBasis, CompareMethod, CompareMode, RunSummary } from "../../model/compare.ts";
import { int32, uint8 } from "../../model/growable.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { WeighedTree } from "../../model/weighed-tree.ts";
import { type Basis, changeOf, type SideValue } from "./estimate.ts";
import { RunSums } from "./run-sums.ts";

/**
 * Two sides of one or several profiles as one tree: nodes are the same where the names on their paths are. Of each side
 * only sums and squares are kept, so that ten runs take no more room than two.
 */

export const sideNames = ["before", "after"] as const;
export type SideName = (typeof sideNames)[number];
export type WeightName = "self" | "total";

interface Side {
  readonly runs: RunSummary[];
  readonly nodes: RunSums;
  readonly names: RunSums;
  /** Values of each run by name, for the one function that is looked at. */
  readonly ofRuns: { readonly self: Float64Array; readonly total: Float64Array }[];
  totalSum: number;
  count: number;
  isCounted: boolean;
  secondsSum: number;
}

const newSide = (): Side => ({
  runs: [],
  nodes: new RunSums(),
  names: new RunSums(),
  ofRuns: [],
  totalSum: 0,
  count: 0,
  isCounted: true,
  secondsSum: 0,
});

export class JoinedTree {
  readonly #mode: CompareMode;
  readonly #confidence: number;
  readonly #index = new RowInterner(2);
  readonly #stringIndex = new Map<string, number>();
  readonly strings: string[] = [];
  readonly #parent = int32();
  readonly #name = int32();
  readonly #depth = int32();
  readonly #recursive = uint8();
  readonly #sides: Readonly<Record<SideName, Side>> = { before: newSide(), after: newSide() };
  #first: WeighedTree | null = null;
  #isExact = false;
  /** What runs are made comparable to. */
  #base = 0;
  #basis: Basis | null = null;

  constructor(mode: CompareMode, confidence: number) {
    this.#mode = mode;
    this.#confidence = confidence;
  }

  get length(): number {
    return this.#parent.length;
  }

  /** Parents come before children. */
  get parent(): Int32Array {
    return this.#parent.view();
  }

  /** Index in `strings`. */
  get name(): Int32Array {
    return this.#name.view();
  }

  get depth(): Int32Array {
    return this.#depth.view();
  }

  /** 1 where a caller has the same name. */
  get recursive(): Uint8Array {
    return this.#recursive.view();
  }

  /** What is weighed: of the first run. */
  get first(): Pick<WeighedTree, "kind" | "unit" | "series"> {
    return this.#first ?? { kind: "other", unit: "samples", series: "" };
  }

  runsOf(side: SideName): readonly RunSummary[] {
    return this.#sides[side].runs;
  }

  /** Adds one run. Throws "other-units" and "no-durations". */
  add(name: SideName, tree: WeighedTree, about: Pick<RunSummary, "profileId" | "title">): void {
    const side = this.#sides[name];
    this.#first ??= tree;
    if (tree.unit !== this.#first.unit)
      throwProblem(
        "other-units",
        `${this.#first.series} is in ${this.#first.unit}, ${tree.series} of ${about.title} in ${tree.unit}.`,
        "Choose the same kind of values for both sides: on the command line with --before-series and --after-series.",
      );
    if (this.#mode === "time" && !(tree.durationNs > 0))
      throwProblem(
        "no-durations",
        `${about.title} does not tell how long it was recorded.`,
        "Compare by share of the whole, or values as they are.",
      );
    this.#isExact = tree.isExact;
    this.#basis = null;
    const seconds = tree.durationNs / 1e9;
    // Against the first run, so that its own values stay exactly as they are.
    this.#base ||= this.#mode === "total" ? tree.totalValue : this.#mode === "time" ? seconds : 1;
    const factor =
      this.#mode === "total"
        ? this.#base * inverse(tree.totalValue)
        : this.#mode === "time"
          ? this.#base * inverse(seconds)
          : 1;
    const nodes = this.#place(tree);
    const values = {
      self: new Float64Array(this.length),
      total: new Float64Array(this.length),
      selfCount: new Float64Array(tree.totalCount === null ? 0 : this.length),
      totalCount: new Float64Array(tree.totalCount === null ? 0 : this.length),
    };
    const hasCounts = tree.totalCount !== null;
    for (let row = 0; row < tree.length; row++) {
      const node = nodes[row];
      values.self[node] = values.self[node] + tree.self[row] * factor;
      if (hasCounts) values.selfCount[node] = values.selfCount[node] + tree.selfCount[row];
    }
    values.total.set(values.self);
    values.totalCount.set(values.selfCount);
    const parent = this.parent;
    for (let node = this.length - 1; node >= 0; node--) {
      const above = parent[node];
      if (above === -1) continue;
      values.total[above] = values.total[above] + values.total[node];
      if (hasCounts) values.totalCount[above] = values.totalCount[above] + values.totalCount[node];
    }
    side.nodes.add(values);
    const ofNames = this.#byName(values);
    side.names.add(ofNames);
    side.ofRuns.push({ self: ofNames.self, total: ofNames.total });
    side.totalSum += tree.totalValue;
    side.secondsSum += seconds;
    side.count += tree.totalCount ?? 0;
    if (tree.totalCount === null) side.isCounted = false;
    side.runs.push({
      ...about,
      series: tree.series,
      totalValue: tree.totalValue,
      samples: tree.totalCount,
      durationNs: tree.durationNs,
    });
  }

  #place(tree: WeighedTree): Int32Array {
    const ownNames = tree.names.map((text) => {
      let own = this.#stringIndex.get(text);
      if (own === undefined) {
        own = this.strings.length;
        this.strings.push(text);
        this.#stringIndex.set(text, own);
      }
      return own;
    });
    const nodes = new Int32Array(tree.length);
    const known = this.length;
    for (let row = 0; row < tree.length; row++) {
      const parent = tree.parent[row] === -1 ? -1 : nodes[tree.parent[row]];
      const name = ownNames[tree.name[row]];
      const node = this.#index.internPair(parent, name);
      if (node === this.#parent.length) {
        this.#parent.push(parent);
        this.#name.push(name);
        this.#depth.push(parent === -1 ? 0 : this.#depth.at(parent) + 1);
      }
      nodes[row] = node;
    }
    this.#findRecursive(known);
    return nodes;
  }

  /** Walks from one new node to the next by way of their common caller, counting the names on the path. */
  #findRecursive(from: number): void {
    const [parent, name, depth] = [this.parent, this.name, this.depth];
    const onPath = new Int32Array(this.strings.length);
    const depthOf = (node: number): number => (node === -1 ? -1 : depth[node]);
    let at = -1;
    for (let node = from; node < parent.length; node++) {
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
      this.#recursive.push(onPath[name[node]] > 0 ? 1 : 0);
    }
  }

  /** A function that is on a stack several times counts once in its total. */
  #byName(values: Readonly<Record<"self" | "total" | "selfCount" | "totalCount", Float64Array>>) {
    const size = this.strings.length;
    const counted = values.selfCount.length > 0 ? size : 0;
    const sums = {
      self: new Float64Array(size),
      total: new Float64Array(size),
      selfCount: new Float64Array(counted),
      totalCount: new Float64Array(counted),
    };
    const [names, recursive] = [this.name, this.recursive];
    for (let node = 0; node < names.length; node++) {
      const name = names[node];
      sums.self[name] = sums.self[name] + values.self[node];
      if (counted > 0) sums.selfCount[name] = sums.selfCount[name] + values.selfCount[node];
      if (recursive[node] === 1) continue;
      sums.total[name] = sums.total[name] + values.total[node];
      if (counted > 0) sums.totalCount[name] = sums.totalCount[name] + values.totalCount[node];
    }
    return sums;
  }

  get #method(): CompareMethod {
    const { before, after } = this.#sides;
    const [fewer, more] = [before.runs.length, after.runs.length].sort((a, b) => a - b);
    if (fewer > 1) return "runs";
    if (more > 1) return "runs-of-one";
    if (this.#isExact) return "counted";
    return before.isCounted && after.isCounted ? "sampling" : "none";
  }

  get basis(): Basis {
    const { before, after } = this.#sides;
    const of = (side: Side): number =>
      this.#mode === "total" ? side.count : this.#mode === "time" ? side.secondsSum : side.runs.length;
    const isCounted = before.isCounted && after.isCounted && before.count > 0 && after.count > 0;
    this.#basis ??= {
      mode: this.#mode,
      confidence: this.#confidence,
      method: this.#method,
      exposure: isCounted ? { before: of(before), after: of(after) } : null,
    };
    return this.#basis;
  }

  /** Weight of a run as it is, the mean of a side. */
  meanTotal(name: SideName): number {
    const side = this.#sides[name];
    return side.totalSum / Math.max(1, side.runs.length);
  }

  /** What sums are multiplied with: values are those of a run before. */
  get scale(): number {
    const { before } = this.#sides;
    if (this.#mode === "total")
      return (this.meanTotal("before") || this.meanTotal("after")) * inverse(this.#base);
    return this.#mode === "time"
      ? (before.secondsSum / Math.max(1, before.runs.length)) * inverse(this.#base)
      : 1;
  }

  /** What a run's values were multiplied with to make them comparable. */
  #factorOf({ totalValue, durationNs }: RunSummary): number {
    if (this.#mode === "total") return this.scale * this.#base * inverse(totalValue);
    return this.#mode === "time" ? this.scale * this.#base * inverse(durationNs / 1e9) : 1;
  }

  /** The whole of a side in values made comparable. */
  wholeOf(name: SideName): number {
    const { runs } = this.#sides[name];
    return (
      runs.reduce((sum, run) => sum + run.totalValue * this.#factorOf(run), 0) / Math.max(1, runs.length)
    );
  }

  get facts(): CompareBasis {
    return {
      unit: this.first.unit,
      by: this.#mode,
      confidence: this.#confidence,
      method: this.#method,
      wholeBefore: this.wholeOf("before"),
      wholeAfter: this.wholeOf("after"),
    };
  }

  nodeChange(node: number, of: WeightName): Change {
    return this.#change("nodes", node, of);
  }

  nameChange(name: number, of: WeightName): Change {
    return this.#change("names", name, of);
  }

  /** Scaled mean of a node on one side, without what it takes to judge it. */
  nodeMean(side: SideName, node: number, of: WeightName): number {
    const { nodes, runs } = this.#sides[side];
    return (nodes.sumOf(node, of) * this.scale) / Math.max(1, runs.length);
  }

  #change(what: "nodes" | "names", row: number, of: WeightName): Change {
    const { scale } = this;
    const value = (name: SideName): SideValue => {
      const side = this.#sides[name];
      return side[what].valueOf(row, of, side.runs.length, scale);
    };
    return changeOf(value("before"), value("after"), this.basis);
  }

  /** The whole of a run: of comparisons by share as it is, because shares of it are the same by definition. */
  totalChange(): Change {
    const value = (name: SideName): SideValue => {
      const { runs, count } = this.#sides[name];
      const values = runs.map((run) =>
        this.#mode === "total" ? run.totalValue : run.totalValue * this.#factorOf(run),
      );
      return {
        runs: Math.max(1, runs.length),
        sum: values.reduce((sum, each) => sum + each, 0),
        squares: values.reduce((sum, each) => sum + each * each, 0),
        count,
      };
    };
    const { before, after } = this.#sides;
    const { basis } = this;
    const runs = { before: before.runs.length, after: after.runs.length };
    return changeOf(
      value("before"),
      value("after"),
      this.#mode === "total" ? { ...basis, mode: "absolute", exposure: basis.exposure && runs } : basis,
    );
  }

  /** What a change is more than its part of how the whole grew. */
  overweight({ before, after }: Pick<Change, "before" | "after">): number {
    const [wholeBefore, wholeAfter] = [this.wholeOf("before"), this.wholeOf("after")];
    if (this.#mode === "total") {
      const whole = this.meanTotal("before") || this.meanTotal("after");
      return (after - before) * inverse(whole) * this.meanTotal("after");
    }
    return wholeBefore > 0 ? after - before * (wholeAfter / wholeBefore) : after;
  }

  /** One scaled value a run. */
  runValues(side: SideName, name: number, of: WeightName): Float64Array {
    const { scale } = this;
    return Float64Array.from(this.#sides[side].ofRuns, (run) => (run[of][name] ?? 0) * scale);
  }

  nameOf(text: string): number {
    return this.#stringIndex.get(text) ?? -1;
  }
}

const inverse = (value: number): number => (value > 0 ? 1 / value : 0);
