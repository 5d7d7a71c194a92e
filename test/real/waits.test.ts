import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { needs } from "../needs.ts";
import { buildProgram, startProgram } from "../programs/build.ts";
import { pyenvPython } from "../programs/python.ts";
import { record, recorder, stackNames } from "./recording.ts";

interface Truth {
  readonly waits: number;
  readonly totalNs: number;
  readonly medianNs: number;
}

/**
 * What the program itself measured while it was recorded, by name: it says of each wait when it ended, on the clock of the
 * recording.
 */
function truthOf(text: string, { meta }: Profile): Readonly<Record<string, Truth>> {
  const fromNs = BigInt(meta.originSeconds) * 1_000_000_000n + BigInt(meta.originNanos);
  const waits = new Map<string, number[]>();
  for (const [, name = "", end = "", wait = ""] of text.matchAll(/^waited (\w+) (\d+) (\d+)$/gm)) {
    const atNs = Number(BigInt(end) - fromNs);
    if (atNs < 0 || atNs > meta.durationNs) continue;
    // Of a wait that had begun before, what was recorded of it.
    waits.set(name, [...(waits.get(name) ?? []), Math.min(atNs, Number(wait))]);
  }
  return Object.fromEntries(
    [...waits].map(([name, all]) => [
      name,
      {
        waits: all.length,
        totalNs: all.reduce((sum, each) => sum + each, 0),
        medianNs: all.sort((x, y) => x - y)[all.length >> 1] ?? Number.NaN,
      },
    ]),
  );
}

const near = (found: number | undefined, truth: number | undefined): number =>
  Math.abs((found ?? Number.NaN) / (truth ?? Number.NaN) - 1);

/** Attaches to the program, which goes on for a while, and says the truth at its end. */
async function attached(profiler: string, seconds = "2.5") {
  const program = await startProgram("waits", [seconds]);
  const target = { kind: "pid", pid: program.pid } as const;
  const { state, store } = await record({ profiler, target });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
  const profile = store.profile();
  return { profile, truth: truthOf(await program.said, profile) };
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

/** Median ns of waits for a pipe, of the first thread of the process or of all others. */
function medianInPipes(profile: Profile, isFirst: boolean): number {
  const { labels, strings, threads, processes } = profile;
  const series = profile.series.find(({ id }) => id === "off-cpu");
  const inPipe = new Set<number>();
  labels.set.forEach((set, label) => {
    const [key, text] = [labels.key, labels.text].map((column) => strings[column[label] ?? -1]);
    if (key === "reason" && text === "pipe") inPipe.add(set);
  });
  const waits: number[] = [];
  for (let row = 0; series && row < series.length; row++) {
    const thread = series.thread[row] ?? -1;
    const pid = processes.pid[threads.process[thread] ?? -1];
    if (inPipe.has(series.labels?.[row] ?? -1) && (threads.tid[thread] === pid) === isFirst)
      waits.push(series.values[0]?.data?.[row] ?? 0);
  }
  return waits.sort((x, y) => x - y)[waits.length >> 1] ?? Number.NaN;
}

/** Who woke waits of a function, by the time that they took. */
function wakersOf(profile: Profile, func: string): readonly string[] {
  const { series, labels, strings } = profile;
  const waits = series.find(({ id }) => id === "off-cpu");
  const found = new Map<string, number>();
  for (let row = 0; waits && row < waits.length; row++) {
    if (!stackNames(profile, waits.stack[row] ?? -1).includes(func)) continue;
    labels.set.forEach((set, label) => {
      if (set !== waits.labels?.[row] || strings[labels.key[label] ?? -1] !== "woken by") return;
      const who = strings[labels.text[label] ?? -1] ?? "";
      found.set(who, (found.get(who) ?? 0) + (waits.values[0]?.data?.[row] ?? 0));
    });
  }
  const most = Math.max(...found.values());
  return [...found].filter(([, ns]) => ns > most / 10).map(([who]) => who);
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
    expect(near(row?.totalNs, truth.main_lock?.totalNs)).toBeLessThan(0.1);
    expect(near(row?.meanNs, (truth.main_lock?.totalNs ?? 0) / (truth.main_lock?.waits ?? 0))).toBeLessThan(
      0.1,
    );
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
    expect(near(read.medianNs, truth.read?.medianNs)).toBeLessThan(0.1);
    // It reads all the time.
    expect(read.ns / profile.meta.durationNs).toBeGreaterThan(0.8);
    expect(read.reasons).toContain("pipe");
    expect(timeIn(profile, "idle_wait").reasons).toContain("waiting for work");
    expect(timeIn(profile, "wait_main").reasons).toContain("lock");
    expect(timeIn(profile, "doze").reasons).toContain("sleep");
    // A thread of the program writes what is read; a timer, which perf is not told of, ends a sleep.
    expect(wakersOf(profile, "read_slowly")).toEqual([expect.stringMatching(/^\w+\/\d+$/)]);
    expect(wakersOf(profile, "doze")).toContain("outside of the target");
    // What runs is on the same timeline.
    expect(profile.series.map(({ id }) => id)).toEqual(expect.arrayContaining(["off-cpu", "cpu-clock"]));
  });
});

