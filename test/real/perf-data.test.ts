import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { memorySource } from "#core/bytes/source.ts";
import { importProfile } from "#core/importers/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile, Series } from "#core/model/profile.ts";
import { importFile } from "#engine/profile-import.ts";
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
  // Both the symbol, with its version, and what debug information calls it.
  return names.join(";").replace(/__libc_start_main(_impl|@@[\w.]+)/, "__libc_start_main");
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

/** From main on: each function, whether it is inlined and its line. The kernel's have none. */
function linesOf(profile: Profile, leaf: number): string {
  const { frames, functions } = profile;
  const lines: string[] = [];
  for (let stack = leaf; stack !== -1; stack = profile.stacks.prefix[stack] ?? -1) {
    const frame = profile.stacks.frame[stack] ?? -1;
    const name = text(profile, functions.name[frames.function[frame] ?? -1]);
    const line = frames.line[frame] ?? -1;
    if (line !== -1)
      lines.unshift(`${name}${(frames.inlineDepth[frame] ?? 0) > 0 ? " inlined" : ""} ${line}`);
    if (name === "main") break;
  }
  return lines.join(";");
}

/** The same of a sample as `perf script -F +srcline` prints it: a line for the function, and one for the place. */
function printedLines(sample: string): string {
  const lines: string[] = [];
  for (const [, name, inlined] of sample.matchAll(/^\s+[0-9a-f]+ (\S+).*\n +(\S+:\d+.*)$/gm)) {
    const line = /:(\d+)/.exec(inlined ?? "")?.[1];
    lines.unshift(`${name}${inlined?.endsWith(" (inlined)") ? " inlined" : ""} ${line}`);
    if (name === "main") break;
  }
  return lines.join(";");
}

needs("perf", "cc")("copies of stacks are unwound as perf script does it", () => {
  it("every sample, with what was inlined and the line of each call", async () => {
    const built = await buildProgram("inlined");
    perf("record", "-F", "499", "--call-graph", "dwarf,8192", "-o", "u.data", built, "1");
    const words = perf("script", "-F", "comm,time,ip,sym,srcline", "-i", "u.data").toString("utf8");
    const expected = words.split("\n\n").map(printedLines);
    const profile = await opened("u.data");
    const lines = Array.from(profile.series[0]?.stack ?? [], (stack) => linesOf(profile, stack));
    const ours = lines.filter((line) => line.startsWith("main"));
    expect(ours.length).toBeGreaterThan(300);
    expect(ours.length / lines.length).toBeGreaterThan(0.95);
    const known = new Set(expected);
    expect(ours.filter((line) => known.has(line)).length / ours.length).toBeGreaterThanOrEqual(0.99);
    expect(
      ours.some((line) =>
        line.includes(";work::round 44;work::phase_ab inlined 34;work::burn_a inlined 29;"),
      ),
    ).toBe(true);
    const roots = new Set(
      Array.from(profile.series[0]?.stack ?? [], (stack) => stackText(profile, stack).split(";")[0]),
    );
    expect(roots).toContain("_start");
    expect(profile.meta.notes).toEqual([]);
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
