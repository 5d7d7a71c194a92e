/** Samples that are sorted and summed at a time: small enough to stay in a processor's own cache. */
export const CHUNK_SAMPLES = 1 << 14;

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/**
 * Sums by call node in ascending order. Adding them up runs through memory from one end to the other, where sample after
 * sample would jump about in arrays that are larger than any cache.
 */
export interface PartSums {
  readonly node: Int32Array;
  /** null: every sample weighs `weight`, as with a fixed period. */
  readonly value: Float64Array | null;
  readonly weight: number;
  readonly samples: Int32Array;
  readonly bareValue: number;
  readonly bareSamples: number;
}

/** What is to be summed: `nodeOf[stack[i]]` and `data[i]` of samples [from, to). */
export interface SampleColumns {
  readonly stack: Int32Array;
  readonly nodeOf: Int32Array;
  /** null: every sample weighs 1. */
  readonly data: Float64Array | null;
}

/** Sorts a chunk of samples by node: a radix sort, least digit first. */
export class NodeSorter {
  #keys = new Int32Array(CHUNK_SAMPLES);
  #otherKeys = new Int32Array(CHUNK_SAMPLES);
  #weights = new Float64Array(CHUNK_SAMPLES);
  #otherWeights = new Float64Array(CHUNK_SAMPLES);
  readonly #starts = new Int32Array(DIGITS);

  /** Of at most CHUNK_SAMPLES samples. */
  sum({ stack, nodeOf, data }: SampleColumns, from: number, to: number): PartSums {
    const keys = this.#keys;
    const weights = this.#weights;
    const weight = data === null || to === from ? 1 : data[from];
    let isSame = true;
    let count = 0;
    let largest = 0;
    let bareValue = 0;
    let bareSamples = 0;
    for (let sample = from; sample < to; sample++) {
      const own = data === null ? 1 : data[sample];
      if (own !== weight) isSame = false;
      const at = stack[sample];
      if (at === -1) {
        bareValue += own;
        bareSamples++;
        continue;
      }
      const node = nodeOf[at];
      if (node > largest) largest = node;
      keys[count] = node;
      weights[count] = own;
      count++;
    }
    for (let shift = 0; shift < 32 && largest >>> shift > 0; shift += DIGIT_BITS)
      this.#pass(count, shift, isSame);
    return { ...this.#collapse(count, isSame), weight, bareValue, bareSamples };
  }

  #pass(count: number, shift: number, isSame: boolean): void {
    const keys = this.#keys;
    const weights = this.#weights;
    const otherKeys = this.#otherKeys;
    const otherWeights = this.#otherWeights;
    const starts = this.#starts.fill(0);
    for (let i = 0; i < count; i++) starts[(keys[i] >>> shift) & (DIGITS - 1)]++;
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const own = starts[digit];
      starts[digit] = start;
      start += own;
    }
    for (let i = 0; i < count; i++) {
      const key = keys[i];
      const place = starts[(key >>> shift) & (DIGITS - 1)]++;
      otherKeys[place] = key;
      if (!isSame) otherWeights[place] = weights[i];
    }
    this.#keys = otherKeys;
    this.#otherKeys = keys;
    this.#weights = otherWeights;
    this.#otherWeights = weights;
  }

  #collapse(count: number, isSame: boolean): Pick<PartSums, "node" | "value" | "samples"> {
    const keys = this.#keys;
    const weights = this.#weights;
    let distinct = 0;
    for (let i = 0; i < count; i++) if (i === 0 || keys[i] !== keys[i - 1]) distinct++;
    const node = new Int32Array(distinct);
    const samples = new Int32Array(distinct);
    const value = isSame ? null : new Float64Array(distinct);
    let at = -1;
    for (let i = 0; i < count; i++) {
      if (i === 0 || keys[i] !== keys[i - 1]) node[++at] = keys[i];
      samples[at]++;
      if (value !== null) value[at] += weights[i];
    }
    return { node, value, samples };
  }
}

/** Adds a part to sums by node. */
export function addPart(part: PartSums, value: Float64Array, samples: Float64Array): void {
  const { node, value: values, weight, samples: counts } = part;
  if (values === null)
    for (let i = 0; i < node.length; i++) {
      const at = node[i];
      const count = counts[i];
      value[at] += count * weight;
      samples[at] += count;
    }
  else
    for (let i = 0; i < node.length; i++) {
      const at = node[i];
      value[at] += values[i];
      samples[at] += counts[i];
    }
}
