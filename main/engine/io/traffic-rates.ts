import type { CountersLine } from "#core/importers/shared/counters-format.ts";
import type { Descriptor } from "#core/model/descriptors.ts";

interface Moved {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/**
 * What all TCP connections of a process received and sent in the time between two readings, as counters. Each is in both
 * by its name, however many descriptors it has; what one moved after the last reading that saw it is not known.
 */
export function createTrafficRates(): (
  open: readonly Descriptor[],
  timeNs: number,
) => readonly CountersLine[] {
  let before: { readonly moved: ReadonlyMap<string, Moved>; readonly timeNs: number } | null = null;
  return (open, timeNs) => {
    const moved = new Map<string, Moved>(
      open.filter(({ receivedBytes }) => receivedBytes >= 0).map((each) => [each.name, each]),
    );
    const last = before;
    before = { moved, timeNs };
    if (last === null || timeNs <= last.timeNs) return [];
    const rate = (name: string, what: keyof Moved): CountersLine => {
      let bytes = 0;
      // A connection that was not there then moved all that it has since.
      for (const [key, now] of moved) bytes += Math.max(0, now[what] - (last.moved.get(key)?.[what] ?? 0));
      return { id: name, name, unit: "kB/s", timeNs, value: bytes / 1024 / ((timeNs - last.timeNs) / 1e9) };
    };
    return [rate("TCP received", "receivedBytes"), rate("TCP sent", "sentBytes")];
  };
}
