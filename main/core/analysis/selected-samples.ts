import { float64, type Growable } from "../model/growable.ts";
import { labelSetFlags } from "../model/label-filter.ts";
import type { Profile, Series } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";

const BLOCK = 4096;

/**
 * First and last time of every block of samples of a growing series. Threads are written one after the other, so times
 * are only nearly in order; blocks outside a range need no look all the same.
 */
export class SampleTimes {
  readonly #first: Growable<Float64Array> = float64();
  readonly #last: Growable<Float64Array> = float64();
  #done = 0;

  /** [from, to): all samples in [startNs, endNs] are in it, and not many others. */
  span(time: Float64Array, startNs: number, endNs: number): readonly [number, number] {
    this.#extend(time);
    const firsts = this.#first.view();
    const lasts = this.#last.view();
    let from = 0;
    while (from < firsts.length && (firsts[from] > endNs || lasts[from] < startNs)) from++;
    let to = firsts.length;
    while (to > from && (firsts[to - 1] > endNs || lasts[to - 1] < startNs)) to--;
    return [from * BLOCK, Math.min(to * BLOCK, time.length)];
  }

  /** Where samples [from, to), whole blocks, lie: 1 all in [startNs, endNs), -1 none, 0 some. */
  relation(time: Float64Array, from: number, to: number, startNs: number, endNs: number): -1 | 0 | 1 {
    this.#extend(time);
    const firsts = this.#first.view();
    const lasts = this.#last.view();
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let block = from / BLOCK; block < to / BLOCK; block++) {
      if (firsts[block] < first) first = firsts[block];
      if (lasts[block] > last) last = lasts[block];
    }
    if (first >= startNs && last < endNs) return 1;
    return last < startNs || first >= endNs ? -1 : 0;
  }

  #extend(time: Float64Array): void {
    for (; this.#done < time.length; this.#done++) {
      const at = time[this.#done];
      const block = Math.floor(this.#done / BLOCK);
      if (block === this.#first.length) {
        this.#first.push(at);
        this.#last.push(at);
        continue;
      }
      if (at < this.#first.at(block)) this.#first.set(block, at);
      if (at > this.#last.at(block)) this.#last.set(block, at);
    }
  }
}

/** Which samples a selection takes: those of [from, to) that are in the range and of a wanted thread. */
export interface SelectedSamples {
  readonly from: number;
  readonly to: number;
  readonly range: readonly [number, number] | null;
  /** 1 for wanted threads, at their index plus one; null for all. */
  readonly threads: Uint8Array | null;
  /** 1 for wanted sets of labels, at their index plus one; null for all. */
  readonly labels: Uint8Array | null;
}

export function selectedSamples(
  profile: Profile,
  series: Series,
  times: SampleTimes,
  selection: Selection,
): SelectedSamples {
  const range = series.time === null ? null : rangeOf(profile, selection);
  const [from, to] =
    range === null || series.time === null ? [0, series.length] : times.span(series.time, range[0], range[1]);
  return {
    from,
    to,
    range,
    threads: threadFlags(profile, selection),
    labels: labelSetFlags(profile, selection.transforms),
  };
}

/** 1 for wanted threads, at their index plus one, as samples without a thread have -1; null for all. */
export function threadFlags(profile: Profile, selection: Selection): Uint8Array | null {
  if (selection.threads === null && selection.processes === null) return null;
  const { length, process } = profile.threads;
  const flags = new Uint8Array(length + 1);
  if (selection.threads === null) flags.fill(1);
  else for (const thread of selection.threads) flags[thread + 1] = 1;
  if (selection.processes === null) return flags;
  const wanted = new Set(selection.processes);
  flags[0] = 0;
  for (let thread = 0; thread < length; thread++) if (!wanted.has(process[thread])) flags[thread + 1] = 0;
  return flags;
}

/** [start, end) of a selection. What ends where the profile does, and "the last n ns", has the newest row too. */
function rangeOf(profile: Profile, selection: Selection): readonly [number, number] | null {
  if (selection.rangeNs !== null) {
    const [start, end] = selection.rangeNs;
    return [start, end >= profile.meta.durationNs ? Number.POSITIVE_INFINITY : end];
  }
  if (selection.lastNs === null) return null;
  return [profile.meta.durationNs - selection.lastNs, Number.POSITIVE_INFINITY];
}
