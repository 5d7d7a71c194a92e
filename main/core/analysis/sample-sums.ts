import { addPart, CHUNK_SAMPLES, NodeSorter } from "./node-sorter.ts";
import type { ChosenSeries } from "./series.ts";

/** Weight and samples by call node, and of samples without a stack. */
export interface Sums {
  readonly value: Float64Array;
  readonly samples: Float64Array;
  readonly bareValue: number;
  readonly bareSamples: number;
  /** They go on growing: a copy must be kept. */
  readonly isShared: boolean;
}

/** The sums of all samples of one growing series: each sample is added once, however often they are asked for. */
export class SampleSums {
  #value = new Float64Array(0);
  #samples = new Float64Array(0);
  #bareValue = 0;
  #bareSamples = 0;
  #done = 0;

  /** Valid until the next call; never to be written to. */
  extend(chosen: ChosenSeries, nodes: number, nodeOf: Int32Array): Sums {
    if (nodes > this.#value.length) {
      this.#value = grown(this.#value, nodes);
      this.#samples = grown(this.#samples, nodes);
    }
    const { stack, length } = chosen.series;
    const data = chosen.value.data;
    const value = this.#value;
    const samples = this.#samples;
    const sorter = length - this.#done > CHUNK_SAMPLES ? new NodeSorter() : null;
    const columns = { stack, nodeOf, data };
    for (; sorter !== null && this.#done < length; this.#done += CHUNK_SAMPLES) {
      const part = sorter.sum(columns, this.#done, Math.min(length, this.#done + CHUNK_SAMPLES));
      addPart(part, value, samples);
      this.#bareValue += part.bareValue;
      this.#bareSamples += part.bareSamples;
    }
    if (sorter !== null) this.#done = length;
    for (let sample = this.#done; sample < length; sample++) {
      const weight = data === null ? 1 : data[sample];
      const at = stack[sample];
      if (at === -1) {
        this.#bareValue += weight;
        this.#bareSamples++;
        continue;
      }
      const node = nodeOf[at];
      value[node] += weight;
      samples[node]++;
    }
    this.#done = Math.max(this.#done, length);
    return {
      value: value.subarray(0, nodes),
      samples: samples.subarray(0, nodes),
      bareValue: this.#bareValue,
      bareSamples: this.#bareSamples,
      isShared: true,
    };
  }
}

function grown(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(Math.max(length, values.length + (values.length >> 1)));
  next.set(values);
  return next;
}
