import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { MemorySite, MemoryTable } from "#core/model/memory-table.ts";
import { pythonMemoryFolder } from "../../native-scripts/bootstrap/python-tools.mjs";
import { needs } from "../needs.ts";
import { buildProgram } from "../programs/build.ts";
import { memoryOf, siteOf } from "./memory.ts";
import { record, recorder } from "./recording.ts";

const rounds = 500;
const leakedBytes = rounds * 1000;
const peakBytes = (8 << 20) + 65_536 + leakedBytes / 2;
const within = (value: number, truth: number, share: number): void =>
  expect(Math.abs(value - truth) / truth, `${value} for ${truth}`).toBeLessThan(share);

/** Tests run side by side: it is built once. */
let built: Promise<string> | null = null;

/** Half a second of the program: the tools' own starts are what takes time here. */
async function recorded(profiler: string, options = {}, pauseMs = 1): Promise<MemoryTable> {
  built ??= buildProgram("leak");
  return recordedOf([await built, String(rounds), String(pauseMs)], profiler, options);
}

async function recordedOf(argv: string[], profiler: string, options = {}): Promise<MemoryTable> {
  const { state, store } = await record({ target: { kind: "launch", argv }, profiler, options });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
  expect(store.log.some(({ text }) => /slower|as long/.test(text))).toBe(true);
  return memoryOf(store.profile());
}

const leak = (table: MemoryTable): MemorySite => siteOf(table, "leak_here");

needs("valgrind", "cc")("launched under valgrind", () => {
  describe.concurrent("a leak of known size", () => {
    test("DHAT: the leak, the peak, what was freed", async () => {
      const table = await recorded("dhat");
      expect(leak(table)).toMatchObject({ liveBytes: leakedBytes, liveBlocks: rounds, freedBytes: 0 });
      expect(siteOf(table, "churn")).toMatchObject({ liveBytes: 0, allocations: rounds * 200 });
      expect(siteOf(table, "tall_peak").peakBytes).toBe(8 << 20);
      within(table.peakBytes, peakBytes, 0.01);
    });

    test("memcheck: every leaked block, and what is still reachable", async () => {
      const table = await recorded("memcheck");
      // The last block's address may still lie in a register.
      within(leak(table).liveBytes, leakedBytes, 0.01);
      expect(siteOf(table, "keep")).toMatchObject({ liveBytes: 65_536, liveBlocks: 64 });
    });

    test("memcheck, asked while it runs: the leak so far, and how it grows; known leaks left out", async () => {
      const folder = await mkdtemp(join(tmpdir(), "flamewright-suppressions-"));
      const rules = join(folder, "known.supp");
      await writeFile(rules, "{\n  known\n  Memcheck:Leak\n  ...\n  fun:keep\n}\n");
      built ??= buildProgram("leak");
      const { recording, store } = recorder({
        target: { kind: "launch", argv: [await built, "0", "5"] },
        profiler: "memcheck",
        options: { suppressions: rules },
      });
      const leaked = (): number =>
        memoryOf(store.profile()).sites.find(({ name }) => name === "leak_here")?.liveBytes ?? 0;
      /** Valgrind itself has to begin before it answers; what it says is on the disk before it is read. */
      const check = async (): Promise<number> => {
        await recording.ask().catch(() => undefined);
        return leaked();
      };
      await expect.poll(check, { timeout: 30_000, interval: 300 }).toBeGreaterThan(0);
      const first = leaked();
      const state = await recording.stop();
      expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
      const table = memoryOf(store.profile());
      expect(leak(table).liveBytes).toBeGreaterThan(first);
      expect(leak(table).ratePerS).toBeGreaterThan(1000);
      expect(leak(table).liveBytes % 1000).toBe(0);
      expect(table.sites.some(({ name }) => name === "keep")).toBe(false);
      await rm(folder, { recursive: true });
    });

    test("massif: growth by site while it runs, the peak at the end", async () => {
      const table = await recorded("massif", { interval: 0.5 }, 6);
      expect(leak(table).liveBytes).toBeGreaterThan(leakedBytes / 4);
      expect(leak(table).liveBytes % 1000).toBe(0);
      expect(leak(table).ratePerS).toBeGreaterThan(10_000);
      within(table.peakBytes, peakBytes, 0.01);
      expect(siteOf(table, "tall_peak").peakBytes).toBe(8 << 20);
    });
  });
});

needs(
  "liblsan",
  "libtcmalloc",
  "libjemalloc",
  "cc",
)("launched with another malloc", () => {
  describe.concurrent("a leak of known size", () => {
    test("LeakSanitizer: the leak, and not what is kept", async () => {
      const table = await recorded("leak-sanitizer");
      within(leak(table).liveBytes, leakedBytes, 0.01);
      expect(table.sites.some(({ name }) => name === "keep")).toBe(false);
    });

    test("AddressSanitizer that was built in: the same, and it is left as it is", async () => {
      const built = await buildProgram("leak-address");
      const table = await recordedOf([built, String(rounds), "1"], "leak-sanitizer");
      within(leak(table).liveBytes, leakedBytes, 0.01);
    });

    test("tcmalloc: every byte at the end, and growth on the way", async () => {
      const table = await recorded("tcmalloc-heap", {}, 6);
      expect(leak(table)).toMatchObject({ liveBytes: leakedBytes, liveBlocks: rounds });
      expect(siteOf(table, "keep").liveBytes).toBe(65_536);
      expect(table.sites[0]?.name).toBe("leak_here");
    });

    test("jemalloc: every block, by the sizes of its classes", async () => {
      const table = await recorded("jemalloc-heap", { every: 4 });
      expect(leak(table)).toMatchObject({ liveBytes: rounds * 1024, liveBlocks: rounds });
      within(table.peakBytes, peakBytes, 0.1);
    });
  });
});

