import type { MemoryTable } from "./memory-table.ts";
import type { ObserverCost } from "./recording.ts";

/**
 * View tables: all a view needs to draw, a few hundred kilobytes at most however large the profile. Columns of one
 * table have the same length; `strings` holds only the texts that the table uses.
 */

export interface SelectedWeight {
  /** Unit of every value in the table. */
  readonly unit: string;
  /** Weight of the selection, after transforms. */
  readonly totalValue: number;
  readonly totalSamples: number;
  /** The series id that was used, as it can be given back in a selection. */
  readonly series: string;
}

/** Of tables whose shares are read. */
export interface SampledWeight extends SelectedWeight {
  /**
   * Samples drawn at random that the total stands for, which is what the uncertainty of its shares goes by; 0 where it was
   * counted or measured whole, and shares are exact.
   */
  readonly sampleSize: number;
}

export interface FlameTable extends SampledWeight {
  readonly view: "flame";
  readonly strings: readonly string[];
  readonly length: number;
  /** Call node id, for zoom and selection; stable while the profile grows. */
  readonly node: Int32Array;
  /** Row index of the parent, -1 for roots. Parents come before children; siblings are in the order asked for. */
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  /** Offset from the left edge, in values. */
  readonly start: Float64Array;
  readonly value: Float64Array;
  readonly self: Float64Array;
  readonly samples: Float64Array;
  readonly function: Int32Array;
  /** String indices. */
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly binary: Int32Array;
  /** Index into functionKinds. */
  readonly kind: Uint8Array;
  readonly inlined: Uint8Array;
  /** 1 where the search matches. */
  readonly matched: Uint8Array;
  /** Weight of samples with a match anywhere on the stack (each sample once). */
  readonly matchedValue: number;
  /** Weight whose innermost frames are too narrow to draw, and how many call nodes that is. */
  readonly narrowValue: number;
  readonly narrowNodes: number;
  /** Deepest row before merging. */
  readonly maxDepth: number;
  /** The row that was zoomed into, -1 for none. */
  readonly rootRow: number;
}

export interface TopTable extends SampledWeight {
  readonly view: "top";
  readonly strings: readonly string[];
  /** Of all the rows, the place of this table's first. */
  readonly firstRow: number;
  readonly length: number;
  readonly function: Int32Array;
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly binary: Int32Array;
  readonly kind: Uint8Array;
  readonly self: Float64Array;
  /** A function that is on a stack several times counts once. */
  readonly total: Float64Array;
  readonly selfSamples: Float64Array;
  readonly totalSamplesOf: Float64Array;
  readonly matched: Uint8Array;
  /** Rows before the limit and the offset. */
  readonly rowsInAll: number;
  /** Costs are those that the profiled program's own calls were counted with, not worked out from stacks. */
  readonly isExact: boolean;
  /** null where they were not counted; NaN for a function of which they were not. */
  readonly calls: Float64Array | null;
  /** Calls that were not recursive. */
  readonly primitiveCalls: Float64Array | null;
}

/** One function's calls of another, or by it. */
export interface ButterflyEdge {
  /** The other function; -1 where it is not known. */
  readonly function: number;
  readonly name: string;
  /** Of the callee when called by this caller. */
  readonly value: number;
  readonly samples: number;
  /** NaN where nobody counted them. */
  readonly calls: number;
}

export interface ButterflyFunction {
  readonly function: number;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly self: number;
  readonly total: number;
  readonly samples: number;
  readonly calls: number;
  readonly callers: readonly ButterflyEdge[];
  readonly callees: readonly ButterflyEdge[];
}

export interface ButterflyTable extends SampledWeight {
  readonly view: "butterfly";
  readonly isExact: boolean;
  readonly functions: readonly ButterflyFunction[];
  /** Functions before the limit. */
  readonly functionsInAll: number;
}

export interface ChartLane {
  /** -1 for samples of no thread. */
  readonly thread: number;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Rows of boxes. */
  readonly depth: number;
  /** Its slices are adjacent. */
  readonly firstSlice: number;
  readonly slices: number;
}

export interface ChartTable extends SelectedWeight {
  readonly view: "chart";
  /** false: the series has no times; there is nothing to show. */
  readonly timed: boolean;
  readonly startNs: number;
  readonly endNs: number;
  readonly lanes: readonly ChartLane[];
  /** Lanes before the limit. */
  readonly lanesInAll: number;
  readonly strings: readonly string[];
  readonly length: number;
  readonly lane: Int32Array;
  readonly depth: Int32Array;
  /** ns from the profile's start, within the range. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** -1 where slices of several functions, each too narrow to draw, are merged. */
  readonly function: Int32Array;
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly binary: Int32Array;
  readonly kind: Uint8Array;
  /** 1 where the search matches. */
  readonly matched: Uint8Array;
  /** How many slices it is. */
  readonly merged: Int32Array;
}

