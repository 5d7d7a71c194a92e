import { execFile } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { importFile } from "#engine/profile-import.ts";
import { needs } from "../needs.ts";
import { nodeArgs, nodeProgramPath } from "../programs/build.ts";
import { startJava } from "../programs/java.ts";
import { pyenvPython, splitPath } from "../programs/python.ts";
import { record, recorder, type SampleView, samplesOf } from "./recording.ts";

/** Share of the samples below a caller whose innermost known function it is, among the three that burn. */
function sharesOf(samples: readonly SampleView[], names: readonly string[]): readonly number[] {
  const counts = names.map(
    (name) => samples.filter((sample) => sample.names.some((each) => each.includes(name))).length,
  );
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (100 * count) / all);
}

const isSplit = (shares: readonly number[]): boolean =>
  [60, 30, 10].every((share, i) => Math.abs((shares[i] ?? 0) - share) < 5);

needs("perf")("names of code that is compiled while it is recorded", () => {
  test("Node with --perf-basic-prof, launched: shares within 5 points, callers by name", async () => {
    const argv = [process.execPath, "--perf-basic-prof", ...nodeArgs, nodeProgramPath("hot.js"), "3"];
    const { state, store } = await record({
      profiler: "perf",
      target: { kind: "launch", argv },
      options: { rate: 499, callGraph: "fp" },
    });
    rmSync(`/tmp/perf-${state.pid}.map`, { force: true });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    const samples = samplesOf(store.profile());
    expect(sharesOf(samples, ["hotA", "hotB", "hotC"])).toSatisfy(isSplit);
    const hot = samples.filter(({ names }) => names.at(-1) === "hotA");
    expect(hot.length).toBeGreaterThan(100);
    expect(hot.filter(({ names }) => names.at(-2) === "caller").length / hot.length).toBeGreaterThan(0.9);
  });
});

/** Trampolines that name Python's functions came with 3.12, and jitdumps of them with 3.13. */
const pythons = { perf: pyenvPython(/^3\.12\./), perf_jit: pyenvPython(/^3\.13\./) };

needs("perf")("names of Python's functions", () => {
  test.skipIf(pythons.perf === undefined)(
    "launched with -X perf: by DWARF, for interpreters that keep no frame pointers",
    async () => {
      const { state, store } = await recordPython("perf");
      rmSync(`/tmp/perf-${state.pid}.map`, { force: true });
      expect(state.remarks.join()).toContain("DWARF is used");
      expectTruth(store.profile());
    },
  );

  test.skipIf(pythons.perf_jit === undefined)(
    "launched with -X perf_jit: what it kept to itself is there when what perf wrote is opened",
    async () => {
      const { state, store } = await recordPython("perf_jit");
      expect(state.remarks.join()).toContain("DWARF is used");
      expect(store.profile().meta.notes.join()).toMatch(/keep the newest names of their jitdump/);
      const path = join(tmpdir(), `flamewright-jit-${state.pid}.data`);
      try {
        writeFileSync(path, store.raw());
        const file = { path, name: "perf.data", member: "" };
        const never = new AbortController().signal;
        expectTruth(await importFile(file, new ProfileBuilder(), never, () => undefined));
      } finally {
        rmSync(path);
        rmSync(`/tmp/jit-${state.pid}.dump`);
      }
    },
  );

  async function recordPython(flag: keyof typeof pythons) {
    const argv = [pythons[flag] ?? "", "-X", flag, splitPath, "2.5"];
    const recorded = await record({
      profiler: "perf",
      target: { kind: "launch", argv },
      options: { rate: 499 },
    });
    expect(recorded.state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
    return recorded;
  }

  function expectTruth(profile: Profile): void {
    const samples = samplesOf(profile).filter(({ names }) => names.includes("worker"));
    expect(samples.length).toBeGreaterThan(200);
    expect(sharesOf(samples, ["burn_a", "burn_b", "burn_c"])).toSatisfy(isSplit);
    const kept = new Set(["<module>", "main", "worker", "phase_ab", "phase_c", "burn_a", "burn_b", "burn_c"]);
    const chains = new Set(
      samples.map(({ names }) =>
        names
          .slice(names.indexOf("<module>"))
          .filter((name) => kept.has(name))
          .join(),
      ),
    );
    expect(chains).toContain("<module>,main,worker,phase_ab,burn_a");
    expect(chains).toContain("<module>,main,worker,phase_c,burn_c");
  }
});

needs("perf", "java")("names of a JVM", () => {
  test("with frame pointers and a perf map that comes in the midst of the recording", async () => {
    const program = await startJava([], { jvm: ["-XX:+PreserveFramePointer"] });
    const map = `/tmp/perf-${program.pid}.map`;
    try {
      const { recording, store } = recorder({
        profiler: "perf",
        target: { kind: "pid", pid: program.pid },
        options: { rate: 499, callGraph: "fp" },
      });
      await store.samples(20);
      await promisify(execFile)("jcmd", [String(program.pid), "Compiler.perfmap"]);
      expect(existsSync(map)).toBe(true);
      await store.samples(800);
      await recording.stop();
      const samples = samplesOf(store.profile());
      const named = samples.filter(({ names }) => names.some((name) => name.includes("JavaSplit")));
      expect(sharesOf(named, ["burnA", "burnB", "burnC"])).toSatisfy(isSplit);
    } finally {
      await program.stop();
      rmSync(map, { force: true });
    }
  });
});
