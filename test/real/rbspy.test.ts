import { rm } from "node:fs/promises";
import { availableParallelism, loadavg, setPriority } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pathWithRbspy } from "../../native-scripts/bootstrap/ruby-tools.mjs";
import type { MemoryStore } from "../fakes/memory-store.ts";
import { ensureBuilt, runCli, temporaryHome } from "../hosts/built.ts";
import { needs } from "../needs.ts";
import { rubyProgramPath, startProgram } from "../programs/build.ts";
import { type PythonSample, pythonSamples, shareOf } from "./python-samples.ts";
import { recorder } from "./recording.ts";

const path = pathWithRbspy();
const rate = 250;
const truth = { burn_a: 60, burn_b: 30, burn_c: 10 } as const;

const chains = {
  burn_a: ["worker", "phase_ab", "burn_a"],
  burn_b: ["worker", "phase_ab", "burn_b"],
  burn_c: ["worker", "phase_c", "burn_c"],
} as const;

/**
 * Points that a share may be off. rbspy's are of the clock: where the program waits for its turn with many others, it is
 * seen in the same place again and again, and few of those samples are evidence of their own.
 */
const tolerance = (): number => ((loadavg()[0] ?? 0) > 2 * availableParallelism() ? 12 : 5);

/** An rbspy that comes late makes up for it by several samples of one moment, which are no evidence of their own. */
const isOfItsOwn = ({ timeNs }: PythonSample, index: number, all: readonly PythonSample[]): boolean =>
  timeNs - (all[index - 1]?.timeNs ?? Number.NEGATIVE_INFINITY) > 0.25e9 / rate;

/** Resolves when samples of so many moments have come. */
async function moments(store: MemoryStore, count: number): Promise<void> {
  for (let missing = count; missing > 0; ) {
    await store.samples((store.profile().series[0]?.length ?? 0) + missing);
    missing = count - pythonSamples(store.profile()).filter(isOfItsOwn).length;
  }
}

needs("rbspy", "ruby")("rbspy", () => {
  let home: string;
  beforeAll(async () => {
    await ensureBuilt();
    home = await temporaryHome();
    // On a busy machine rbspy and the program, which inherit this, come first.
    if (process.getuid?.() === 0) setPriority(-15);
  });
  afterAll(async () => {
    if (process.getuid?.() === 0) setPriority(0);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  test("attached: listed as Ruby; two threads that take turns, each with its chains, seen live", async () => {
    const program = await startProgram("ruby-split.rb", ["0", "2"]);
    try {
      const { pid } = program;
      const { recording, store } = recorder({ target: { kind: "pid", pid }, options: { rate } }, { path });
      const listing = runCli(home, ["list", "--json", String(pid)], { PATH: path });
      await store.samples(1);
      expect(recording.state.phase).toBe("recording");
      await moments(store, 2 * rate);
      const state = await recording.stop();
      expect(state).toMatchObject({
        phase: "done",
        ending: "stopped",
        problem: null,
        pid,
        profiler: "rbspy",
      });

      const samples = pythonSamples(store.profile());
      expect(samples).toHaveLength(state.samples);
      // The one that sleeps is not there.
      const threads = [...new Set(samples.map(({ tid }) => tid))];
      expect(threads).toHaveLength(2);
      expect(threads).toContain(pid);
      for (const tid of threads) {
        const own = samples.filter((sample) => sample.tid === tid);
        expect(own.length / samples.length).toBeGreaterThan(0.3);
        const start = tid === pid ? ["<main>"] : ["block in named", "block (2 levels) in <main>"];
        const known = Object.values(chains).map((chain) => [...start, ...chain].join(" > "));
        // The program runs on while its stack is read.
        const exact = own.filter(({ names }) => known.includes(names.join(" > ")));
        expect(exact.length / own.length).toBeGreaterThan(0.95);
        expect(own.every(({ files }) => files[0] === rubyProgramPath)).toBe(true);
      }
      expect(store.profile().meta.notes.join()).toMatch(/tells the last line of a method/);
      for (const [name, share] of Object.entries(truth))
        expect(Math.abs(shareOf(samples.filter(isOfItsOwn), name) - share), name).toBeLessThan(tolerance());

      const listed = JSON.parse((await listing).out) as readonly Record<string, unknown>[];
      const found = listed.find((each) => each.pid === pid);
      expect(found).toMatchObject({ runtime: "ruby", runtimeVersion: expect.stringMatching(/^\d+\.\d+/) });
      expect(found?.profilers).toContainEqual(expect.objectContaining({ id: "rbspy", recommended: true }));
    } finally {
      await program.stop();
    }
  });

  test("launched from the command line, it is what is chosen, and `top --json` is the truth", async () => {
    const file = join(home, "ruby.fwp");
    const words = ["record", "--rate", String(rate), "-o", file, "--", "ruby", rubyProgramPath, "2.5"];
    const { code, err } = await runCli(home, words, { PATH: path });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/saved/) });
    const { out } = await runCli(home, ["top", file, "--json"]);
    const { rows } = JSON.parse(out) as {
      rows: readonly { readonly function: string; readonly self: number; readonly total: number }[];
    };
    const rowOf = (name: string) => rows.find((row) => row.function === name);
    const all = rowOf("<main>")?.total ?? 0;
    for (const [name, share] of Object.entries(truth))
      expect(Math.abs((100 * (rowOf(name)?.self ?? 0)) / all - share), name).toBeLessThan(tolerance());
    expect((100 * (rowOf("phase_ab")?.total ?? 0)) / all).toBeGreaterThan(85);
  });
});
