import { NBSP } from "./numbers.ts";

/** 95 %: two-sided quantile of the normal distribution. */
const Z = 1.959964;

/**
 * Where the true share lies with 95 % certainty, when `hits` of `samples` taken at random hit: Wilson's score interval,
 * which holds for few samples and for shares near 0 and 1. E. B. Wilson 1927, Journal of the American Statistical
 * Association 22, 209-212; https://www.itl.nist.gov/div898/handbook/prc/section2/prc241.htm. 0 to 1 where nothing was
 * sampled.
 */
export function wilsonInterval(hits: number, samples: number): readonly [low: number, high: number] {
  if (!(samples > 0)) return [0, 1];
  const share = Math.min(1, Math.max(0, hits / samples));
  const square = (Z * Z) / samples;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / samples + square / (4 * samples));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Of whom a share is told: what it is a share of, and how many samples that was drawn with (0: none, it is exact). */
interface SharedWhole {
  readonly totalValue: number;
  readonly sampleSize: number;
}

/**
 * Where the true share lies with 95 % certainty; null for an exact one. The share is by weight, its uncertainty by
 * samples: that each sample weighs as much as the others is near enough for a sampling profiler.
 */
export function shareInterval(
  value: number,
  { totalValue, sampleSize }: SharedWhole,
): readonly [low: number, high: number] | null {
  if (!(sampleSize > 0) || !(totalValue > 0)) return null;
  return wilsonInterval((value / totalValue) * sampleSize, sampleSize);
}

/** "28.4–33.7 %"; "" for an exact share. */
export function formatInterval(value: number, whole: SharedWhole): string {
  const interval = shareInterval(value, whole);
  if (interval === null) return "";
  const [low, high] = interval.map((share) => 100 * share) as [number, number];
  const digits = high < 0.1 ? 2 : 1;
  const text = (percent: number): string =>
    percent === 0 || percent === 100 ? String(percent) : percent.toFixed(digits);
  return `${text(low)}–${text(high)}${NBSP}%`;
}

/** For a tooltip, and for who hears it. */
export function intervalWords(value: number, whole: SharedWhole): string {
  const interval = formatInterval(value, whole);
  return interval === "" ? "" : `95 % certain: ${interval}`;
}
