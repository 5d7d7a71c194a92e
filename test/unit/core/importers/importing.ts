import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { defaultLimits, type ImportContext, type StreamImporter } from "#core/importers/importer.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile, Series } from "#core/model/profile.ts";

const fixturePath = (path: string): string =>
  fileURLToPath(new URL(`../../../fixtures/${path}`, import.meta.url));

/** A fixture's bytes, without gzip around them. */
export function fixture(path: string): Uint8Array {
  const bytes = readFileSync(fixturePath(path));
  return new Uint8Array(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
}

export const importContext = (part: Partial<ImportContext> = {}): ImportContext => ({
  signal: new AbortController().signal,
  limits: defaultLimits,
  name: "",
  progress: () => undefined,
  ...part,
});

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Feeds a stream importer, cut at the given places. */
export function feed(
  importer: StreamImporter,
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  context = importContext(),
  out = new ProfileBuilder(),
): Profile {
  const parser = importer.open(out, context);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    parser.push(bytes.slice(from, cut));
    from = cut;
  }
  parser.end();
  return out.build();
}

const functionName = (profile: Profile, stack: number): string =>
  profile.strings[
    profile.functions.name[profile.frames.function[profile.stacks.frame[stack] as number] as number] as number
  ] as string;

/** Function names of a stack, root first. */
export function namesOf(profile: Profile, stack: number): string[] {
  const names: string[] = [];
  for (let at = stack; at !== NONE; at = profile.stacks.prefix[at] as number) {
    names.push(functionName(profile, at));
  }
  return names.reverse();
}

/** Samples by the name of their innermost function. */
export function leafCounts(profile: Profile, series: Series): Record<string, number> {
  const counts: Record<string, number> = Object.create(null);
  for (const stack of series.stack) {
    const name = stack === NONE ? "" : functionName(profile, stack);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export const firstSeries = (profile: Profile): Series => {
  const [series] = profile.series;
  if (!series) throw new Error("the profile has no series");
  return series;
};

/** Sum of a value over all samples. */
export const total = (series: Series, value = 0): number =>
  series.values[value]?.data?.reduce((sum, each) => sum + each, 0) ?? series.length;
