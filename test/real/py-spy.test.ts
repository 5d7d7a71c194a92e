import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import { needs } from "../needs.ts";
import { interpreters, type RunningPython, splitPath, startPython } from "../programs/python.ts";
import { cliAsNobody } from "./as-nobody.ts";
import { expectSplit, pythonSamples, shareOf } from "./python-samples.ts";
import { record, recorder } from "./recording.ts";

const path = pathWithPythonTools();
const rate = 200;

async function withPython<T>(
  starting: Promise<RunningPython>,
  use: (program: RunningPython) => Promise<T>,
): Promise<T> {
  const program = await starting;
  try {
    return await use(program);
  } finally {
    await program.stop();
  }
}

interface Piece {
  readonly beganNs: number;
  readonly endedNs: number;
}

const piecesOf = (raw: Uint8Array): readonly Piece[] =>
  Buffer.from(raw)
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Piece);

const [interpreter = "python3"] = interpreters();

needs("py-spy", "python3")("py-spy", () => {
  describe.each(interpreters())("%s", (each) => {
    test("attached: the truth, seen live, with nothing lost between the pieces", async () => {
      await withPython(startPython(each), async ({ pid }) => {
        const { recording, store } = recorder({ target: { kind: "pid", pid }, options: { rate } }, { path });
        // Three pieces of one, one and two seconds.
        await store.samples(1);
        const early = store.profile().series[0]?.length ?? 0;
        await store.samples(early + 1);
        expect(recording.state.phase).toBe("recording");
        await store.samples(3 * rate);
        const state = await recording.stop();
        expect(state).toMatchObject({
          phase: "done",
          ending: "stopped",
          problem: null,
          pid,
          profiler: "py-spy",
        });
        const samples = pythonSamples(store.profile());
        expect(samples).toHaveLength(state.samples);
        expectSplit(samples, { pid });
        expect(new Set(samples.filter(({ tid }) => tid === pid).map(({ threadName }) => threadName))).toEqual(
          new Set(["MainThread"]),
        );
        for (const { timeNs, pid: owner } of samples) {
          expect(owner).toBe(pid);
          expect(timeNs).toBeGreaterThanOrEqual(0);
          expect(timeNs).toBeLessThanOrEqual(state.elapsedNs);
        }
        const main = samples.filter(({ tid }) => tid === pid);
        // What lies between a piece and the next is under 1 % of the time; the start of py-spy is another.
        const pieces = piecesOf(store.raw());
        expect(pieces.length).toBeGreaterThanOrEqual(2);
        let betweenNs = 0;
        for (const [index, { beganNs }] of pieces.entries()) {
          const gapNs = index === 0 ? 0 : beganNs - (pieces[index - 1]?.endedNs ?? 0);
          expect(gapNs).toBeGreaterThanOrEqual(0);
          betweenNs += gapNs;
        }
        expect(betweenNs / state.elapsedNs).toBeLessThan(0.01);
        // At irregular times: of 600 samples their number is true to 4 %.
        const spansNs = pieces.reduce((sum, piece) => sum + piece.endedNs - piece.beganNs, 0);
        expect(Math.abs(main.length / ((rate * spansNs) / 1e9) - 1)).toBeLessThan(0.15);
        // No second without samples: the pieces lie one after the other.
        const seconds = new Set(main.map(({ timeNs }) => Math.floor(timeNs / 1e9)));
        for (let second = 0; second < Math.floor(state.elapsedNs / 1e9) - 1; second++)
          expect(seconds.has(second)).toBe(true);
      });
    });
  });

  test("threads by their names, and child processes", async () => {
    await withPython(startPython(interpreter, ["0", "2", "--worker"]), async (program) => {
      const { state, store } = await record(
        { target: { kind: "pid", pid: program.pid }, profiler: "py-spy", options: { rate, idle: true } },
        { path, samples: 400 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const samples = pythonSamples(store.profile());
      const namesOf = (pid: number) =>
        new Set(samples.filter((sample) => sample.pid === pid).map(({ threadName }) => threadName));
      expect(namesOf(program.pid)).toEqual(new Set(["MainThread", "sleeper", "split-1"]));
      expect(namesOf(program.workerPid)).toEqual(new Set(["MainThread", "sleeper"]));
      const sleeping = samples.filter(({ threadName }) => threadName === "sleeper");
      expect(sleeping.every(({ names }) => names.includes("sleep_for_ever"))).toBe(true);
    });
  });

  test("holders of the GIL: two threads take turns, and one that works without it is not there", async () => {
    await withPython(startPython(interpreter, ["0", "2", "--hasher"]), async ({ pid }) => {
      const { store } = await record(
        { target: { kind: "pid", pid }, profiler: "py-spy", options: { rate, gil: true } },
        { path, samples: 600 },
      );
      const samples = pythonSamples(store.profile());
      const share = (name: string) =>
        (100 * samples.filter(({ threadName }) => threadName === name).length) / samples.length;
      // Half of it each, where nothing else wants the processors.
      expect(share("MainThread")).toBeGreaterThan(10);
      expect(share("split-1")).toBeGreaterThan(10);
      expect(share("MainThread") + share("split-1")).toBeGreaterThan(97);
      expect(share("hasher")).toBeLessThan(2);
      expect(share("sleeper")).toBe(0);
      expect(Math.abs(shareOf(samples, "burn_a") - 60)).toBeLessThan(8);
      // The table of locks says the same: who has it, in which function, for how much of the run.
      const profile = store.profile();
      const { rows } = createAnalyst().answer(profile, { view: "locks", selection: {} });
      expect(rows).toHaveLength(1);
      const [gil] = rows;
      expect(gil).toMatchObject({ lock: "GIL", kind: "GIL (held)", holderFunction: "burn_a" });
      // A thread that works without it takes it to begin.
      expect([2, 3]).toContain(gil?.threads);
      expect(gil?.waits).toBe(samples.length);
      expect(gil?.holder).toMatch(/^(?:MainThread|split-1)\/\d+$/);
      expect(Math.abs((gil?.holderShare ?? 0) - 0.6)).toBeLessThan(0.1);
      // One of them always works; on a busy machine py-spy falls behind its rate.
      expect(gil?.share).toBeGreaterThan(0.5);
      expect(gil?.share).toBeLessThanOrEqual(1.05);
    });
  });

  test("native frames are named as such", async () => {
    await withPython(startPython(interpreter, ["0", "1", "--hasher"]), async ({ pid }) => {
      const { state, store } = await record(
        { target: { kind: "pid", pid }, profiler: "py-spy", options: { rate: 100, native: true } },
        { path, samples: 100 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const hashing = pythonSamples(store.profile()).filter(({ names }) => names.includes("hash_for_ever"));
      expect(hashing.length).toBeGreaterThan(0);
      expect(hashing.some(({ names }) => names.indexOf("hash_for_ever") < names.length - 1)).toBe(true);
    });
  });

  test("launched, and the program ends by itself", async () => {
    const argv = [interpreter, splitPath, "2.5"];
    const { state, store } = await record({ target: { kind: "launch", argv }, options: { rate } }, { path });
    expect(state).toMatchObject({
      phase: "done",
      ending: "target-exited",
      exitCode: 7,
      problem: null,
      profiler: "py-spy",
    });
    const samples = pythonSamples(store.profile());
    expect(new Set(samples.map(({ pid }) => pid))).toEqual(new Set([state.pid]));
    expect(samples.length).toBeGreaterThan(1.5 * rate);
    expectSplit(samples, { pid: state.pid });
  });

  test("the target ends in mid-recording: what had been sampled is kept", async () => {
    await withPython(startPython(interpreter, ["1.5"]), async ({ pid }) => {
      const { state } = await record(
        { target: { kind: "pid", pid }, profiler: "py-spy", options: { rate } },
        { path },
      );
      expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
      expect(state.samples).toBeGreaterThan(0.8 * rate);
    });
  });

  test("without py-spy it says how to get it", async () => {
    await withPython(startPython(interpreter), async ({ pid }) => {
      const { state } = await record(
        { profiler: "py-spy", target: { kind: "pid", pid } },
        { path: "/nowhere" },
      );
      expect(state).toMatchObject({ phase: "failed", problem: { code: "tool-missing" } });
      expect(state.problem?.fix).toMatch(/pipx install py-spy/);
    });
  });
});

needs(
  "py-spy",
  "python3",
  "root",
)("py-spy, as an unprivileged user", () => {
  test("the process of someone else is refused, with what to do", async () => {
    await withPython(startPython(interpreter), async ({ pid }) => {
      const { code, text } = await cliAsNobody(
        ["record", "--pid", String(pid), "--profiler", "py-spy"],
        path,
        ["py-spy"],
      );
      expect(code).not.toBe(0);
      expect(text).toMatch(/belongs to root/);
      expect(text).toMatch(/sudo -u root/);
    });
  });
});
