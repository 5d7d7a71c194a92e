import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { nodeArgs, nodeProgramPath, type RunningProgram, startProgram } from "../programs/build.ts";
import { record, recorder, samplesOf, selfShare } from "./recording.ts";

/** Many samples, soon. */
const often = { rate: 1000, chunk: 200 };

async function withProgram<T>(
  starting: Promise<RunningProgram>,
  use: (program: RunningProgram) => Promise<T>,
): Promise<T> {
  const program = await starting;
  try {
    return await use(program);
  } finally {
    await program.stop();
  }
}

const near = (truth: number, points: number) => (share: number) => Math.abs(share - truth) < points;

/** The first turn runs while the module loads, before V8 has compiled anything: later ones come from setImmediate. */
function checkHot(samples: ReturnType<typeof samplesOf>): void {
  const hot = samples.filter(({ names }) => names.includes("processImmediate"));
  const counted = hot.map((sample) => ({ ...sample, weight: 1 }));
  const truths = { hotA: 60, hotB: 30, hotC: 10 };
  for (const [leaf, truth] of Object.entries(truths)) {
    expect(selfShare(counted, leaf)).toSatisfy(near(truth, 5));
    // A busy machine may let V8's sampling thread wait: then one sample stands for a long time.
    expect(selfShare(hot, leaf)).toSatisfy(near(truth, 10));
    const found = hot.filter(({ names }) => names.at(-1) === leaf);
    const exact = found.filter(({ names }) => names.slice(-3).join() === `tick,caller,${leaf}`);
    expect(exact.length / found.length).toBeGreaterThan(0.98);
  }
}

test("attached: shares within 5 points, the call chain exact, the target left as it was", async () => {
  await withProgram(startProgram("hot.js"), async ({ pid }) => {
    const { state, store, states } = await record(
      { target: { kind: "pid", pid }, options: often },
      { samples: 1500 },
    );
    expect(state).toMatchObject({
      phase: "done",
      profiler: "node-inspector",
      ending: "stopped",
      problem: null,
      pid,
    });
    const samples = samplesOf(store.profile());
    expect(samples).toHaveLength(state.samples);
    checkHot(samples);
    for (const { tid, threadName } of samples) {
      expect(tid).toBe(pid);
      expect(threadName).toBe("main");
    }
    const times = samples.map(({ timeNs }) => timeNs);
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThanOrEqual(state.elapsedNs);
    // At the seams between pieces nothing is missing and nothing is there twice.
    const sorted = [...times].sort((a, b) => a - b);
    expect(times).toEqual(sorted);
    expect(new Set(times).size).toBe(times.length);
    const updates = new Set(states.map(({ samples: count }) => count));
    expect(updates.size).toBeGreaterThan(4);
    expect(new Set(store.counterRows.map(({ id }) => id))).toContain("heap");

    // And again: its inspector was closed, and opens anew.
    const again = await record({ target: { kind: "pid", pid }, options: often }, { samples: 100 });
    expect(again.state).toMatchObject({ phase: "done", problem: null });
  });
});

test("worker threads are recorded, each by its name", async () => {
  await withProgram(startProgram("crew.js"), async ({ pid }) => {
    const { state, store } = await record(
      { target: { kind: "pid", pid }, options: often },
      { samples: 2500 },
    );
    expect(state).toMatchObject({ phase: "done", problem: null });
    const samples = samplesOf(store.profile());
    const leaves = (thread: RegExp): readonly string[] =>
      samples.filter(({ threadName }) => thread.test(threadName)).map(({ names }) => names.at(-1) ?? "");
    const share = (all: readonly string[], name: string) =>
      all.filter((leaf) => leaf === name).length / all.length;
    expect(share(leaves(/worker 1/), "crewEven")).toBeGreaterThan(0.9);
    expect(share(leaves(/worker 2/), "crewOdd")).toBeGreaterThan(0.9);
  });
});

test("by an address: HTTP or websocket", async () => {
  const child = spawn(
    process.execPath,
    ["--inspect=127.0.0.1:0", ...nodeArgs.slice(0, 2), nodeProgramPath("hot.js")],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  try {
    const socket = await new Promise<string>((resolve) => {
      child.stderr.on("data", (text) => {
        const url = /ws:\/\/\S+/.exec(String(text))?.[0];
        if (url !== undefined) resolve(url);
      });
    });
    for (const url of [`http://${new URL(socket).host}`, socket]) {
      const { state, store } = await record(
        { target: { kind: "endpoint", url }, options: often },
        { samples: 600 },
      );
      expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null, pid: child.pid });
      checkHot(samplesOf(store.profile()));
    }
  } finally {
    child.kill();
  }
});

