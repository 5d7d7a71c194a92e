import { expect, test } from "vitest";
import { heapDiff } from "#core/analysis/heap-diff.ts";
import { heapsnapshot } from "#core/importers/heapsnapshot.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { nodeProgramPath, startProgram } from "../programs/build.ts";
import { memoryOf, siteOf } from "./memory.ts";
import { record, recorder } from "./recording.ts";

/** What a round of heap-leak.js keeps: 1000 numbers in their store (8016), the array (32) and the Kept (56). */
const roundBytes = 8104;
const within = (value: number, truth: number, share: number): void =>
  expect(Math.abs(value - truth) / truth, `${value} for ${truth}`).toBeLessThan(share);

function snapshotOf(bytes: Uint8Array | undefined): Profile {
  const out = new ProfileBuilder();
  const signal = new AbortController().signal;
  const parser = heapsnapshot.open(out, {
    signal,
    limits: defaultLimits,
    name: "",
    progress: () => undefined,
  });
  parser.push(bytes ?? new Uint8Array(0));
  parser.end();
  return out.snapshot();
}

test("attached: the leak grows live, and two snapshots on demand tell each object that came between", async () => {
  const program = await startProgram("heap-leak.js");
  try {
    const { recording, store } = recorder({
      target: { kind: "pid", pid: program.pid },
      profiler: "node-heap",
      options: { sample: 0.125, update: 0.2 },
    });
    await store.samples(1);
    expect(await recording.ask()).toEqual({
      words: "Heap snapshot 1",
      kept: { profileId: "memory-heap 1" },
    });
    await store.samples((store.profile().series[0]?.length ?? 0) + 4);
    await recording.ask();
    const state = await recording.stop();
    expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null, pid: program.pid });

    const table = memoryOf(store.profile());
    expect(table.sites[0]).toMatchObject({ name: "leakHere", liveBlocks: 0 });
    expect(table.sites[0]?.path.slice(-2)).toEqual(["oneRound", "leakHere"]);
    expect(table.sites[0]?.ratePerS).toBeGreaterThan(100_000);

    const [before, after] = store.kept.map(({ bytes }) => snapshotOf(bytes));
    const rows = before && after ? heapDiff(before, after) : [];
    const came = rows.find(({ name }) => name === "Kept");
    expect(came).toMatchObject({ goneObjects: 0 });
    expect(came?.newObjects).toBeGreaterThan(10);
    within(rows.find(({ name }) => name === "(array)")?.newBytes ?? 0, (came?.newObjects ?? 0) * 8016, 0.1);

    // What Node itself counts, on the same clock: its spaces, and each collection that a recording asked for.
    const counted = new Set(store.counterRows.map(({ id }) => id));
    for (const id of ["rss", "heap", "heap-old-space", "heap-external"]) expect(counted).toContain(id);
    const { intervals, strings } = store.profile();
    const collections = Array.from(intervals.category, (at) => strings[at]).filter((each) => each === "GC");
    expect(collections.length).toBeGreaterThan(2);
  } finally {
    await program.stop();
  }
});

test("launched: all that it keeps at its end", async () => {
  const argv = [process.execPath, nodeProgramPath("heap-leak.js"), "1", "300"];
  const { state, store } = await record({
    target: { kind: "launch", argv },
    profiler: "node-heap",
    options: { sample: 0.001 },
  });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
  within(siteOf(memoryOf(store.profile()), "leakHere").liveBytes, 300 * roundBytes, 0.05);
});

test("the allocation timeline: every object with its time, its place and its kind", async () => {
  const argv = [process.execPath, nodeProgramPath("heap-leak.js"), "1", "200"];
  const { state, store } = await record({
    target: { kind: "launch", argv },
    profiler: "node-heap",
    options: { how: "timeline" },
  });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", exitCode: 0, problem: null });
  const profile = store.profile();
  const kept = heapDiff(new ProfileBuilder().snapshot(), profile).find(({ name }) => name === "Kept");
  expect(kept).toMatchObject({ objectsAfter: 200 });
  const table = memoryOf(profile, { series: "allocations" });
  within(siteOf(table, "leakHere").allocatedBytes, 200 * roundBytes, 0.1);
  expect(store.counterRows.some(({ id }) => id === "heap-tracked")).toBe(true);
});
