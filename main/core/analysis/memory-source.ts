import { LEAST_SIZE } from "../model/memory-table.ts";
import type { Profile, Series } from "../model/profile.ts";
import { OBJECTS_SERIES } from "./memory-objects.ts";
import { PEAK_SERIES, seriesId } from "./series.ts";

/** What the values of a series mean, by the names that tools and formats give them; -1 for what it does not have. */
export interface MemorySource {
  readonly series: Series;
  /** Bytes that were not freed. Samples with times are changes: their sum up to a time is what lives then. */
  readonly live: number;
  readonly liveBlocks: number;
  /** Bytes of all allocations, freed or not. */
  readonly allocated: number;
  readonly allocations: number;
  readonly temporary: number;
  /** Bytes at the moment when most was in use. */
  readonly peak: number;
  /** Where what lives is a sample of objects: the allocations that were sampled beside them. */
  readonly beside: MemorySource | null;
}

type Role = Exclude<keyof MemorySource, "series" | "beside">;

/** The first that a series has counts. */
const names: Readonly<Record<Role, readonly string[]>> = {
  live: [
    "leaked",
    "inuse_space",
    "space",
    "live",
    "at the end",
    "leaked_space",
    "growth",
    "size",
    LEAST_SIZE,
    "bytes",
  ],
  liveBlocks: [
    "leaked blocks",
    "inuse_objects",
    "live blocks",
    "blocks at the end",
    "leaked_objects",
    "objects",
    "instances",
    "blocks",
    "times",
    "count",
  ],
  allocated: ["allocated", "alloc_space", "weight", "allocationSize", "tlabSize", "bytes"],
  allocations: ["allocations", "alloc_objects", "blocks", "objects"],
  temporary: ["temporary"],
  peak: ["peak", "at the peak"],
};
const units: Readonly<Record<Role, readonly string[]>> = {
  live: ["bytes"],
  liveBlocks: ["count", "samples"],
  allocated: ["bytes"],
  allocations: ["count", "samples"],
  temporary: ["count"],
  peak: ["bytes"],
};

function sourceOf(series: Series): MemorySource | null {
  if (series.kind !== "heap" && series.kind !== "alloc") return null;
  const find = (role: Role): number => {
    for (const name of names[role]) {
      const at = series.values.findIndex((value) => value.name === name && units[role].includes(value.unit));
      if (at !== -1) return at;
    }
    return -1;
  };
  const isAllocations = series.kind === "alloc";
  // "bytes" is what a tool counts: in a series of allocations those, else what lives.
  const live = find("live");
  const hasLive = live !== -1 && !(isAllocations && series.values[live]?.name === "bytes");
  const allocated = find("allocated");
  const hasAllocated = allocated !== -1 && (isAllocations || series.values[allocated]?.name !== "bytes");
  if (!hasLive && !hasAllocated) return null;
  return {
    series,
    live: hasLive ? live : -1,
    liveBlocks: hasLive ? blocksOf(series, find, hasAllocated) : -1,
    allocated: hasAllocated ? allocated : -1,
    allocations: hasAllocated ? find("allocations") : -1,
    temporary: find("temporary"),
    peak: find("peak"),
    beside: null,
  };
}

/** DHAT's plain "blocks" are those of all allocations; memray's "allocations" are those of the bytes beside them. */
function blocksOf(series: Series, find: (role: Role) => number, hasAllocated: boolean): number {
  const at = find("liveBlocks");
  if (hasAllocated) return series.values[at]?.name === "blocks" ? -1 : at;
  return at === -1 ? find("allocations") : at;
}

/** The series that is looked at where it is about memory, else the one that tells most; null where none is. */
export function memorySource(profile: Profile, wanted: string): MemorySource | null {
  const sources = profile.series.flatMap((series) => sourceOf(series) ?? []);
  const own = sources.find(
    ({ series }) => series.id === wanted || series.values.some((value) => seriesId(series, value) === wanted),
  );
  if (own) return own;
  const worth = ({ live, allocated, series }: MemorySource): number =>
    (live === -1 ? 0 : 4) +
    (series.time !== null ? 2 : series.id === PEAK_SERIES ? 0.5 : 0) +
    (allocated === -1 ? 0 : 1);
  const most = sources.reduce<MemorySource | null>(
    (best, each) => (best === null || worth(each) > worth(best) ? each : best),
    null,
  );
  if (most === null || most.series.id !== OBJECTS_SERIES) return most;
  return { ...most, beside: sources.find(({ live, allocated }) => live === -1 && allocated !== -1) ?? null };
}

/** As a selection takes it; "" where the source has no such value. */
export function valueId({ series }: MemorySource, value: number): string {
  const found = series.values[value];
  return found === undefined ? "" : seriesId(series, found);
}
