import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { needs } from "../needs.ts";
import { buildProgram, type RunningProgram, startProgram } from "../programs/build.ts";
import { record, recorder, samplesOf, selfShare } from "./recording.ts";

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

const chains: Readonly<Record<string, readonly string[]>> = {
  burn_a: ["main", "worker", "phase_ab", "burn_a"],
  burn_b: ["main", "worker", "phase_ab", "burn_b"],
  burn_c: ["main", "worker", "phase_c", "burn_c"],
};

needs("perf", "cc")("perf", () => {
  const methods = [
    ["fp", "split"],
    ["dwarf", "split-dwarf"],
  ] as const;
  test.each(methods)(
    "attached, by %s: shares within 5 points, the call chain exact",
    async (callGraph, program) => {
      await withProgram(startProgram(program), async ({ pid }) => {
        const options = { callGraph, rate: 499 };
        const target = { kind: "pid", pid } as const;
        const { state, store, states } = await record(
          { profiler: "perf", target, options },
          { samples: 1200 },
        );
        expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null, pid, lostSamples: 0 });
        const phases = [...new Set(states.map(({ phase }) => phase))];
        expect(phases).toEqual(["starting", "recording", "stopping", "importing", "done"]);

        const samples = samplesOf(store.profile());
        expect(samples).toHaveLength(state.samples);
        expect(selfShare(samples, "burn_a")).toSatisfy((share: number) => Math.abs(share - 60) < 5);
        expect(selfShare(samples, "burn_b")).toSatisfy((share: number) => Math.abs(share - 30) < 5);
        expect(selfShare(samples, "burn_c")).toSatisfy((share: number) => Math.abs(share - 10) < 5);
        for (const [leaf, chain] of Object.entries(chains)) {
          const found = samples.filter(({ names }) => names.at(-1) === leaf).map(({ names }) => names);
          const exact = found.filter((names) => names.slice(names.indexOf("main")).join() === chain.join());
          // A sample may hit the prologue, before the frame is there.
          expect(exact.length / found.length).toBeGreaterThan(0.98);
        }
        for (const { tid, timeNs } of samples) {
          expect(tid).toBe(pid);
          expect(timeNs).toBeGreaterThan(0);
          expect(timeNs).toBeLessThanOrEqual(state.elapsedNs);
        }
        const counters = new Set(store.counterRows.map(({ id }) => id));
        for (const id of ["rss", "pss", "anon", "heap-resident", "cpu", "threads", "io-read", "io-write"]) {
          expect(counters).toContain(id);
        }
        expect(
          store.log.some(({ source, text }) => source === "command" && text.includes("perf record")),
        ).toBe(true);
      });
    },
  );

  test("attached, by DWARF: calls that were inlined have their shares, and nothing passes perf script", async () => {
    await withProgram(startProgram("inlined"), async ({ pid }) => {
      const { state, store } = await record(
        { profiler: "perf", target: { kind: "pid", pid }, options: { callGraph: "dwarf", rate: 499 } },
        { samples: 1200 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const commands = store.log.filter(({ source }) => source === "command").map(({ text }) => text);
      expect(commands.join()).not.toContain("perf script");
      const samples = samplesOf(store.profile());
      const within = (name: string): readonly (typeof samples)[number][] =>
        samples.filter(({ names }) => names.includes(name));
      for (const [name, share] of Object.entries({ burn_a: 60, burn_b: 30, burn_c: 10 })) {
        const found = within(`work::${name}`);
        expect(Math.abs((100 * found.length) / samples.length - share)).toBeLessThan(5);
        const caller = name === "burn_c" ? "work::phase_c" : "work::phase_ab";
        const exact = found.filter(({ names }) =>
          names.join().includes(`main,work::round,${caller},work::${name},work::turn`),
        );
        expect(exact.length / found.length).toBeGreaterThan(0.98);
      }
    });
  });

  test("the first samples are there within two seconds, states come four times a second", async () => {
    await withProgram(startProgram("split"), async ({ pid }) => {
      const { recording, store, states } = recorder({ target: { kind: "pid", pid } });
      const startedMs = performance.now();
      await store.samples(1);
      expect(performance.now() - startedMs).toBeLessThan(2000);
      const before = states.length;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(states.length - before).toBeGreaterThanOrEqual(4);
      await recording.mark("here");
      await recording.stop();
      expect(store.marks).toEqual(["here"]);
    });
  });

  test("threads are told apart, with their names", async () => {
    await withProgram(startProgram("split", ["0", "3"]), async ({ pid }) => {
      const { store } = await record(
        { target: { kind: "pid", pid }, options: { rate: 499 } },
        { samples: 900 },
      );
      const samples = samplesOf(store.profile());
      expect([...new Set(samples.map(({ threadName }) => threadName))].sort()).toEqual([
        "split",
        "split-1",
        "split-2",
      ]);
      expect(new Set(samples.map(({ tid }) => tid)).size).toBe(3);
    });
  });

  test("200 threads", async () => {
    await withProgram(startProgram("crowd"), async ({ pid }) => {
      const { state, store } = await record(
        { target: { kind: "pid", pid }, options: { rate: 997 } },
        { samples: 2500 },
      );
      expect(state).toMatchObject({ phase: "done", problem: null });
      const samples = samplesOf(store.profile());
      const crowd = new Set(
        samples.map(({ threadName }) => threadName).filter((name) => /^crowd-\d+$/.test(name)),
      );
      expect(crowd.size).toBe(200);
      const burning = samples.filter(({ names }) => names.at(-1) === "crowd_burn");
      const called = burning.filter(({ names }) => names.at(-2) === "crowd_main");
      // A sample may hit the prologue, before the frame is there.
      expect(called.length / burning.length).toBeGreaterThan(0.98);
    });
  });

  test("stacks 2,000 deep: as deep as the method can see", async () => {
    await withProgram(startProgram("deep"), async ({ pid }) => {
      const fp = await record({ target: { kind: "pid", pid } }, { samples: 50 });
      const depths = samplesOf(fp.store.profile()).map(({ names }) => names.length);
      expect(Math.max(...depths)).toBeGreaterThanOrEqual(127);
      const dwarf = await record(
        { target: { kind: "pid", pid }, options: { callGraph: "dwarf" } },
        { samples: 20 },
      );
      expect(dwarf.state).toMatchObject({ phase: "done", problem: null });
      const leaf = samplesOf(dwarf.store.profile()).filter(({ names }) => names.at(-1) === "deep_leaf");
      expect(leaf.every(({ names }) => names.slice(-50, -1).every((name) => name === "descend"))).toBe(true);
    });
  });

  test("launched: nothing of its start is lost, and its exit code is known", async () => {
    const argv = [await buildProgram("brief"), "0.6"];
    const { state, store } = await record({ target: { kind: "launch", argv }, options: { rate: 5000 } });
    expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 7, problem: null });
    expect(state.target).toBe(`brief ${state.pid}`);
    const samples = samplesOf(store.profile());
    expect(samples.some(({ names }) => names.includes("main") && names.at(-1) === "burn")).toBe(true);
    // The loader's own work before main.
    expect(samples[0]?.names).not.toContain("main");
    const output = store.log.filter(({ source }) => source === "output").map(({ text }) => text);
    expect(output).toEqual([`ready ${state.pid}`, "bye"]);
  });

  test("launched and stopped: the program is ended too", async () => {
    const argv = [await buildProgram("polite")];
    const { state, store } = await record({ target: { kind: "launch", argv } }, { samples: 30 });
    expect(state).toMatchObject({ phase: "done", ending: "stopped", exitCode: 3, problem: null });
    expect(store.log.map(({ text }) => text)).toContain("told to end");
  });

  test("a duration ends it", async () => {
    await withProgram(startProgram("split"), async ({ pid }) => {
      const { state } = await record({ target: { kind: "pid", pid }, durationS: 1 });
      expect(state).toMatchObject({ phase: "done", ending: "duration", problem: null });
      expect(state.elapsedNs).toBeGreaterThan(0.9e9);
      expect(state.samples).toBeGreaterThan(20);
    });
  });

  test("the target ends in mid-recording", async () => {
    await withProgram(startProgram("brief", ["2.5"]), async ({ pid }) => {
      const { state } = await record({ target: { kind: "pid", pid } });
      expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
      expect(state.samples).toBeGreaterThan(20);
    });
  });

  test("the tool is killed in mid-recording: what had arrived is kept", async () => {
    await withProgram(startProgram("split"), async ({ pid }) => {
      const { recording, store } = recorder({ target: { kind: "pid", pid } });
      await store.samples(30);
      const tool = execFileSync("pgrep", ["-f", `perf record .* -p ${pid} `], { encoding: "utf8" });
      process.kill(Number(tool.trim().split("\n")[0]), "SIGKILL");
      const state = await recording.finished;
      expect(state).toMatchObject({ phase: "done", ending: "failed", problem: { code: "tool-failed" } });
      expect(state.samples).toBeGreaterThanOrEqual(30);
      expect(state.savedTo).not.toBe("");
    });
  });

  test("an idle target gives no samples, and says so", async () => {
    await withProgram(startProgram("idle"), async ({ pid }) => {
      const { state, states } = await record(
        { target: { kind: "pid", pid }, durationS: 1 },
        { deps: { timeouts: { silenceMs: 300 } } },
      );
      expect(state).toMatchObject({ ending: "duration", samples: 0, problem: { code: "no-samples" } });
      expect(states.some(({ remarks }) => remarks.some((text) => /may be idle/.test(text)))).toBe(true);
    });
  });

  test("the disk is full: it ends, and what had arrived is kept", async () => {
    await withProgram(startProgram("split"), async ({ pid }) => {
      const store = createMemoryStore({ diskBytes: 20_000 });
      const { state } = await record({ target: { kind: "pid", pid }, options: { rate: 997 } }, { store });
      expect(state).toMatchObject({ ending: "failed", problem: { code: "disk-full" } });
      // How many of the 20,000 bytes are filled depends on how perf writes them.
      expect(store.raw().length).toBeGreaterThan(1000);
      expect(state.samples).toBeGreaterThan(0);
    });
  });

  test("a slow consumer slows perf down, and loses nothing that perf did not count", async () => {
    await withProgram(startProgram("split"), async ({ pid }) => {
      const store = createMemoryStore({ pushMs: 20 });
      const { state } = await record(
        { target: { kind: "pid", pid }, options: { rate: 997 }, durationS: 2 },
        { store },
      );
      expect(state).toMatchObject({ phase: "done", ending: "duration" });
      expect(state.samples + state.lostSamples).toBeGreaterThan(700);
    });
  });

  test("a process that is gone", async () => {
    const { state } = await record({ target: { kind: "pid", pid: 2 ** 22 - 7 }, profiler: "perf" });
    expect(state).toMatchObject({ phase: "failed", problem: { code: "no-such-process" }, profileId: "" });
  });

  test("perf is not on PATH", async () => {
    await withProgram(startProgram("idle"), async ({ pid }) => {
      const hidden = { path: "/nonexistent" };
      const { state } = await record({ target: { kind: "pid", pid }, profiler: "perf" }, hidden);
      // /usr/sbin is always searched; perf is not there.
      expect(state).toMatchObject({ phase: "failed", problem: { code: "tool-missing" } });
      expect(state.problem?.fix).toContain("apt install linux-perf");
    });
  });

  test("a program that does not exist", async () => {
    const argv = ["/no/such/program"];
    const { state, store } = await record({ target: { kind: "launch", argv } });
    expect(state.exitCode).toBe(127);
    expect(state.problem?.code).toBe("target-exited-early");
    expect(store.log.some(({ text }) => text.includes("not found"))).toBe(true);
  });

  test("nothing is left running", async () => {
    await withProgram(startProgram("split"), async ({ pid }) => {
      await record({ target: { kind: "pid", pid } }, { samples: 10 });
      const left = () => {
        try {
          return execFileSync("pgrep", ["-f", `perf record .* -p ${pid} `], { encoding: "utf8" });
        } catch {
          return "";
        }
      };
      expect(left()).toBe("");
    });
  });
});
