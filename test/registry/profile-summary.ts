import { NONE } from "#core/model/builder.ts";
import { kindAt, type Profile, type Series } from "#core/model/profile.ts";

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

function deepest(profile: Profile, series: Series): number {
  let most = 0;
  for (const stack of series.stack) {
    let depth = 0;
    for (let at = stack; at !== NONE; at = profile.stacks.prefix[at] as number) depth++;
    most = Math.max(most, depth);
  }
  return most;
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
