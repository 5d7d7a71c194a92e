import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import { importProfile } from "#core/importers/index.ts";
import { kindAt, type Profile, type Series } from "#core/model/profile.ts";
import { fixture, importContext, leafCounts, namesOf, total } from "./importing.ts";
import { jfrChunk } from "./jfr-writer.ts";

const read = (bytes: Uint8Array): Promise<Profile> => importProfile(memorySource(bytes), importContext());

const seriesOf = (profile: Profile, id: string): Series => {
  const series = profile.series.find((one) => one.id === id);
  if (!series) throw new Error(`no series ${id}: ${profile.series.map((one) => one.id)}`);
  return series;
};

const labelTexts = (profile: Profile): Set<string> =>
  new Set(Array.from(profile.labels.text, (text) => profile.strings[text] ?? ""));

describe("a recording whose truth is known", () => {
  it("CPU by function: 275, 132 and 52 of 460 samples, 10 ms each", async () => {
    const profile = await read(fixture("jfr/hot.jfr.gz"));
    const cpu = seriesOf(profile, "jdk.ExecutionSample");
    expect(cpu).toMatchObject({ kind: "cpu", length: 460 });
    expect(leafCounts(profile, cpu)).toMatchObject({ "Hot.hotA": 275, "Hot.hotB": 132, "Hot.hotC": 52 });
    expect(total(cpu)).toBe(460 * 10e6);
    expect(profile.meta).toMatchObject({ target: "Hot", command: "java Hot 12", periodNs: 10e6 });
    expect(profile.processes.pid[0]).toBe(13_403);
    const kinds = new Set(Array.from(profile.functions.kind, kindAt));
    expect(kinds).toEqual(new Set(["java"]));
  });

  it("a monitor: 81 waits of 3.992 s, for what the holder held", async () => {
    const profile = await read(fixture("jfr/hot.jfr.gz"));
    const lock = seriesOf(profile, "jdk.JavaMonitorEnter");
    expect(lock).toMatchObject({ kind: "lock", length: 81 });
    expect(total(lock) / 1e9).toBeCloseTo(3.992, 3);
    expect(leafCounts(profile, lock)).toMatchObject({ "Hot.waitLock": 81 });
    expect(labelTexts(profile)).toContain("holder");
    const { intervals, strings } = profile;
    const entered = Array.from(intervals.category, (category, i) => [strings[category], i] as const).filter(
      ([name]) => name === "jdk.JavaMonitorEnter",
    );
    expect(entered).toHaveLength(81);
    const [, first] = entered[0] ?? ["", 0];
    expect((intervals.end[first] ?? 0) - (intervals.start[first] ?? 0)).toBeGreaterThan(1e6);
    expect(JSON.parse(strings[intervals.args[first] ?? -1] ?? "")).toMatchObject({
      monitorClass: "java.lang.Object",
      previousOwner: "holder",
    });
  });

  it("old objects: 67 that two dumps tell of are 48, those that were kept with their class and what refers to them", async () => {
    const profile = await read(fixture("jfr/old-objects.jfr.gz"));
    const objects = seriesOf(profile, "jdk.OldObjectSample");
    expect(objects).toMatchObject({ kind: "heap", name: "Old objects" });
    expect(total(objects, 1)).toBe(48);
    expect(profile.meta.notes).toContainEqual(expect.stringMatching(/tells no sizes of old objects/));
    const times = Array.from(objects.time ?? []);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const memory = createAnalyst().answer(profile, { view: "memory", selection: {} });
    expect(memory).toMatchObject({ sampledObjects: true, leastSizes: true, liveAtEndBlocks: 48 });
    expect(memory.sites[0]).toMatchObject({ name: "Leak.keep", liveBlocks: 42, liveBytes: 42 * 1016 });
    expect(memory.sites[0]?.objects).toMatchObject([
      {
        type: "byte[]",
        objects: 42,
        keptBy: [
          "java.util.HashMap$Node.value",
          "java.util.HashMap$Node[…]",
          "java.util.HashMap.table",
          "static Leak.KEPT",
          "Threads, Stack Variable, Thread Name: main",
        ],
      },
    ]);
  });

  it("allocations by weight: 599,207,440 bytes at one place", async () => {
    const profile = await read(fixture("jfr/hot.jfr.gz"));
    const alloc = seriesOf(profile, "jdk.ObjectAllocationSample");
    let bytes = 0;
    for (const [i, stack] of alloc.stack.entries())
      if (stack !== -1 && namesOf(profile, stack).at(-1) === "Hot.allocSite")
        bytes += alloc.values[0]?.data?.[i] ?? 0;
    expect(bytes).toBe(599_207_440);
    expect(alloc.values[0]).toMatchObject({ unit: "bytes" });
    expect(labelTexts(profile)).toContain("byte[]");
  });

  it("the heap and the CPU over time, collections as intervals", async () => {
    const { counters, intervals, strings } = await read(fixture("jfr/hot.jfr.gz"));
    const ids = counters.map(({ id }) => id);
    expect(ids).toContain("jdk.GCHeapSummary.heapUsed");
    expect(ids).toContain("jdk.CPULoad.machineTotal");
    expect(counters.find(({ id }) => id === "jdk.GCHeapSummary.heapUsed")).toMatchObject({
      unit: "bytes",
      length: 8,
    });
    const categories = new Set(Array.from(intervals.category, (category) => strings[category]));
    expect(categories).toContain("jdk.GarbageCollection");
    expect(categories).toContain("jdk.GCPhasePause");
  });
});