/** Something that makes a profile say less, or something else, than it seems to. */
export interface Finding {
  readonly id: string;
  readonly severity: "warn" | "info";
  readonly title: string;
  /** The numbers that it goes by, in words. */
  readonly evidence: string;
  readonly fix: string;
}

export interface AdviceTable {
  readonly view: "advice";
  /** The worst first. */
  readonly findings: readonly Finding[];
}

export interface TreeTable extends SampledWeight {
  readonly view: "tree";
  readonly strings: readonly string[];
  readonly length: number;
  /** Call node id; stable while the profile grows. Rows are in the order of reading: a node, then what it calls. */
  readonly node: Int32Array;
  /** Row of the parent, -1 for roots. */
  readonly parent: Int32Array;
  /** From 0. */
  readonly depth: Int32Array;
  readonly value: Float64Array;
  /** Bottom-up, what of the node's weight has no caller. */
  readonly self: Float64Array;
  readonly samples: Float64Array;
  readonly function: Int32Array;
  /** String indices. */
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly binary: Int32Array;
  /** Index into functionKinds. */
  readonly kind: Uint8Array;
  readonly inlined: Uint8Array;
  /** 0: a leaf, 1: closed, 2: open. */
  readonly state: Uint8Array;
  readonly matched: Uint8Array;
  /** Rows before the limit. */
  readonly rowsInAll: number;
}

export interface HeatmapTable extends SelectedWeight {
  readonly view: "heatmap";
  readonly timed: boolean;
  readonly startNs: number;
  readonly endNs: number;
  readonly columnNs: number;
  readonly columns: number;
  readonly rows: number;
  /** Column after column, each from its beginning to its end. */
  readonly values: Float32Array;
  readonly samples: Uint32Array;
  /** Largest of the values. */
  readonly largest: number;
}

export interface TimelineLane {
  /** Thread index, -1 for "all other threads". */
  readonly thread: number;
  readonly name: string;
  /** Of its process; "" for none. */
  readonly processName: string;
  readonly pid: number;
  readonly tid: number;
  readonly totalValue: number;
  /** Busy share of each bin for time-like units (1 = one CPU), else the value per bin. */
  readonly bins: Float32Array;
  /** The part of `bins` in which the asked-for function was on the stack; null when none was asked for. */
  readonly highlighted: Float32Array | null;
  /** Share of each bin in which the thread waited; null where the profile does not say for any thread. */
  readonly waiting: Float32Array | null;
}

/** What one thread did of one category: collections, waits for locks, system calls. */
export interface TimelineIntervalLane {
  readonly category: string;
  /** -1 for no thread. */
  readonly thread: number;
  readonly threadName: string;
  readonly pid: number;
  readonly tid: number;
  /** Time in all, and how many, before joining. */
  readonly totalNs: number;
  readonly intervals: number;
  /** Of `name`. */
  readonly strings: readonly string[];
  /** Boxes in the order of their starts, cut off at what is shown. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** -1 where intervals of several names are joined. */
  readonly name: Int32Array;
  /** How many intervals the box is. */
  readonly count: Int32Array;
  /** Sums by name, the longest in all first. */
  readonly names: readonly TimelineInterval[];
}

export interface TimelineInterval {
  readonly name: string;
  readonly count: number;
  readonly totalNs: number;
  readonly longestNs: number;
}

export interface TimelineCounter {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  /** Thinned to what the bins can show, first and last kept. */
  readonly time: Float64Array;
  readonly value: Float64Array;
}

export interface TimelineMark {
  readonly timeNs: number;
  readonly name: string;
  readonly category: string;
}

export interface TimelineTable extends SelectedWeight {
  readonly view: "timeline";
  readonly startNs: number;
  readonly endNs: number;
  /** Of the whole profile. */
  readonly durationNs: number;
  /** false: the profile has no times; lanes and counters are empty. */
  readonly timed: boolean;
  readonly lanes: readonly TimelineLane[];
  readonly threadsInAll: number;
  readonly intervalLanes: readonly TimelineIntervalLane[];
  readonly intervalLanesInAll: number;
  readonly counters: readonly TimelineCounter[];
  readonly marks: readonly TimelineMark[];
}

export interface SeriesInfo {
  /** As a selection and the CLI's --series take it. */
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly samples: number;
  readonly total: number;
}

