import type { SeriesKind } from "./profile.ts";

/**
 * What a comparison takes from a profile: a selection's call tree by names, as columns. Names alone: files, lines and
 * addresses move between two builds of a program.
 */
export interface WeighedTree {
  /** As a selection takes it. */
  readonly series: string;
  readonly kind: SeriesKind;
  readonly unit: string;
  /** Weight in all, samples without a stack included. */
  readonly totalValue: number;
  /** Samples in all; null where nothing was sampled, or the file does not tell how often. */
  readonly totalCount: number | null;
  /** How long the samples took to collect; 0 where unknown. */
  readonly durationNs: number;
  /** Costs were counted, not sampled: there is no noise of sampling. */
  readonly isExact: boolean;
  /** Of the call nodes; parents come before children. */
  readonly length: number;
  readonly parent: Int32Array;
  /** Index in `names`. */
  readonly name: Int32Array;
  readonly self: Float64Array;
  /** Samples whose innermost frame is the node; empty where they are not known. */
  readonly selfCount: Float64Array;
  readonly names: readonly string[];
}
