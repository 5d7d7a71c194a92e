import { expect, test } from "vitest";
import { safari } from "#core/importers/safari.ts";
import { feed, firstSeries, fixture, namesOf } from "./importing.ts";

const profile = feed(safari, fixture("safari/small-recording.json"));
const { strings, frames, stacks, intervals } = profile;

test("samples with their times, durations and lines, the root first", () => {
  const series = firstSeries(profile);
  expect(Array.from(series.stack, (stack) => namesOf(profile, stack).join(" > "))).toEqual([
    "(program) > outer > inner",
    "(program) > outer > inner",
    "(anonymous) > sort",
  ]);
  expect(Array.from(series.time ?? [])).toEqual([151e6, 152e6, 153e6]);
  expect(Array.from(series.values[0]?.data ?? [])).toEqual([1e6, 2e6, 0.5e6]);
  const lines = Array.from(series.stack, (stack) => frames.line[stacks.frame[stack] as number]);
  expect(lines).toEqual([3, 4, -1]);
});

test("records are intervals, on the clock of the samples", () => {
  const said = Array.from(intervals.start, (start, i) => {
    const ms = (value: number | undefined): number => Math.round((value ?? 0) / 1e5) / 10;
    return `${strings[intervals.category[i] as number]}: ${strings[intervals.name[i] as number]} ${ms(start)}-${ms(intervals.end[i])}`;
  });
  expect(said).toEqual([
    "network: GET https://example.com/app.js 100-150",
    "rendering-frame: rendering-frame 110-130",
    "layout: layout 120-125",
    "script: script-evaluated 150-200",
    "marker: load-event 200-200",
    "discontinuity: not recorded 400-450",
    "memory pressure: critical 350-350",
  ]);
  expect(profile.meta.startedAtMs).toBe(1700000100500);
});

test("CPU and memory are counters", () => {
  const last = Object.fromEntries(profile.counters.map(({ name, value }) => [name, Array.from(value)]));
  expect(last).toEqual({
    CPU: [80, 10],
    "CPU of Main Thread": [60, 10],
    "CPU of unnamed threads": [20],
    "memory: javascript": [1532758],
    "memory: jit": [24576],
  });
});

test("what was not read is said", () => {
  expect(profile.meta.notes).toEqual(["1 heap snapshots of the recording were not read."]);
});
