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
