import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { jfr } from "#core/profilers/jfr.ts";
import { needs } from "../needs.ts";
import { buildJava, startJava } from "../programs/java.ts";
import {
  chunksOf,
  expectAllocations,
  expectChains,
  expectShares,
  javaSamples,
  realHost,
} from "./java-steps.ts";
import { record, recorder } from "./recording.ts";

needs("java")("Java Flight Recorder", () => {
  test("shares within 5 points, chains exact, threads named, and every sample in one piece only, also where the JVM begins chunks by itself", async () => {
    const program = await startJava();
    try {
      const { pid } = program;
      const { chunks, extra } = await chunksOf(jfr, { target: { kind: "pid", pid } }, 4, {
        extra: (scratch) => [
          "jcmd",
          String(pid),
          "JFR.dump",
          `name=flamewright:${scratch}`,
          `filename=${scratch}/all.jfr`,
        ],
        // Each of them ends the chunk that is being written: two more between two dumps.
        before: async (index) => {
          if (index !== 2) return;
          await jcmd(pid, "JFR.start", "name=other", "settings=default");
          await jcmd(pid, "JFR.stop", "name=other");
        },
      });
      const pieces = chunks.map((chunk) => javaSamples(chunk, "ExecutionSample"));
      // Something new in each: that is what a live view shows.
      for (const piece of pieces) expect(piece.length).toBeGreaterThan(10);
      const samples = pieces.flat();
      const all = extra === null ? [] : javaSamples(extra, "ExecutionSample");
      // The dump of all has, after the same samples in the same order, those since the last piece.
      const words = all.map(({ thread, names }) => `${thread} ${names.join(";")}`);
      expect(words.slice(0, samples.length)).toEqual(
        samples.map(({ thread, names }) => `${thread} ${names.join(";")}`),
      );
      expect(all.length - samples.length).toBeLessThan(samples.length / 2);

      const worker = samples.filter(({ thread }) => thread === "split-worker");
      expect(worker.length / samples.length).toBeGreaterThan(0.9);
      expectShares(worker);
      expectChains(worker);
      expect(samples.some(({ thread }) => thread === "split-idle")).toBe(false);

      // On a busy machine the holder may have to wait as well.
      const waits = chunks
        .flatMap((chunk) => javaSamples(chunk, "JavaMonitorEnter"))
        .filter(({ thread }) => thread === "split-waiter");
      expect(waits.length).toBeGreaterThan(5);
      // JDK 17 loses the stack of a wait that goes on while a chunk ends.
      const placed = waits.filter(({ names }) => names.length > 0);
      expect(placed.length).toBeGreaterThanOrEqual(waits.length - chunks.length);
      for (const { names } of placed) expect(names.at(-1)).toBe("JavaSplit.wantVault");
      expect(chunks.some(({ strings }) => strings.includes("JavaSplit$Vault"))).toBe(true);
      const allocations = chunks
        .flatMap((chunk) => javaSamples(chunk, "ObjectAllocationSample"))
        .filter(({ thread }) => thread === "split-maker");
      expect(allocations.length).toBeGreaterThan(300);
      expectAllocations(allocations);
    } finally {
      await program.stop();
    }
  });

  test("launched: from its first moment to its own end, with its exit code", async () => {
    const argv = ["java", "-Xmx64m", "-cp", await buildJava(), "JavaSplit", "3"];
    const { state, store } = await record({
      target: { kind: "launch", argv },
      profiler: "jfr",
      options: { update: 1 },
    });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 7, problem: null });
    const worker = javaSamples(store.profile(), "ExecutionSample").filter(
      ({ thread }) => thread === "split-worker",
    );
    // What the JVM counts of itself stands beside the kernel's counters, and each time it collected.
    const heap = store.counterRows.filter(({ id }) => id === "heap-java").map(({ value }) => value);
    expect(Math.max(...heap)).toBeGreaterThan(1 << 20);
    const { intervals, strings } = store.profile();
    expect(Array.from(intervals.category, (at) => strings[at])).toContain("GC");
    // Three seconds at 10 ms, of which the JVM takes up to 20 ms each.
    expect(worker.length).toBeGreaterThan(100);
    // A busy machine gives it a third of the samples: three standard deviations.
    expectShares(worker, worker.length > 250 ? 5 : 12);
    // What came after the last dump is there, and nothing twice.
    const times = worker.map(({ timeNs }) => timeNs);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(2.5e9);
    expect(new Set(times).size).toBe(times.length);
  });

  test("recorded live: samples are there before the stop, and more after a while", async () => {
    const program = await startJava();
    try {
      const { pid } = program;
      const { recording, store } = recorder({
        profiler: "jfr",
        target: { kind: "pid", pid },
        options: { update: 1, paths: true },
      });
      const seen = new Set<number>();
      const grown = new Promise<void>((resolve) => {
        recording.onState(({ phase, samples }) => {
          if (phase === "recording" && samples > 0) seen.add(samples);
          // Of the CPU: allocations are sampled more often.
          const cpu = store.profile().series.find(({ id }) => id === "jdk.ExecutionSample")?.length ?? 0;
          if (seen.size >= 2 && cpu > 250) resolve();
        });
      });
      await Promise.race([grown, recording.finished]);
      const state = await recording.stop();
      expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null, pid });
      expect(seen.size).toBeGreaterThanOrEqual(2);
      // The commands are those that ran, with the folder of this recording.
      expect(state.commands.join("\n")).toMatch(/JFR\.dump .*flamewright-chunks-\w+\/0\.jfr/);
      expect(state.commands.join("\n")).not.toMatch(/\{(scratch|since)\}/);
      const worker = javaSamples(store.profile(), "ExecutionSample").filter(
        ({ thread }) => thread === "split-worker",
      );
      expectShares(worker, 8);

      // What is kept is known by what lives on: its place stands first, with its class and what refers to it.
      const memory = createAnalyst().answer(store.profile(), { view: "memory", selection: {} });
      const leak = memory.sites[0];
      // Of a few hundred samples of different weights; the test above has thousands.
      const sites = ["garbageA", "garbageB", "keep"].map((name) =>
        memory.sites.find((site) => site.name === `JavaSplit.${name}`),
      );
      const bytes = sites.reduce((sum, site) => sum + (site?.allocatedBytes ?? 0), 0);
      for (const [at, percent] of [60, 35, 5].entries())
        expect(Math.abs((100 * (sites[at]?.allocatedBytes ?? 0)) / bytes - percent)).toBeLessThan(12);
      expect(leak).toMatchObject({ name: "JavaSplit.keep", objects: [{ type: "byte[]" }] });
      expect(leak?.objects[0]?.keptBy.join(" ")).toContain("JavaSplit");
      expect(leak?.objects[0]?.objects).toBeLessThanOrEqual(256);
    } finally {
      await program.stop();
    }
  });

  test("a JVM that ends in the middle leaves what it had handed over", async () => {
    const program = await startJava();
    try {
      const { recording, store } = recorder({
        profiler: "jfr",
        target: { kind: "pid", pid: program.pid },
        options: { update: 1 },
      });
      await Promise.race([store.samples(100), recording.finished]);
      await program.stop();
      expect(await recording.finished).toMatchObject({
        phase: "done",
        ending: "target-exited",
        problem: null,
      });
      expect(javaSamples(store.profile(), "ExecutionSample").length).toBeGreaterThan(0);
    } finally {
      await program.stop();
    }
  });

  test("a thread dump at once: where each thread stands", async () => {
    const program = await startJava();
    try {
      const { state, store } = await record(
        { profiler: "java-threads", target: { kind: "pid", pid: program.pid } },
        { samples: 10 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const samples = javaSamples(store.profile(), "threads");
      const idle = samples.find(({ thread }) => thread === "split-idle");
      expect(idle?.names.join(" ")).toContain("JavaSplit.idle");
    } finally {
      await program.stop();
    }
  });

  test("a JVM that refuses to be attached to is named, with the switch", async () => {
    const program = await startJava([], { jvm: ["-XX:+DisableAttachMechanism"] });
    try {
      const checks = await jfr.preflight(realHost(), request(program.pid));
      expect(checks.find(({ id }) => id === "attach-disabled")?.status).toBe("fail");
    } finally {
      await program.stop();
    }
  });

  test("without jcmd it says what to install", async () => {
    const checks = await jfr.preflight(realHost("/nowhere"), request(process.pid));
    expect(checks.find(({ status }) => status === "fail")).toMatchObject({ id: "tool-missing" });
    expect(checks.find(({ id }) => id === "not-java")?.status).toBe("fail");
  });
});

needs("java", "root")("Java Flight Recorder, and the JVM of someone else", () => {
  const nobody = 65_534;
  test("is refused, with what to do", async () => {
    const program = await startJava([], { uid: nobody });
    try {
      const checks = await jfr.preflight(realHost(), request(program.pid));
      const check = checks.find(({ id }) => id === "not-yours");
      expect(check?.status).toBe("fail");
      expect(check?.fix).toMatch(/^Run Flamewright as nobody: sudo -u nobody /);
    } finally {
      await program.stop();
    }
  });
});

const jcmd = (pid: number, ...words: readonly string[]) =>
  promisify(execFile)("jcmd", [String(pid), ...words]);

const request = (pid: number) => ({
  profiler: "jfr",
  target: { kind: "pid", pid } as const,
  options: {},
  durationS: null,
  output: "",
});
