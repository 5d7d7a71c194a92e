import { expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { Steps } from "#core/analysis/steps.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { QueryInput } from "#core/model/query.ts";
import { inTurns } from "#engine/in-turns.ts";

/** Each step takes longer than a turn. */
function* slow(steps: number, taken: number[]): Steps<string> {
  for (let step = 0; step < steps; step++) {
    taken.push(step);
    for (const endMs = performance.now() + 20; performance.now() < endMs; );
    yield;
  }
  return "done";
}

const open = new AbortController().signal;

it("lets what else the thread has to do come between two steps", async () => {
  const taken: number[] = [];
  const answered: number[] = [];
  const long = inTurns(slow(4, taken), open);
  const ask = (): void => {
    setImmediate(() => {
      answered.push(taken.length);
      if (taken.length < 4) ask();
    });
  };
  ask();
  expect(await long).toBe("done");
  expect(answered).toEqual(expect.arrayContaining([2, 3]));
});

it("takes quick steps in one turn", async () => {
  let isElse = false;
  setImmediate(() => {
    isElse = true;
  });
  function* quick(): Steps<boolean> {
    yield;
    yield;
    return isElse;
  }
  expect(await inTurns(quick(), open)).toBe(false);
});

it("leaves the work when nobody waits for it any more", async () => {
  const leaving = new AbortController();
  const taken: number[] = [];
  const long = inTurns(slow(100, taken), leaving.signal);
  setImmediate(() => leaving.abort());
  await expect(long).rejects.toMatchObject({ problem: { code: "cancelled" } });
  expect(taken.length).toBeLessThan(5);
});

it("advice and the chart of many samples give way, and say the same in steps as at once", () => {
  const builder = new ProfileBuilder();
  const series = builder.series({
    id: "cpu",
    kind: "cpu",
    timed: true,
    values: [{ name: "time", unit: "nanoseconds" }],
  });
  const stacks = Array.from({ length: 300 }, (_, i) =>
    builder.stack(
      NONE,
      builder.frame({
        function: builder.function({ name: builder.string(i % 3 === 0 ? "[unknown]" : `f${i}`) }),
      }),
    ),
  );
  const thread = builder.thread(builder.process(1, "p"), 1, "t");
  for (let i = 0; i < 400_000; i++)
    series.add(builder.seen(i * 1000), thread, stacks[Math.imul(i, 7919) % 300] ?? NONE, 1000);
  const profile = builder.build();
  const asked: readonly QueryInput[] = [{ view: "advice" }, { view: "chart", selection: {}, widthPx: 1000 }];
  for (const query of asked) {
    const work = createAnalyst().steps(profile, query);
    let turns = 0;
    let step = work.next();
    for (; step.done !== true; step = work.next()) turns++;
    expect(turns).toBeGreaterThan(3);
    expect(step.value).toEqual(createAnalyst().answer(profile, query));
  }
});
