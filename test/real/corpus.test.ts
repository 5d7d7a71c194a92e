import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import { exporterWith } from "#core/exporters/index.ts";
import { importProfile } from "#core/importers/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything } from "#core/model/query.ts";
import { importContext } from "../unit/core/importers/importing.ts";

/** Files of other projects, that are not part of this one: the folder beside the repository, or where it is told. */
const corpus = process.env.FLAMEWRIGHT_CORPUS ?? resolve(import.meta.dirname, "../../../shared/corpus");
const folder = join(corpus, "flamegraph");
const results = join(folder, "results");
const files = existsSync(results) ? readdirSync(results).filter((name) => name.endsWith(".txt")) : [];

const profiles = new Map<string, Promise<Profile>>();
const profileOf = (name: string): Promise<Profile> => {
  let profile = profiles.get(name);
  if (!profile) {
    const bytes = readFileSync(join(folder, name));
    // The script leaves out a last stack that no empty line follows; we do not.
    const ended = bytes.subarray(0, bytes.lastIndexOf("\n\n") + 2);
    profile = importProfile(memorySource(new Uint8Array(ended)), importContext());
    profiles.set(name, profile);
  }
  return profile;
};

/** Texts with "pid/tid" in their header lines; in the others the one number is a thread's. */
const hasPids = (name: string): boolean => name.includes("pidtid");

describe.skipIf(files.length === 0)("what stackcollapse-perf.pl makes of perf script", () => {
  it.each(files)("%s", async (file) => {
    const [, name = "", flag = ""] = /^(.*)-collapsed-(\w+)\.txt$/.exec(file) ?? [];
    const profile = await profileOf(`${name}.txt`);
    const analyst = createAnalyst();
    const options = ["flamegraph", flag, ...(hasPids(name) ? [] : ["no-pid"])];
    const chunks = exporterWith("collapsed", options).write({
      profile,
      selection: everything,
      answer: (query) => analyst.answer(profile, query),
      title: "",
      widthPx: 1200,
      options,
    });
    const written = Buffer.concat([...chunks]).toString("utf8");
    expect(written).toBe(readFileSync(join(results, file), "utf8"));
  });
});
