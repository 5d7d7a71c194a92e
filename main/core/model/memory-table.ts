/** The name of a series' value where a JVM tells no sizes of its objects: the bytes that there are at least. */
export const LEAST_SIZE = "least size";

/** Objects of a class that were sampled at a place and are still there. */
export interface MemoryObjects {
  readonly type: string;
  readonly objects: number;
  readonly bytes: number;
  /** Age of the oldest. */
  readonly oldestNs: number;
  /** What refers to one of them, from the nearest to the root; empty where nobody looked. */
  readonly keptBy: readonly string[];
}

/** A place that allocates: the innermost call that is no allocator's own, and its line. */
export interface MemorySite {
  /** Function index. */
  readonly function: number;
  readonly name: string;
  readonly file: string;
  /** Line of the allocation, or -1. */
  readonly line: number;
  readonly binary: string;
  /** Index into functionKinds. */
  readonly kind: number;
  /** The stack that allocated most, outermost first. */
  readonly path: readonly string[];
  /** Distinct stacks. */
  readonly stacks: number;
  /** At the end of the range. */
  readonly liveBytes: number;
  readonly liveBlocks: number;
  /** Within the range: what was allocated and is still there, less what was there before and is not. */
  readonly grownBytes: number;
  readonly grownBlocks: number;
  readonly allocatedBytes: number;
  readonly allocations: number;
  readonly freedBytes: number;
  readonly temporary: number;
  /** Of the moment when most was in use, in the whole profile. */
  readonly peakBytes: number;
  /** Bytes a second over the range, by a straight line through it. */
  readonly ratePerS: number;
  /** 0 to 1: how steadily it grows, and how little of what it allocates is freed. NaN without times. */
  readonly suspicion: number;
  /** By class, the most first; empty where the profile has no objects. */
  readonly objects: readonly MemoryObjects[];
}

/** A counter of memory over the range. */
export interface MemoryCounter {
  readonly id: string;
  readonly name: string;
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly peakBytes: number;
  readonly ratePerS: number;
}

/** Blocks of [fromBytes, toBytes). */
export interface MemorySizeClass {
  readonly fromBytes: number;
  readonly toBytes: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** How often a page was not there, on average and at most; `major`: it had to be read from a disk. */
export interface PageFaults {
  readonly perS: number;
  readonly mostPerS: number;
  readonly majorPerS: number;
  readonly mostMajorPerS: number;
}

export interface MemoryTable {
  readonly view: "memory";
  /** Series ids as a selection takes them; "" for what the profile does not tell. All of them "": counters only. */
  readonly liveSeries: string;
  readonly allocatedSeries: string;
  readonly peakSeries: string;
  /** What the series that is looked at is called. */
  readonly source: string;
  readonly startNs: number;
  readonly endNs: number;
  /** What lives is a sample of the objects that do: its bytes are fewer than there are, and say nothing about what was freed. */
  readonly sampledObjects: boolean;
  /** Sizes of objects were not told: bytes are the least that there are (an array's elements, 16 bytes of any other). */
  readonly leastSizes: boolean;
  /** null where nobody counted them in the range. */
  readonly pageFaults: PageFaults | null;
  /** false: the profile says how much, not when. */
  readonly timed: boolean;
  /** What was alive over the whole time, by the stacks that are selected. */
  readonly curveTime: Float64Array;
  readonly curveBytes: Float64Array;
  /** -1 where unknown. */
  readonly peakAtNs: number;
  readonly peakBytes: number;
  readonly liveAtStartBytes: number;
  readonly liveAtEndBytes: number;
  readonly liveAtEndBlocks: number;
  readonly allocatedBytes: number;
  readonly allocations: number;
  readonly freedBytes: number;
  readonly temporary: number;
  readonly ratePerS: number;
  readonly counters: readonly MemoryCounter[];
  /** By the mean size of what a place allocated at a time. */
  readonly sizes: readonly MemorySizeClass[];
  readonly sites: readonly MemorySite[];
  readonly sitesInAll: number;
  readonly suppressed: readonly {
    readonly name: string;
    readonly sites: number;
    readonly liveBytes: number;
    readonly liveBlocks: number;
  }[];
}