export interface InfoTable {
  readonly view: "info";
  readonly format: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly command: string;
  readonly target: string;
  readonly host: string;
  readonly kernel: string;
  readonly stackMethod: string;
  readonly startedAtMs: number;
  readonly durationNs: number;
  readonly periodNs: number;
  readonly lostSamples: number;
  readonly processes: readonly { readonly pid: number; readonly name: string }[];
  readonly threads: readonly {
    readonly index: number;
    readonly pid: number;
    readonly tid: number;
    readonly name: string;
    readonly samples: number;
  }[];
  readonly series: readonly SeriesInfo[];
  readonly counters: readonly {
    readonly id: string;
    readonly name: string;
    readonly unit: string;
    readonly points: number;
  }[];
  readonly functions: number;
  readonly stacks: number;
  /** What was read, in words; `notes` say what was not. Together the fidelity note of the file. */
  readonly read: readonly string[];
  readonly notes: readonly string[];
  /** null where the profile was not recorded by a workbench that measured it. */
  readonly observer: ObserverCost | null;
  /** What fills the heap, the most retained first; empty where the profile is no heap snapshot. */
  readonly heap: readonly HeapClassRow[];
}

/** All objects of one constructor (or of another kind: "(string)"). */
export interface HeapClassRow {
  readonly name: string;
  readonly objects: number;
  readonly selfBytes: number;
  /** What would be free without all of them. */
  readonly retainedBytes: number;
}

export interface HeapObjectRow {
  /** Row in the heap's table of objects. */
  readonly object: number;
  readonly id: number;
  readonly name: string;
  readonly className: string;
  readonly selfBytes: number;
  readonly retainedBytes: number;
  /** References from the program's own roots; -1 where only the runtime's lead to it, or nothing does. */
  readonly distance: number;
  readonly isDetached: boolean;
  /** How this object refers to the one it is listed for: ".next", "[3]"; "" where it is listed for itself. */
  readonly reference: string;
}

export interface HeapTable {
  readonly view: "heap";
  readonly objects: number;
  readonly references: number;
  readonly totalBytes: number;
  readonly classes: readonly HeapClassRow[];
  /** Kinds before the limit. */
  readonly classesInAll: number;
  /** Objects of the kind that was asked for, the most retained first. */
  readonly members: readonly HeapObjectRow[];
  readonly object: HeapObjectRow | null;
  /** Who refers to the object that was asked for, the nearest to the root first. */
  readonly retainers: readonly HeapObjectRow[];
  /** The shortest way by which the object is held, from its holder up to the root. */
  readonly path: readonly HeapObjectRow[];
}

export interface GraphTable extends SelectedWeight {
  readonly view: "graph";
  readonly strings: readonly string[];
  /** Functions, the heaviest first. */
  readonly length: number;
  readonly function: Int32Array;
  /** String indices. */
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly binary: Int32Array;
  readonly kind: Uint8Array;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly samples: Float64Array;
  readonly matched: Uint8Array;
  /** Functions with weight, also those that are not shown. */
  readonly nodesInAll: number;
  /** Calls between them, the heaviest first. */
  readonly edges: {
    readonly length: number;
    /** Rows of functions. */
    readonly caller: Int32Array;
    readonly callee: Int32Array;
    readonly value: Float64Array;
    readonly samples: Float64Array;
    /** 1 where every such call went by way of functions that are not shown. */
    readonly indirect: Uint8Array;
  };
  readonly edgesInAll: number;
}

