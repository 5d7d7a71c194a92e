import { BARE, DROPPED, type PathStep, type Paths, plainPaths } from "../model/path-steps.ts";
import type { Profile } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";
import { transformPaths } from "../model/transform-paths.ts";
import { selectedSamples } from "./selected-samples.ts";
import { type ChosenSeries, chooseSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

/** What a selection weighs by frame, where call trees only know functions. */
export interface FrameWeights {
  readonly chosen: ChosenSeries | null;
  /** Items are frames. */
  readonly paths: Paths;
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly samples: Float64Array;
  readonly totalValue: number;
  readonly totalSamples: number;
  /** Functions that stand for a whole binary or file. */
  readonly renamed: ReadonlyMap<number, number>;
}

export function frameWeights(weigher: Weigher, profile: Profile, selection: Selection): FrameWeights {
  const chosen = chooseSeries(profile, selection.series);
  const { prefix, frame, length } = profile.stacks;
  const { paths, map, keepsBare, renamed } = transformPaths(
    profile,
    { length, parent: prefix, item: frame },
    { functionOf: profile.frames.function, newTree: plainPaths },
    selection.transforms,
    {
      step: (_, make): PathStep => make(),
      flags: (of, pattern, where) => weigher.flags(of, pattern, where),
    },
  );
  const self = new Float64Array(paths.length);
  const selfSamples = new Float64Array(paths.length);
  let bareValue = 0;
  let bareSamples = 0;
  if (chosen) {
    const { series, value } = chosen;
    const { data } = value;
    const { from, to, range, threads, labels } = selectedSamples(
      profile,
      series,
      weigher.times(chosen),
      selection,
    );
    const { time, stack } = series;
    for (let sample = from; sample < to; sample++) {
      if (range !== null && time !== null && !(time[sample] >= range[0] && time[sample] < range[1])) continue;
      if (threads !== null && threads[series.thread[sample] + 1] !== 1) continue;
      if (labels !== null && labels[series.labels === null ? 0 : series.labels[sample] + 1] !== 1) continue;
      const weight = data === null ? 1 : data[sample];
      const at = stack[sample];
      const node = at === -1 ? BARE : map === null ? at : map[at];
      if (node === DROPPED || (node === BARE && !keepsBare)) continue;
      if (node === BARE) {
        bareValue += weight;
        bareSamples++;
        continue;
      }
      self[node] += weight;
      selfSamples[node]++;
    }
  }
  const total = self.slice();
  const samples = selfSamples.slice();
  let totalValue = bareValue;
  let totalSamples = bareSamples;
  const { parent } = paths;
  for (let node = total.length - 1; node >= 0; node--) {
    const above = parent[node];
    if (above === -1) {
      totalValue += total[node];
      totalSamples += samples[node];
      continue;
    }
    total[above] += total[node];
    samples[above] += samples[node];
  }
  return { chosen, paths, self, total, samples, totalValue, totalSamples, renamed };
}
