import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { needs } from "../needs.ts";
import { startProgram } from "../programs/build.ts";
import { record, recorder, samplesOf, selfShare, stackNames } from "./recording.ts";

needs("perf", "cc")("what perf records besides one process", () => {
  test("the whole system: this program and others, with its names", async () => {
    const program = await startProgram("split");
    try {
      const { state, store } = await record(
        { target: { kind: "system" }, options: { rate: 499 } },
        { samples: 800 },
      );
      expect(state).toMatchObject({
        phase: "done",
        ending: "stopped",
        problem: null,
        target: "the whole system",
        profiler: "perf",
      });
      const samples = samplesOf(store.profile());
      const own = samples.filter(({ tid }) => tid === program.pid);
      expect(own.length).toBeGreaterThan(50);
      expect(own.filter(({ names }) => names.includes("burn_a")).length / own.length).toBeGreaterThan(0.45);
      expect(new Set(samples.map(({ tid }) => tid)).size).toBeGreaterThan(1);
    } finally {
      await program.stop();
    }
  });

  test("two processes, and two events: each event is a series", async () => {
    const [one, two] = await Promise.all([startProgram("split"), startProgram("split-dwarf")]);
    try {
      const { recording, store } = recorder({
        profiler: "perf",
        target: { kind: "pid", pid: one.pid, pids: [two.pid] },
        options: { events: "cpu-clock,sched:sched_switch", rate: 499, callGraph: "fp" },
      });
      await store.samples(600);
      const state = await recording.stop();
      expect(state).toMatchObject({ phase: "done", problem: null, target: `split ${one.pid} and 1 more` });
      const profile = store.profile();
      const clock = profile.series.find(({ id }) => id === "cpu-clock");
      const pids = new Set(
        Array.from(
          clock?.thread ?? [],
          (thread) => profile.processes.pid[profile.threads.process[thread] ?? -1],
        ),
      );
      expect(pids).toEqual(new Set([one.pid, two.pid]));
      const switches = profile.series.find(({ id }) => id === "sched:sched_switch");
      expect(switches?.length).toBeGreaterThan(0);
      expect(stackNames(profile, switches?.stack[0] ?? -1)).toContain("__schedule");
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });

  test("a program without frame pointers is unwound by DWARF, and the remark says so", async () => {
    const program = await startProgram("split-dwarf");
    try {
      const { state, store } = await record({ target: { kind: "pid", pid: program.pid } }, { samples: 40 });
      expect(state.remarks.some((text) => text.includes("without frame pointers"))).toBe(true);
      const burning = samplesOf(store.profile()).filter(({ names }) => names.at(-1) === "burn_a");
      expect(burning.every(({ names }) => names.includes("phase_ab") && names.includes("main"))).toBe(true);
    } finally {
      await program.stop();
    }
  });
});

/** Where control groups of the one hierarchy are; "" where the kernel or the container has none. */
const groups = /^\S+ (\S+) cgroup2 \S*\brw\b/m.exec(readFileSync("/proc/mounts", "utf8"))?.[1] ?? "";

needs(
  "perf",
  "cc",
  "root",
)("what perf records of a control group", () => {
  test.skipIf(groups === "")("the program within, not the one without", async () => {
    const name = `flamewright-test-${process.pid}`;
    const folder = join(groups, name);
    mkdirSync(folder);
    const [inside, outside] = await Promise.all([startProgram("split"), startProgram("split-dwarf")]);
    try {
      writeFileSync(join(folder, "cgroup.procs"), String(inside.pid));
      const { state, store } = await record(
        {
          profiler: "perf",
          target: { kind: "system" },
          options: { rate: 499, callGraph: "fp", cgroup: `/${name}` },
        },
        { samples: 600 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const samples = samplesOf(store.profile());
      expect(new Set(samples.map(({ tid }) => tid))).toEqual(new Set([inside.pid]));
      for (const [burn, share] of Object.entries({ burn_a: 60, burn_b: 30, burn_c: 10 }))
        expect(Math.abs(selfShare(samples, burn) - share)).toBeLessThan(5);
    } finally {
      await Promise.all([inside.stop(), outside.stop()]);
      rmdirSync(folder);
    }
  });
});
