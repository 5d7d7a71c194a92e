import { expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import type { Selection } from "#core/model/query.ts";

/** Large enough for sums of blocks and threads to be used; half of it written thread after thread, as some formats are. */
const SAMPLES = 2_200_000;
const STACKS = 500;
const THREADS = 5;

const stackOf = (sample: number): number => Math.imul(sample, 2654435761) % STACKS;
const threadOf = (sample: number): number => (sample * THREADS < SAMPLES ? 0 : (sample % (THREADS - 1)) + 1);
const timeOf = (sample: number): number => (sample * THREADS < SAMPLES ? sample * 5 : sample);
const bare = (sample: number): boolean => sample % 97 === 0;

function built(isEven: boolean): {
  profile: Profile;
  growing: ProfileBuilder;
  more: (count: number) => void;
} {
  const growing = new ProfileBuilder();
  const series = growing.series({
    id: "cpu",
    kind: "cpu",
    timed: true,
    values: [{ name: "time", unit: "nanoseconds" }],
  });
  const stacks = Array.from({ length: STACKS }, (_, i) => {
    const root = growing.stack(
      NONE,
      growing.frame({ function: growing.function({ name: growing.string("main") }) }),
    );
    return growing.stack(
      root,
      growing.frame({ function: growing.function({ name: growing.string(`f${i}`) }) }),
    );
  });
  const threads = Array.from({ length: THREADS }, (_, i) =>
    growing.thread(growing.process(1, "p"), i + 1, `t${i}`),
  );
  let sample = 0;
  const more = (count: number): void => {
    for (const end = sample + count; sample < end; sample++)
      series.add(
        growing.seen(timeOf(sample)),
        threads[threadOf(sample)] ?? NONE,
        bare(sample) ? NONE : (stacks[Math.abs(stackOf(sample))] ?? NONE),
        isEven ? 3 : (sample % 7) + 1,
      );
  };
  more(SAMPLES);
  return { profile: growing.build(), growing, more };
}

function plain(count: number, isEven: boolean, isIn: (sample: number) => boolean) {
  const self: Record<string, number> = {};
  let total = 0;
  for (let sample = 0; sample < count; sample++) {
    if (!isIn(sample)) continue;
    const weight = isEven ? 3 : (sample % 7) + 1;
    total += weight;
    const name = `f${Math.abs(stackOf(sample))}`;
    if (!bare(sample)) self[name] = (self[name] ?? 0) + weight;
  }
  return { self, total };
}

it.each([true, false])("ranges and threads of a large profile, all samples alike: %s", (isEven) => {
  const { profile, growing, more } = built(isEven);
  const analyst = createAnalyst();
  const ask = (of: Profile, selection: Partial<Selection>) => {
    const table = analyst.answer(of, { view: "top", selection, filter: "^f" });
    return {
      self: Object.fromEntries(
        Array.from(table.name, (name, i) => [table.strings[name] ?? "", table.self[i]]),
      ),
      total: table.totalValue,
    };
  };
  const ranges: [number, number][] = [
    [0, 1e9],
    [100_000, 600_000],
    [100_001, 2_100_001],
    [400_000, 400_100],
    [5, 2_199_000],
    [100_000, 600_000],
  ];
  for (const [from, to] of ranges)
    expect(ask(profile, { rangeNs: [from, to] })).toEqual(
      plain(SAMPLES, isEven, (sample) => timeOf(sample) >= from && timeOf(sample) < to),
    );
  for (const threads of [[0], [1, 3], [4]])
    expect(ask(profile, { threads })).toEqual(
      plain(SAMPLES, isEven, (sample) => threads.includes(threadOf(sample))),
    );
  expect(ask(profile, { threads: [2], rangeNs: [300_000, 500_000] })).toEqual(
    plain(
      SAMPLES,
      isEven,
      (sample) => threadOf(sample) === 2 && timeOf(sample) >= 300_000 && timeOf(sample) < 500_000,
    ),
  );
  expect(ask(profile, {})).toEqual(plain(SAMPLES, isEven, () => true));
  // It goes on growing: by less than a block, then by more.
  let count = SAMPLES;
  for (const grown of [1000, 400_000]) {
    more(grown);
    count += grown;
    const now = growing.snapshot();
    expect(ask(now, { threads: [1] })).toEqual(plain(count, isEven, (sample) => threadOf(sample) === 1));
    expect(ask(now, { rangeNs: [1_600_000, 1e9] })).toEqual(
      plain(count, isEven, (sample) => timeOf(sample) >= 1_600_000),
    );
    expect(ask(now, {})).toEqual(plain(count, isEven, () => true));
  }
});
