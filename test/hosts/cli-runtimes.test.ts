import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import { needs } from "../needs.ts";
import type { RunningProgram } from "../programs/build.ts";
import { runtimePrograms } from "../programs/runtimes.ts";
import { ensureBuilt, runCli, temporaryHome } from "./built.ts";

interface Listed {
  readonly pid: number;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly profilers: readonly { readonly id: string; readonly recommended: boolean }[];
}

/** So many samples that five points are three times their scatter. Go's rate is its own; the JVM's rounds are longer than its period. */
const enough: Readonly<Record<string, readonly string[]>> = {
  native: ["--duration", "3", "--rate", "499"],
  node: ["--duration", "2"],
  python: ["--duration", "4", "--rate", "250"],
  go: ["--duration", "8"],
  java: ["--duration", "4"],
};

needs(
  "perf",
  "cc",
  "go",
  "java",
  "python3",
  "py-spy",
)("every runtime on the command line", () => {
  let home: string;
  const programs = new Map<string, RunningProgram>();
  const env = { PATH: pathWithPythonTools() };

  beforeAll(async () => {
    await ensureBuilt();
    home = await temporaryHome();
    for (const { runtime, start } of runtimePrograms) {
      const program = await start();
      programs.set(runtime, program);
      // One at a time has the machine.
      process.kill(program.pid, "SIGSTOP");
    }
  });
  afterAll(async () => {
    await Promise.all([...programs.values()].map((program) => program.stop()));
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  test.each(runtimePrograms)(
    "$runtime is listed with its version and $profiler, whose recording is the truth",
    async ({ runtime, profiler, truth }) => {
      const program = programs.get(runtime);
      const pid = program?.pid ?? -1;
      process.kill(pid, "SIGCONT");
      try {
        const { out } = await runCli(home, ["list", "--json", String(pid)], env);
        const listed = (JSON.parse(out) as readonly Listed[]).find((each) => each.pid === pid);
        expect(listed?.runtime).toBe(runtime);
        expect(listed?.profilers.find(({ recommended }) => recommended)?.id).toBe(profiler);
        if (runtime !== "native") expect(listed?.runtimeVersion).toMatch(/^\d+\.\d+/);

        const file = join(home, `${runtime}.fwp`);
        const done = await runCli(
          home,
          ["record", "--pid", String(pid), ...(enough[runtime] ?? []), "-o", file],
          env,
        );
        expect(done, done.err).toMatchObject({ code: 0, out: "" });
        const top = await runCli(home, ["top", file, "--json"], env);
        const { rows } = JSON.parse(top.out) as {
          rows: readonly { readonly function: string; readonly self: number }[];
        };
        const self = Object.keys(truth).map((name) => rows.find((row) => row.function === name)?.self ?? 0);
        const all = self.reduce((a, b) => a + b, 0);
        const shares = self.map((value) => (100 * value) / all);
        for (const [index, share] of Object.values(truth).entries())
          expect(Math.abs((shares[index] ?? 0) - share), shares.join()).toBeLessThan(5);
      } finally {
        await program?.stop();
      }
    },
  );
});
