import { expect } from "vitest";
import type { Profile } from "#core/model/profile.ts";
import { burnLines, type RunningPython, splitChains } from "../programs/python.ts";

export interface PythonSample {
  readonly pid: number;
  readonly tid: number;
  readonly threadName: string;
  readonly timeNs: number;
  readonly weight: number;
  /** Outermost first. */
  readonly names: readonly string[];
  readonly lines: readonly number[];
  readonly files: readonly string[];
}

/** Every sample of the first series with what Python's profilers know: lines, files, processes. */
export function pythonSamples(profile: Profile): readonly PythonSample[] {
  const { strings, stacks, frames, functions, threads, processes } = profile;
  const series = profile.series[0];
  if (series === undefined) return [];
  return Array.from({ length: series.length }, (_, index) => {
    const names: string[] = [];
    const lines: number[] = [];
    const files: string[] = [];
    for (let at = series.stack[index] ?? -1; at >= 0; at = stacks.prefix[at] ?? -1) {
      const frame = stacks.frame[at] ?? -1;
      const owner = frames.function[frame] ?? -1;
      names.unshift(strings[functions.name[owner] ?? -1] ?? "");
      files.unshift(strings[functions.file[owner] ?? -1] ?? "");
      lines.unshift(frames.line[frame] ?? -1);
    }
    const thread = series.thread[index] ?? -1;
    return {
      pid: processes.pid[threads.process[thread] ?? -1] ?? -1,
      tid: threads.tid[thread] ?? -1,
      threadName: strings[threads.name[thread] ?? -1] ?? "",
      timeNs: series.time?.[index] ?? Number.NaN,
      weight: series.values[0]?.data?.[index] ?? 1,
      names,
      lines,
      files,
    };
  });
}

const sum = (samples: readonly PythonSample[]): number =>
  samples.reduce((total, { weight }) => total + weight, 0);

/** Percent of their weight whose innermost function has the name. */
export const shareOf = (samples: readonly PythonSample[], name: string): number =>
  (100 * sum(samples.filter(({ names }) => names.at(-1) === name))) / sum(samples);

/** The truth of python-split.py: shares within 5 points, and every chain of the first thread with its lines. */
export function expectSplit(samples: readonly PythonSample[], { pid }: Pick<RunningPython, "pid">): void {
  const main = samples.filter(({ tid }) => tid === pid);
  expect(shareOf(main, "burn_a")).toSatisfy((share: number) => Math.abs(share - 60) < 5);
  expect(shareOf(main, "burn_b")).toSatisfy((share: number) => Math.abs(share - 30) < 5);
  expect(shareOf(main, "burn_c")).toSatisfy((share: number) => Math.abs(share - 10) < 5);
  let wrong = 0;
  for (const [leaf, chain] of Object.entries(splitChains)) {
    const found = main.filter(({ names }) => names.at(-1) === leaf);
    expect(found.length).toBeGreaterThan(0);
    const exact = found.filter(({ names, lines }) =>
      chain.every((place, depth) => {
        const [name, line] = place.split(":");
        return names[depth] === name && (line === undefined || lines[depth] === Number(line));
      }),
    );
    // The program runs on while its stack is read, with some profilers: a line may be one too late.
    expect(exact.length / found.length).toBeGreaterThan(0.9);
    wrong += found.length - exact.length;
    const [head = 0, body = 0] = burnLines(leaf);
    for (const { lines, names, files } of exact) {
      expect(names).toHaveLength(chain.length);
      // The first line of a function, and its return, are seen now and then.
      expect(lines.at(-1)).toBeGreaterThanOrEqual(head - 2);
      expect(lines.at(-1)).toBeLessThanOrEqual(body + 1);
      expect(files.at(-1)).toMatch(/\/python-split\.py$/);
    }
  }
  expect(wrong / main.length).toBeLessThan(0.03);
}
