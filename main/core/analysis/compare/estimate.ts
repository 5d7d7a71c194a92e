import { studentQuantile } from "../../base/student.ts";
import type { Certainty, Change, ChangeState, CompareMethod, CompareMode } from "../../model/compare.ts";

/** What is known of one value on one side. */
export interface SideValue {
  /** Runs, and the sum and sum of squares of their values, made comparable. */
  readonly runs: number;
  readonly sum: number;
  readonly squares: number;
  /** Samples of it in all runs; 0 where they are not known. */
  readonly count: number;
}

/** How many samples were taken and over what: nothing of it is scaled. */
export interface Exposure {
  /** "total": samples of all runs; "time": seconds; "absolute": runs. 0 where samples are not known. */
  readonly before: number;
  readonly after: number;
}

export interface Basis {
  readonly mode: CompareMode;
  readonly confidence: number;
  readonly method: CompareMethod;
  /** null where the chance of sampling is not known. */
  readonly exposure: Exposure | null;
}

/**
 * The change of a value and how far chance can explain it. Two sources of chance:
 *
 * - The runs differ. Welch's t over the runs' values: se² = s₁²/n₁ + s₂²/n₂, degrees of freedom by Welch and Satterthwaite
 *   (Welch 1947, Biometrika 34, 28-35; https://www.itl.nist.gov/div898/handbook/eda/section3/eda353.htm). Where one side has
 *   a single run, the other's spread stands for both.
 * - Samples are taken at random. Counts are Poisson's (shares of a whole: binomial), pooled over both sides, because that
 *   is what no change would mean: rate r = (a + b) / (A + B), se² = r (1/A + 1/B), of shares times (1 - r).
 *
 * Sampling is part of what makes runs differ, so the spread of runs cannot truly be smaller: where a few runs agree by
 * luck, that of sampling counts. It makes the intervals a little too wide rather than too narrow.
 */
export function changeOf(before: SideValue, after: SideValue, basis: Basis): Change {
  const meanBefore = before.sum / before.runs;
  const meanAfter = after.sum / after.runs;
  const change = meanAfter - meanBefore;
  // Scaled sums of the same weights may differ in their last digits.
  const isSame = Math.abs(change) <= 1e-9 * Math.max(Math.abs(meanBefore), Math.abs(meanAfter));
  const state: ChangeState = isSame
    ? "same"
    : meanBefore === 0
      ? "new"
      : meanAfter === 0
        ? "gone"
        : change > 0
          ? "grown"
          : "shrunk";
  const error = errorOf(before, after, basis);
  const half = quantile(basis.confidence, error.degrees) * error.size;
  const sigma = Number.isNaN(error.size) ? Number.NaN : isSame ? 0 : change / error.size;
  const isHandful = basis.exposure !== null && before.count + after.count < FEWEST_SAMPLES;
  const certainty: Certainty = Number.isNaN(half)
    ? "unknown"
    : isSame || isHandful || Math.abs(change) <= half
      ? "within"
      : "beyond";
  return {
    before: meanBefore,
    after: meanAfter,
    change: isSame ? 0 : change,
    beforeHalf: halfOf(before, basis, "before"),
    afterHalf: halfOf(after, basis, "after"),
    changeHalf: half,
    sigma: isHandful ? 0 : sigma,
    state,
    certainty,
  };
}

/** With fewer on both sides together no approximation holds: such a change is never called one. */
const FEWEST_SAMPLES = 5;

interface StandardError {
  /** NaN where it is not known. */
  readonly size: number;
  readonly degrees: number;
}

function errorOf(before: SideValue, after: SideValue, basis: Basis): StandardError {
  const { method } = basis;
  const sampled = samplingError(before, after, basis);
  if (method === "sampling") return { size: sampled, degrees: Number.POSITIVE_INFINITY };
  if (method === "counted" || method === "none") return { size: Number.NaN, degrees: 1 };
  const floor = Number.isNaN(sampled) ? 0 : sampled;
  if (method === "runs-of-one") {
    const repeated = before.runs > 1 ? before : after;
    const size = Math.sqrt(varianceOf(repeated) * (1 / before.runs + 1 / after.runs));
    return { size: Math.max(size, floor), degrees: repeated.runs - 1 };
  }
  const ofBefore = varianceOf(before) / before.runs;
  const ofAfter = varianceOf(after) / after.runs;
  const together = ofBefore + ofAfter;
  const degrees =
    together > 0
      ? together ** 2 / (ofBefore ** 2 / (before.runs - 1) + ofAfter ** 2 / (after.runs - 1))
      : before.runs + after.runs - 2;
  const size = Math.sqrt(together);
  // Where the floor counts, how the runs' own spread was come by says nothing of it.
  return floor > size ? { size: floor, degrees: before.runs + after.runs - 2 } : { size, degrees };
}

const varianceOf = ({ runs, sum, squares }: SideValue): number => {
  const variance = (squares - (sum * sum) / runs) / (runs - 1);
  // What rounding leaves of values that are the same.
  return variance > 1e-12 * (sum / runs) ** 2 ? variance : 0;
};

function samplingError(before: SideValue, after: SideValue, { mode, exposure }: Basis): number {
  if (exposure === null) return Number.NaN;
  const count = before.count + after.count;
  if (count === 0) return 0;
  const rate = count / (exposure.before + exposure.after);
  const spread = mode === "total" ? rate * Math.max(0, 1 - rate) : rate;
  return unitOf(before, after, exposure) * Math.sqrt(spread * (1 / exposure.before + 1 / exposure.after));
}

/** What one sample an exposure is worth, in values. */
function unitOf(before: SideValue, after: SideValue, exposure: Exposure): number {
  const count = before.count + after.count;
  const weighed = (before.sum / before.runs) * exposure.before + (after.sum / after.runs) * exposure.after;
  return count > 0 ? Math.abs(weighed) / count : 0;
}

/** Half the interval of one side's own value. */
function halfOf(side: SideValue, basis: Basis, name: "before" | "after"): number {
  const { method, exposure, mode, confidence } = basis;
  const sampled = (): number => {
    if (exposure === null) return Number.NaN;
    if (side.count === 0) return 0;
    const rate = side.count / exposure[name];
    const spread = mode === "total" ? rate * Math.max(0, 1 - rate) : rate;
    return (Math.abs(side.sum / side.runs) / rate) * Math.sqrt(spread / exposure[name]);
  };
  if (side.runs < 2 || method === "sampling")
    return method === "counted" || method === "none"
      ? Number.NaN
      : quantile(confidence, Number.POSITIVE_INFINITY) * sampled();
  const floor = sampled();
  const size = Math.max(Math.sqrt(varianceOf(side) / side.runs), Number.isNaN(floor) ? 0 : floor);
  return quantile(confidence, side.runs - 1) * size;
}

const known = new Map<string, number>();

/** Degrees of freedom between whole numbers are as many as there are rows: to a hundredth they are few. */
function quantile(confidence: number, degrees: number): number {
  if (!(degrees > 0)) return Number.NaN;
  const rounded = Number.isFinite(degrees) ? Math.max(0.5, Math.round(degrees * 100) / 100) : degrees;
  const key = `${confidence} ${rounded}`;
  let value = known.get(key);
  if (value === undefined) {
    if (known.size > 10_000) known.clear();
    value = studentQuantile(confidence, rounded);
    known.set(key, value);
  }
  return value;
}