/** Records python-waits.py for two seconds and more with each of the profilers at once, and says the truth of each recording. */
async function whilePythonRuns(
  profilers: readonly string[],
  args: readonly string[],
  python?: readonly string[],
): Promise<readonly { readonly profile: Profile; readonly truth: Readonly<Record<string, Truth>> }[]> {
  const program = await startProgram("python-waits.py", args, python && { python });
  try {
    const target = { kind: "pid", pid: program.pid } as const;
    const recordings = profilers.map((profiler) => recorder({ profiler, target }));
    for (const { store } of recordings)
      await expect.poll(() => store.profile().meta.durationNs, { timeout: 20_000 }).toBeGreaterThan(2e9);
    // It ends before the recordings do: what they stop at is nobody's moment.
    const said = await program.finish();
    for (const { recording } of recordings)
      expect(await recording.finished).toMatchObject({ phase: "done", problem: null });
    return recordings.map(({ store }) => {
      const profile = store.profile();
      return { profile, truth: truthOf(said, profile) };
    });
  } finally {
    await program.stop();
  }
}

const locksOf = (profile: Profile) =>
  createAnalyst().answer(profile, { view: "locks", selection: {}, idle: true });

needs(
  "perf",
  "bpftrace",
  "cc",
  "root",
)("waiting in Python", () => {
  test("for the GIL, within 10 % of what the program measured, by perf and by bpftrace", async () => {
    const profiles = await whilePythonRuns(
      ["perf-locks", "bpftrace-locks"],
      ["gil", await buildProgram("keep-gil")],
    );
    for (const { profile, truth } of profiles) {
      const row = locksOf(profile).rows.find(({ kind }) => kind === "GIL");
      expect(row).toMatchObject({ lock: "GIL", isIdle: false });
      expect(near(row?.totalNs, truth.GIL?.totalNs)).toBeLessThan(0.1);
    }
  });

  // It names functions of Python to perf since 3.12.
  const python = pyenvPython(/^3\.12\./);
  test.runIf(python !== undefined)("a threading.Lock, by who waits and who holds it", async () => {
    const [recorded] = await whilePythonRuns(["perf-locks"], ["lock"], [python ?? "", "-X", "perf"]);
    if (!recorded) throw new Error("nothing was recorded");
    const truth = recorded.truth.ledger;
    const { rows } = locksOf(recorded.profile);
    const ledger = rows.find(({ waiter }) => waiter === "take");
    expect(ledger).toMatchObject({ kind: "Python lock", isIdle: false, holderFunction: "hold_ledger" });
    expect(ledger?.holderShare).toBeGreaterThan(0.9);
    expect(near(ledger?.totalNs, truth?.totalNs)).toBeLessThan(0.1);
    expect(near(ledger?.waits, truth?.waits)).toBeLessThan(0.1);
    expect(ledger?.share).toBeGreaterThan(0.3);
    const work = rows.filter(({ waiter }) => waiter === "Condition.wait");
    expect(work.map(({ isIdle }) => isIdle)).toContain(true);
    expect(work.every(({ kind, isIdle }) => isIdle || kind === "GIL")).toBe(true);
  });
});

