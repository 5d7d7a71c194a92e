import { expect, test } from "vitest";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import { needs } from "../needs.ts";
import { interpreters, type RunningPython, startPython } from "../programs/python.ts";
import { pythonSamples } from "./python-samples.ts";
import { record } from "./recording.ts";

const path = pathWithPythonTools();
const [interpreter = "python3"] = interpreters();

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

needs("py-spy", "python3")("py-spy dump", () => {
  test("where every thread stands, the waiting ones too", async () => {
    await withPython(startPython(interpreter, ["0", "2"]), async ({ pid }) => {
      const { state, store } = await record(
        { target: { kind: "pid", pid }, profiler: "py-spy-dump", options: { every: 0.2 } },
        { path, samples: 6 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const samples = pythonSamples(store.profile());
      expect(samples.length).toBeGreaterThanOrEqual(6);
      const sleeping = samples.filter(({ threadName }) => threadName === "sleeper");
      expect(sleeping.length).toBeGreaterThanOrEqual(2);
      expect(sleeping.every(({ names }) => names.includes("sleep_for_ever"))).toBe(true);
      expect(new Set(sleeping.map(({ timeNs }) => timeNs)).size).toBe(sleeping.length);
    });
  });
});
