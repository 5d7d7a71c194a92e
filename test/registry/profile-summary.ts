import { NONE } from "#core/model/builder.ts";
import { type ExactCosts, type HeapGraph, kindAt, type Profile, type Series } from "#core/model/profile.ts";

/** A profile in a few lines: enough to see that a format is read as it was, little enough to be read by a person. */
export function profileSummary(profile: Profile): unknown {
  const { strings, processes, threads, series, intervals, counters, meta } = profile;
  const { originSeconds, originNanos, ...said } = meta;
  return {
    meta: {
      ...said,
      origin: originSeconds === -1 ? null : `${originSeconds}.${String(originNanos).padStart(9, "0")}`,
    },
    tables: {
      binaries: profile.binaries.length,
      functions: profile.functions.length,
      frames: profile.frames.length,
      stacks: profile.stacks.length,
      labels: profile.labels.length,
      intervals: intervals.length,
      counters: counters.length,
    },
    kinds: tally(Array.from(profile.functions.kind, kindAt)),
    processes: Array.from(processes.pid, (pid, i) => `${pid} ${strings[processes.name[i] as number]}`),
    threads: Array.from(threads.tid, (tid, i) => `${tid} ${strings[threads.name[i] as number]}`),
    series: series.map((each) => seriesSummary(profile, each)),
    ...(intervals.length > 0 && { intervals: intervalSummary(profile) }),
    ...(counters.length > 0 && {
      counters: counters.map(({ name, unit, value }) => ({
        name,
        unit,
        points: value.length,
        last: value.at(-1),
        most: value.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY),
      })),
    }),
    ...(profile.heap && { heap: heapSummary(profile, profile.heap) }),
  };
}

/** How many of each name and how long in all; the thirty longest. */
function intervalSummary({ intervals, strings }: Profile): readonly string[] {
  const groups = new Map<string, { count: number; ns: number }>();
  for (let i = 0; i < intervals.length; i++) {
    const key = `${strings[intervals.category[i] as number]}: ${strings[intervals.name[i] as number]}`;
    const group = groups.get(key) ?? { count: 0, ns: 0 };
    const ns = (intervals.end[i] as number) - (intervals.start[i] as number);
    groups.set(key, { count: group.count + 1, ns: group.ns + (Number.isNaN(ns) ? 0 : ns) });
  }
  return [...groups]
    .sort((a, b) => b[1].ns - a[1].ns || (a[0] < b[0] ? -1 : 1))
    .slice(0, 30)
    .map(([key, { count, ns }]) => `${key} ${count} times, ${Math.round(ns)} ns`);
}

function heapSummary({ strings }: Profile, { nodes, edges }: HeapGraph): unknown {
  return {
    objects: nodes.length,
    references: edges.length,
    bytes: nodes.selfSizeBytes.reduce((sum, each) => sum + each, 0),
    types: tally(Array.from(nodes.type, (type) => strings[type] as string)),
    referenceTypes: tally(Array.from(edges.type, (type) => strings[type] as string)),
  };
}

const tally = (words: readonly string[]): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort());
};

function seriesSummary(profile: Profile, series: Series): unknown {
  const { id, name, kind, length, time, values, stack } = series;
  return {
    id,
    name,
    kind,
    samples: length,
    withoutStack: stack.reduce((count, each) => count + (each === NONE ? 1 : 0), 0),
    first: time?.[0] ?? null,
    last: time?.[length - 1] ?? null,
    labelled: series.labels !== null,
    values: values.map((value) => ({
      name: value.name,
      unit: value.unit,
      total: value.data ? value.data.reduce((sum, each) => sum + each, 0) : length,
    })),
    heaviestStacks: heaviest(profile, series, 5),
    deepestStack: deepest(profile, series),
    ...(series.exact && { exact: exactSummary(profile, series.exact) }),
  };
}

function heaviest(profile: Profile, series: Series, count: number): readonly string[] {
  const data = series.values[0]?.data ?? null;
  const weights = new Map<string, number>();
  series.stack.forEach((stack, i) => {
    const text = stackText(profile, stack);
    weights.set(text, (weights.get(text) ?? 0) + (data?.[i] ?? 1));
  });
  return [...weights]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, count)
    .map(([text, weight]) => `${text} ${weight}`);
}

/** The ten costliest functions and calls, by the first value. */
function exactSummary({ strings, functions: names }: Profile, { calls, functions }: ExactCosts): unknown {
  const name = (index: number): string =>
    index === NONE ? "?" : (strings[names.name[index] as number] as string);
  const costliest = (length: number, cost: Float64Array | undefined): readonly number[] =>
    Array.from({ length }, (_, i) => i)
      .sort((a, b) => (cost?.[b] as number) - (cost?.[a] as number) || a - b)
      .slice(0, 10);
  return {
    functions: functions.length,
    calls: calls.length,
    costliest: costliest(functions.length, functions.inclusive[0]).map(
      (i) =>
        `${name(functions.function[i] as number)}: ${functions.calls[i]} calls, self ${functions.self[0]?.[i]}, inclusive ${functions.inclusive[0]?.[i]}`,
    ),
    costliestCalls: costliest(calls.length, calls.values[0]).map(
      (i) =>
        `${name(calls.caller[i] as number)} > ${name(calls.callee[i] as number)}: ${calls.calls[i]} calls, ${calls.values[0]?.[i]}`,
    ),
  };
}

function deepest({ stacks }: Profile, series: Series): number {
  const depth = new Int32Array(stacks.length);
  for (let i = 0; i < stacks.length; i++) {
    const prefix = stacks.prefix[i] as number;
    depth[i] = prefix === NONE ? 1 : (depth[prefix] as number) + 1;
  }
  return series.stack.reduce(
    (most, stack) => Math.max(most, stack === NONE ? 0 : (depth[stack] as number)),
    0,
  );
}

/** "main (a.c:3) < ... ", innermost first, at most eight frames. */
function stackText(profile: Profile, stack: number): string {
  const { strings, stacks, frames, functions } = profile;
  const parts: string[] = [];
  for (let at = stack; at !== NONE && parts.length < 8; at = stacks.prefix[at] as number) {
    const frame = stacks.frame[at] as number;
    const row = frames.function[frame] as number;
    const file = functions.file[row] as number;
    const place = file === NONE ? "" : ` (${strings[file]}:${frames.line[frame]}:${frames.column[frame]})`;
    const depth = frames.inlineDepth[frame] as number;
    parts.push(`${strings[functions.name[row] as number]}${place}${depth > 0 ? ` inlined ${depth}` : ""}`);
  }
  return parts.join(" < ");
}