test("launched: from its first line to its last", async () => {
  const argv = [process.execPath, ...nodeArgs, nodeProgramPath("hot.js"), "1"];
  const { state, store } = await record({
    target: { kind: "launch", argv },
    profiler: "node-inspector",
    options: often,
  });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
  checkHot(samplesOf(store.profile()));
  const output = store.log.filter(({ source }) => source === "output").map(({ text }) => text);
  expect(output).toContain(`ready ${state.pid}`);
  expect(output.some((line) => line.startsWith("done "))).toBe(true);
});

test("launched: its own Node children do not wait for a debugger", async () => {
  const code =
    "const { execFileSync } = require('node:child_process');" +
    "console.log('child says ' + execFileSync(process.execPath, ['-p', '6*7 + String(process.env.NODE_OPTIONS)']).toString());" +
    "const end = Date.now() + 300; while (Date.now() < end);";
  const argv = [process.execPath, "-e", code];
  const { state, store } = await record({
    target: { kind: "launch", argv, env: { NODE_OPTIONS: "--no-warnings" } },
  });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
  expect(store.log.map(({ text }) => text)).toContain("child says 42--no-warnings");
});

test("launched and stopped: the program is ended too", async () => {
  const argv = [process.execPath, ...nodeArgs, nodeProgramPath("hot.js")];
  const { state } = await record({ target: { kind: "launch", argv }, options: often }, { samples: 200 });
  expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
  expect(() => process.kill(state.pid, 0)).toThrow();
});

const ends: readonly (readonly [string, string])[] = [
  ["by itself", "clearInterval(timer), process.stdin.destroy()"],
  ["by process.exit", "process.exit(0)"],
];
test.each(ends)(
  "the target ends %s in mid-recording, unharmed, and its last work is there",
  async (_, how) => {
    const code =
      "function burn() { const end = Date.now() + 8; while (Date.now() < end); }" +
      `const timer = setInterval(burn, 10); process.stdin.once('data', () => { ${how} });` +
      "process.stdout.write('ready ' + process.pid);";
    const child = spawn(process.execPath, [...nodeArgs, "-e", code], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    const exited = new Promise((resolve) => child.on("exit", (...how) => resolve(how)));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const { recording, store } = recorder({ target: { kind: "pid", pid: child.pid ?? -1 }, options: often });
    await store.samples(200);
    child.stdin.write("end");
    const state = await recording.finished;
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    expect(await exited).toEqual([0, null]);
    expect(samplesOf(store.profile()).some(({ names }) => names.includes("burn"))).toBe(true);
  },
);

test("the target is killed in mid-recording: what had arrived is kept", async () => {
  await withProgram(startProgram("hot.js"), async (program) => {
    const { recording, store } = recorder({ target: { kind: "pid", pid: program.pid }, options: often });
    await store.samples(200);
    await program.stop();
    const state = await recording.finished;
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    expect(state.samples).toBeGreaterThanOrEqual(200);
  });
});

test("a program that is not Node is never sent the signal", async () => {
  await withProgram(startProgram("idle"), async ({ pid }) => {
    const { state } = await record({ target: { kind: "pid", pid }, profiler: "node-inspector" });
    expect(state).toMatchObject({ phase: "failed", problem: { code: "not-node" } });
    expect(process.kill(pid, 0)).toBe(true);
  });
});

test("the port where it would open belongs to someone else: refused, not mistaken", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" ? address?.port : 0;
  await withProgram(
    startProgram("idle.js", [], { nodeArgs: [`--inspect-port=${port}`] }),
    async ({ pid }) => {
      const { state } = await record({ target: { kind: "pid", pid } });
      expect(state).toMatchObject({ phase: "failed", problem: { code: "inspector-port-taken" } });
      expect(process.kill(pid, 0)).toBe(true);
    },
  );
  other.close();
});

test("a target with another title and a port of its own choice, while its usual port is taken", async () => {
  const other = createServer();
  // Somebody may hold it already, which is as good.
  await new Promise<void>((resolve) => {
    other.once("error", () => resolve());
    other.listen(9229, "127.0.0.1", () => resolve());
  });
  const code =
    "process.title = 'renamed'; process.debugPort = 0; setInterval(() => undefined, 5); process.stdout.write('ready');";
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const { state } = await record({ target: { kind: "pid", pid: child.pid ?? -1 } }, { samples: 50 });
  expect(state).toMatchObject({ phase: "done", target: `renamed ${child.pid}`, problem: null });
  child.kill();
  other.close();
});

const addresses: readonly (readonly [string, string])[] = [
  ["http://127.0.0.1:1", "inspector-unreachable"],
  ["ws://127.0.0.1:1/x", "inspector-unreachable"],
  ["nonsense", "bad-address"],
];
test.each(addresses)("no inspector at %s", async (url, code) => {
  const { state } = await record({ target: { kind: "endpoint", url } });
  expect(state).toMatchObject({ phase: "failed", problem: { code } });
});
