import { NONE, type ProfileBuilder } from "./builder.ts";

import type { Profile, Series } from "./profile.ts";

/** What an index of a part is in the whole. */
export interface Mapping {
  readonly thread: (index: number) => number;
  readonly stack: (index: number) => number;
  readonly labels: (set: number) => number;
}

interface KnownObject {
  readonly thread: number;
  readonly stack: number;
  readonly labels: number;
  readonly values: readonly number[];
}

interface ObjectState {
  /** When it was told last. */
  readonly atNs: number;
  readonly objects: ReadonlyMap<string, KnownObject>;
}

/** The objects that were told of last, by the series. */
export type ObjectStates = Map<string, ObjectState>;

/**
 * Adds of a series that tells anew of all objects that are there what has changed: objects that were not told of before, and
 * those that are told of no more. An object is known by its thread, its stack and the numbers among its labels. Where nothing
 * is told the objects of before stand.
 */
export function addObjects(
  out: ProfileBuilder,
  part: Profile,
  series: Series,
  states: ObjectStates,
  { offsetNs, endNs }: { readonly offsetNs: number; readonly endNs: number },
  to: Mapping,
): void {
  if (series.length === 0) return;
  const specs = series.values.map(({ name, unit }) => ({ name, unit }));
  const own = out.series({ id: series.id, name: series.name, kind: series.kind, timed: true, values: specs });
  const numbers = numbersOf(part);
  const before = states.get(series.id) ?? { atNs: 0, objects: new Map<string, KnownObject>() };
  const untilNs = Math.max(before.atNs, endNs);
  const now = new Map<string, KnownObject & { readonly row: number }>();
  for (let row = 0; row < series.length; row++) {
    const thread = to.thread(series.thread[row] ?? NONE);
    const stack = to.stack(series.stack[row] ?? NONE);
    const set = series.labels?.[row] ?? NONE;
    const key = `${thread} ${stack}${numbers(set)}`;
    const known = now.get(key);
    const values = series.values.map(({ data }, at) => (known?.values[at] ?? 0) + (data?.[row] ?? 1));
    now.set(key, { row: known?.row ?? row, thread, stack, labels: known?.labels ?? to.labels(set), values });
  }
  // Within the part one may have gone again.
  for (const [key, { values }] of now) if (values.every((sum) => sum === 0)) now.delete(key);
  for (const [key, { row, thread, stack, labels, values }] of now) {
    if (before.objects.has(key)) continue;
    const timeNs = Math.min(untilNs, Math.max(before.atNs, (series.time?.[row] ?? 0) + offsetNs));
    own.addValues(out.seen(timeNs), thread, stack, values, labels);
  }
  for (const [key, { thread, stack, labels, values }] of before.objects)
    if (!now.has(key))
      own.addValues(
        out.seen(untilNs),
        thread,
        stack,
        values.map((value) => -value),
        labels,
      );
  states.set(series.id, { atNs: untilNs, objects: now });
}

/** The numbers among the labels of a set, as one text. */
function numbersOf({ labels }: Profile): (set: number) => string {
  const texts = new Map<number, string>();
  for (let row = 0; row < labels.length; row++) {
    const number = labels.number[row] ?? Number.NaN;
    if (Number.isNaN(number)) continue;
    const set = labels.set[row] ?? NONE;
    texts.set(set, `${texts.get(set) ?? ""} ${number}`);
  }
  return (set) => texts.get(set) ?? "";
}
