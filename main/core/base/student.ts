/**
 * Student's t distribution: how sure a difference of a few measurements is. Abramowitz and Stegun 26.5 and 26.7; the
 * incomplete beta function by its continued fraction (https://dlmf.nist.gov/8.17.E22), with Lentz's method.
 */

/** Chance that |t| is at least so large where there is no difference. Infinite degrees of freedom: the normal distribution. */
export function studentTwoSided(t: number, degrees: number): number {
  if (Number.isNaN(t) || !(degrees > 0)) return Number.NaN;
  if (!Number.isFinite(t)) return 0;
  if (degrees > MOST_DEGREES) return erfc(Math.abs(t) / Math.SQRT2);
  return incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

/** What |t| exceeds by chance once in 1 / (1 - confidence): 1.96 for 0.95 and infinite degrees of freedom. */
export function studentQuantile(confidence: number, degrees: number): number {
  if (!(degrees > 0) || !(confidence > 0 && confidence < 1)) return Number.NaN;
  const chance = 1 - confidence;
  let low = 0;
  let high = 1;
  while (studentTwoSided(high, degrees) > chance) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, degrees) > chance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** From here on the normal distribution is the same to seven digits. */
const MOST_DEGREES = 1e7;

function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(a, b, x)) / a
    : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

const MOST_TERMS = 10_000;
const TINY = 1e-300;

function betaFraction(a: number, b: number, x: number): number {
  const apart = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/** Lanczos' approximation (g = 7, nine terms), for x > 0: https://www.numerical.recipes/ chapter 6.1 has the method. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const at = x - 1;
  const sum = LANCZOS.reduce((all, term, i) => (i === 0 ? term : all + term / (at + i)), 0);
  const base = at + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(base) - base + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** By the same incomplete gamma functions as Student's: 2 (1 - Φ(x √2)). */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 200 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  // https://dlmf.nist.gov/7.9.E1, from the back.
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
