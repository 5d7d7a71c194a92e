import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { exporterWith } from "#core/exporters/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { everything } from "#core/model/query.ts";
import { importFile } from "#engine/profile-import.ts";
import { findProfiles } from "#engine/profile-members.ts";

/** Files of other projects and recordings with known truths: folders beside the repository, or where it is told. */
const beside = process.env.FLAMEWRIGHT_CORPUS ?? resolve(import.meta.dirname, "../../../shared");
const folders = ["corpus", "recordings"].map((name) => join(beside, name)).filter((path) => existsSync(path));

/** What lies there and is no profile: sources, programs, notes, and what other tools made of a profile. */
const noProfile: readonly RegExp[] = [
  /(^|\/)(README|LICENSE|Makefile|\.gitignore|\.DS_Store)/,
  /\/(targets|reference|source|unprivileged)\//,
  /\.(js|ts|tsx|html|css|cpp|c|go|java|py|rs|rb|sh|bt|svg|grammar|map|pl|plist|md|gcno|gcda|gcov)$/,
  /\.(stdout|stderr|expected\.txt|header\.txt)$/,
  /\/(heaptrack|gperftools|jemalloc)\/[\w.]*(\.log|heapcheck\.txt|\.histogram\.tsv)$/,
  /\/(biolatency|iotop|lsof-F|proc_excerpt|hot\.gdb-py-bt|hot\.injected-sampler|leak\.gcov-summary)\.txt$/,
  /\.gcov\.json\.gz$/,
  /\.(report|perfmap-excerpt)\.txt$/,
];

/** Profiles that another program has to make something of first: we say which. */
const refused: readonly RegExp[] = [
  /v8\.log$/,
  /\.trace\.zip$/,
  /\/trace\.out$/,
  /\/gmon\.out$/,
  /\/cpu_pg$/,
  /\.jfr\.json\.gz$/,
  /\.tracemalloc\.pickle$/,
  /\.(top|raw|text|annotate|ms_print|print|report-\w+|jfr-\w+|prof-process)\.txt$/,
];

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

const files = folders
  .flatMap(filesIn)
  .filter((path) => !noProfile.some((pattern) => pattern.test(path)) && statSync(path).size > 0);

/** Opens it, writes it as stacks, and says what came out. */
async function open(path: string, member: string): Promise<string> {
  const { signal } = new AbortController();
  const profile = await importFile(
    { path, name: path, member },
    new ProfileBuilder(),
    signal,
    () => undefined,
  );
  const analyst = createAnalyst();
  const chunks = exporterWith("collapsed", []).write({
    profile,
    selection: everything,
    answer: (query) => analyst.answer(profile, query),
    title: "",
    widthPx: 1200,
  });
  for (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
  const { series, intervals, counters, meta } = profile;
  const isEmpty = series.length + intervals.length + counters.length === 0;
  return `${meta.format}${isEmpty ? " with nothing in it" : ""}`;
}

describe.skipIf(files.length === 0)("every file of other projects and of our recordings opens", () => {
  it.each(files.map((path) => [relative(beside, path), path]))(
    "%s",
    { timeout: 60_000 },
    async (_name, path) => {
      if (refused.some((pattern) => pattern.test(path))) {
        await expect(open(path, "")).rejects.toMatchObject({ problem: { code: "unknown-format" } });
        return;
      }
      for (const found of await findProfiles(path, ""))
        expect(await open(found.path, found.member)).toMatch(/^[\w-]+$/);
    },
  );
});
