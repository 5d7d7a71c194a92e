import { describe, expect, test } from "vitest";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import { needs } from "../needs.ts";
import { interpreters, type RunningPython, splitPath, startPython } from "../programs/python.ts";
import { cliAsNobody } from "./as-nobody.ts";
import { expectSplit, pythonSamples } from "./python-samples.ts";
import { record, recorder } from "./recording.ts";

const path = pathWithPythonTools();

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

needs("austin", "python3")("austin", () => {
  describe.each(interpreters())("%s", (interpreter) => {
    test("attached: shares within 5 points, chains exact with their lines, seen within a second", async () => {
      await withPython(startPython(interpreter), async ({ pid }) => {
        const { recording, store, states } = recorder(
          { profiler: "austin", target: { kind: "pid", pid }, options: { rate: 499 } },
          { path },
        );
        recording.onState(({ phase }) => {
          if (phase === "recording") recordingSinceMs ??= performance.now();
        });
        let recordingSinceMs: number | undefined;
        await store.samples(1);
        expect(performance.now() - (recordingSinceMs ?? 0)).toBeLessThan(1000);
        await store.samples(900);
        const state = await recording.stop();
        expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null, pid });
        const counts = states.filter(({ phase }) => phase === "recording").map(({ samples }) => samples);
        expect(new Set(counts.filter((count) => count > 0)).size).toBeGreaterThanOrEqual(2);
        expectSplit(pythonSamples(store.profile()), { pid });
      });
    });
  });

  const [interpreter = "python3"] = interpreters();

  test("child processes and threads are told apart", async () => {
    await withPython(startPython(interpreter, ["0", "2", "--worker"]), async (program) => {
      const { state, store } = await record(
        { profiler: "austin", target: { kind: "pid", pid: program.pid }, options: { rate: 499 } },
        { path, samples: 900 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const samples = pythonSamples(store.profile());
      expect(new Set(samples.map(({ pid }) => pid))).toEqual(new Set([program.pid, program.workerPid]));
      const own = samples.filter(({ pid }) => pid === program.pid);
      expect(new Set(own.map(({ tid }) => tid)).size).toBe(2);
      expect(own.some(({ names }) => names.includes("thread_main"))).toBe(true);
    });
  });

  test("launched, and the program ends by itself", async () => {
    const argv = [interpreter, splitPath, "3"];
    const { state, store } = await record(
      { profiler: "austin", target: { kind: "launch", argv }, options: { rate: 499 } },
      { path },
    );
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 7, problem: null });
    expectSplit(pythonSamples(store.profile()), { pid: state.pid });
  });

  test("without austin it says how to get it", async () => {
    await withPython(startPython(interpreter), async ({ pid }) => {
      const { state } = await record(
        { profiler: "austin", target: { kind: "pid", pid } },
        { path: "/nowhere" },
      );
      expect(state).toMatchObject({ phase: "failed", problem: { code: "tool-missing" } });
      expect(state.problem?.fix).toMatch(/austin-dist/);
    });
  });
});

needs(
  "austin",
  "python3",
  "root",
)("austin, as an unprivileged user", () => {
  test("the process of someone else is refused, with what to do", async () => {
    await withPython(startPython(interpreters()[0] ?? "python3"), async ({ pid }) => {
      const { code, text } = await cliAsNobody(
        ["record", "--pid", String(pid), "--profiler", "austin"],
        path,
        ["austin"],
      );
      expect(code).not.toBe(0);
      expect(text).toMatch(/belongs to root/);
      expect(text).toMatch(/sudo -u root/);
    });
  });
});
