import * as v from "valibot";
import { noOrders } from "./io-order.ts";
import { transformSchema } from "./transform.ts";

export type { Transform } from "./transform.ts";

/**
 * What a view asks of a profile, as plain data. The JSON of a query is its cache key. Indices (threads, call
 * nodes) are those of the profile and stay valid while it grows.
 */

export const selectionSchema = v.object({
  /** "" for the profile's first; "id" or "id/value" where a series has several values. */
  series: v.optional(v.string(), ""),
  /** [start, end) in ns from the profile's start. */
  rangeNs: v.optional(v.nullable(v.tuple([v.number(), v.number()])), null),
  /** Only the last so many ns, counted back from the newest sample; null for all. With rangeNs: rangeNs wins. */
  lastNs: v.optional(v.nullable(v.number()), null),
  /** Thread indices; null for all. */
  threads: v.optional(v.nullable(v.array(v.number())), null),
  /** Process indices; null for all. With threads: both must hold. */
  processes: v.optional(v.nullable(v.array(v.number())), null),
  transforms: v.optional(v.array(transformSchema), []),
  /** Highlights, never filters. A pattern that does not compile is a problem "bad-pattern". */
  search: v.optional(v.string(), ""),
});
export type Selection = v.InferOutput<typeof selectionSchema>;

export const everything: Selection = {
  series: "",
  rangeNs: null,
  lastNs: null,
  threads: null,
  processes: null,
  transforms: [],
  search: "",
};

export const memorySorts = [
  "suspicion",
  "live",
  "grown",
  "allocated",
  "freed",
  "rate",
  "peak",
  "temporary",
  "name",
] as const;
export type MemorySort = (typeof memorySorts)[number];
export const lockSorts = [
  "total",
  "share",
  "waits",
  "threads",
  "mean",
  "p50",
  "p99",
  "max",
  "lock",
  "kind",
] as const;
export const ioSorts = ["total", "calls", "errors", "mean", "p99", "max", "bytes", "name"] as const;
/** What the lines of a source file cost, and the instructions of one function. */
export const sourceQuerySchema = v.object({
  view: v.literal("source"),
  selection: selectionSchema,
  /** Exact name of the function whose file is wanted. */
  function: v.string(),
  /** Of the files that functions of this name are in: the one to show; "" for the one with the most weight. */
  file: v.optional(v.string(), ""),
});

