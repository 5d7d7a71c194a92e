import { expect, test } from "vitest";
import { needs } from "../needs.ts";
import { buildProgram } from "../programs/build.ts";
import { exactOf } from "./exact-of.ts";
import { record, recorder } from "./recording.ts";

needs("c++filt", "cc")("launched with gprof", () => {
  test("counts calls exactly, and samples their time", async () => {
    const argv = [await buildProgram("counted-gprof"), "3000", "6000"];
    const { state, store } = await record({ target: { kind: "launch", argv }, profiler: "gprof" });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
    const profile = store.profile();
    const truths = { burn_a: 60, burn_b: 30, burn_c: 10, phase_ab: 90, phase_c: 10 };
    for (const [name, truth] of Object.entries(truths)) {
      const { calls, share } = exactOf(profile, name);
      expect(calls).toBe(3000);
      // 100 samples a second of its CPU time: 150 here, which are off by 4 points as often as not.
      expect(Math.abs(share - truth)).toBeLessThan(15);
    }
    expect(exactOf(profile, "work").calls).toBe(1);
  });

  test("a program that was not built for it is not launched", async () => {
    const argv = [await buildProgram("counted")];
    const { state } = await record({ target: { kind: "launch", argv }, profiler: "gprof" });
    expect(state).toMatchObject({ phase: "failed", pid: -1, problem: { code: "not-built-for-gprof" } });
  });

  test("ended by a signal: it is said why there is no profile", async () => {
    const argv = [await buildProgram("counted-gprof"), "0"];
    const { recording, store } = recorder({ target: { kind: "launch", argv }, profiler: "gprof" });
    let asked = false;
    recording.onState(({ phase }) => {
      if (phase !== "recording" || asked) return;
      asked = true;
      void recording.stop();
    });
    expect(await recording.finished).toMatchObject({ ending: "stopped", problem: { code: "no-output" } });
    expect(store.log.length).toBeGreaterThan(0);
  });
});
