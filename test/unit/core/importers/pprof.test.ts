import { describe, expect, it } from "vitest";
import { memorySource } from "#core/bytes/source.ts";
import { importProfile } from "#core/importers/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { firstSeries, fixture, importContext, leafCounts, total } from "./importing.ts";

const read = (name: string, part = {}): Promise<Profile> =>
  importProfile(memorySource(fixture(`pprof/${name}`)), importContext(part));

describe("pprof", () => {
  it("CPU of Go: 2.9 s, in time first", async () => {
    const profile = await read("cpu.pb.gz");
    const cpu = firstSeries(profile);
    expect(cpu.values.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      "cpu nanoseconds",
      "samples count",
    ]);
    expect(total(cpu)).toBe(2.9e9);
    expect(Object.keys(leafCounts(profile, cpu))).toEqual(expect.arrayContaining(["main.hotA", "main.hotB"]));
  });

  it("lets others have their turn, and can be cancelled then", async () => {
    const abort = new AbortController();
    let turns = 0;
    const pause = (): Promise<void> => {
      turns++;
      return Promise.resolve();
    };
    await read("cpu.pb.gz", { pause });
    expect(turns).toBeGreaterThan(0);
    const cancelled = read("cpu.pb.gz", { signal: abort.signal, pause: async () => abort.abort() });
    await expect(cancelled).rejects.toThrow(/abort/i);
  });
});
