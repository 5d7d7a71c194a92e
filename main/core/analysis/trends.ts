/** A range is looked at in so many parts. */
const PARTS = 24;

/** Slope of the straight line through points, by least squares; 0 where there is none. */
export function lineThrough(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const count = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < count; i++) {
    meanX += (x[i] ?? 0) / count;
    meanY += (y[i] ?? 0) / count;
  }
  let above = 0;
  let below = 0;
  for (let i = 0; i < count; i++) {
    const fromMean = (x[i] ?? 0) - meanX;
    above += fromMean * ((y[i] ?? 0) - meanY);
    below += fromMean * fromMean;
  }
  return below > 0 ? above / below : 0;
}

/** How what lives at each place changes over a range of time. */
export class Trends {
  readonly #parts: number;
  readonly #startNs: number;
  readonly #widthNs: number;
  readonly #changes: Float64Array;
  readonly #all: Float64Array;
  readonly #middles: Float64Array;

  /** `time`: of all samples; of fewer moments than parts each is a part. */
  constructor(places: number, time: Float64Array | null, startNs: number, endNs: number) {
    this.#parts = partsFor(time, startNs, endNs);
    this.#startNs = startNs;
    this.#widthNs = (endNs - startNs) / this.#parts;
    this.#changes = new Float64Array(places * this.#parts);
    this.#all = new Float64Array(this.#parts);
    this.#middles = Float64Array.from({ length: this.#parts }, (_, part) => (part + 0.5) * this.#widthNs);
  }

  add(place: number, timeNs: number, bytes: number): void {
    if (bytes === 0 || !(this.#widthNs > 0)) return;
    const part = Math.min(this.#parts - 1, Math.max(0, Math.floor((timeNs - this.#startNs) / this.#widthNs)));
    const at = place * this.#parts + part;
    this.#changes[at] = (this.#changes[at] ?? 0) + bytes;
    this.#all[part] = (this.#all[part] ?? 0) + bytes;
  }

  /** Bytes a second. */
  rateOf(place: number): number {
    return this.#rate(this.#changes.subarray(place * this.#parts, (place + 1) * this.#parts));
  }

  rateOfAll(): number {
    return this.#rate(this.#all);
  }

  #rate(changes: Float64Array): number {
    if (this.#parts < 2) return 0;
    let sum = 0;
    const levels = changes.map((change) => {
      sum += change;
      return sum;
    });
    return lineThrough(this.#middles, levels) * 1e9;
  }

  /** Share of the parts in which more was kept than given back, 0 to 1: what was made once is no leak, and counts 0. */
  steadinessOf(place: number): number {
    if (this.#parts === 1) return 1;
    let grew = 0;
    for (let part = 0; part < this.#parts; part++)
      if ((this.#changes[place * this.#parts + part] ?? 0) > 0) grew++;
    return Math.max(0, grew - 1) / (this.#parts - 1);
  }
}

function partsFor(time: Float64Array | null, startNs: number, endNs: number): number {
  if (time === null) return 1;
  const moments = new Set<number>();
  for (const at of time) {
    if (at >= startNs && at <= endNs) moments.add(at);
    if (moments.size > PARTS) return PARTS;
  }
  return Math.max(1, moments.size);
}
