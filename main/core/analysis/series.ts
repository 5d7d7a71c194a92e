import { throwProblem } from "../base/result.ts";
import type { Profile, Series, SeriesValue } from "../model/profile.ts";

/** One value of one series: what every view counts. */
export interface ChosenSeries {
  readonly series: Series;
  readonly value: SeriesValue;
  /** As a selection takes it. */
  readonly id: string;
  readonly unit: string;
}

export const seriesId = (series: Series, value: SeriesValue): string =>
  series.values.length === 1 ? series.id : `${series.id}/${value.name}`;

/** Every (series, value) of a profile, in the order of the file. */
export const allSeries = (profile: Profile): ChosenSeries[] =>
  profile.series.flatMap((series) =>
    series.values.map((value) => ({ series, value, id: seriesId(series, value), unit: value.unit })),
  );

/** Of snapshots that each are a series (massif's), the one that is looked at first. */
export const PEAK_SERIES = "peak";

function firstOf(all: readonly ChosenSeries[]): ChosenSeries | null {
  const first = all.find(({ series }) => series.kind !== "trace") ?? all[0] ?? null;
  const isSnapshot = first?.series.kind === "heap" && first.series.time === null;
  return (isSnapshot ? all.find(({ series }) => series.id === PEAK_SERIES) : undefined) ?? first;
}

/** "" is the first that is not only a trace of the kernel's events; "id" the first value of a series; "id/value" one of its values. null: no series at all. */
export function chooseSeries(profile: Profile, id: string): ChosenSeries | null {
  const all = allSeries(profile);
  if (id === "") return firstOf(all);
  const found = all.find((each) => each.id === id) ?? all.find((each) => each.series.id === id);
  if (found) return found;
  const there = all.map((each) => each.id).join(", ");
  return throwProblem(
    "no-such-series",
    `There is no series ${JSON.stringify(id)} in this profile.`,
    there === "" ? "The profile has no series." : `Choose one of: ${there}.`,
  );
}
