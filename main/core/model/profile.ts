import type { ObserverCost } from "./recording.ts";

/**
 * The one model for every source: columns, all of the same length within a table, -1 for "none", parents before
 * children, read-only once built. Nothing walks a tree recursively: stacks can be thousands of frames deep.
 *
 * Times are float64 nanoseconds from the profile's start. Names are data from a file: never HTML, never a path to
 * open, never a shell word.
 */

/** What a function is. Stored as a byte; the order is part of the session format: append only. */
export const functionKinds = [
  "native",
  "kernel",
  "python",
  "java",
  "go",
  "node",
  "jit",
  "ruby",
  "runtime",
  "gc",
  "idle",
  "unknown",
  "root",
] as const;
export type FunctionKind = (typeof functionKinds)[number];

export const kindIndex = (kind: FunctionKind): number => functionKinds.indexOf(kind);
export const kindAt = (index: number): FunctionKind => functionKinds[index] ?? "unknown";

/** Files that were mapped into a process: executables, libraries, the kernel. */
export interface BinaryTable {
  readonly length: number;
  /** String index of the path as the tool wrote it. */
  readonly path: Int32Array;
  /** String index of the build id in hex, or -1. */
  readonly buildId: Int32Array;
}

export interface FunctionTable {
  readonly length: number;
  /** String index. */
  readonly name: Int32Array;
  /** Binary index, or -1. */
  readonly binary: Int32Array;
  /** String index of the source file, or -1. */
  readonly file: Int32Array;
  /** Line the function starts at, or -1. */
  readonly line: Int32Array;
  /** Index into functionKinds. */
  readonly kind: Uint8Array;
}

/** A place in a function. Two addresses of one function are two frames; views merge them by function. */
export interface FrameTable {
  readonly length: number;
  readonly function: Int32Array;
  /** The address in two halves (a kernel address does not fit a float64); both 0xffffffff for none. */
  readonly addressHigh: Uint32Array;
  readonly addressLow: Uint32Array;
  readonly line: Int32Array;
  readonly column: Int32Array;
  /** 0 for a real frame; n for the n-th function inlined into it. */
  readonly inlineDepth: Int32Array;
  /**
   * String index of the symbol as the file has it, where the function's name is only a part of it ("LazyCompile:*hot
   * /app/a.js:2"); -1 where they are the same. Missing where they are the same everywhere.
   */
  readonly symbol?: Int32Array;
}

/** One prefix tree shared by every series. `prefix` is always smaller than the stack's own index. */
export interface StackTable {
  readonly length: number;
  /** Stack index of the caller, or -1 at a root. */
  readonly prefix: Int32Array;
  readonly frame: Int32Array;
}

export interface ProcessTable {
  readonly length: number;
  readonly pid: Int32Array;
  readonly name: Int32Array;
  /** ns from the profile's start, NaN where unknown. */
  readonly start: Float64Array;
  readonly end: Float64Array;
}

