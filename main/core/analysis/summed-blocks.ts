import type { ArrayPool } from "./array-pool.ts";
import { addPart, CHUNK_SAMPLES, NodeSorter, type PartSums, type SampleColumns } from "./node-sorter.ts";
import type { Sums } from "./sample-sums.ts";
import type { ChosenSeries } from "./series.ts";

/**
 * Sums of parts of a large series: of blocks of samples (for ranges of time) and of threads. They are made when they are
 * first asked for.
 */

/** Samples in a block of each level: each is a whole number of those of the level before. */
const LEVELS = [CHUNK_SAMPLES, CHUNK_SAMPLES << 4, CHUNK_SAMPLES << 7] as const;
/** Smaller series are quick enough as they are. */
export const LARGE_SAMPLES = 2 * LEVELS[1];

/** Parts added up. */
export function sumParts(parts: readonly PartSums[], nodes: number, pool: ArrayPool): Sums {
  const samples = pool.zeros(nodes);
  const filled = parts.filter((part) => part.node.length > 0);
  const weight = filled[0]?.weight ?? 1;
  let value: Float64Array;
  if (filled.every((part) => part.value === null && part.weight === weight)) {
    // One array to jump about in instead of two.
    for (const { node, samples: counts } of filled)
      for (let i = 0; i < node.length; i++) samples[node[i]] += counts[i];
    value = pool.take(nodes);
    for (let node = 0; node < nodes; node++) value[node] = samples[node] * weight;
  } else {
    value = pool.zeros(nodes);
    for (const part of filled) addPart(part, value, samples);
  }
  return {
    value,
    samples,
    bareValue: parts.reduce((all, part) => all + part.bareValue, 0),
    bareSamples: parts.reduce((all, part) => all + part.bareSamples, 0),
    isShared: false,
  };
}

export const columnsOf = ({ series, value }: ChosenSeries, nodeOf: Int32Array): SampleColumns => ({
  stack: series.stack,
  nodeOf,
  data: value.data,
});

/** Several parts as one. */
class Merger {
  #value = new Float64Array(0);
  #samples = new Int32Array(0);

  merge(parts: readonly PartSums[], nodes: number): PartSums {
    if (nodes > this.#samples.length) {
      this.#value = new Float64Array(nodes);
      this.#samples = new Int32Array(nodes);
    }
    const sums = this.#value;
    const counts = this.#samples;
    const weight = parts[0]?.weight ?? 1;
    const isSame = parts.every((part) => part.value === null && part.weight === weight);
    let first = nodes;
    let last = -1;
    for (const part of parts) {
      const { node, samples } = part;
      for (let i = 0; i < node.length; i++) counts[node[i]] += samples[i];
      if (!isSame)
        for (let i = 0; i < node.length; i++)
          sums[node[i]] += part.value === null ? samples[i] * part.weight : part.value[i];
      if (node.length === 0) continue;
      first = Math.min(first, node[0]);
      last = Math.max(last, node[node.length - 1]);
    }
    let distinct = 0;
    for (let at = first; at <= last; at++) if (counts[at] > 0) distinct++;
    const node = new Int32Array(distinct);
    const samples = new Int32Array(distinct);
    const value = isSame ? null : new Float64Array(distinct);
    let row = 0;
    for (let at = first; at <= last; at++) {
      const count = counts[at];
      if (count === 0) continue;
      node[row] = at;
      samples[row] = count;
      counts[at] = 0;
      if (value !== null) {
        value[row] = sums[at];
        sums[at] = 0;
      }
      row++;
    }
    return {
      node,
      samples,
      value,
      weight,
      bareValue: parts.reduce((all, part) => all + part.bareValue, 0),
      bareSamples: parts.reduce((all, part) => all + part.bareSamples, 0),
    };
  }
}

/** A block of samples [from, to) and its sums. */
export interface SummedBlock {
  readonly from: number;
  readonly to: number;
  readonly part: PartSums;
}

/** Sums of whole blocks of one value of a series. Those of a growing series are full before they are summed. */
export class BlockSums {
  readonly #levels: readonly PartSums[][] = LEVELS.map(() => []);
  readonly #sorter = new NodeSorter();
  readonly #merger = new Merger();

  /** All at once, of what is full: the first question about a range waits, and no later one does. */
  extend(columns: SampleColumns, length: number, nodes: number): void {
    LEVELS.forEach((size, level) => {
      const parts = this.#levels[level] ?? [];
      const smaller = this.#levels[level - 1];
      while ((parts.length + 1) * size <= length) {
        const from = parts.length * size;
        if (smaller === undefined) {
          parts.push(this.#sorter.sum(columns, from, from + size));
          continue;
        }
        const each = LEVELS[level - 1] ?? size;
        parts.push(this.#merger.merge(smaller.slice(from / each, (from + size) / each), nodes));
      }
    });
  }

  /** The blocks that begin at a sample, the largest first. */
  *at(sample: number): Iterable<SummedBlock> {
    for (let level = LEVELS.length - 1; level >= 0; level--) {
      const size = LEVELS[level] ?? 0;
      const part = sample % size === 0 ? this.#levels[level]?.[sample / size] : undefined;
      if (part) yield { from: sample, to: sample + size, part };
    }
  }
}

/** Sums of each thread of one value of a series; what has come since is left to be added sample by sample. */
export class ThreadSums {
  /** At a thread's index plus one. */
  #threads: readonly PartSums[] = [];
  /** Samples that are in. */
  #done = 0;

  /** The sums of all threads up to a sample, which is given too. */
  upTo(
    chosen: ChosenSeries,
    threads: number,
    nodes: number,
    nodeOf: Int32Array,
  ): { readonly threads: readonly PartSums[]; readonly done: number } {
    const { length } = chosen.series;
    if (length - this.#done > Math.max(LEVELS[1], this.#done / 4))
      this.#rebuild(chosen, threads, nodes, nodeOf);
    return { threads: this.#threads, done: this.#done };
  }

  #rebuild(chosen: ChosenSeries, threads: number, nodes: number, nodeOf: Int32Array): void {
    const { stack, thread, length } = chosen.series;
    const { data } = chosen.value;
    const starts = new Int32Array(threads + 2);
    for (let sample = 0; sample < length; sample++) starts[thread[sample] + 2]++;
    for (let lane = 1; lane < starts.length; lane++) starts[lane] += starts[lane - 1];
    const next = starts.slice();
    // Sorted by thread first, so that each thread is read from one end to the other.
    const stacks = new Int32Array(length);
    const weights = data === null ? null : new Float64Array(length);
    for (let sample = 0; sample < length; sample++) {
      const place = next[thread[sample] + 1]++;
      stacks[place] = stack[sample];
      if (weights !== null && data !== null) weights[place] = data[sample];
    }
    const columns: SampleColumns = { stack: stacks, nodeOf, data: weights };
    const sorter = new NodeSorter();
    const merger = new Merger();
    this.#threads = Array.from({ length: threads + 1 }, (_, lane) => {
      const end = starts[lane + 1];
      const parts: PartSums[] = [];
      for (let from = starts[lane]; from < end; from += CHUNK_SAMPLES)
        parts.push(sorter.sum(columns, from, Math.min(end, from + CHUNK_SAMPLES)));
      const [only] = parts;
      return only !== undefined && parts.length === 1 ? only : merger.merge(parts, nodes);
    });
    this.#done = length;
  }
}
