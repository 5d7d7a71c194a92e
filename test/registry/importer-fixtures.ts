import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits, type ImportContext, type Importer } from "#core/importers/importer.ts";
import { importers, importProfile } from "#core/importers/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { profileFault } from "#core/model/profile-check.ts";

/** The fixtures of all importers, and what is done with each of them: by importers.test.ts, and damaged-files.test.ts. */

const fixtures = new URL("../fixtures/", import.meta.url);
export const golden = ".golden.json";
/** A damaged file may be slow, but not without bound. */
const mostMs = 10_000;

export interface Fixture {
  readonly importer: Importer;
  readonly name: string;
  readonly path: string;
}

export function fixturesOf(importer: Importer): readonly Fixture[] {
  const folder = new URL(`${importer.id}/`, fixtures);
  return readdirSync(folder)
    .filter((name) => !name.endsWith(golden))
    .sort()
    .map((name) => ({ importer, name, path: fileURLToPath(new URL(name, folder)) }));
}

export const all = importers.flatMap(fixturesOf);
export const cases = all.map((each) => [`${each.importer.id}/${each.name}`, each] as const);

export const bytesOf = ({ path }: Fixture): Uint8Array => new Uint8Array(readFileSync(path));

export function unpacked(fixture: Fixture): Uint8Array {
  const bytes = bytesOf(fixture);
  return fixture.name.endsWith(".gz") ? new Uint8Array(gunzipSync(bytes)) : bytes;
}

export const context = (part: Partial<ImportContext> = {}): ImportContext => ({
  signal: new AbortController().signal,
  limits: defaultLimits,
  name: "",
  progress: () => undefined,
  ...part,
});

export const importBytes = (bytes: Uint8Array, name = ""): Promise<Profile> =>
  importProfile(memorySource(bytes), context({ name }));

/** Evenly spread places, the same on every run. */
export const places = (length: number, count: number): number[] =>
  Array.from({ length: Math.min(count, length) }, (_, i) =>
    Math.floor((i * length) / Math.min(count, length)),
  );

/** A profile that can be worked with, or a problem with words; never anything else, and not for ever. */
export async function survives(bytes: Uint8Array): Promise<void> {
  const startedMs = performance.now();
  try {
    const profile = await importBytes(bytes);
    expect(profileFault(profile)).toBeNull();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    expect(error.problem.code).toMatch(/^[a-z-]+$/);
    expect(error.problem.message).not.toBe("");
    expect(error.problem.fix).not.toBe("");
  }
  expect(performance.now() - startedMs).toBeLessThan(mostMs);
}
