import { describe, expect, it } from "vitest";
import { findImporter } from "#core/importers/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { fixture, importContext } from "./importing.ts";

const open = (out: ProfileBuilder) => {
  const importer = findImporter("perf-pipe");
  if (importer?.kind !== "stream") throw new Error("perf-pipe is read as it comes");
  return importer.open(out, importContext());
};

const idsOf = (out: ProfileBuilder): readonly string[] => out.snapshot().series.map(({ id }) => id);

describe("perf's pipe", () => {
  it("waits for the order of time, and no longer than something may be older", () => {
    const bytes = fixture("perf-pipe/attach.data");
    const out = new ProfileBuilder();
    const parser = open(out);
    parser.push(bytes);
    const waiting = 773 - out.sampleCount;
    expect(waiting).toBeGreaterThan(0);
    parser.idle?.();
    expect(out.sampleCount).toBe(773);
    parser.end();
    expect(out.sampleCount).toBe(773);
    const [series] = out.snapshot().series;
    expect(series?.time).toEqual(series?.time?.toSorted());
  });

  it("keeps the recorder's time zero", () => {
    const bytes = fixture("perf-pipe/attach.data");
    const alone = new ProfileBuilder();
    const own = open(alone);
    own.push(bytes);
    own.end();
    const { originSeconds, originNanos } = alone.snapshot().meta;
    const out = new ProfileBuilder();
    out.meta({ originSeconds: originSeconds - 2, originNanos });
    const parser = open(out);
    parser.push(bytes);
    parser.end();
    expect(out.snapshot().meta.originSeconds).toBe(originSeconds - 2);
    expect((out.snapshot().series[0]?.time?.[0] ?? 0) - (alone.snapshot().series[0]?.time?.[0] ?? 0)).toBe(
      2e9,
    );
  });

  it("makes off-CPU times of tracepoints, with the state and who woke", () => {
    const out = new ProfileBuilder();
    const parser = open(out);
    parser.push(fixture("perf-pipe/sched.data"));
    parser.end();
    expect(idsOf(out)).toContain("sched:sched_switch");
    expect(idsOf(out)).toContain("off-cpu");
    const { intervals, strings } = out.snapshot();
    expect(intervals.length).toBeGreaterThan(0);
    const names = new Set(Array.from(intervals.name, (name) => strings[name] ?? ""));
    for (const name of names) expect(name).toMatch(/^(off CPU|preempted)$/);
    const states = Array.from(intervals.args, (args) => strings[args] ?? "");
    expect(states.some((text) => text.includes('"state":"R'))).toBe(true);
  });

  it("knows when a program was mapped whose event says less of itself than the samples' events", () => {
    const out = new ProfileBuilder();
    const parser = open(out);
    parser.push(fixture("perf-pipe/exec.data"));
    parser.end();
    const { binaries, functions, frames, stacks, strings, series } = out.snapshot();
    const calls = series.find(({ id }) => id === "syscalls");
    const found: string[] = [];
    for (const stack of calls?.stack ?? []) {
      const frame = stacks.frame[stacks.prefix[stack] ?? -1] ?? -1;
      const binary = functions.binary[frames.function[frame] ?? -1] ?? -1;
      found.push(strings[binaries.path[binary] ?? -1] ?? "?");
    }
    expect(found.filter((path) => path.endsWith("/writes")).length).toBeGreaterThanOrEqual(4);
    expect(found).not.toContain("?");
  });
});
