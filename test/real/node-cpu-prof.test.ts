import { expect, test } from "vitest";
import { nodeArgs, nodeProgramPath } from "../programs/build.ts";
import { record, recorder, samplesOf, selfShare } from "./recording.ts";

test("launched with --cpu-prof: shares within 5 points, the call chain exact, no port opened", async () => {
  const argv = [process.execPath, ...nodeArgs, nodeProgramPath("hot.js"), "1"];
  const { state, store } = await record({ target: { kind: "launch", argv }, profiler: "node-cpu-prof" });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
  const samples = samplesOf(store.profile())
    .filter(({ names }) => names.includes("processImmediate"))
    .map((sample) => ({ ...sample, weight: 1 }));
  for (const [leaf, truth] of Object.entries({ hotA: 60, hotB: 30, hotC: 10 })) {
    expect(Math.abs(selfShare(samples, leaf) - truth)).toBeLessThan(5);
    const found = samples.filter(({ names }) => names.at(-1) === leaf);
    const exact = found.filter(({ names }) => names.slice(-3).join() === `tick,caller,${leaf}`);
    expect(exact.length / found.length).toBeGreaterThan(0.98);
  }
  for (const { tid, timeNs } of samples) {
    expect(tid).toBe(state.pid);
    expect(timeNs).toBeGreaterThan(0);
    expect(timeNs).toBeLessThan(state.elapsedNs);
  }
  expect(store.log.some(({ text }) => text.includes("Debugger listening"))).toBe(false);
});

test("stopped: the profiles of the main thread and of its workers are there, each by its name", async () => {
  const argv = [process.execPath, ...nodeArgs, nodeProgramPath("crew.js")];
  const { state, store } = await record({
    target: { kind: "launch", argv },
    profiler: "node-cpu-prof",
    durationS: 1.5,
  });
  expect(state).toMatchObject({ phase: "done", ending: "duration", problem: null });
  const samples = samplesOf(store.profile());
  const share = (thread: string, name: string): number =>
    selfShare(
      samples.filter(({ threadName, names }) => threadName === thread && names.includes("turn")),
      name,
    );
  expect(share("worker 1", "crewEven")).toBeGreaterThan(90);
  expect(share("worker 2", "crewOdd")).toBeGreaterThan(90);
  expect(samples.some(({ threadName }) => threadName === "main")).toBe(true);
  expect(() => process.kill(state.pid, 0)).toThrow();
});

test("killed: it is said why there is no profile", async () => {
  const argv = [process.execPath, nodeProgramPath("idle.js")];
  const { recording } = recorder({ target: { kind: "launch", argv }, profiler: "node-cpu-prof" });
  let killed = false;
  recording.onState(({ phase, pid }) => {
    if (phase === "recording" && !killed) killed = process.kill(pid, "SIGKILL");
  });
  expect(await recording.finished).toMatchObject({ phase: "failed", problem: { code: "no-output" } });
});

test("what is not node is not launched", async () => {
  const { state } = await record({
    target: { kind: "launch", argv: ["/bin/true"] },
    profiler: "node-cpu-prof",
  });
  expect(state).toMatchObject({ phase: "failed", problem: { code: "not-node" } });
});
