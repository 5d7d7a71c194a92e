import type { SelectedWeight } from "./table-weights.ts";

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
  /** Of a series of waits: share of each bin in which the thread ran; null where the profile does not say for any thread. */
  readonly running: Float32Array | null;
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
  /** `bins` are time off the processor, not on it. */
  readonly showsWaits: boolean;
  readonly threadsInAll: number;
  readonly intervalLanes: readonly TimelineIntervalLane[];
  readonly intervalLanesInAll: number;
  readonly counters: readonly TimelineCounter[];
  readonly marks: readonly TimelineMark[];
}
