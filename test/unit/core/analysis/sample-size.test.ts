import { expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile, SeriesKind } from "#core/model/profile.ts";
import { everything } from "#core/model/query.ts";

interface Made {
  readonly format?: string;
  readonly kind?: SeriesKind;
  readonly values: readonly { readonly name: string; readonly unit: string }[];
  /** Of each row, one number a value. */
  readonly rows: readonly (readonly number[])[];
}

function made({ format = "pprof", kind = "cpu", values, rows }: Made): Profile {
  const out = new ProfileBuilder();
  out.meta({ format });
  const series = out.series({ id: "cpu", kind, timed: false, values });
  for (const [i, row] of rows.entries()) {
    const stack = out.stack(NONE, out.frame({ function: out.function({ name: out.string(`f${i}`) }) }));
    series.add(0, NONE, stack, row[0], row[1]);
  }
  return out.snapshot();
}

const sizeOf = (profile: Profile, series = ""): number =>
  createAnalyst().answer(profile, { view: "top", selection: { ...everything, series } }).sampleSize;

const count = { name: "samples", unit: "count" };
const time = { name: "cpu", unit: "nanoseconds" };

it.each<readonly [string, Made, string, number]>([
  ["rows of samples", { values: [time], rows: [[1e7], [1e7], [3e7]] }, "", 3],
  ["collapsed rows", { values: [{ name: "samples", unit: "samples" }], rows: [[600], [400]] }, "", 1000],
  [
    "rows that say how many they are, by another value",
    {
      values: [count, time],
      rows: [
        [60, 60e7],
        [40, 40e7],
      ],
    },
    "cpu/cpu",
    100,
  ],
  ["allocations", { kind: "alloc", values: [{ name: "space", unit: "bytes" }], rows: [[100], [50]] }, "", 0],
  ["waits, which are all seen", { kind: "offcpu", values: [time], rows: [[1e7]] }, "", 0],
  ["switches", { format: "perf-sched", values: [time], rows: [[1e7]] }, "", 0],
  ["a snapshot", { format: "java-threads", kind: "wall", values: [count], rows: [[1]] }, "", 0],
])("%s", (_, profile, series, size) => expect(sizeOf(made(profile), series)).toBe(size));

it("of a part is that part's", () => {
  const profile = made({
    values: [count, time],
    rows: [
      [60, 60e7],
      [40, 40e7],
    ],
  });
  const selection = {
    ...everything,
    series: "cpu/cpu",
    transforms: [{ type: "focus", pattern: "f1" } as const],
  };
  expect(createAnalyst().answer(profile, { view: "flame", selection, widthPx: 100 }).sampleSize).toBe(40);
});