export interface ThreadTable {
  readonly length: number;
  readonly process: Int32Array;
  readonly tid: Int32Array;
  readonly name: Int32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/** Sets of labels, interned: a row is one label, `set` says which set it belongs to (rows of a set are adjacent). */
export interface LabelTable {
  readonly length: number;
  readonly set: Int32Array;
  readonly key: Int32Array;
  /** String index, or -1 for a numeric label. */
  readonly text: Int32Array;
  readonly number: Float64Array;
  /** String index of the number's unit, or -1. */
  readonly unit: Int32Array;
}

export interface SeriesValue {
  /** As the file names it: "period", "alloc_space". */
  readonly name: string;
  /** "nanoseconds", "bytes", "count", "samples", "cycles" ... */
  readonly unit: string;
  /** null: every sample counts 1. */
  readonly data: Float64Array | null;
}

/**
 * Who called whom, as call-graph formats (callgrind, gprof, pstats) say it: exact, where the stacks of such a series
 * are worked out from it. Rows are arcs.
 */
export interface CallTable {
  readonly length: number;
  /** Function index, or -1 where the file does not say who called. */
  readonly caller: Int32Array;
  readonly callee: Int32Array;
  /** Line of the call in the caller's file, or -1. */
  readonly line: Int32Array;
  readonly calls: Float64Array;
  /** What the calls cost in all, callees included; one column for each value of the series. */
  readonly values: readonly Float64Array[];
}

/** What each function cost, as the file says it. */
export interface FunctionCostTable {
  readonly length: number;
  readonly function: Int32Array;
  /** NaN where the file does not say. */
  readonly calls: Float64Array;
  /** Calls that were not recursive; NaN where the file does not say. */
  readonly primitiveCalls: Float64Array;
  /** One column for each value of the series. */
  readonly self: readonly Float64Array[];
  /** Callees included, in the way of the format's own tool. */
  readonly inclusive: readonly Float64Array[];
}

export interface ExactCosts {
  readonly calls: CallTable;
  readonly functions: FunctionCostTable;
}

/** One event source: its samples, in the order of the file. */
export interface Series {
  /** Stable within the profile, as the file names it: "cpu-clock", "inuse". */
  readonly id: string;
  readonly name: string;
  /** What the event measures, for the choice of colours, words and default views. */
  readonly kind: SeriesKind;
  readonly length: number;
  /** ns from the profile's start; null for formats without times. */
  readonly time: Float64Array | null;
  /** Thread index, or -1. */
  readonly thread: Int32Array;
  /** Stack index, or -1 for an empty stack. */
  readonly stack: Int32Array;
  /** Label set, or -1; null where no sample has labels. */
  readonly labels: Int32Array | null;
  /** The first is the one views start with. Never empty. */
  readonly values: readonly SeriesValue[];
  /** null for formats with stacks of their own. */
  readonly exact: ExactCosts | null;
}

export const seriesKinds = [
  "cpu",
  "wall",
  "offcpu",
  "alloc",
  "heap",
  "lock",
  "syscall",
  "io",
  "trace",
  "other",
] as const;
export type SeriesKind = (typeof seriesKinds)[number];

export interface IntervalTable {
  readonly length: number;
  readonly start: Float64Array;
  /** NaN where it had not ended. */
  readonly end: Float64Array;
  readonly thread: Int32Array;
  readonly category: Int32Array;
  readonly name: Int32Array;
  readonly stack: Int32Array;
  /** String index of a JSON object with what else is known, or -1. */
  readonly args: Int32Array;
}

export interface Counter {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly length: number;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** The objects of a heap snapshot. Edges of a node are adjacent: `firstEdge[n]` up to `firstEdge[n + 1]`. */
export interface HeapNodeTable {
  readonly length: number;
  /** String index: "object", "closure", "array". */
  readonly type: Int32Array;
  readonly name: Int32Array;
  /** The runtime's own number of the object, the same in later snapshots. */
  readonly id: Float64Array;
  readonly selfSizeBytes: Float64Array;
  /** One longer than the table. */
  readonly firstEdge: Int32Array;
  /** 1: cut off from what can be seen (a DOM node outside of the document). */
  readonly detached: Uint8Array;
  /** Stack index of where it was allocated, or -1. */
  readonly stack: Int32Array;
}

export interface HeapEdgeTable {
  readonly length: number;
  /** String index: "property", "element", "context", "weak". */
  readonly type: Int32Array;
  /** String index of the property, or -1 for an element. */
  readonly name: Int32Array;
  /** Index of an element, or -1. */
  readonly index: Int32Array;
  readonly to: Int32Array;
}

/** Node 0 is the root. */
export interface HeapGraph {
  readonly nodes: HeapNodeTable;
  readonly edges: HeapEdgeTable;
}

/** What only who recorded knows: no tool's file says it. */
export interface RecordedFacts {
  /** On average; null where it could not be measured. */
  readonly observer: ObserverCost | null;
  /** Was the program built with optimisation? null: cannot be told. */
  readonly optimised: boolean | null;
  /** Switches of the program's runtime that matter to profilers. */
  readonly flags: readonly string[];
}

/** What was recorded, by what, where and how. Empty texts where the file does not say. */
export interface ProfileMeta {
  /** Importer id. */
  readonly format: string;
  readonly tool: string;
  readonly toolVersion: string;
  /** The exact command line of the profiler, argv joined for reading only. */
  readonly command: string;
  /** What was profiled, in words: "nginx 2314". */
  readonly target: string;
  readonly host: string;
  readonly kernel: string;
  /** "fp", "dwarf", "lbr", "v8" ... how stacks were taken. */
  readonly stackMethod: string;
  /** Wall-clock time of the profile's start, ms since the epoch; -1 where unknown. */
  readonly startedAtMs: number;
  /** Time zero on the recording's own clock, whole seconds and nanoseconds; both -1 where untimed. */
  readonly originSeconds: number;
  readonly originNanos: number;
  /** Last time in the profile, ns; 0 where untimed. */
  readonly durationNs: number;
  /** ns between samples as asked for; -1 where unknown. */
  readonly periodNs: number;
  /** Samples the tool says it lost. */
  readonly lostSamples: number;
  /** What could not be read or is not what it seems, in words. Every view of a profile with notes says so. */
  readonly notes: readonly string[];
  /** Missing in files of other tools, and in sessions of older versions. */
  readonly recorded?: RecordedFacts;
}

export interface Profile {
  readonly strings: readonly string[];
  readonly binaries: BinaryTable;
  readonly functions: FunctionTable;
  readonly frames: FrameTable;
  readonly stacks: StackTable;
  readonly processes: ProcessTable;
  readonly threads: ThreadTable;
  readonly labels: LabelTable;
  readonly series: readonly Series[];
  readonly intervals: IntervalTable;
  readonly counters: readonly Counter[];
  /** null where the profile is no heap snapshot. */
  readonly heap: HeapGraph | null;
  readonly meta: ProfileMeta;
}