/** Addresses as the profile has them, in two halves. */
export interface AddressColumns {
  readonly length: number;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

export interface SourceTable extends SelectedWeight {
  readonly view: "source";
  /** Name of the function; "" where the profile has none of this name. */
  readonly function: string;
  readonly functionIndex: number;
  /** Index into functionKinds. */
  readonly kind: number;
  /** Line that the function starts at, -1 where it is not known. */
  readonly startLine: number;
  readonly self: number;
  readonly total: number;
  /** As the profile names it; "" where it does not say. */
  readonly file: string;
  /** Files that functions of this name are in, the most weight first. */
  readonly files: readonly string[];
  readonly binary: string;
  readonly buildId: string;
  /** Of the whole file, in order. */
  readonly length: number;
  readonly line: Int32Array;
  readonly lineSelf: Float64Array;
  /** A line that is on a stack several times counts once. */
  readonly lineTotal: Float64Array;
  readonly lineSamples: Float64Array;
  /** Name of the function that the line is part of: the one with the most weight there. String index. */
  readonly lineFunction: Int32Array;
  readonly strings: readonly string[];
  /** Weight of the file's functions in frames that do not say their line. */
  readonly unplaced: number;
  /** Where the function, not inlined, was found: its own weight with what was inlined, and that of calls from there. */
  readonly addresses: AddressColumns & {
    readonly self: Float64Array;
    /** Of calls: the address is the one that they return to. */
    readonly calls: Float64Array;
  };
  /** Some addresses of other functions of the same binary, by which its place in memory can be told. */
  readonly landmarks: AddressColumns & { readonly name: readonly string[] };
}

export interface FiltersTable {
  readonly view: "filters";
  /** Presets that match something, with the number of functions that they are about. */
  readonly presets: readonly { readonly id: string; readonly functions: number }[];
  readonly labels: readonly {
    readonly key: string;
    /** The most common texts first; empty for numbers. */
    readonly texts: readonly string[];
    readonly textsInAll: number;
    readonly isNumber: boolean;
  }[];
}

export interface LockRow {
  /** The variable's name, its class or its address; of locks without any, the function that waits. */
  readonly lock: string;
  /** "mutex", "Java monitor", "kernel lock (rwsem)" ... */
  readonly kind: string;
  /** "" where it has none. */
  readonly address: string;
  /** Waiting for work or a signal. */
  readonly isIdle: boolean;
  readonly waits: number;
  /** Of them, those that had not ended. */
  readonly open: number;
  /** That waited for it; 0 where nobody says. */
  readonly threads: number;
  readonly totalNs: number;
  readonly meanNs: number;
  /** NaN where waits were summed up before anybody saw them. */
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** Part of the run during which at least one thread waited; of untimed sums, threads waiting on average. NaN: unknown. */
  readonly share: number;
  /** The function that waited longest, outside of the libraries of locks; "" and -1 where there are no stacks. */
  readonly waiter: string;
  readonly waiterFunction: number;
  /** "name/tid" of who held it for the longest part; "" where nobody knows. */
  readonly holder: string;
  /** The function in which it was let go; "" and -1 where nobody knows. */
  readonly holderFunction: string;
  readonly holderFunctionIndex: number;
  /** Of all waiting that is known to have been for this holder function, its part. */
  readonly holderShare: number;
  /** Series of its waits and of its holders ("" for none), and what a tagfocus finds it by ("" where labels do not say). */
  readonly waitsSeries: string;
  readonly holdersSeries: string;
  readonly tag: string;
}

export interface LocksTable {
  readonly view: "locks";
  /** Of the selection. */
  readonly spanNs: number;
  readonly rows: readonly LockRow[];
  /** Rows before the limit. */
  readonly rowsInAll: number;
  /** Of contended locks, before the filter. */
  readonly waits: number;
  readonly totalNs: number;
  /** What is waiting for work or a signal, and not in `rows` unless it was asked for. */
  readonly idle: { readonly locks: number; readonly waits: number; readonly totalNs: number };
  /** Cycles of threads that wait for each other, in words. */
  readonly deadlocks: readonly string[];
  /** The profile has series of waits for locks. */
  readonly isRecorded: boolean;
}

export interface IoRow {
  /** Of the system call, the file, the peer or the calling function. */
  readonly name: string;
  /** The call, where the row is not one; of several, the first. */
  readonly call: string;
  readonly calls: number;
  readonly errors: number;
  /** NaN where durations were not recorded, or only summed up. */
  readonly totalNs: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** What reads and writes moved. */
  readonly bytes: number;
}

export interface SlowCall {
  readonly call: string;
  readonly file: string;
  readonly startNs: number;
  readonly durationNs: number;
  readonly thread: number;
}

export interface IoTable {
  readonly view: "io";
  readonly spanNs: number;
  /** As a selection takes it; "" where no system calls were recorded. */
  readonly series: string;
  readonly isTimed: boolean;
  readonly rows: readonly IoRow[];
  /** Rows before the limit. */
  readonly rowsInAll: number;
  readonly calls: number;
  readonly errors: number;
  readonly totalNs: number;
  /** Calls by duration: below the first limit, below the second ..., and from the last one up. */
  readonly bucketLimitsNs: readonly number[];
  readonly histogram: Float64Array;
  /** The slowest calls first. */
  readonly slowest: readonly SlowCall[];
}

export type ViewTable =
  | FlameTable
  | TopTable
  | ButterflyTable
  | ChartTable
  | HeatmapTable
  | TreeTable
  | AdviceTable
  | TimelineTable
  | FiltersTable
  | SourceTable
  | GraphTable
  | InfoTable
  | HeapTable
  | IoTable
  | LocksTable
  | MemoryTable;
export type TableOf<V extends ViewTable["view"]> = Extract<ViewTable, { view: V }>;
