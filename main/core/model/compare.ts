import * as v from "valibot";
import type { Problem } from "../base/result.ts";
import { selectionSchema } from "./query.ts";
import type { FlameTable } from "./tables.ts";

/**
 * What changed between two sides, each one or several profiles (repeated runs) or parts of profiles. Questions are plain
 * data, answers are view tables; the trees themselves stay in the engine.
 */

export const compareModes = ["total", "time", "absolute"] as const;
/**
 * By what the runs are made comparable. "total": each as if it weighed what a run before weighs, so that values are shares
 * of the whole; "time": as if each had been recorded as long; "absolute": as they are.
 */
export type CompareMode = (typeof compareModes)[number];

/** One of a hundred functions that did not change looks as if it had. */
const DEFAULT_CONFIDENCE = 0.99;

const runSchema = v.object({
  profileId: v.string(),
  selection: v.optional(selectionSchema, {}),
});
const sideSchema = v.pipe(v.array(runSchema), v.minLength(1), v.maxLength(60));

export const comparisonSchema = v.object({
  before: sideSchema,
  after: sideSchema,
  by: v.optional(v.picklist(compareModes), "total"),
  /** How often an interval holds what it stands for. */
  confidence: v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(0.99999)), DEFAULT_CONFIDENCE),
});
export type Comparison = v.InferOutput<typeof comparisonSchema>;
export type ComparisonInput = v.InferInput<typeof comparisonSchema>;
export type ComparedRun = Comparison["before"][number];

const weightSchema = v.optional(v.picklist(["self", "total"]), "self");

export const compareQuerySchema = v.variant("view", [
  /** What was compared, the whole, how many changed, and a verdict in words. */
  v.object({ view: v.literal("summary") }),
  v.object({
    view: v.literal("functions"),
    /** Whose columns `sort` means. */
    of: weightSchema,
    sort: v.optional(
      v.picklist(["name", "before", "after", "change", "ratio", "certainty", "overweight"]),
      "change",
    ),
    /** Of changes: by their size, in either direction. */
    descending: v.optional(v.boolean(), true),
    /** Regular expression on the name. */
    filter: v.optional(v.string(), ""),
    show: v.optional(v.picklist(["all", "changed", "grown", "shrunk", "new", "gone"]), "all"),
    limit: v.optional(v.number(), 2000),
  }),
  v.object({
    view: v.literal("flame"),
    widthPx: v.number(),
    minPx: v.optional(v.number(), 1),
    maxRows: v.optional(v.number(), 2000),
    /** Call node of the comparison to zoom into; -1 for all. */
    root: v.optional(v.number(), -1),
    search: v.optional(v.string(), ""),
    /** true: leaf functions at the root (callers grow from what burns). */
    inverted: v.optional(v.boolean(), false),
  }),
  /** One function on both sides: each run's value, its callers and callees. */
  v.object({
    view: v.literal("function"),
    name: v.string(),
    /** At most so many callers, and callees. */
    limit: v.optional(v.number(), 12),
  }),
]);
export type CompareQuery = v.InferOutput<typeof compareQuerySchema>;
export type CompareQueryInput = v.InferInput<typeof compareQuerySchema>;
export type FunctionsQuery = Extract<CompareQuery, { view: "functions" }>;
export type CompareFlameQuery = Extract<CompareQuery, { view: "flame" }>;

export const changeStates = ["same", "grown", "shrunk", "new", "gone"] as const;
export type ChangeState = (typeof changeStates)[number];

/** "unknown": nobody can say how much of it is chance. */
export const certainties = ["unknown", "within", "beyond"] as const;
export type Certainty = (typeof certainties)[number];

/**
 * What the intervals go by. "runs": the spread of repeated runs on both sides; "runs-of-one": on one side, which stands
 * for the other's too; "sampling": one run a side, so that nothing but the chance of sampling is known; "counted": costs
 * that were counted once, not sampled; "none": nothing is known.
 */
export type CompareMethod = "runs" | "runs-of-one" | "sampling" | "counted" | "none";

/** Values are means of the runs, made comparable. */
export interface Change {
  readonly before: number;
  readonly after: number;
  readonly change: number;
  /** Half widths of the intervals of the three; NaN where they are not known. */
  readonly beforeHalf: number;
  readonly afterHalf: number;
  readonly changeHalf: number;
  /** Standard errors that the change is away from none; NaN where it is not known. */
  readonly sigma: number;
  readonly state: ChangeState;
  readonly certainty: Certainty;
}

