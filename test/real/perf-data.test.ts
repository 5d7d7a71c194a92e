import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { memorySource } from "#core/bytes/source.ts";
import { importProfile } from "#core/importers/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile, Series } from "#core/model/profile.ts";
import { importFile } from "#engine/profile-import.ts";
import { findSymbols } from "#engine/symbols/index.ts";
import { needs } from "../needs.ts";
import { buildProgram } from "../programs/build.ts";
import { importContext } from "../unit/core/importers/importing.ts";

const folder = mkdtempSync(join(tmpdir(), "flamewright-perf-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const perf = (...args: readonly string[]): Buffer =>
  execFileSync("perf", args, { cwd: folder, maxBuffer: 2 ** 30, stdio: ["ignore", "pipe", "ignore"] });

const opened = (path: string): Promise<Profile> =>
  importFile(
    { path: join(folder, path), name: path, member: "" },
    new ProfileBuilder(),
    new AbortController().signal,
    () => undefined,
  );

const printed = (path: string): Promise<Profile> => {
  const text = perf("script", "--ns", "-i", path);
  return importProfile(memorySource(new Uint8Array(text)), importContext());
};

const text = (profile: Profile, index: number | undefined): string => profile.strings[index ?? -1] ?? "";

/** Names from the root, as one line. */
function stackText(profile: Profile, leaf: number): string {
  const names: string[] = [];
  for (let stack = leaf; stack !== -1; stack = profile.stacks.prefix[stack] ?? -1) {
    const { function: functions } = profile.frames;
    const index = functions[profile.stacks.frame[stack] ?? -1] ?? -1;
    names.unshift(text(profile, profile.functions.name[index]));
  }
  return names.join(";");
}

/** Every sample: its time, thread, stack and period. */
function rowsOf(profile: Profile, series: Series): string[] {
  const { threads } = profile;
  return Array.from(series.stack, (stack, i) => {
    const tid = threads.tid[series.thread[i] ?? -1];
    return `${series.time?.[i]} ${tid} ${series.values[0]?.data?.[i]} ${stackText(profile, stack)}`;
  }).sort();
}

const ways: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["frame pointers", ["-F", "499", "-g"], ["split", "0.5"]],
  ["compressed records", ["-F", "499", "-g", "-z"], ["split", "0.5"]],
  [
    "several events, several threads",
    ["-e", "cpu-clock,page-faults", "-c", "1000000", "-g"],
    ["split", "0.3", "3"],
  ],
  ["a group", ["-e", "{cpu-clock,page-faults,context-switches}:S", "-F", "199", "-g"], ["split", "0.3"]],
  ["stacks that perf unwinds", ["-F", "99", "--call-graph", "dwarf,8192"], ["split-dwarf", "0.5"]],
  ["no stacks", ["-F", "499"], ["split", "0.3"]],
];

/** As on a machine without perf: copies of stacks are unwound by what the files themselves say. */
const unwound = (path: string): Promise<Profile> =>
  importProfile(
    memorySource(new Uint8Array(readFileSync(join(folder, path)))),
    importContext({ services: { symbols: findSymbols() } }),
  );

needs("perf", "cc")("copies of stacks are unwound as perf script does it", () => {
  it("every sample, down to the root", async () => {
    const built = await buildProgram("split-dwarf");
    perf("record", "-F", "499", "--call-graph", "dwarf,8192", "-o", "u.data", built, "0.6");
    const text = perf("script", "--ns", "--no-inline", "-i", "u.data");
    const theirs = await importProfile(memorySource(new Uint8Array(text)), importContext());
    const ours = await unwound("u.data");
    const expected = new Set(theirs.series.flatMap((series) => rowsOf(theirs, series)));
    const rows = ours.series.flatMap((series) => rowsOf(ours, series));
    expect(rows.length).toBe(expected.size);
    expect(rows.filter((row) => expected.has(row)).length / rows.length).toBeGreaterThanOrEqual(0.99);
    expect(rows.filter((row) => row.includes(" _start;")).length / rows.length).toBeGreaterThan(0.95);
    expect(ours.meta.notes.join()).toContain("unwound here");
  });
});

needs("perf", "cc")("perf.data is what perf script prints of it", () => {
  describe.each(ways)("%s", (_way, flags, [program = "split", ...args]) => {
    it("every sample with its time, thread, period and stack", async () => {
      const path = await buildProgram(program as "split" | "split-dwarf");
      perf("record", "-o", "perf.data", ...flags, "--", path, ...args);
      const [own, theirs] = await Promise.all([opened("perf.data"), printed("perf.data")]);
      expect(own.series.map(({ id }) => id).sort()).toEqual(theirs.series.map(({ id }) => id).sort());
      for (const series of theirs.series) {
        const mine = own.series.find(({ id }) => id === series.id);
        if (!mine) throw new Error(`no series ${series.id}`);
        expect(mine.length).toBe(series.length);
        expect(mine.kind).toBe(series.kind);
        const wanted = rowsOf(theirs, series);
        const same = rowsOf(own, mine).filter((row, i) => row === wanted[i]).length;
        // Code of the C library that has no symbol of its own is named after its neighbour by perf.
        expect(same / wanted.length).toBeGreaterThan(0.97);
      }
    });
  });

  it("from a pipe, which has no header to go back to", async () => {
    const path = await buildProgram("split");
    writeFileSync(join(folder, "pipe.data"), perf("record", "-o", "-", "-F", "499", "-g", "--", path, "0.5"));
    const [own, theirs] = await Promise.all([opened("pipe.data"), printed("pipe.data")]);
    expect(own.series.map(({ id, length }) => [id, length])).toEqual(
      theirs.series.map(({ id, length }) => [id, length]),
    );
    const names = new Set(Array.from(own.functions.name, (name) => text(own, name)));
    for (const name of ["main", "worker", "phase_ab", "burn_a"]) expect(names).toContain(name);
  });

  it("a file that perf had no time to end", async () => {
    const path = await buildProgram("split");
    perf("record", "-o", "cut.data", "-F", "499", "-g", "--", path, "0.3");
    const whole = execFileSync("cat", [join(folder, "cut.data")], { maxBuffer: 2 ** 28 });
    // The size of the records is written last.
    whole.fill(0, 48, 56);
    writeFileSync(join(folder, "cut.data"), whole.subarray(0, whole.length * 0.6));
    const profile = await opened("cut.data");
    expect(profile.series[0]?.length).toBeGreaterThan(20);
    expect(profile.meta.notes.join(" ")).toContain("not ended properly");
  });
});
