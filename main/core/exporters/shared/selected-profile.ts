import { throwProblem } from "../../base/result.ts";
import { NONE } from "../../model/builder.ts";
import { labelSetFlags } from "../../model/label-filter.ts";
import type { IntervalTable, Profile, Series } from "../../model/profile.ts";
import type { Selection } from "../../model/query.ts";
import type { ExportRequest } from "../exporter.ts";
import { onlyUsed } from "./only-used.ts";
import { transformStacks } from "./transformed-stacks.ts";

/**
 * The samples of a selection as a profile, for formats that hold samples: all series, or the chosen one with its chosen
 * value first; the intervals and counter points of the range. What nothing refers to any more is not in it.
 */
export function selectedProfile({ profile, selection }: ExportRequest): Profile {
  const { rangeNs, lastNs, threads, processes, transforms } = selection;
  const series = chosenSeries(profile, selection.series);
  const isWhole =
    rangeNs === null && lastNs === null && threads === null && processes === null && transforms.length === 0;
  if (isWhole && series.length === profile.series.length) return { ...profile, series };
  const range = rangeOf(profile, selection);
  const wanted = threads === null ? null : new Set(threads);
  const view = transformStacks(profile, transforms);
  const inProcesses = processes === null ? null : new Set(processes);
  const isThread = (thread: number): boolean =>
    (wanted === null || wanted.has(thread)) &&
    (inProcesses === null || (thread !== NONE && inProcesses.has(profile.threads.process[thread])));
  const sets = labelSetFlags(profile, transforms);
  const isAt = (fromNs: number, toNs: number): boolean =>
    range === null || (toNs >= range[0] && fromNs < range[1]);
  return onlyUsed({
    ...profile,
    stacks: view.stacks,
    frames: view.frames,
    functions: view.functions,
    series: series.map((each) => {
      const { time, labels } = each;
      return pickSamples(
        each,
        view.stackOf,
        // Samples without times are in every range.
        (row) =>
          isThread(each.thread[row]) &&
          (sets === null || sets[labels === null ? 0 : labels[row] + 1] === 1) &&
          (time === null || isAt(time[row], time[row])),
      );
    }),
    intervals: pickIntervals(
      profile.intervals,
      view.stackOf,
      (thread, from, to) => isThread(thread) && isAt(from, to),
    ),
    // Counters are of no thread: they belong to every choice of threads.
    counters: profile.counters.map((counter) => {
      const rows = rowsOf(counter.length, (row) => isAt(counter.time[row], counter.time[row]));
      return {
        ...counter,
        length: rows.length,
        time: pick(counter.time, rows),
        value: pick(counter.value, rows),
      };
    }),
  });
}

type Range = readonly [number, number];

function rangeOf(profile: Profile, { rangeNs, lastNs }: Selection): Range | null {
  if (rangeNs !== null) return rangeNs;
  return lastNs === null ? null : [profile.meta.durationNs - lastNs, Number.POSITIVE_INFINITY];
}

/** "" for all; "id" or "id/value" for one, with that value first. */
function chosenSeries({ series }: Profile, id: string): readonly Series[] {
  if (id === "") return series;
  for (const each of series) {
    const at = each.values.findIndex(({ name }) => `${each.id}/${name}` === id);
    if (at > 0) return [{ ...each, values: [each.values[at], ...each.values.toSpliced(at, 1)] }];
    if (at === 0 || each.id === id) return [each];
  }
  return throwProblem(
    "no-such-series",
    `There is no series ${JSON.stringify(id)} in this profile.`,
    series.length === 0
      ? "The profile has no series."
      : `Choose one of: ${series.map((each) => each.id).join(", ")}.`,
  );
}

function rowsOf(length: number, isWanted: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(length);
  let count = 0;
  for (let row = 0; row < length; row++) if (isWanted(row)) rows[count++] = row;
  return rows.subarray(0, count);
}

function pick<T extends Int32Array | Float64Array>(column: T, rows: Int32Array): T {
  const picked = column.slice(0, rows.length) as T;
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i]];
  return picked;
}

/** Where the stack of a sample went: NONE for an empty one, undefined where the sample is left out. */
type StackOf = (stack: number) => number | undefined;

function pickSamples(series: Series, stackOf: StackOf, isWanted: (row: number) => boolean): Series {
  const { time, stack, thread, labels, values } = series;
  const rows = rowsOf(series.length, (row) => isWanted(row) && stackOf(stack[row]) !== undefined);
  return {
    ...series,
    length: rows.length,
    time: time && pick(time, rows),
    thread: pick(thread, rows),
    stack: pick(stack, rows).map((each) => stackOf(each) ?? NONE),
    labels: labels && pick(labels, rows),
    values: values.map((value) => ({ ...value, data: value.data && pick(value.data, rows) })),
    exact: null,
  };
}

function pickIntervals(
  table: IntervalTable,
  stackOf: StackOf,
  isWanted: (thread: number, from: number, to: number) => boolean,
): IntervalTable {
  const rows = rowsOf(table.length, (row) => {
    const end = table.end[row];
    return isWanted(table.thread[row], table.start[row], Number.isNaN(end) ? Number.POSITIVE_INFINITY : end);
  });
  return {
    length: rows.length,
    start: pick(table.start, rows),
    end: pick(table.end, rows),
    thread: pick(table.thread, rows),
    category: pick(table.category, rows),
    name: pick(table.name, rows),
    stack: pick(table.stack, rows).map((each) => stackOf(each) ?? NONE),
    args: pick(table.args, rows),
  };
}
