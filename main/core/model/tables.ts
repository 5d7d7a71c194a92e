import type { MemoryTable } from "./memory-table.ts";
import type { ObserverCost } from "./recording.ts";
import type { SampledWeight, SelectedWeight } from "./table-weights.ts";
import type { TimelineTable } from "./timeline-table.ts";
import type { IoTable, LocksTable } from "./waits-tables.ts";

/**
 * View tables: all a view needs to draw, a few hundred kilobytes at most however large the profile. Columns of one
 * table have the same length; `strings` holds only the texts that the table uses.
 */

export type * from "./table-weights.ts";
export type * from "./timeline-table.ts";
export type * from "./waits-tables.ts";

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

/** What became of the objects of one kind between two snapshots of a program. */
export interface HeapDiffRow {
  readonly name: string;
  readonly objectsBefore: number;
  readonly objectsAfter: number;
  /** In the later snapshot only. */
  readonly newObjects: number;
  readonly newBytes: number;
  /** In the earlier snapshot only. */
  readonly goneObjects: number;
  readonly goneBytes: number;
  /** What objects that are in both have grown. */
  readonly grownBytes: number;
  /** After less before. */
  readonly deltaBytes: number;
}

export interface HeapDiffTable {
  readonly rows: readonly HeapDiffRow[];
  /** Kinds before the filter. */
  readonly rowsInAll: number;
  readonly beforeBytes: number;
  readonly afterBytes: number;
  /** false: no object is in both, so that they are not of one run. */
  readonly isOneRun: boolean;
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
