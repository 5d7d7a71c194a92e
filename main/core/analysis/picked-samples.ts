import { BARE, DROPPED } from "../model/path-steps.ts";
import type { Profile } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";
import type { CallTree } from "./call-tree.ts";
import { selectedSamples } from "./selected-samples.ts";
import type { ChosenSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

export interface PickedSamples {
  readonly tree: CallTree;
  readonly renamed: ReadonlyMap<number, number>;
  /** Samples between these, for which `nodeOf` tells more. */
  readonly from: number;
  readonly to: number;
  /** Node of `tree`; BARE without a stack, DROPPED where the sample is not selected. */
  nodeOf(sample: number): number;
}

/** The samples of a selection one by one, for views over time. */
export function pickSamples(
  weigher: Weigher,
  profile: Profile,
  chosen: ChosenSeries,
  selection: Selection,
): PickedSamples {
  const { series } = chosen;
  const { map: ofStack } = weigher.stackTree(profile);
  const { tree, map, keepsBare, renamed } = weigher.transformed(profile, selection.transforms);
  const { from, to, range, threads, labels } = selectedSamples(
    profile,
    series,
    weigher.times(chosen),
    selection,
  );
  const { stack, thread, time } = series;
  const sets = series.labels;
  const bare = keepsBare ? BARE : DROPPED;
  const nodeOf = (sample: number): number => {
    if (range !== null && time !== null && !(time[sample] >= range[0] && time[sample] < range[1]))
      return DROPPED;
    if (threads !== null && threads[thread[sample] + 1] !== 1) return DROPPED;
    if (labels !== null && labels[sets === null ? 0 : sets[sample] + 1] !== 1) return DROPPED;
    if (stack[sample] === -1) return bare;
    const node = ofStack[stack[sample]];
    return map === null ? node : map[node];
  };
  return { tree, renamed, from, to, nodeOf };
}
