import { expect, test } from "vitest";
import { needs } from "../needs.ts";
import { buildProgram } from "../programs/build.ts";
import { exactOf } from "./exact-of.ts";
import { record, recorder, samplesOf, selfShare } from "./recording.ts";

/** callgrind takes 20 to 50 times as long as the program itself: 0.2 s of work. */
const rounds = 1000;

needs("callgrind_annotate", "cc")("launched under callgrind", () => {
  test("counts exactly: shares within a point, calls to the call, parts seen before the end", async () => {
    const argv = [await buildProgram("counted"), String(rounds)];
    const { state, store, states } = await record({
      target: { kind: "launch", argv },
      profiler: "callgrind",
      options: { interval: 1 },
    });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
    const profile = store.profile();
    const samples = samplesOf(profile);
    for (const [leaf, truth] of Object.entries({ burn_a: 60, burn_b: 30, burn_c: 10 }))
      expect(Math.abs(selfShare(samples, leaf) - truth)).toBeLessThan(1);
    const truths = { burn_a: 60, burn_b: 30, burn_c: 10, phase_ab: 90, phase_c: 10 };
    for (const [name, truth] of Object.entries(truths)) {
      const { calls, share } = exactOf(profile, name);
      expect(calls).toBe(rounds);
      expect(Math.abs(share - truth)).toBeLessThan(1);
    }
    // Its one call lasts from before the first part to after the last.
    expect(exactOf(profile, "work").calls).toBe(1);
    expect(exactOf(profile, "work").share).toBeGreaterThan(99);
    for (const { names } of samples.filter((sample) => sample.names.at(-1) === "burn_a"))
      expect(names.slice(-4).join()).toBe("main,work,phase_ab,burn_a");
    const counts = new Set(states.map(({ samples: count }) => count).filter((count) => count > 0));
    expect(counts.size).toBeGreaterThan(1);
    const output = store.log.filter(({ source }) => source === "output").map(({ text }) => text);
    expect(output).toContain("done");
  });

  test("stopped: what was counted so far is kept, and the program ended", async () => {
    const argv = [await buildProgram("counted"), "0"];
    const { state, store } = await record(
      { target: { kind: "launch", argv }, profiler: "callgrind", options: { interval: 1 } },
      { samples: 1 },
    );
    expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
    expect(Math.abs(selfShare(samplesOf(store.profile()), "burn_a") - 60)).toBeLessThan(1);
    expect(() => process.kill(state.pid, 0)).toThrow();
  });

  test("killed before it could write: said clearly", async () => {
    const argv = [await buildProgram("counted"), "0"];
    const { recording } = recorder({ target: { kind: "launch", argv }, profiler: "callgrind" });
    let killed = false;
    recording.onState(({ phase, pid }) => {
      if (phase === "recording" && !killed) killed = process.kill(pid, "SIGKILL");
    });
    expect(await recording.finished).toMatchObject({ phase: "failed", problem: { code: "no-output" } });
  });

  test("without valgrind there is a word on how to get it", async () => {
    const { recording } = recorder(
      { target: { kind: "launch", argv: ["/bin/true"] }, profiler: "callgrind" },
      { path: "/nowhere" },
    );
    expect(await recording.finished).toMatchObject({ phase: "failed", problem: { code: "tool-missing" } });
  });
});