describe("waiting and I/O", () => {
  it("every kind with its times and bytes", async () => {
    const profile = await read(fixture("jfr/waits.jfr.gz"));
    const sums = (id: string): readonly [number, number] => {
      const series = seriesOf(profile, id);
      return [series.length, Array.from(series.values[1]?.data ?? []).reduce((sum, value) => sum + value, 0)];
    };
    expect(sums("jdk.FileWrite")).toEqual([25, 1_250_000]);
    expect(sums("jdk.SocketWrite")).toEqual([5, 5000]);
    expect(sums("jdk.SocketRead")).toEqual([10, 5000]);
    for (const [id, function_] of [
      ["jdk.ThreadPark", "Waits.park"],
      ["jdk.JavaMonitorWait", "Waits.waitOnIt"],
    ] as const) {
      const series = seriesOf(profile, id);
      expect(series.length).toBe(5);
      for (const stack of series.stack) expect(namesOf(profile, stack)).toContain(function_);
      expect(total(series)).toBeGreaterThan(5 * 29e6);
    }
    expect(profile.threads.start.some((start) => start > 0)).toBe(true);
  });
});

describe("chunks", () => {
  const names = ["inner", "middle", "outer"];
  const startNs = 1_700_000_000_000_000_000n;
  const ways = [
    [true, 2],
    [false, 2],
    [false, 1],
    [true, 1],
  ] as const;

  it.each(ways)("numbers compressed: %s, version %s", async (isCompressed, major) => {
    const profile = await read(jfrChunk({ isCompressed, major, names, startNs }));
    const cpu = seriesOf(profile, "jdk.ExecutionSample");
    expect(cpu.length).toBe(2);
    // Out of order in the file.
    expect(Array.from(cpu.time ?? [])).toEqual([5000, 10_000]);
    expect(Array.from(cpu.stack, (stack) => namesOf(profile, stack))).toEqual([
      ["app.Main.outer", "app.Main.middle", "app.Main.inner"],
      ["app.Main.outer", "app.Main.middle", "app.Main.inner"],
    ]);
    expect(Math.max(...profile.frames.inlineDepth)).toBe(1);
    expect(Array.from(profile.frames.line).sort()).toEqual([10, 11, 12]);
    expect(total(seriesOf(profile, "jdk.JavaMonitorEnter"))).toBe(2e6);
    expect(Array.from(profile.threads.tid)).toEqual([4711, 2 ** 30 + 33]);
    expect(profile.meta.notes.join()).toContain("cut off at their outer end");
    expect(profile.meta.startedAtMs).toBe(1_700_000_000_000);
  });

  it("several, each with its own constants under the same keys", async () => {
    const parts = [
      jfrChunk({ isCompressed: true, major: 2, names: ["first"], startNs }),
      jfrChunk({ isCompressed: false, major: 2, names: ["second"], startNs: startNs + 5_000_000_000n }),
    ];
    const profile = await read(new Uint8Array(Buffer.concat(parts)));
    const cpu = seriesOf(profile, "jdk.ExecutionSample");
    expect(leafCounts(profile, cpu)).toEqual({ "app.Main.first": 2, "app.Main.second": 2 });
    expect(Array.from(cpu.time ?? [])).toEqual([5000, 10_000, 5e9 + 5000, 5e9 + 10_000]);
  });

  it("the last one not ended: read as far as it goes", async () => {
    const profile = await read(
      jfrChunk({ isCompressed: true, major: 2, names, startNs, isUnfinished: true }),
    );
    expect(seriesOf(profile, "jdk.ExecutionSample").length).toBe(2);
    expect(profile.meta.notes.join()).toContain("not ended properly");
  });

  it("cut off: what is before that stays, and it is said", async () => {
    const parts = [
      jfrChunk({ isCompressed: true, major: 2, names, startNs }),
      jfrChunk({ isCompressed: true, major: 2, names, startNs }).subarray(0, 200),
    ];
    const profile = await read(new Uint8Array(Buffer.concat(parts)));
    expect(seriesOf(profile, "jdk.ExecutionSample").length).toBe(2);
    expect(profile.meta.notes.join()).toContain("cut off");
  });
});