export const querySchema = v.variant("view", [
  v.object({
    view: v.literal("flame"),
    selection: selectionSchema,
    /** Frames narrower than minPx at this width are merged into their parent's "too narrow" weight. */
    widthPx: v.number(),
    minPx: v.optional(v.number(), 1),
    /** At most so many rows in the table, the widest first; what is cut is counted as too narrow. */
    maxRows: v.optional(v.number(), 2000),
    /** Siblings from left to right: by name, so that nothing jumps as a recording grows, or the heaviest first. */
    order: v.optional(v.picklist(["name", "weight"]), "name"),
    /** Call node to zoom into: its ancestors are given at full width. -1 for all. */
    root: v.optional(v.number(), -1),
    /** true: leaf functions at the root (callers grow from what burns). */
    inverted: v.optional(v.boolean(), false),
  }),
  v.object({
    view: v.literal("top"),
    selection: selectionSchema,
    sort: v.optional(v.picklist(["self", "total", "name"]), "self"),
    descending: v.optional(v.boolean(), true),
    /** Regular expression on name, file or binary: only matching rows. */
    filter: v.optional(v.string(), ""),
    limit: v.optional(v.number(), 1000),
    /** Rows before the first that is given: a long table is shown by windows. */
    offset: v.optional(v.number(), 0),
  }),
  v.object({
    view: v.literal("timeline"),
    selection: selectionSchema,
    bins: v.number(),
    /** At most so many lanes, the busiest threads first. */
    maxLanes: v.optional(v.number(), 32),
    /** At most so many lanes of intervals, those that last longest in all first. */
    maxIntervalLanes: v.optional(v.number(), 24),
    /** Lights up where this function (index) ran; -1 for none. */
    function: v.optional(v.number(), -1),
  }),
  /** Functions with their callers and callees. */
  v.object({
    view: v.literal("butterfly"),
    selection: selectionSchema,
    /** Exact name; null for all whose name matches `pattern`. */
    function: v.optional(v.nullable(v.string()), null),
    pattern: v.optional(v.string(), ""),
    /** At most so many functions, the most expensive first. */
    functions: v.optional(v.number(), 1),
    /** At most so many callers, and callees, of each. */
    limit: v.optional(v.number(), 1000),
  }),
  /** Stacks in the order of time; the selection's time range is what is shown. */
  v.object({
    view: v.literal("chart"),
    selection: selectionSchema,
    widthPx: v.number(),
    /** Slices narrower than this are merged with their neighbours. */
    minPx: v.optional(v.number(), 1),
    /** At most so many lanes, the threads with the most samples first. */
    maxLanes: v.optional(v.number(), 32),
    maxDepth: v.optional(v.number(), 256),
  }),
  /** Samples by second and part of the second. */
  v.object({
    view: v.literal("heatmap"),
    selection: selectionSchema,
    /** Parts of a column. */
    rows: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(1000)), 50),
    columnNs: v.optional(v.pipe(v.number(), v.minValue(1000)), 1e9),
    /** Of longer profiles a column is a whole number of times as long. */
    maxColumns: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(10_000)), 1000),
  }),
  /** The call tree as a table, of which only the nodes that were opened show what they call. */
  v.object({
    view: v.literal("tree"),
    selection: selectionSchema,
    /** true: bottom-up, from the functions that burn to their callers. */
    inverted: v.optional(v.boolean(), false),
    /** Call nodes whose children are shown; ids hold for the same transforms and direction. */
    open: v.optional(v.array(v.number()), []),
    /** Opens the heaviest child of this node, its heaviest child, and so on: -1 from the top, null for none. */
    follow: v.optional(v.nullable(v.number()), null),
    sort: v.optional(v.picklist(["total", "self", "name"]), "total"),
    descending: v.optional(v.boolean(), true),
    /** At most so many rows, in the order of reading. */
    limit: v.optional(v.number(), 20_000),
  }),
  /** What the profile holds to filter by: presets that would change something, and labels. */
  v.object({ view: v.literal("filters") }),
  /** Who calls whom, of the functions and calls above a share of the whole. */
  v.object({
    view: v.literal("graph"),
    selection: selectionSchema,
    /** From 0 to 1. */
    minNodeShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.005),
    minEdgeShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.001),
    /** The heaviest, where more are above the share. */
    maxNodes: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(500)), 80),
  }),
  sourceQuerySchema,
  v.object({ view: v.literal("info") }),
  /** What may mislead the reader of the profile. */
  v.object({ view: v.literal("advice"), series: v.optional(v.string(), "") }),
  /** One row a lock that was waited for. */
  v.object({
    view: v.literal("locks"),
    selection: selectionSchema,
    sort: v.optional(v.picklist(lockSorts), "total"),
    descending: v.optional(v.boolean(), true),
    /** Regular expression on lock, kind, waiting function and holder: only matching rows. */
    filter: v.optional(v.string(), ""),
    /** Also what is waiting for work or a signal: condition variables, idle pools. */
    idle: v.optional(v.boolean(), false),
    limit: v.optional(v.number(), 1000),
  }),
  /** System calls: how often, how long, how many failed. */
  v.object({
    view: v.literal("io"),
    selection: selectionSchema,
    /** One row a system call, a file, a peer of sockets, or the function that called. */
    by: v.optional(v.picklist(["call", "file", "peer", "stack"]), "call"),
    sort: v.optional(v.picklist(ioSorts), "total"),
    descending: v.optional(v.boolean(), true),
    /** Regular expression on names: only matching rows. */
    filter: v.optional(v.string(), ""),
    /** Also calls that wait for whatever comes next: futex, poll, sleep. */
    waiting: v.optional(v.boolean(), false),
    /** Of what is open, of disks and of threads: a column, with - in front from the largest; "" for as they are by themselves. */
    orders: v.optional(v.object({ open: v.string(), disk: v.string(), thread: v.string() }), noOrders),
    limit: v.optional(v.number(), 1000),
  }),
  v.object({
    view: v.literal("heap"),
    sort: v.optional(v.picklist(["retained", "self", "objects", "name"]), "retained"),
    /** Regular expression on the name of the kind: only matching rows. */
    filter: v.optional(v.string(), ""),
    /** At most so many rows in each list. */
    limit: v.optional(v.number(), 1000),
    /** A kind whose objects are wanted; null for none. */
    members: v.optional(v.nullable(v.string()), null),
    /** An object (row of the heap) of which to tell who holds it; -1 for none. */
    object: v.optional(v.number(), -1),
  }),
  /** Allocations by the place that made them, and what of them lives; the selection's time range is looked at as a change. */
  v.object({
    view: v.literal("memory"),
    selection: selectionSchema,
    sort: v.optional(v.picklist(memorySorts), "suspicion"),
    descending: v.optional(v.boolean(), true),
    /** Regular expression on the name or file of a place: only matching rows. */
    filter: v.optional(v.string(), ""),
    /** Rules as LeakSanitizer and valgrind take them, or an expression a line: what they match is left out and summed up. */
    suppressions: v.optional(v.pipe(v.string(), v.maxLength(1 << 20)), ""),
    /** At most so many rows. */
    limit: v.optional(v.number(), 500),
    /** Points of the curve. */
    bins: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(2000)), 300),
  }),
]);
export type Query = v.InferOutput<typeof querySchema>;
export type QueryInput = v.InferInput<typeof querySchema>;
export type FlameQuery = Extract<Query, { view: "flame" }>;
export type TopQuery = Extract<Query, { view: "top" }>;
export type ButterflyQuery = Extract<Query, { view: "butterfly" }>;
export type ChartQuery = Extract<Query, { view: "chart" }>;
export type AdviceQuery = Extract<Query, { view: "advice" }>;
export type IoQuery = Extract<Query, { view: "io" }>;
export type LocksQuery = Extract<Query, { view: "locks" }>;
export type TreeQuery = Extract<Query, { view: "tree" }>;
export type HeatmapQuery = Extract<Query, { view: "heatmap" }>;
export type MemoryQuery = Extract<Query, { view: "memory" }>;
export type HeapQuery = Extract<Query, { view: "heap" }>;
export type GraphQuery = Extract<Query, { view: "graph" }>;
export type SourceQuery = Extract<Query, { view: "source" }>;
export type TimelineQuery = Extract<Query, { view: "timeline" }>;
