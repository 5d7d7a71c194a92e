import type { SeriesInfo } from "#core/model/tables.ts";

const unitWords: Readonly<Record<string, string>> = { nanoseconds: "time", count: "counts" };

const ownName = ({ id }: SeriesInfo): string => id.slice(id.lastIndexOf("/") + 1);

/**
 * Values of one event share its name: then the unit tells them apart, or where that is the same too, the value's own name.
 * An event that is named after one of its values (pprof's) adds nothing to their own names.
 */
export function seriesTitle(series: SeriesInfo, all: readonly SeriesInfo[]): string {
  const { name, unit } = series;
  const ofName = all.filter((each) => each.name === name);
  if (ofName.length === 1) return name;
  if (ofName.some((each) => ownName(each) === name)) return ownName(series);
  const isOnlyOfUnit = ofName.filter((each) => each.unit === unit).length === 1;
  return `${name} · ${isOnlyOfUnit ? (unitWords[unit] ?? unit) : ownName(series)}`;
}