const here = dirname(dirname(fileURLToPath(import.meta.url)));

needs("python3")("Python's own tracemalloc", () => {
  test("the line that leaks, every byte of it, and how it grows", async () => {
    const script = join(here, "programs", "leak.py");
    const { state, store } = await record({
      target: { kind: "launch", argv: ["python3", script, "200", "6"] },
      profiler: "tracemalloc",
      options: { interval: 0.2 },
    });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
    const table = memoryOf(store.profile());
    const [first] = table.sites;
    expect(first).toMatchObject({ name: "leak.py:13", freedBytes: 0 });
    // Each is a bytearray, and its place in a list.
    within(first?.liveBytes ?? 0, 200 * (1057 + 8), 0.01);
    expect(first?.path.slice(-3)).toEqual(["leak.py:30", "leak.py:22", "leak.py:13"]);
    expect(first?.ratePerS).toBeGreaterThan(10_000);
    const last = (id: string): number =>
      store
        .profile()
        .counters.find((counter) => counter.id === id)
        ?.value.at(-1) ?? 0;
    expect(last("tracemalloc")).toBeGreaterThanOrEqual(first?.liveBytes ?? 0);
    expect(last("tracemalloc-peak")).toBeGreaterThanOrEqual(last("tracemalloc"));
  });
});

needs(
  "memray",
  "python3",
  "gdb",
)("memray and memory_profiler, in the program's own interpreter", () => {
  const script = join(here, "programs", "leak.py");
  /** Each keeps a bytearray, and its place in a list. */
  const keptBytes = 1057 + 8;
  const keptBlocks = 2;
  beforeAll(() => {
    vi.stubEnv("PYTHONPATH", pythonMemoryFolder());
    vi.stubEnv("PATH", `${join(pythonMemoryFolder(), "bin")}${delimiter}${process.env.PATH}`);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  test("memray: what the line that leaks has left, to the byte", async () => {
    const table = await recordedOf(["python3", script, "200", "1"], "memray");
    expect(table.sites[0]).toMatchObject({ name: "leak_here", line: 13 });
    within(leak(table).liveBytes, 200 * keptBytes, 0.01);
    // An array and its bytes.
    within(leak(table).liveBlocks, 200 * keptBlocks, 0.02);
    expect(table.sites.some(({ name }) => name === "churn")).toBe(false);
  });

  test("memory_profiler: the line that keeps ten megabytes, among those that keep none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flamewright-lines-"));
    const marked = join(folder, "marked.py");
    await writeFile(
      marked,
      "@profile\ndef load():\n    kept = bytearray(10 << 20)\n    len(kept)\n    return kept\n\nload()\n",
    );
    const { state, store } = await record({
      target: { kind: "launch", argv: ["python3", marked] },
      profiler: "memory-profiler",
      options: { measure: "tracemalloc" },
    });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
    const { series, stacks, frames } = store.profile();
    const growth = series.find(({ id }) => id === "growth");
    const grown = Array.from(growth?.stack ?? [], (stack, row) => [
      frames.line[stacks.frame[stack] ?? -1] ?? 0,
      growth?.values[0]?.data?.[row] ?? 0,
    ]);
    const [line, bytes = 0] = grown.reduce(
      (most, each) => ((each[1] ?? 0) > (most[1] ?? 0) ? each : most),
      [],
    );
    expect(line).toBe(3);
    within(bytes, 10 << 20, 0.01);
    await rm(folder, { recursive: true });
  });

  test("memray, put into a program that runs: what it keeps from then on, and how it grows", async () => {
    const child = spawn("python3", [script, "0", "5"], { stdio: "ignore" });
    try {
      const { recording, store } = recorder({
        target: { kind: "pid", pid: child.pid ?? 0 },
        profiler: "memray",
        options: { update: 1 },
      });
      const leaked = (): number =>
        memoryOf(store.profile()).sites.find(({ name }) => name === "leak_here")?.liveBytes ?? 0;
      await Promise.race([
        expect.poll(leaked, { timeout: 30_000, interval: 200 }).toBeGreaterThan(50 * keptBytes),
        recording.finished,
      ]);
      const first = leaked();
      expect(await recording.stop()).toMatchObject({ phase: "done", ending: "stopped", problem: null });
      const table = memoryOf(store.profile());
      expect(table.sites[0]).toMatchObject({ name: "leak_here" });
      expect(leaked()).toBeGreaterThan(first);
      expect(leak(table).ratePerS).toBeGreaterThan(1000);
      expect(leak(table).path.slice(-3)).toEqual(["<module>", "one_round", "leak_here"]);
      // It goes on as it was.
      expect(child.exitCode).toBe(null);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

test("node --heap-prof: what lives at the end, within five points", async () => {
  const script = join(here, "programs", "leak.js");
  const table = await recordedOf([process.execPath, script, "2000"], "node-heap-prof", { sample: 8 });
  within(siteOf(table, "leakHere").liveBytes, 2000 * 8016, 0.05);
  expect(table.sites[0]?.name).toBe("leakHere");
});
