import { NONE } from "../../model/builder.ts";
import { float64, type Growable, int32 } from "../../model/growable.ts";
import type { Profile, Series } from "../../model/profile.ts";
import { RowInterner } from "../../model/row-interner.ts";

export interface PprofType {
  readonly name: string;
  readonly unit: string;
}

/** Samples of one series in pprof's terms: whole numbers, one column a type. */
export interface PprofRows {
  readonly types: readonly PprofType[];
  readonly length: number;
  readonly stack: Int32Array;
  readonly thread: Int32Array;
  readonly labels: Int32Array | null;
  readonly columns: readonly (Float64Array | null)[];
}

const nanoseconds: Readonly<Record<string, number>> = {
  seconds: 1e9,
  milliseconds: 1e6,
  microseconds: 1e3,
};

/**
 * pprof has no time of a sample. So the samples of a timed series that differ in nothing else are one here, as pprof
 * expects it, with their count as one more value where the series does not count them itself.
 */
export function pprofRows(series: Series, names: readonly string[], isFirst: boolean): PprofRows {
  const columns = series.values.map(({ data, unit }, i) => {
    const isWhole = data === null || data.every(Number.isInteger);
    const factor = isWhole ? 1 : (nanoseconds[unit] ?? 1);
    return {
      type: { name: names[i] ?? "", unit: factor === 1 ? unit : "nanoseconds" },
      data: isWhole ? data : data.map((value) => (Number.isFinite(value) ? Math.round(value * factor) : 0)),
    };
  });
  const types = columns.map(({ type }) => type);
  const { length, stack, thread, labels } = series;
  if (series.time === null)
    return { types, length, stack, thread, labels, columns: columns.map(({ data }) => data) };
  const isCounted = series.values.some(({ data }) => data === null);
  const all = isCounted ? columns : [...columns, { type: countType(names, isFirst), data: null }];
  return {
    types: all.map(({ type }) => type),
    ...merged(
      series,
      all.map(({ data }) => data),
    ),
  };
}

/** Two values of one name cannot be told apart: all but the first series count theirs under a name of their own. */
const countType = (names: readonly string[], isFirst: boolean): PprofType => ({
  name: names.includes("samples") ? "sample_count" : isFirst ? "samples" : `${names[0]}_samples`,
  unit: "count",
});

function merged(
  { length, stack, thread, labels }: Series,
  columns: readonly (Float64Array | null)[],
): Omit<PprofRows, "types"> {
  const rows = new RowInterner(3);
  const stacks = int32();
  const threads = int32();
  const sets = int32();
  const sums: readonly Growable<Float64Array>[] = columns.map(float64);
  for (let i = 0; i < length; i++) {
    const set = labels === null ? NONE : labels[i];
    const row = rows.intern(stack[i], thread[i], set);
    if (row === stacks.length) {
      stacks.push(stack[i]);
      threads.push(thread[i]);
      sets.push(set);
      for (const sum of sums) sum.push(0);
    }
    for (let column = 0; column < columns.length; column++) {
      const sum = sums[column];
      sum.set(row, sum.at(row) + (columns[column]?.[i] ?? 1));
    }
  }
  return {
    length: stacks.length,
    stack: stacks.view(),
    thread: threads.view(),
    labels: labels && sets.view(),
    columns: sums.map((sum) => sum.view()),
  };
}

/** A name a value of each series; with its series where another one has the same. */
export function pprofNames({ series }: Profile): readonly (readonly string[])[] {
  const counts = new Map<string, number>();
  for (const { values } of series)
    for (const { name } of values) counts.set(name, (counts.get(name) ?? 0) + 1);
  return series.map((each) =>
    each.values.map(({ name }) => {
      if (counts.get(name) === 1) return name;
      return each.values.length === 1 ? each.id : `${each.id}/${name}`;
    }),
  );
}
