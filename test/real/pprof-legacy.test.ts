import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { needs } from "../needs.ts";

const read = (path: string): Promise<Profile> =>
  importProfile(memorySource(new Uint8Array(readFileSync(path))), {
    signal: new AbortController().signal,
    limits: defaultLimits,
    name: "",
    progress: () => undefined,
  });

const totals = (profile: Profile): Record<string, number> =>
  Object.fromEntries(
    profile.series.flatMap((series) =>
      series.values.map(({ name, data }) => [
        name,
        data?.reduce((sum, each) => sum + each, 0) ?? series.length,
      ]),
    ),
  );

/** Files that `go tool pprof` reads itself. */
const cases: readonly string[] = [
  "gperftools-heap/leak.heap",
  "gperftools-heap/go-heap.debug1.txt",
  "gperftools-cpu/cpu.prof",
  "go-goroutines/states.debug1.txt",
  "go-goroutines/threadcreate.debug1.txt",
  "go-contention/mutex.debug1.txt",
  "go-contention/block.debug1.txt",
];

needs("go")("go tool pprof reads the same of profiles older than protobuf", () => {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-legacy-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(cases)("%s", async (name) => {
    const path = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
    const converted = join(folder, "converted.pb.gz");
    execFileSync("go", ["tool", "pprof", "-proto", "-symbolize=none", `-output=${converted}`, path], {
      env: { ...process.env, PPROF_TMPDIR: folder },
      stdio: "ignore",
    });
    const expected = totals(await read(converted));
    expect(totals(await read(path))).toEqual(expected);
  });
});
