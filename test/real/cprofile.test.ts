import { describe, expect, test } from "vitest";
import { needs } from "../needs.ts";
import { interpreters, splitPath } from "../programs/python.ts";
import { record, recorder } from "./recording.ts";

needs("python3")("cProfile", () => {
  describe.each(interpreters())("%s", (interpreter) => {
    test("the program ends by itself: shares within 5 points, calls counted exactly", async () => {
      const argv = [interpreter, "-B", splitPath, "1.8"];
      const { state, store } = await record({ profiler: "cprofile", target: { kind: "launch", argv } });
      expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
      expect(store.log.some(({ source, text }) => source === "output" && text === `ready ${state.pid}`)).toBe(
        true,
      );
      expect(
        store.log.some(({ source, text }) => source === "command" && / -m cProfile -o /.test(text)),
      ).toBe(true);
      expect(store.log.some(({ text }) => /called at every call and return/.test(text))).toBe(true);

      const { strings, functions, series } = store.profile();
      const exact = series[0]?.exact;
      if (!exact) throw new Error("no exact costs");
      const of = (name: string) => {
        for (let row = 0; row < exact.functions.length; row++) {
          const owner = exact.functions.function[row] ?? -1;
          if (strings[functions.name[owner] ?? -1] === name)
            return { calls: exact.functions.calls[row] ?? 0, selfNs: exact.functions.self[0]?.[row] ?? 0 };
        }
        throw new Error(`no ${name}`);
      };
      const [a, b, c] = [of("burn_a"), of("burn_b"), of("burn_c")];
      const total = a.selfNs + b.selfNs + c.selfNs;
      expect(Math.abs((100 * a.selfNs) / total - 60)).toBeLessThan(5);
      expect(Math.abs((100 * b.selfNs) / total - 30)).toBeLessThan(5);
      expect(Math.abs((100 * c.selfNs) / total - 10)).toBeLessThan(5);
      expect(a.calls).toBeGreaterThan(1);
      expect([b.calls, c.calls, of("phase_ab").calls, of("phase_c").calls]).toEqual(Array(4).fill(a.calls));
      expect(of("worker").calls).toBe(1);
    });
  });

  const [interpreter = "python3"] = interpreters();

  test("stopped in the middle: what was counted until then is there", async () => {
    const argv = [interpreter, splitPath];
    const { recording } = recorder({ profiler: "cprofile", target: { kind: "launch", argv } });
    await new Promise<void>((resolve) => {
      recording.onLog((lines) => {
        if (lines.some(({ text }) => /^ready \d+$/.test(text))) resolve();
      });
    });
    const state = await recording.stop();
    expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
    expect(state.samples).toBeGreaterThan(0);
  });

  test("what is no script is refused, with what to do", async () => {
    const { state } = await record({
      profiler: "cprofile",
      target: { kind: "launch", argv: [interpreter, "-c", "print(1)"] },
    });
    expect(state).toMatchObject({ phase: "failed", problem: { code: "not-a-python-script" } });
    expect(state.problem?.fix).toMatch(/py-spy/);
  });
});
