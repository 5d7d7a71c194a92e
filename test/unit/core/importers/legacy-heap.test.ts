import { describe, expect, test } from "vitest";
import { gperftoolsHeap } from "#core/importers/gperftools-heap.ts";
import type { ImportServices } from "#core/importers/importer.ts";
import { jemalloc } from "#core/importers/jemalloc.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, importContext, namesOf, total } from "./importing.ts";

/** Names of a row's stack, root first, and its values. */
const rows = (profile: Profile): readonly (readonly [string, ...number[]])[] => {
  const { stack, values } = firstSeries(profile);
  return Array.from(stack, (each, row) => [
    namesOf(profile, each).join(" > "),
    ...values.map(({ data }) => data?.[row] ?? 1),
  ]);
};

const leafBytes = (profile: Profile, value = 0): Record<string, number> =>
  Object.fromEntries(
    Array.from(firstSeries(profile).stack, (stack, row) => [
      namesOf(profile, stack).at(-1) ?? "",
      firstSeries(profile).values[value]?.data?.[row] ?? 0,
    ]),
  );

/** Symbols of the demo's program: its code is mapped where it lies in the file. */
const services: ImportServices = {
  symbols: {
    tableOf: ({ path }) =>
      path.endsWith("/leak")
        ? {
            segments: [{ offset: 0x1000, address: 0x401000, sizeBytes: 0x1000 }],
            find: (_, low) => {
              const names: readonly (readonly [number, string])[] = [
                [0x4011d6 - 0x20, "leak_here"],
                [0x4011e0, "leak_small"],
                [0x4011f0, "churn"],
                [0x401220, "big_hold"],
                [0x401250, "main"],
              ];
              const [start, name] = names.findLast(([from]) => from <= low) ?? [0, ""];
              return name === "" ? null : { name, high: 0, low: start };
            },
          }
        : null,
    kernel: () => null,
    notes: () => [],
  },
};

describe("gperftools heap profiles", () => {
  test("exact counts of live and of all allocations", () => {
    const profile = feed(
      gperftoolsHeap,
      fixture("gperftools-heap/leak.heap"),
      [],
      importContext({ services }),
    );
    expect(leafBytes(profile)).toMatchObject({
      big_hold: 10_000_000,
      leak_here: 1_000_000,
      leak_small: 32_000,
      churn: 0,
    });
    expect(leafBytes(profile, 2)).toMatchObject({ churn: 25_600_000 });
    expect(leafBytes(profile, 3)).toMatchObject({ churn: 200_000 });
    const path = profile.strings[profile.binaries.path[0] as number];
    expect(path).toBe("/srv/demo/targets/leak");
    expect(namesOf(profile, firstSeries(profile).stack[0] as number).slice(-2)).toEqual(["main", "big_hold"]);
  });

  test("without symbols, places in their files", () => {
    const profile = feed(gperftoolsHeap, fixture("gperftools-heap/leak.heap"));
    expect(rows(profile)[0]).toEqual([
      "0x1101 > 0x27305 > 0x2724a > 0x12c0 > 0x123c",
      10_000_000,
      1,
      10_000_000,
      1,
    ]);
    expect(profile.meta.notes.join()).toContain(
      "No function names were found for code of /srv/demo/targets/leak",
    );
    expect(profile.frames.addressLow[4]).toBe(0x123c);
  });

  test("sampled ones are scaled up as pprof does", () => {
    const head = "heap profile:    3:  4096 [   10:  8192] @ heap_v2/524288\n";
    const profile = feed(
      gperftoolsHeap,
      bytesOf(`${head}     2:     2048 [     8:     4096] @ 0x40 0x50\n 1: 2048 [2: 4096] @ 0x60\n`),
    );
    const scale = (size: number): number => 1 / (1 - Math.exp(-size / 524_288));
    expect(rows(profile)).toEqual([
      ["0x50 > 0x40", 2048 * scale(1024), 2 * scale(1024), 4096 * scale(512), 8 * scale(512)].map((each) =>
        typeof each === "number" ? Math.trunc(each) : each,
      ),
      ["0x60", 2048 * scale(2048), scale(2048), 4096 * scale(2048), 2 * scale(2048)].map((each) =>
        typeof each === "number" ? Math.trunc(each) : each,
      ),
    ]);
    expect(profile.meta.notes.join()).toContain("one every 524288 bytes");
    expect(profile.labels.number[0]).toBe(1024);
  });

  test("growth, brief maps, and variables in them", () => {
    const text =
      "heap profile: 2: 2097152 [2: 2097152] @ growthz\n2: 2097152 [2: 2097152] @ 0x400010 0x500020\nMAPPED_LIBRARIES:\nbuild=/srv/app\n400000-401000 r-xp 00001000 08:01 12 $build/server\n0x500000-0x600000: /lib/libc.so (@F00) abc123\n";
    const profile = feed(gperftoolsHeap, bytesOf(text));
    expect(rows(profile)).toEqual([["0xf20 > 0x1010", 2_097_152, 2]]);
    expect(firstSeries(profile).values.map(({ name }) => name)).toEqual(["space", "objects"]);
    const { path, buildId } = profile.binaries;
    expect(Array.from(path, (each) => profile.strings[each])).toEqual(["/lib/libc.so", "/srv/app/server"]);
    expect(profile.strings[buildId[0] as number]).toBe("abc123");
  });

  test("Go's names, sampling, statistics and pauses", () => {
    const profile = feed(gperftoolsHeap, fixture("gperftools-heap/go-heap.debug1.txt"));
    expect(rows(profile)[0]?.slice(0, 3)).toEqual([
      "runtime.goexit > runtime.main > main.main > main.leakSite",
      8_470_794,
      827,
    ]);
    expect(profile.counters.find(({ name }) => name === "HeapAlloc")?.value[0]).toBe(16_121_512);
    expect(
      Array.from(profile.intervals.end, (end, i) => end - (profile.intervals.start[i] as number)),
    ).toEqual([97_436, 24_857, 282_121, 2_835_276]);
  });

  test("several comments of one address are inlined", () => {
    const text =
      "heap profile: 1: 8 [1: 8] @ heap/2\n1: 8 [1: 8] @ 0x11 0x21 0x31\n#\t0x10\tmain.inner+0x5\t/a.go:1\n#\t0x10\tmain.outer+0x5\t\t/a.go:2\n#\t0x20\tmain.main+0x1\t/a.go:9\n";
    const profile = feed(gperftoolsHeap, bytesOf(text));
    expect(rows(profile)[0]?.[0]).toBe("runtime.goexit > main.main > main.outer > main.inner");
    expect(Array.from(profile.frames.inlineDepth)).toEqual([0, 0, 0, 1]);
    expect(profile.functions.kind[0]).toBe(profile.functions.kind[3]);
  });
});

