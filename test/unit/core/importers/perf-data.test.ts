import { describe, expect, it } from "vitest";
import { memorySource } from "#core/bytes/source.ts";
import type { CodeSymbol, SymbolTable } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { fixture, importContext } from "./importing.ts";

const read = (bytes: Uint8Array, part = {}): Promise<Profile> =>
  importProfile(memorySource(bytes), importContext(part));

const names = (profile: Profile): Set<string> =>
  new Set(Array.from(profile.functions.name, (name) => profile.strings[name] ?? ""));

describe("perf.data", () => {
  it("compressed records: 1,001 samples of 1 ms", async () => {
    const { series, meta, threads } = await read(fixture("perf-data/zstd.data"));
    expect(series.map(({ id, length }) => [id, length])).toEqual([["cpu-clock", 1001]]);
    expect(meta).toMatchObject({ periodNs: 1_001_001, stackMethod: "fp", tool: "perf" });
    expect(threads.length).toBe(1);
  });

  it("a group: what each member counted between two samples", async () => {
    const { series, intervals } = await read(fixture("perf-data/group.data"));
    const total = (id: string): number =>
      Array.from(series.find((one) => one.id === id)?.values[0]?.data ?? []).reduce(
        (sum, value) => sum + value,
        0,
      );
    expect([total("page-faults"), total("context-switches")]).toEqual([113, 25]);
    expect(intervals.length).toBe(26);
    for (let i = 0; i < intervals.length; i++)
      expect(intervals.end[i]).toBeGreaterThan(intervals.start[i] ?? Number.NaN);
  });

  it("a tracepoint's fields are labels", async () => {
    const profile = await read(fixture("perf-data/sched-switch.data"));
    const { labels, strings } = profile;
    const texts = Array.from(
      labels.key,
      (key, i) => `${strings[key]}=${strings[labels.text[i] ?? -1] ?? labels.number[i]}`,
    );
    expect(texts).toContain("prev_comm=offcpu");
    expect(texts).toContain("prev_state=S");
    expect(texts).toContain("next_pid=0");
    expect(profile.series[0]?.kind).toBe("trace");
  });

  it("a pipe, where events are named on the way", async () => {
    const { series, meta, threads } = await read(fixture("perf-pipe/attach.data"));
    expect(series.map(({ id, length }) => [id, length])).toEqual([["cpu-clock:ppp", 773]]);
    expect(meta.command).toContain("perf record --sample-cpu");
    expect(threads.length).toBe(2);
  });

  it("times ascend, though processors wrote on their own", async () => {
    for (const name of ["perf-data/zstd", "perf-data/group", "perf-data/sched-switch", "perf-pipe/attach"]) {
      const { series } = await read(fixture(`${name}.data`));
      for (const { time } of series) expect(time).toEqual(time?.toSorted());
    }
  });

  it("names are asked for by binary, build and offset, callers by what lies before their return address", async () => {
    const asked: string[] = [];
    const table: SymbolTable = {
      segments: [{ offset: 0x1000, address: 0x401000, sizeBytes: 0x1000 }],
      find: (high, low): CodeSymbol => ({ name: `at_${(low & ~0xff).toString(16)}`, high, low }),
    };
    const symbols = {
      tableOf: ({ path, pid }: { path: string; pid: number }) => {
        asked.push(`${path} ${pid > 0}`);
        return path.endsWith("cpu_fp") ? table : null;
      },
      kernel: () => null,
      notes: () => [],
    };
    const profile = await read(fixture("perf-data/zstd.data"), { services: { symbols } });
    expect(asked).toContain("/tmp/rec/cpu_fp true");
    expect(new Set(asked).size).toBe(asked.length);
    expect([...names(profile)].filter((name) => name.startsWith("at_4014")).length).toBeGreaterThan(0);
    expect(profile.meta.notes.join(" ")).toContain("libc.so.6");
    expect(profile.meta.notes.join(" ")).not.toContain("cpu_fp");
  });

  it("a file whose numbers are not those of its byte order is damaged", async () => {
    const bytes = fixture("perf-data/zstd.data").slice();
    bytes.set(new TextEncoder().encode("2ELIFREP"));
    await expect(read(bytes)).rejects.toMatchObject({ problem: { code: "damaged-file" } });
  });

  it("as much as there are samples for", async () => {
    const limits = { ...importContext().limits, maxSamples: 100 };
    const { series, meta } = await read(fixture("perf-data/zstd.data"), { limits });
    expect(series[0]?.length).toBe(100);
    expect(meta.notes).toContain("Only the first 100 samples were read.");
  });
});
