import { expect, test } from "vitest";
import { pathWithAsyncProfiler } from "../../native-scripts/bootstrap/java-tools.mjs";
import { needs } from "../needs.ts";
import { buildJava, startJava } from "../programs/java.ts";
import { expectAllocations, expectChains, expectShares, javaSamples } from "./java-steps.ts";
import { record, recorder } from "./recording.ts";

const path = pathWithAsyncProfiler();

needs("java", "async-profiler")("async-profiler", () => {
  test("attached: live, shares within 5 points, chains exact, locks and allocations with their places", async () => {
    const program = await startJava();
    try {
      const input = {
        profiler: "async-profiler",
        target: { kind: "pid", pid: program.pid },
        options: { update: 1, allocations: true, "lock-waits": true },
      } as const;
      const { recording, store } = recorder(input, { path });
      const seen = new Set<number>();
      const grown = new Promise<void>((resolve) => {
        recording.onState(({ phase, samples }) => {
          if (phase === "recording" && samples > 0) seen.add(samples);
          if (seen.size >= 3 && samples > 550) resolve();
        });
      });
      await Promise.race([grown, recording.finished]);
      const state = await recording.stop();
      expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null, pid: program.pid });
      const profile = store.profile();
      const worker = javaSamples(profile, "ExecutionSample").filter(
        ({ thread }) => thread === "split-worker",
      );
      expectShares(worker);
      expectChains(worker);
      // Between pieces nothing is missing, and nothing is there twice.
      const times = worker.map(({ timeNs }) => timeNs).sort((a, b) => a - b);
      expect(new Set(times).size).toBe(times.length);
      const waits = javaSamples(profile, "JavaMonitorEnter").filter(
        ({ thread }) => thread === "split-waiter",
      );
      expect(waits.length).toBeGreaterThan(5);
      for (const { names } of waits) expect(names).toContain("JavaSplit.wantVault");
      const makers = javaSamples(profile, "ObjectAllocation").filter(
        ({ thread }) => thread === "split-maker",
      );
      expect(makers.length).toBeGreaterThan(5);
      expect(makers.every(({ names }) => names.includes("JavaSplit.makeGarbage"))).toBe(true);
      // One of 512 KiB: three standard deviations of the samples that there are.
      expectAllocations(makers, Math.max(5, 150 / Math.sqrt(makers.length)));

      // The agent was stopped: it starts again. A second one is refused meanwhile.
      const again = recorder({ ...input, options: { update: 1 } }, { path });
      await Promise.race([again.store.samples(20), again.recording.finished]);
      const { state: second } = await record(input, { path });
      expect(second).toMatchObject({ phase: "failed", problem: { code: "agent-refused" } });
      expect(await again.recording.stop()).toMatchObject({ phase: "done", problem: null });
    } finally {
      await program.stop();
    }
  });

  test("launched, all threads: from the first moment to its own end, waiting ones too", async () => {
    const argv = ["java", "-Xmx64m", "-cp", await buildJava(), "JavaSplit", "3"];
    const { state, store } = await record(
      { target: { kind: "launch", argv }, profiler: "async-profiler", options: { event: "wall", update: 1 } },
      { path },
    );
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 7, problem: null });
    const samples = javaSamples(store.profile(), "WallClockSample");
    const worker = samples.filter(({ thread }) => thread === "split-worker");
    // By the clock: on a busy machine a thread waits for its turn in whatever it does.
    expectShares(worker, 15);
    expect(
      samples.some(({ thread, names }) => thread === "split-idle" && names.includes("JavaSplit.idle")),
    ).toBe(true);
    const times = worker.map(({ timeNs }) => timeNs);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(2.5e9);
  });
});
