/** What changed between two profiles: tables for views, reports and the command line. */

export type DiffMode = "absolute" | "total" | "time";

export type DiffState = "new" | "gone" | "grown" | "shrunk" | "same";

export interface DiffChange {
  readonly before: number;
  readonly after: number;
  readonly change: number;
  readonly state: DiffState;
  /** Standard errors that the change is away from none; NaN where it is not known. */
  readonly sigma: number;
}

/** One function, each sample once in its total. */
export interface DiffRow {
  readonly name: string;
  readonly self: DiffChange;
  readonly total: DiffChange;
}

/** What a differential flame graph draws: boxes wide enough for both sides, each with what it was and is. */
export interface DiffFlameRow {
  readonly name: string;
  /** Row of the caller, -1 at a root. */
  readonly parent: number;
  readonly depth: number;
  /** Left edge and width, in values: a box is as wide as the larger side, so what is gone can be seen too. */
  readonly start: number;
  readonly width: number;
  readonly self: DiffChange;
  readonly total: DiffChange;
}

export interface DiffFlameTable {
  readonly unit: string;
  readonly width: number;
  readonly rows: readonly DiffFlameRow[];
  /** Call nodes that are too narrow to draw. */
  readonly narrowNodes: number;
}

/** A change that is at least so many standard errors is shown as one: chance alone makes one row in 370 look like it. */
export const SIGNIFICANT_SIGMA = 3;

/** A change that chance does not explain, or of which nobody can say. */
export const isAboveNoise = ({ sigma, state }: DiffChange): boolean =>
  state !== "same" && !(Math.abs(sigma) < SIGNIFICANT_SIGMA);
