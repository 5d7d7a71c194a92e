/** What the tables of weights have in common. */

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
