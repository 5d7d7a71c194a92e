import { DROPPED } from "../model/path-steps.ts";
import type { Profile } from "../model/profile.ts";
import type { HeatmapQuery } from "../model/query.ts";
import type { HeatmapTable } from "../model/tables.ts";
import { pickSamples } from "./picked-samples.ts";
import { chooseSeries } from "./series.ts";
import type { Weigher } from "./weigh.ts";

/**
 * Samples by second and part of the second, as FlameScope draws them: what happens each second at the same place, or
 * once, shows as a line or a spot. https://github.com/Netflix/flamescope
 */
export function heatmap(weigher: Weigher, profile: Profile, query: HeatmapQuery): HeatmapTable {
  const { selection } = query;
  const chosen = chooseSeries(profile, selection.series);
  const time = chosen?.series.time ?? null;
  const end = profile.meta.durationNs;
  const asked = selection.rangeNs ?? [
    selection.lastNs === null ? 0 : Math.max(0, end - selection.lastNs),
    end,
  ];
  const rows = Math.max(1, Math.floor(query.rows));
  const most = Math.max(1, Math.floor(query.maxColumns));
  const startNs = Math.max(0, asked[0]);
  const endNs = Math.max(startNs, Math.min(asked[1], end));
  // Whole seconds more for long profiles, so that a column stays a round time.
  const times = Math.max(1, Math.ceil((endNs - startNs) / query.columnNs / most));
  const columnNs = query.columnNs * times;
  const columns = Math.max(1, Math.ceil((endNs - startNs) / columnNs));
  const values = new Float64Array(columns * rows);
  const samples = new Uint32Array(columns * rows);
  let totalValue = 0;
  let totalSamples = 0;
  if (chosen && time !== null) {
    const data = chosen.value.data;
    const picked = pickSamples(weigher, profile, chosen, selection);
    for (let sample = picked.from; sample < picked.to; sample++) {
      const at = time[sample];
      if (at < startNs || at > endNs || picked.nodeOf(sample) === DROPPED) continue;
      const column = Math.min(columns - 1, Math.floor((at - startNs) / columnNs));
      const row = Math.min(rows - 1, Math.floor(((at - startNs - column * columnNs) / columnNs) * rows));
      const cell = column * rows + row;
      const value = data === null ? 1 : data[sample];
      values[cell] += value;
      samples[cell]++;
      totalValue += value;
      totalSamples++;
    }
  }
  let largest = 0;
  for (const value of values) largest = Math.max(largest, value);
  return {
    view: "heatmap",
    series: chosen?.id ?? "",
    unit: chosen?.unit ?? "samples",
    totalValue,
    totalSamples,
    timed: time !== null,
    startNs,
    endNs,
    columnNs,
    columns,
    rows,
    values: Float32Array.from(values),
    samples,
    largest,
  };
}
