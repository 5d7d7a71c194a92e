import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { needs } from "../needs.ts";
import { buildProgram, startProgram } from "../programs/build.ts";
import { record, recorder, stackNames } from "./recording.ts";

interface Truth {
  readonly waits: number;
  readonly meanNs: number;
}

/** What the program measured itself, by name. */
const truthOf = (text: string): Readonly<Record<string, Truth>> =>
  Object.fromEntries(
    [...text.matchAll(/^truth (\w+) waits (\d+) wait (\d+)$/gm)].map(([, name, waits, wait]) => [
      name,
      { waits: Number(waits), meanNs: Number(wait) / Number(waits) },
    ]),
  );

/** Attaches to the program, which goes on for a while, and says the truth of its whole life at its end. */
async function attached(profiler: string) {
  const program = await startProgram("waits", ["2.5"]);
  const target = { kind: "pid", pid: program.pid } as const;
  const { state, store } = await record({ profiler, target });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
  await program.exited;
  return { profile: store.profile(), truth: truthOf(program.output()) };
}

/** ns of a series by function of the program and by reason. */
function timeIn(profile: Profile, func: string) {
  const series = profile.series.find(({ id }) => id === "off-cpu");
  const waits: number[] = [];
  const reasons = new Set<string>();
  for (let row = 0; series && row < series.length; row++) {
    if (!stackNames(profile, series.stack[row] ?? -1).includes(func)) continue;
    waits.push(series.values[0]?.data?.[row] ?? 0);
    const { labels, strings } = profile;
    labels.set.forEach((set, label) => {
      if (set === series.labels?.[row] && strings[labels.key[label] ?? -1] === "reason")
        reasons.add(strings[labels.text[label] ?? -1] ?? "");
    });
  }
  const sorted = waits.sort((a, b) => a - b);
  return {
    ns: waits.reduce((sum, each) => sum + each, 0),
    medianNs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    reasons,
  };
}

needs(
  "perf",
  "cc",
  "root",
)("waiting, through perf", () => {
  test("a mutex that a known function holds: waits within 10 %, its name and its holder", async () => {
    const { profile, truth } = await attached("perf-locks");
    const table = createAnalyst().answer(profile, { view: "locks", selection: {} });
    const row = table.rows.find(({ lock }) => lock === "main_lock");
    expect(row).toMatchObject({ kind: "mutex", waiter: "take", holderFunction: "hold_main" });
    expect(row?.holder).toMatch(/^holder\//);
    expect(row?.holderShare).toBeGreaterThan(0.9);
    const lock = truth.main_lock;
    expect(Math.abs((row?.meanNs ?? 0) / (lock?.meanNs ?? 0) - 1)).toBeLessThan(0.1);
    const perSecond = (row?.waits ?? 0) / (profile.meta.durationNs / 1e9);
    expect(Math.abs(perSecond / ((lock?.waits ?? 0) / 2.5) - 1)).toBeLessThan(0.1);
    // It is held for 6 of every 8 ms, and somebody nearly always wants it.
    expect(row?.share).toBeGreaterThan(0.4);
    // The condition variable is waited for longer than anything, and is no contention.
    expect(table.rows.map(({ lock }) => lock)).not.toContain("idle_cond");
    expect(table.idle.waits).toBeGreaterThan(50);
  });

  test("a launched program has whole stacks too: the shell that holds it is in nobody's way", async () => {
    const argv = [await buildProgram("waits"), "1"];
    const { state, store } = await record({ profiler: "perf-locks", target: { kind: "launch", argv } });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    const profile = store.profile();
    const calls = profile.series.find(({ id }) => id === "syscalls:sys_enter_futex");
    expect(calls?.length).toBeGreaterThan(100);
    const rootless = Array.from({ length: calls?.length ?? 0 }, (_, row) =>
      stackNames(profile, calls?.stack[row] ?? -1),
    ).filter((names) => !names.some((name) => name === "main" || name.endsWith("_thread")));
    expect(rootless).toEqual([]);
    const { rows } = createAnalyst().answer(profile, { view: "locks", selection: {} });
    expect(rows.find(({ lock }) => lock === "main_lock")).toMatchObject({
      waiter: "take",
      holderFunction: "hold_main",
    });
  });

  test("a read that blocks 200 ms, a sleep, a lock: off-CPU time by function and reason", async () => {
    const { profile, truth } = await attached("perf-off-cpu");
    const read = timeIn(profile, "read_slowly");
    // It blocks 200 ms, and on a busy machine longer: the program's own mean is of its whole life, not of the recording.
    expect(read.medianNs).toBeGreaterThan(180e6);
    expect(read.medianNs / (truth.read?.meanNs ?? 0)).toBeLessThan(1.2);
    // It reads all the time.
    expect(read.ns / profile.meta.durationNs).toBeGreaterThan(0.8);
    expect(read.reasons).toContain("pipe");
    expect(timeIn(profile, "idle_wait").reasons).toContain("waiting for work");
    expect(timeIn(profile, "wait_main").reasons).toContain("lock");
    expect(timeIn(profile, "doze").reasons).toContain("sleep");
    // What runs is on the same timeline.
    expect(profile.series.map(({ id }) => id)).toEqual(expect.arrayContaining(["off-cpu", "cpu-clock"]));
  });
});

needs(
  "perf",
  "cc",
  "root",
)("threads that wait for each other", () => {
  test("the ring is named, lock by lock and holder by holder, while it is recorded", async () => {
    const program = await startProgram("deadlock");
    try {
      const { recording, store } = recorder({
        profiler: "perf-locks",
        target: { kind: "pid", pid: program.pid },
      });
      await expect
        .poll(() => store.marks.join(), { timeout: 15_000 })
        .toMatch(
          /^Deadlock: left\/\d+ waits for lock_b, which right\/\d+ holds; right\/\d+ waits for lock_a, which left\/\d+ holds$/,
        );
      await recording.stop();
    } finally {
      await program.stop();
    }
  });
});
