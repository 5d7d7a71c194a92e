import { readdirSync } from "node:fs";
import { delimiter } from "node:path";
import { describe, expect, test } from "vitest";
import { pathWithAsyncProfiler } from "../../native-scripts/bootstrap/java-tools.mjs";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import { needs } from "../needs.ts";
import { buildProgram, type RunningProgram } from "../programs/build.ts";
import { startInside } from "../programs/container.ts";
import { buildJava } from "../programs/java.ts";
import { splitChains, splitPath } from "../programs/python.ts";
import { maySmallDisk } from "../unit/engine/small-disk.ts";
import { expectChains, expectShares, javaSamples } from "./java-steps.ts";
import { pythonSamples } from "./python-samples.ts";
import { record, samplesOf, selfShare } from "./recording.ts";

/** Programs that have a view of processes and files of their own, recorded from outside. */

const path = [pathWithAsyncProfiler(), pathWithPythonTools()].join(delimiter);

async function within<T>(starting: Promise<RunningProgram>, use: (pid: number) => Promise<T>): Promise<T> {
  const program = await starting;
  try {
    return await use(program.pid);
  } finally {
    await program.stop();
  }
}

const chainTo = (leaf: string): readonly string[] =>
  (splitChains[leaf] ?? []).map((place) => place.replace(/:.*/, ""));

describe.skipIf(!maySmallDisk)("a process in namespaces of its own", () => {
  needs("java", "async-profiler")("a JVM", () => {
    test("Flight Recorder and async-profiler write into its /tmp, from where it is taken and removed", async () => {
      const argv = ["java", "-Xmx64m", "-cp", await buildJava(), "JavaSplit"];
      await within(startInside(argv), async (pid) => {
        const target = { kind: "pid", pid } as const;
        const found = await Promise.all(
          ["jfr", "async-profiler"].map(async (profiler) => {
            const { state, store } = await record(
              { profiler, target, options: { update: 1 } },
              { path, samples: 150 },
            );
            expect(state).toMatchObject({ phase: "done", problem: null, pid });
            expect(store.log.map(({ text }) => text).join(" ")).toMatch(
              /file system of its own, where its process id is 1\./,
            );
            return javaSamples(store.profile(), "ExecutionSample");
          }),
        );
        for (const samples of found) {
          const worker = samples.filter(({ thread }) => thread === "split-worker");
          expectShares(worker, 15);
          expectChains(worker);
        }
        expect(readdirSync(`/proc/${pid}/root/tmp`).filter((name) => /flamewright/.test(name))).toEqual([]);
      });
    });
  });

  needs("python3", "py-spy")("Python", () => {
    test("py-spy names its functions, and austin", async () => {
      await within(startInside(["python3", splitPath]), async (pid) => {
        for (const profiler of ["py-spy", "austin"]) {
          const target = { kind: "pid", pid } as const;
          const { state, store } = await record({ profiler, target }, { path, samples: 150 });
          expect(state).toMatchObject({ phase: "done", problem: null, pid });
          const seen = pythonSamples(store.profile()).map(({ names }) => names.join());
          expect(seen).toContain(chainTo("burn_a").join());
        }
      });
    });
  });

  needs("perf", "cc")("a native program", () => {
    test("perf names functions of a file that only it sees", async () => {
      await within(startInside(["/tmp/program"], await buildProgram("split")), async (pid) => {
        const target = { kind: "pid", pid } as const;
        const { state, store } = await record({ profiler: "perf", target }, { samples: 150 });
        expect(state).toMatchObject({ phase: "done", problem: null, pid });
        expect(Math.abs(selfShare(samplesOf(store.profile()), "burn_a") - 60)).toBeLessThan(15);
      });
    });
  });
});