needs("perf", "root")("reading in Node", () => {
  test("what blocks 200 ms in libuv's pool and in the first thread, within 10 %: the calls by file, the waits by thread", async () => {
    const folder = mkdtempSync(join(tmpdir(), "flamewright-reads-"));
    try {
      const program = await startProgram("slow-reads.js", [folder, "3"]);
      const target = { kind: "pid", pid: program.pid } as const;
      const both = ["perf-trace", "perf-off-cpu"].map((profiler) => record({ profiler, target }));
      const [calls, waits] = (await Promise.all(both)).map(({ state, store }) => {
        expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
        return store.profile();
      });
      if (!calls || !waits) throw new Error("nothing was recorded");
      const said = await program.said;
      const { rows } = createAnalyst().answer(calls, { view: "io", selection: {}, by: "file" });
      for (const name of ["pool", "sync"]) {
        const truth = truthOf(said, calls)[name];
        const read = rows.find((row) => row.name === join(folder, name));
        // One may have begun before.
        expect(Math.abs((read?.calls ?? 0) - (truth?.waits ?? 0))).toBeLessThanOrEqual(1);
        expect(near(read?.p50Ns, truth?.medianNs)).toBeLessThan(0.1);
        const waited = medianInPipes(waits, name === "sync");
        expect(near(waited, truthOf(said, waits)[name]?.medianNs)).toBeLessThan(0.1);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
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
      // Both wait for each other, and nobody begins or ends a wait any more.
      const late = recorder({ profiler: "perf-locks", target: { kind: "pid", pid: program.pid } });
      await expect
        .poll(() => locksOf(late.store.profile()), { timeout: 15_000 })
        .toMatchObject({ isRecorded: true, rows: [] });
      await expect.poll(() => late.store.marks.length, { timeout: 15_000 }).toBe(1);
      expect(await late.recording.stop()).toMatchObject({ phase: "done", problem: null });
      expect(late.store.profile().series.map(({ id }) => id)).toContain("lock-waits");
    } finally {
      await program.stop();
    }
  });
});

needs(
  "perf",
  "cc",
  "root",
)("locks of the kernel", () => {
  // Their tracepoints came with Linux 5.19.
  const hasEvents = existsSync("/sys/kernel/tracing/events/lock/contention_begin/id");
  test.runIf(hasEvents)("show with who waits in the kernel, and from where in the program", async () => {
    const program = await startProgram("kernel-lock", ["2"]);
    const target = { kind: "pid", pid: program.pid } as const;
    const { state, store } = await record({ profiler: "perf-locks", target });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    const profile = store.profile();
    const { rows } = createAnalyst().answer(profile, { view: "locks", selection: {} });
    const row = rows.find(({ kind }) => kind.startsWith("kernel lock ("));
    expect(row?.waits).toBeGreaterThan(0);
    expect(row?.waiter).not.toBe("");
    const waits = profile.series.find(({ id }) => id === "lock-waits");
    expect(Array.from(waits?.stack ?? []).some((at) => stackNames(profile, at).includes("churn"))).toBe(true);
  });
});

needs(
  "bpftrace",
  "cc",
  "root",
)("waiting, counted in the kernel", () => {
  test("a mutex that a known function holds: waits within 10 %, its name and its holder", async () => {
    const { profile, truth } = await attached("bpftrace-locks", "4.5");
    const table = createAnalyst().answer(profile, { view: "locks", selection: {} });
    const row = table.rows.find(({ lock }) => lock === "main_lock");
    expect(row).toMatchObject({ kind: "mutex", waiter: "take", holderFunction: "hold_main", threads: 2 });
    expect(row?.holder).toMatch(/^holder\//);
    expect(row?.holderShare).toBeGreaterThan(0.9);
    expect(near(row?.totalNs, truth.main_lock?.totalNs)).toBeLessThan(0.1);
    expect(near(row?.p50Ns, truth.main_lock?.medianNs)).toBeLessThan(0.1);
    expect(row?.share).toBeGreaterThan(0.4);
    expect(table.rows.map(({ lock }) => lock)).not.toContain("idle_cond");
    expect(table.idle.waits).toBeGreaterThan(20);
  });

  test("each wait of a launched program, from its first moment", async () => {
    const argv = [await buildProgram("first-waits")];
    const { state, store } = await record({ profiler: "bpftrace-locks", target: { kind: "launch", argv } });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    const row = locksOf(store.profile()).rows.find(({ lock }) => lock === "first_lock");
    expect(row).toMatchObject({
      kind: "mutex",
      waits: 10,
      waiter: "want_first",
      holderFunction: "hold_first",
    });
  });

  test("a launched program, from its start: off-CPU time by function and reason, and who wakes", async () => {
    const argv = [await buildProgram("waits"), "2"];
    const { state, store } = await record({ profiler: "bpftrace-off-cpu", target: { kind: "launch", argv } });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    const profile = store.profile();
    const read = timeIn(profile, "reader_thread");
    expect(read.ns / profile.meta.durationNs).toBeGreaterThan(0.6);
    expect(read.reasons).toContain("pipe");
    expect(timeIn(profile, "wait_main").reasons).toContain("lock");
    expect(timeIn(profile, "hold_main").reasons).toContain("sleep");
    expect(profile.strings).toContain("a timer");
  });
});

needs("valgrind", "cc")("locks of a program under valgrind", () => {
  test("drd: who holds a lock for long, how often", async () => {
    const argv = [await buildProgram("waits"), "1"];
    const options = { threshold: 4 };
    const { state, store } = await record({ profiler: "drd", target: { kind: "launch", argv }, options });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    const { rows } = createAnalyst().answer(store.profile(), { view: "locks", selection: {} });
    const held = rows.find(({ kind }) => kind === "mutex (held)");
    expect(held?.holderFunction).toBe("take");
    // Held for 6 of every 8 ms of a second, and somewhat longer under valgrind.
    expect(held?.waits).toBeGreaterThan(40);
    expect(held?.waits).toBeLessThan(130);
  });

  test.each(["helgrind", "drd"])("%s: what goes well by chance", async (profiler) => {
    const argv = [await buildProgram("order")];
    const { state, store } = await record({ profiler, target: { kind: "launch", argv } });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    const profile = store.profile();
    const errors = profile.series.find(({ id }) => id === "errors");
    const places = Array.from(errors?.stack ?? []).map((stack) => stackNames(profile, stack).at(-1));
    expect(places).toContain("count_up");
    expect(locksOf(profile).deadlocks).toEqual(
      profiler === "helgrind"
        ? [
            expect.stringMatching(
              /^possible: audit takes 0x\w+60 before 0x\w+A0, and withdraw the other way round$/,
            ),
          ]
        : [],
    );
  });
});
