import type { MemoryObjects } from "../model/memory-table.ts";
import type { Profile, Series } from "../model/profile.ts";
import type { Sites } from "./memory-sites.ts";

const NONE = -1;

/** Flight Recorder's: samples of objects, each with its class, and when it was allocated. */
export const OBJECTS_SERIES = "jdk.OldObjectSample";

/** Kinds that are told of a site at most. */
const MOST_KINDS = 8;

interface Kind {
  readonly type: string;
  keptBy: string;
  objects: number;
  bytes: number;
  firstNs: number;
}

/** The objects of each site that are there at a time, by their class, the most first. */
export function objectsBySite(
  profile: Profile,
  series: Series,
  sites: Sites,
  endNs: number,
): ReadonlyMap<number, readonly MemoryObjects[]> {
  const found = new Map<number, Map<string, Kind>>();
  for (const { row, bytes } of living(series, endNs)) {
    const stack = series.stack[row] ?? NONE;
    const site = stack === NONE ? NONE : (sites.ofStack[stack] ?? NONE);
    const { type, keptBy } = wordsOf(profile, series.labels?.[row] ?? NONE);
    const kinds = found.get(site) ?? new Map<string, Kind>();
    found.set(site, kinds);
    const kind = kinds.get(type) ?? { type, keptBy, objects: 0, bytes: 0, firstNs: Number.POSITIVE_INFINITY };
    kinds.set(type, kind);
    kind.objects++;
    kind.bytes += bytes;
    kind.keptBy ||= keptBy;
    kind.firstNs = Math.min(kind.firstNs, series.time?.[row] ?? 0);
  }
  const told = [...found].map(([site, kinds]): [number, readonly MemoryObjects[]] => [
    site,
    [...kinds.values()]
      .sort((a, b) => b.objects - a.objects || b.bytes - a.bytes)
      .slice(0, MOST_KINDS)
      .map(({ type, objects, bytes, firstNs, keptBy }) => ({
        type,
        objects,
        bytes,
        oldestNs: Math.max(0, endNs - firstNs),
        keptBy: keptBy === "" ? [] : keptBy.split(" ← "),
      })),
  ]);
  return new Map(told);
}

/** Rows that brought an object which no later row took away: the one that takes it has its labels, thread and stack. */
function living(series: Series, endNs: number): Iterable<{ readonly row: number; readonly bytes: number }> {
  const rows = new Map<string, { readonly row: number; readonly bytes: number }>();
  const [size] = series.values;
  for (let row = 0; row < series.length; row++) {
    if ((series.time?.[row] ?? 0) > endNs) continue;
    const key = `${series.thread[row]} ${series.stack[row]} ${series.labels?.[row]}`;
    const bytes = size?.data?.[row] ?? 0;
    if (bytes < 0) rows.delete(key);
    else rows.set(key, { row, bytes });
  }
  return rows.values();
}

function wordsOf(
  { labels, strings }: Profile,
  set: number,
): { readonly type: string; readonly keptBy: string } {
  const words = { type: "", keptBy: "" };
  if (set === NONE) return words;
  // Sets lie in their order.
  let from = 0;
  for (let to = labels.length; from < to; ) {
    const middle = (from + to) >> 1;
    if (labels.set[middle] < set) from = middle + 1;
    else to = middle;
  }
  for (let row = from; row < labels.length && labels.set[row] === set; row++) {
    const key = strings[labels.key[row]];
    const text = strings[labels.text[row]] ?? "";
    if (key === "type") words.type = text;
    else if (key === "kept by") words.keptBy = text;
  }
  return words;
}
