import type { DiffMode } from "../model/diff-tables.ts";
import type { DiffSide } from "./diff.ts";

/** By what the two sides are compared. */
export interface DiffScale {
  readonly mode: DiffMode;
  /** What the values after are multiplied with. */
  readonly factor: number;
  /** Values of the whole; `after` is scaled. */
  readonly totalBefore: number;
  readonly totalAfter: number;
  /** Samples of the whole; 0 where they are not known. */
  readonly countBefore: number;
  readonly countAfter: number;
  readonly secondsBefore: number;
  readonly secondsAfter: number;
}

/**
 * "total": as if there were as much after as before, as `pprof -normalize`. "time": as if it had been recorded as long
 * after as before. 1 where there is nothing to go by.
 */
export function scaleOf(before: DiffSide, after: DiffSide, mode: DiffMode): DiffScale {
  const ratio = (left: number, right: number): number => (left > 0 && right > 0 ? left / right : 1);
  const factor =
    mode === "total"
      ? ratio(before.tree.totalValue, after.tree.totalValue)
      : mode === "time"
        ? ratio(before.durationNs, after.durationNs)
        : 1;
  const isCounted = before.counts !== null && after.counts !== null;
  return {
    mode,
    factor,
    totalBefore: before.tree.totalValue,
    totalAfter: after.tree.totalValue * factor,
    countBefore: isCounted ? (before.counts?.totalValue ?? 0) : 0,
    countAfter: isCounted ? (after.counts?.totalValue ?? 0) : 0,
    secondsBefore: before.durationNs / 1e9,
    secondsAfter: after.durationNs / 1e9,
  };
}

/**
 * How many standard errors the change of a count is away from no change, samples being taken at random:
 *
 *     absolute  (a - b) / sqrt(a + b)                    the difference of two Poisson counts
 *     time      (a/Ta - b/Tb) / sqrt(a/Ta² + b/Tb²)      the same of two rates
 *     total     (a/A - b/B) / sqrt(p (1 - p) (1/A + 1/B)), p = (a + b) / (A + B)   two binomial shares, pooled
 *
 * Przyborowski and Wilenski 1940, Biometrika 31, 313-323; the normal approximations as in NIST's handbook of statistical
 * methods, 7.3.3 (https://www.itl.nist.gov/div898/handbook/prc/section3/prc33.htm). With fewer than about five samples on
 * both sides together no approximation holds: such a change is never called one.
 */
export function sigmaOf(before: number, after: number, scale: DiffScale): number {
  const { countBefore, countAfter, secondsBefore, secondsAfter } = scale;
  if (countBefore === 0 || countAfter === 0) return Number.NaN;
  if (before + after < FEWEST_SAMPLES) return 0;
  if (scale.mode === "absolute") return (after - before) / Math.sqrt(after + before);
  if (scale.mode === "time") {
    if (!(secondsBefore > 0 && secondsAfter > 0)) return Number.NaN;
    return (
      (after / secondsAfter - before / secondsBefore) /
      Math.sqrt(after / secondsAfter ** 2 + before / secondsBefore ** 2)
    );
  }
  const pooled = (before + after) / (countBefore + countAfter);
  const variance = pooled * (1 - pooled) * (1 / countBefore + 1 / countAfter);
  return variance > 0 ? (after / countAfter - before / countBefore) / Math.sqrt(variance) : 0;
}

const FEWEST_SAMPLES = 5;
