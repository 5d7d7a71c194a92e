import { afterAll, beforeAll, expect, test } from "vitest";
import type { Profile } from "#core/model/profile.ts";
import { needs } from "../needs.ts";
import { startProgram } from "../programs/build.ts";
import { type RunningGo, startGo } from "../programs/go.ts";
import { memoryOf, siteOf } from "./memory.ts";
import { record, recorder, stackNames } from "./recording.ts";

/** Value by innermost function of the program, in a series of a unit. */
function weights(profile: Profile, unit: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const series of profile.series) {
    const values = series.values.find((each) => each.unit === unit)?.data;
    for (let row = 0; row < series.length; row++) {
      const own = stackNames(profile, series.stack[row] ?? -1).filter((name) => name.startsWith("main."));
      const name = own.at(-1) ?? "";
      found.set(name, (found.get(name) ?? 0) + (values?.[row] ?? 0));
    }
  }
  return found;
}

function expectShares(profile: Profile): void {
  const cpu = weights(profile, "nanoseconds");
  const all = [...cpu.values()].reduce((sum, value) => sum + value, 0);
  for (const [name, percent] of [
    ["main.burnA", 60],
    ["main.burnB", 30],
    ["main.burnC", 10],
  ] as const)
    expect(Math.abs((100 * (cpu.get(name) ?? 0)) / all - percent), name).toBeLessThan(5);
}

const target = (pid: number) => ({ kind: "pid", pid }) as const;

needs("go")("Go's own profiler", () => {
  let program: RunningGo;
  beforeAll(async () => {
    program = await startGo();
  });
  afterAll(() => program.stop());

  test("of a process: its endpoint is found, its truth seen live", { timeout: 30_000 }, async () => {
    const { recording, store } = recorder({ profiler: "go-pprof", target: target(program.pid) });
    await store.samples(1);
    const early = store.profile().series[0]?.length ?? 0;
    await store.samples(early + 1);
    expect(recording.state.phase).toBe("recording");
    // So many that a share is true to a few points.
    await store.samples(250);
    const state = await recording.stop();
    expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
    const profile = store.profile();
    expectShares(profile);
    const chain = Array.from({ length: profile.stacks.length }, (_, stack) => stackNames(profile, stack));
    expect(chain).toContainEqual(["main.work", "main.phaseAB", "main.burnA"]);
    for (const timeNs of profile.series[0]?.time ?? []) {
      expect(timeNs).toBeGreaterThanOrEqual(0);
      expect(timeNs).toBeLessThanOrEqual(profile.meta.durationNs);
    }
  });

  test("at an address, whose profiles are the ones that are asked for", { timeout: 30_000 }, async () => {
    const endpoint = { kind: "endpoint", url: program.address } as const;
    const goroutines = await record(
      { profiler: "go-pprof", target: endpoint, options: { profile: "goroutine" } },
      { samples: 3 },
    );
    expect(goroutines.state.problem).toBeNull();
    const all = Array.from({ length: goroutines.store.profile().stacks.length }, (_, stack) =>
      stackNames(goroutines.store.profile(), stack).join(),
    );
    expect(all.some((names) => names.includes("main.waitForEver"))).toBe(true);
    const mutex = await record(
      { profiler: "go-pprof", target: endpoint, options: { profile: "mutex" } },
      { samples: 1 },
    );
    const held = weights(mutex.store.profile(), "nanoseconds");
    expect(held.get("main.holdLock") ?? 0).toBeGreaterThan(
      0.8 * [...held.values()].reduce((a, b) => a + b, 0),
    );
  });

  test("somebody else is profiling it: a clear problem", async () => {
    const busy = new AbortController();
    const at = `http://${program.address}/debug/pprof`;
    const other = fetch(`${at}/profile?seconds=20`, { signal: busy.signal });
    other.catch(() => undefined);
    // The second one is refused as soon as the first has begun, which then sleeps in its handler.
    const stacks = async (): Promise<string> => (await fetch(`${at}/goroutine?debug=1`)).text();
    await expect.poll(stacks).toMatch(/net\/http\/pprof\.sleep/);
    const { state } = await record({
      profiler: "go-pprof",
      target: { kind: "endpoint", url: `http://${program.address}` },
    });
    busy.abort();
    expect(state.problem).toMatchObject({ code: "endpoint-refused" });
    expect(state.samples).toBe(0);
    expect(state.problem?.message).toContain("already in use");
  });

  test("without an endpoint it says what would give one", async () => {
    const { pid, stop } = await startProgram("split");
    try {
      const { state } = await record({ profiler: "go-pprof", target: target(pid) });
      expect(state.problem).toMatchObject({ code: "no-pprof-endpoint" });
      expect(state.problem?.fix).toContain("net/http/pprof");
    } finally {
      await stop();
    }
  });

  test("a program that ends in the middle leaves what had come", { timeout: 20_000 }, async () => {
    const brief = await startGo();
    const { recording, store } = recorder({ profiler: "go-pprof", target: target(brief.pid) });
    await store.samples(1);
    await brief.stop();
    const state = await recording.finished;
    expect(state).toMatchObject({ phase: "done", ending: "target-exited" });
    expect(state.samples).toBeGreaterThan(0);
  });

  test("what lives, within a hundredth, and what the runtime counts beside it", async () => {
    // Every allocation, not one in 512 KiB.
    const own = await startGo({ GODEBUG: "memprofilerate=1" });
    try {
      const { recording, store } = recorder({
        profiler: "go-pprof",
        target: target(own.pid),
        options: { profile: "live" },
      });
      await store.samples(1);
      await expect.poll(() => store.counterRows.some(({ id }) => id === "heap-go")).toBe(true);
      // Each piece begins with a collection: it is on the timeline once the next reading has seen it.
      const collections = (): number => {
        const { intervals, strings } = store.profile();
        return Array.from(intervals.category, (at) => strings[at]).filter((each) => each === "GC").length;
      };
      await expect.poll(collections, { timeout: 15_000 }).toBeGreaterThan(0);
      const before = store.profile().meta.durationNs;
      await (await fetch(`http://${own.address}/grow`)).text();
      const sites = (): readonly string[] => memoryOf(store.profile()).sites.map(({ name }) => name);
      await expect.poll(sites).toContain("main.growSite");
      expect(await recording.stop()).toMatchObject({ phase: "done", problem: null });
      const profile = store.profile();
      const about = (value: number, truth: number): void =>
        expect(Math.abs(value / truth - 1)).toBeLessThan(0.01);
      // Slices of 10,000 bytes lie in blocks of 10,240.
      const kept = siteOf(memoryOf(profile), "leakSite");
      about(kept.liveBytes, 10_240_000);
      about(kept.liveBlocks, 1000);
      // Between two moments: what has come is told from what was there.
      const between = memoryOf(profile, { rangeNs: [before, profile.meta.durationNs] });
      about(siteOf(between, "growSite").grownBytes, 5_120_000);
      about(siteOf(between, "growSite").grownBlocks, 500);
      expect(between.sites.find(({ name }) => name === "main.leakSite")?.grownBytes ?? 0).toBe(0);
    } finally {
      await own.stop();
    }
  });
});
