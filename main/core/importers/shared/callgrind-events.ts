import type { SeriesKind } from "../../model/profile.ts";

export interface CallgrindEvent {
  readonly name: string;
  readonly unit: string;
  /** What a number of the file is worth in the unit. */
  readonly scale: number;
}

/**
 * Events by name. xdebug counts microseconds up to version 2 and then 10 ns; `valgrind --xtree-memory` writes bytes
 * and blocks in the same format.
 */
export function callgrindEvent(name: string, creator: string): CallgrindEvent {
  const bare = name.replace(/_\(.*\)$/, "");
  if (/^Time_\(10ns\)$/.test(name)) return { name: bare, unit: "nanoseconds", scale: 10 };
  if (/^Time_\((µs|us)\)$/.test(name)) return { name: bare, unit: "nanoseconds", scale: 1000 };
  if (name === "Time" && /^xdebug/i.test(creator)) return { name, unit: "nanoseconds", scale: 1000 };
  if (bare === "Memory" || /^(cur|tot|totFd)B$/.test(name)) return { name: bare, unit: "bytes", scale: 1 };
  return { name, unit: "count", scale: 1 };
}

export function kindOfEvents(events: readonly CallgrindEvent[]): SeriesKind {
  const [first] = events;
  if (first?.unit === "bytes") return "alloc";
  return first?.unit === "nanoseconds" ? "wall" : "cpu";
}