/** `Change` of many rows. */
export interface ChangeColumns {
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly beforeHalf: Float64Array;
  readonly afterHalf: Float64Array;
  readonly changeHalf: Float64Array;
  readonly sigma: Float64Array;
  /** Index in `changeStates`. */
  readonly state: Uint8Array;
  /** Index in `certainties`. */
  readonly certainty: Uint8Array;
  /** What it weighs more than if it had grown as the whole did, in values as they are, not scaled. */
  readonly overweight: Float64Array;
}

export interface RunSummary {
  readonly profileId: string;
  readonly title: string;
  readonly series: string;
  /** As it is, not scaled. */
  readonly totalValue: number;
  /** null where they are not known. */
  readonly samples: number | null;
  readonly durationNs: number;
}

export interface CompareBasis {
  readonly unit: string;
  readonly by: CompareMode;
  readonly confidence: number;
  readonly method: CompareMethod;
  /** What the values of a whole side are, made comparable: shares are of these. */
  readonly wholeBefore: number;
  readonly wholeAfter: number;
}

export interface CompareSummaryTable extends CompareBasis {
  readonly view: "summary";
  readonly before: readonly RunSummary[];
  readonly after: readonly RunSummary[];
  /** The whole of a run: by time where values are compared by time, else as it is. */
  readonly total: Change;
  /** "CPU time": what is weighed. */
  readonly what: string;
  /** Functions by their own weight. */
  readonly functions: number;
  readonly states: Readonly<Record<ChangeState, number>>;
  readonly beyond: number;
  readonly within: number;
  /** Sentences, the most important first. */
  readonly verdict: readonly string[];
  /** What the intervals are worth, in words. */
  readonly basis: string;
}

export interface CompareFunctionsTable extends CompareBasis {
  readonly view: "functions";
  readonly strings: readonly string[];
  readonly length: number;
  readonly name: Int32Array;
  readonly self: ChangeColumns;
  readonly total: ChangeColumns;
  /** Rows before the limit. */
  readonly rowsInAll: number;
}

export interface CompareFlameTable extends CompareBasis {
  readonly view: "flame";
  /** Boxes as wide as the larger side, so that what is gone can be seen too. `function` is the index of a name. */
  readonly flame: FlameTable;
  readonly self: ChangeColumns;
  readonly total: ChangeColumns;
}

export interface CompareNeighbour {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

export interface CompareFunctionTable extends CompareBasis {
  readonly view: "function";
  readonly name: string;
  readonly self: Change;
  readonly total: Change;
  /** One value a run, made comparable. */
  readonly runs: Readonly<
    Record<"before" | "after", { readonly self: Float64Array; readonly total: Float64Array }>
  >;
  readonly callers: readonly CompareNeighbour[];
  readonly callees: readonly CompareNeighbour[];
}

export type CompareTable =
  | CompareSummaryTable
  | CompareFunctionsTable
  | CompareFlameTable
  | CompareFunctionTable;
export type CompareTableOf<V extends CompareTable["view"]> = Extract<CompareTable, { view: V }>;

/** What changed for sure, or of which nobody can say whether it did. */
export const isNoise = ({ certainty, state }: Pick<Change, "certainty" | "state">): boolean =>
  state === "same" || certainty === "within";

export const changeAt = (columns: ChangeColumns, row: number): Change => {
  const before = columns.before[row] ?? 0;
  const after = columns.after[row] ?? 0;
  const state = changeStates[columns.state[row] ?? 0] ?? "same";
  return {
    before,
    after,
    change: state === "same" ? 0 : after - before,
    beforeHalf: columns.beforeHalf[row] ?? Number.NaN,
    afterHalf: columns.afterHalf[row] ?? Number.NaN,
    changeHalf: columns.changeHalf[row] ?? Number.NaN,
    sigma: columns.sigma[row] ?? Number.NaN,
    state,
    certainty: certainties[columns.certainty[row] ?? 0] ?? "unknown",
  };
};

/** A comparison that is followed while its sides are read or grow. */
export interface WatchedComparison {
  readonly revision: number;
  /** 0 to 1 of all that is to be read; -1 where unknown; 1 when everything is there. */
  readonly progress: number;
  /** Sides that are still being read or recorded. */
  readonly growing: number;
  readonly table: CompareTable | null;
  readonly problem: Problem | null;
}
