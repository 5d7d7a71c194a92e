import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { needs } from "../needs.ts";
import { buildProgram, startProgram } from "../programs/build.ts";
import { memoryOf, siteOf } from "./memory.ts";
import { record, recorder } from "./recording.ts";

needs("heaptrack", "cc")("launched with heaptrack", () => {
  test("every byte and block by its site, the peak, and the suspect", async () => {
    const argv = [await buildProgram("leak"), "300", "3"];
    const { state, store, states } = await record({
      target: { kind: "launch", argv },
      profiler: "heaptrack",
    });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
    const table = memoryOf(store.profile());
    expect(siteOf(table, "leak_here")).toMatchObject({ liveBytes: 300_000, liveBlocks: 300, freedBytes: 0 });
    expect(siteOf(table, "leak_here").path.slice(-3)).toEqual(["main", "one_round", "leak_here"]);
    expect(siteOf(table, "keep")).toMatchObject({ liveBytes: 65_536, liveBlocks: 64 });
    expect(siteOf(table, "churn")).toMatchObject({
      liveBytes: 0,
      allocations: 60_000,
      temporary: 60_000,
      freedBytes: 60_000 * 128,
    });
    const peakTruth = (8 << 20) + 65_536 + 150_000;
    expect(Math.abs(table.peakBytes - peakTruth) / peakTruth).toBeLessThan(0.01);
    expect(siteOf(table, "tall_peak").peakBytes).toBe(8 << 20);
    expect(table.sites[0]).toMatchObject({ name: "leak_here" });
    expect(table.sites[0]?.suspicion).toBeGreaterThan(0.7);
    // It was seen while it ran, and nobody else's RSS is in the workbench's own.
    expect(new Set(states.map(({ samples }) => samples)).size).toBeGreaterThan(2);
    expect(store.counterRows.some(({ id }) => id === "anon")).toBe(true);
    expect(store.log.some(({ text }) => /1\.2 times slower/.test(text))).toBe(true);
  });

  test("a program that heaptrack cannot get into is said to be one", async () => {
    const { recording } = recorder({
      target: { kind: "launch", argv: [await buildProgram("leak-static"), "1"] },
      profiler: "heaptrack",
    });
    expect(await recording.finished).toMatchObject({ phase: "failed", problem: { code: "no-output" } });
  });
});

needs(
  "heaptrack",
  "gdb",
  "cc",
)("heaptrack put into a running process", () => {
  test("what it leaks from then on; and it lives on after the recording", async () => {
    const program = await startProgram("leak", ["0", "2"]);
    const { recording, store } = recorder({
      target: { kind: "pid", pid: program.pid },
      profiler: "heaptrack",
    });
    try {
      await Promise.race([store.samples(20), recording.finished]);
      expect(await recording.stop()).toMatchObject({ phase: "done", ending: "stopped", problem: null });
      const [first] = memoryOf(store.profile()).sites;
      expect(first).toMatchObject({ name: "leak_here", freedBytes: 0 });
      expect((first?.liveBytes ?? 0) / (first?.liveBlocks ?? 1)).toBe(1000);
      // More than a pipe holds: were nobody to read it, it would stand still or be ended by SIGPIPE.
      const before = await writtenBy(program.pid);
      while ((await writtenBy(program.pid)) < before + (256 << 10)) {
        // Each look takes a moment of its own.
      }
    } finally {
      await recording.stop();
      await program.stop();
    }
  });
});

async function writtenBy(pid: number): Promise<number> {
  const io = await readFile(`/proc/${pid}/io`, "utf8");
  return Number(/^wchar: (\d+)$/m.exec(io)?.[1]);
}
