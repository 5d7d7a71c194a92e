import type { Profile } from "../model/profile.ts";
import type { InfoTable } from "../model/tables.ts";
import { whatWasRead } from "./fidelity.ts";
import { heapClassRows } from "./heap.ts";
import { allSeries } from "./series.ts";

/** Kinds of objects in the first look at a heap; the heap's own view has all. */
const MOST_CLASSES = 30;

/** What a profile holds, in numbers and words. */
export function info(profile: Profile): InfoTable {
  const { meta, processes, threads, strings } = profile;
  const perThread = new Float64Array(threads.length);
  for (const series of profile.series)
    for (let sample = 0; sample < series.length; sample++) {
      const thread = series.thread[sample];
      if (thread !== -1) perThread[thread] = perThread[thread] + 1;
    }
  return {
    view: "info",
    format: meta.format,
    tool: meta.tool,
    toolVersion: meta.toolVersion,
    command: meta.command,
    target: meta.target,
    host: meta.host,
    kernel: meta.kernel,
    stackMethod: meta.stackMethod,
    startedAtMs: meta.startedAtMs,
    durationNs: meta.durationNs,
    periodNs: meta.periodNs,
    lostSamples: meta.lostSamples,
    processes: Array.from({ length: processes.length }, (_, i) => ({
      pid: processes.pid[i],
      name: strings[processes.name[i]] ?? "",
    })),
    threads: Array.from({ length: threads.length }, (_, i) => ({
      index: i,
      pid: processes.pid[threads.process[i]] ?? -1,
      tid: threads.tid[i],
      name: strings[threads.name[i]] ?? "",
      samples: perThread[i],
    })),
    series: allSeries(profile).map(({ id, series, value, unit }) => ({
      id,
      name: series.name,
      kind: series.kind,
      unit,
      samples: series.length,
      total: value.data === null ? series.length : value.data.reduce((all, each) => all + each, 0),
    })),
    counters: profile.counters.map(({ id, name, unit, length }) => ({ id, name, unit, points: length })),
    functions: profile.functions.length,
    stacks: profile.stacks.length,
    read: whatWasRead(profile),
    notes: meta.notes,
    observer: meta.recorded?.observer ?? null,
    heap: heapClassRows(profile).slice(0, MOST_CLASSES),
  };
}