describe("jemalloc heap profiles", () => {
  test("size classes of what is live", () => {
    const profile = feed(jemalloc, fixture("jemalloc/leak.heap"));
    expect(rows(profile).map((row) => row[1])).toEqual([10_485_760, 4096, 1_024_000, 32_000, 81_920]);
    expect(total(firstSeries(profile))).toBe(11_627_776);
    expect(total(firstSeries(profile), 1)).toBe(1503);
  });

  test("threads with names, and what ended threads left", () => {
    const text =
      "heap_v2/1\n  t*: 13: 6688 [20: 9000]\n  t3: 12: 6496 [15: 7000] worker\n  t99: 0: 0 [1: 200]\n@ 0x10 0x20\n  t*: 13: 6688 [20: 9000]\n  t3: 12: 6496 [15: 7000] worker\n  t99: 0: 0 [1: 200]\n";
    const profile = feed(jemalloc, bytesOf(text), [3, 17, 40]);
    const series = firstSeries(profile);
    expect(
      Array.from(series.thread, (thread) =>
        thread === -1 ? "" : profile.strings[profile.threads.name[thread] as number],
      ),
    ).toEqual(["worker", "t99", ""]);
    expect(rows(profile).map(([, ...values]) => values)).toEqual([
      [6496, 12, 7000, 15],
      [0, 0, 200, 1],
      [192, 1, 1800, 4],
    ]);
  });

  test("the parts of a sampled stack are scaled alike", () => {
    const text =
      "heap_v2/524288\n  t*: 3: 300000 [0: 0]\n@ 0x10\n  t*: 3: 300000 [0: 0]\n  t1: 2: 100000 [0: 0]\n  t2: 1: 200000 [0: 0]\n";
    const profile = feed(jemalloc, bytesOf(text));
    const scale = 1 / (1 - Math.exp(-100_000 / 524_288));
    expect(rows(profile).map((row) => row[1])).toEqual([
      Math.trunc(100_000 * scale),
      Math.trunc(200_000 * scale),
    ]);
  });
});
