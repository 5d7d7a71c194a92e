import { expect, test } from "vitest";
import type { LogLine } from "#core/model/recording.ts";
import { startRecording } from "../../../../main/engine/recorder.ts";
import { createRecordingLog } from "../../../../main/engine/recorder-log.ts";
import { fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";
import { fakeProfiler } from "../../../fakes/fake-profiler.ts";
import { createMemoryStore } from "../../../fakes/memory-store.ts";

const pid = process.pid;
const target = fakeTarget({ pid, name: "vitest" });
const request = {
  profiler: "",
  target: { kind: "pid", pid } as const,
  options: {},
  durationS: null,
  output: "",
};

function start(
  mode: string,
  options: { readonly program?: string; readonly durationS?: number; readonly diskBytes?: number } = {},
) {
  const store = createMemoryStore(options.diskBytes === undefined ? {} : { diskBytes: options.diskBytes });
  const host = fakeHost({ targets: [target] });
  const recording = startRecording(
    {
      host,
      targets: { get: host.target },
      store,
      holdScript: "",
      profilers: [fakeProfiler(mode, options.program)],
      timeouts: { stopMs: 300, silenceMs: 300 },
    },
    { ...request, durationS: options.durationS ?? null },
  );
  return { recording, store };
}

test("a steady tool: checked, started, recorded, stopped, saved", async () => {
  const { recording, store } = start("steady");
  const phases: string[] = [];
  recording.onState(({ phase }) => {
    if (phases.at(-1) !== phase) phases.push(phase);
  });
  expect(recording.state).toMatchObject({ phase: "checking", profileId: "", target: `process ${pid}` });
  await store.samples(10);
  await recording.mark("half-way");
  const [first, second] = await Promise.all([recording.stop(), recording.stop()]);
  expect(first).toBe(second);
  expect(phases).toEqual(["starting", "recording", "stopping", "importing", "done"]);
  expect(first).toMatchObject({
    phase: "done",
    profiler: "fake",
    profilerTitle: "Fake",
    target: `vitest ${pid}`,
    ending: "stopped",
    problem: null,
    commands: ["fake steady"],
    savedTo: "memory.fwp",
  });
  expect(first.rawBytes).toBe(store.raw().length);
  expect(store.marks).toEqual(["half-way"]);
  expect(store.headers[0]).toMatchObject({ profiler: "fake", pid, workbenchPid: pid });
  expect(store.headers[0]?.sessionId).toMatch(/^\d{8}-\d{6}-vitest-[0-9a-f]{4}$/);
  expect(store.counterRows.some(({ id }) => id === "rss")).toBe(true);
});

const failures: readonly (readonly [string, Record<string, unknown>])[] = [
  ["garbage", { ending: "failed", problem: { code: "tool-failed" } }],
  ["dies", { phase: "done", ending: "failed", samples: 10, problem: { code: "tool-failed" } }],
  ["refuses", { phase: "failed", ending: "failed", problem: { code: "not-permitted" } }],
];
test.each(failures)("a tool that is %s", async (mode, expected) => {
  const { recording } = start(mode);
  const { problem, ...state } = await recording.finished;
  const { problem: expectedProblem, ...expectedState } = expected;
  expect(state).toMatchObject(expectedState);
  expect(problem).toMatchObject(expectedProblem as object);
  expect(problem?.fix).not.toBe("");
  if (mode === "dies") expect(problem?.detail).toBe("something is wrong\nvery wrong");
});

test("a tool that is not there", async () => {
  const { recording } = start("steady", { program: "/no/such/tool" });
  expect(await recording.finished).toMatchObject({
    phase: "failed",
    problem: { code: "tool-missing" },
    profileId: "",
  });
});

test("a deaf tool is ended by force, and what it gave is kept", async () => {
  const { recording, store } = start("deaf");
  await store.samples(4);
  const state = await recording.stop();
  expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
  expect(state.samples).toBeGreaterThanOrEqual(4);
  expect(state.remarks.join()).toContain("ended by force");
});

test("what is read beside a tool that takes its time to end is read no longer than it samples", async () => {
  const { recording, store } = start("deaf");
  await store.samples(4);
  let atStop = -1;
  recording.onState(({ phase }) => {
    if (phase === "stopping" && atStop === -1) atStop = store.counterRows.length;
  });
  await recording.stop();
  expect(atStop).toBeGreaterThan(0);
  expect(store.counterRows).toHaveLength(atStop);
});

test("a tool that tells late is asked to end once it has told all", async () => {
  const { recording, store } = start("late");
  await store.samples(4);
  expect(await recording.stop()).toMatchObject({ ending: "stopped", samples: 40, problem: null });
});

test("a silent tool: said so while it runs, and at the end", async () => {
  const { recording } = start("silent");
  await new Promise<void>((resolve) => {
    recording.onState(({ remarks }) => {
      if (remarks.some((text) => /may be idle/.test(text))) resolve();
    });
  });
  expect(await recording.stop()).toMatchObject({ samples: 0, problem: { code: "no-samples" } });
});

test("the disk is full", async () => {
  const { recording, store } = start("flood", { diskBytes: 500_000 });
  const state = await recording.finished;
  expect(state).toMatchObject({ ending: "failed", problem: { code: "disk-full" } });
  expect(state.samples).toBeGreaterThan(0);
  expect(store.raw().length).toBeLessThanOrEqual(500_000);
});

test("a flood: every sample that the tool wrote arrives", async () => {
  const { recording, store } = start("flood", { durationS: 0.5 });
  const state = await recording.finished;
  expect(state).toMatchObject({ phase: "done", ending: "duration", problem: null });
  const all = Buffer.from(store.raw()).toString("latin1").split("cpu-clock:u").length - 1;
  expect(state.samples).toBe(all);
  expect(all).toBeGreaterThan(5000);
  // A tool that only writes costs something, and so does reading it.
  expect(state.observer?.profilerPercent).toBeGreaterThan(0);
  expect(state.observer?.workbenchPercent).toBeGreaterThan(0);
  expect(store.profile().meta.recorded?.observer).toEqual(state.observer);
});

test("20,000 lines of words: the newest are kept in memory, all of them on disk", async () => {
  const { recording, store } = start("chatty");
  await store.samples(2);
  await expect.poll(() => store.log.filter(({ source }) => source === "stderr").length).toBe(20_000);
  expect(recording.logged.length).toBeLessThanOrEqual(10_000);
  await recording.stop();
});

const refused: readonly (readonly [object, string])[] = [
  [{ profiler: "nonsense" }, "no-such-profiler"],
  [{ options: { speed: 3 } }, "bad-option"],
  [{ target: { kind: "pid", pid: 2 ** 22 - 3 } }, "no-such-process"],
  [{ target: { kind: "system" } }, "no-profiler-fits"],
];
test.each(refused)("%j is refused as %s", async (part, code) => {
  const host = fakeHost({ targets: [target] });
  const recording = startRecording(
    {
      host,
      targets: { get: host.target },
      store: createMemoryStore(),
      holdScript: "",
      profilers: [fakeProfiler("steady")],
    },
    { ...request, ...part },
  );
  const state = await recording.finished;
  expect(state).toMatchObject({ phase: "failed", problem: { code }, profileId: "", savedTo: "" });
  expect(await recording.stop()).toBe(state);
});

test("stopped at once: nothing begins", async () => {
  const { recording, store } = start("steady");
  const state = await recording.stop();
  expect(state).toMatchObject({ phase: "failed", ending: "stopped", problem: { code: "stopped-early" } });
  expect(store.headers).toEqual([]);
});

test("the log: a listener gets what was and what comes, nothing twice", async () => {
  let time = 0;
  const log = createRecordingLog(() => ++time);
  log.write("workbench", "one");
  log.write("stderr", "two");
  const got: LogLine[] = [...log.lines];
  const rest = new Promise<void>((resolve) => {
    log.onLines((lines) => {
      got.push(...lines);
      if (got.length === 3) resolve();
    });
  });
  log.write("output", "three");
  await rest;
  expect(got.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  const kept: string[] = [];
  log.persist(({ text }) => kept.push(text));
  log.write("output", "four");
  expect(kept).toEqual(["one", "two", "three", "four"]);
});
