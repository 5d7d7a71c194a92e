import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { Profile } from "#core/model/profile.ts";
import type { LocksTable } from "#core/model/tables.ts";
import { needs } from "../needs.ts";
import { startGo } from "../programs/go.ts";
import { buildJava } from "../programs/java.ts";
import { recorder } from "./recording.ts";

const locksOf = (profile: Profile): LocksTable =>
  createAnalyst().answer(profile, { view: "locks", selection: {}, idle: true });

const off = (found: number | undefined, truth: number): number => Math.abs((found ?? Number.NaN) / truth - 1);

needs("java")("waiting in a JVM", () => {
  test("monitors and locks within 10 % of what it measured, waiting for work told apart, and its deadlock", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flamewright-waits-"));
    try {
      const truthPath = join(folder, "truth.txt");
      const argv = ["java", "-Xmx64m", "-cp", await buildJava(), "JavaWaits", "4", truthPath];
      const options = { update: 1, locks: 0 };
      const flight = recorder({ profiler: "jfr", target: { kind: "launch", argv }, options });
      await Promise.race([flight.store.samples(1), flight.recording.finished]);
      const pid = flight.recording.state.pid ?? -1;
      const dumps = recorder({
        profiler: "java-threads",
        target: { kind: "pid", pid },
        options: { every: 0.5 },
      });
      await expect
        .poll(
          () => locksOf(dumps.store.profile()).rows.find(({ lock }) => lock === "JavaWaits$Door")?.waits,
          {
            timeout: 15_000,
          },
        )
        .toBeGreaterThanOrEqual(4);
      expect(await dumps.recording.stop()).toMatchObject({ phase: "done", problem: null });
      const seen = locksOf(dumps.store.profile());
      expect(seen.deadlocks).toEqual([
        "left waits for JavaWaits$Door, which right holds; right waits for JavaWaits$Door, which left holds",
      ]);
      expect(seen.rows.find(({ lock }) => lock === "JavaWaits$Door")).toMatchObject({
        threads: 2,
        waiter: "JavaWaits.passDoors",
        holderFunction: "JavaWaits.passDoors",
      });
      expect(await flight.recording.finished).toMatchObject({ ending: "target-exited", problem: null });
      const truth = new Map<string, number>();
      const said = await readFile(truthPath, "utf8");
      for (const [, name = "", ns] of said.matchAll(/^truth (\w+) waits \d+ wait (\d+)$/gm))
        truth.set(name, Number(ns));
      const { rows } = locksOf(flight.store.profile());
      const vault = rows.find(({ lock }) => lock === "JavaWaits$Vault");
      expect(vault).toMatchObject({ kind: "Java monitor", waiter: "JavaWaits.wantVault", holder: "holder" });
      expect(off(vault?.totalNs, truth.get("vault") ?? 0)).toBeLessThan(0.1);
      const ledger = rows.find(({ lock }) => lock.endsWith("ReentrantLock$NonfairSync"));
      expect(ledger).toMatchObject({ kind: "park", isIdle: false, waiter: "JavaWaits.wantLedger" });
      expect(off(ledger?.totalNs, truth.get("ledger") ?? 0)).toBeLessThan(0.1);
      const work = rows.find(({ waiter }) => waiter === "JavaWaits.awaitWork");
      expect(work?.isIdle).toBe(true);
      expect(off(work?.totalNs, truth.get("work") ?? 0)).toBeLessThan(0.1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

needs("go")("waiting in a Go program", () => {
  test("who held a mutex and who waited within 10 % of what it measured, waiting for work told apart", async () => {
    const program = await startGo({}, "go-waits");
    try {
      const target = { kind: "pid", pid: program.pid } as const;
      const [mutex, block, stuck] = ["mutex", "block", "stuck"].map((profile) =>
        recorder({ profiler: "go-pprof", target, options: { profile } }),
      );
      if (!mutex || !block || !stuck) throw new Error("no recordings");
      for (const { store } of [mutex, block, stuck])
        await expect.poll(() => store.profile().meta.durationNs, { timeout: 15_000 }).toBeGreaterThan(1.5e9);
      for (const { recording } of [mutex, block, stuck])
        expect(await recording.stop()).toMatchObject({ phase: "done", problem: null });
      await program.close();
      // Of a lock that is never let go neither of them tells: a dump does.
      const wanted = locksOf(stuck.store.profile()).rows.filter(({ waiter }) => waiter === "main.passDoors");
      expect(wanted).toHaveLength(2);
      for (const { kind, waits } of wanted) {
        expect(kind).toBe("Go mutex");
        expect(waits).toBeGreaterThanOrEqual(2);
      }
      const holders = mutex.store.profile();
      const held = locksOf(holders).rows[0];
      expect(held).toMatchObject({ kind: "Go mutex", holderFunction: "main.holdLedger", isIdle: false });
      expect(off(held?.totalNs, truthOf(program.output(), holders, ["ledger"]))).toBeLessThan(0.1);
      const waits = block.store.profile();
      const { rows } = locksOf(waits);
      const waited = rows.find(({ isIdle }) => !isIdle);
      expect(waited).toMatchObject({ kind: "Go mutex", waiter: "main.take" });
      expect(off(waited?.totalNs, truthOf(program.output(), waits, ["ledger", "holder"]))).toBeLessThan(0.1);
      const work = rows.find(({ waiter }) => waiter === "main.awaitWork");
      expect(work?.isIdle).toBe(true);
      expect(off(work?.totalNs, truthOf(program.output(), waits, ["work"]))).toBeLessThan(0.1);
    } finally {
      await program.stop();
    }
  });
});

/** ns that the program itself says it waited while it was recorded. */
function truthOf(text: string, { meta }: Profile, names: readonly string[]): number {
  let sum = 0;
  for (const [, name = "", end, ns] of text.matchAll(/^waited (\w+) (\d+) (\d+)$/gm)) {
    const atNs = Number(BigInt(end ?? 0) - BigInt(meta.startedAtMs) * 1_000_000n);
    if (names.includes(name) && atNs >= 0 && atNs <= meta.durationNs) sum += Number(ns);
  }
  return sum;
}
