import type { SeriesInfo } from "#core/model/tables.ts";

const unitWords: Readonly<Record<string, string>> = { nanoseconds: "time", count: "counts" };

/** Values of one event share its name: then the unit tells them apart, or where that is the same too, the value's own name. */
export function seriesTitle({ id, name, unit }: SeriesInfo, all: readonly SeriesInfo[]): string {
  const ofName = all.filter((each) => each.name === name);
  if (ofName.length === 1) return name;
  const isOnlyOfUnit = ofName.filter((each) => each.unit === unit).length === 1;
  return `${name} · ${isOnlyOfUnit ? (unitWords[unit] ?? unit) : id.slice(id.lastIndexOf("/") + 1)}`;
}
