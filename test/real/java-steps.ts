import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { expect } from "vitest";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { jfr } from "#core/importers/jfr.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { type RecordRequestInput, recordRequestSchema } from "#core/model/recording.ts";
import { isProblem, type Profiler, type Step, scratchFolder, sinceMoment } from "#core/profilers/profiler.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { createHost } from "../../main/engine/host.ts";
import { createTargets } from "../../main/engine/targets/index.ts";
import { javaChains } from "../programs/java.ts";
import { stackNames } from "./recording.ts";

/** The host that a profiler sees. */
export const realHost = (path = process.env.PATH ?? "") =>
  createHost({ targets: createTargets(), sessionFolder: tmpdir(), path });

/** Runs so many chunks of a profiler's plan as they are written, and reads each of them. */
export async function chunksOf(
  profiler: Profiler,
  input: Omit<RecordRequestInput, "profiler">,
  count: number,
  options: {
    readonly path?: string;
    readonly extra?: (scratch: string) => readonly string[];
    /** Done before each chunk. */
    readonly before?: (index: number) => Promise<unknown>;
  } = {},
): Promise<{ readonly chunks: readonly Profile[]; readonly extra: Profile | null }> {
  const request = v.parse(recordRequestSchema, { ...input, profiler: profiler.id });
  const found = await profiler.detect(realHost(options.path));
  const values = resolveOptions(profiler.options, request.options);
  if (isProblem(found) || !values.ok || request.target.kind !== "pid") throw new Error("no such plan");
  const { source } = profiler.plan(request, values.value, found, request.target.pid);
  if (source.type !== "chunks") throw new Error("no chunks");
  const scratch = await mkdtemp(join(tmpdir(), "flamewright-java-"));
  let since = new Date().toISOString();
  const put = (text: string): string =>
    text.replaceAll(scratchFolder, scratch).replaceAll(sinceMoment, since);
  const run = async (step: Step): Promise<void> => {
    if (step.kind !== "run") throw new Error("no program");
    const [program = "", ...args] = step.argv.map(put);
    await promisify(execFile)(program, args, { timeout: step.timeoutMs });
  };
  try {
    for (const { name, text } of source.files ?? []) await writeFile(join(scratch, name), text);
    for (const step of source.begin) await run(step);
    const chunks: Profile[] = [];
    for (let index = 0; index < count; index++) {
      const { step, pauseMs } = source.chunk(index);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await options.before?.(index);
      await run(step);
      since = new Date().toISOString();
      if (step.kind !== "run" || step.output === null || step.output === "stdout") throw new Error("no file");
      chunks.push(await readJfr(put(step.output.file)));
    }
    const extra = options.extra?.(scratch) ?? [];
    const [program, ...args] = extra;
    if (program !== undefined) await promisify(execFile)(program, args);
    const all = program === undefined ? null : await readJfr(join(scratch, "all.jfr"));
    for (const step of source.finish) await run(step);
    return { chunks, extra: all };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function readJfr(path: string): Promise<Profile> {
  const builder = new ProfileBuilder();
  await jfr.parse(memorySource(await readFile(path)), builder, {
    signal: new AbortController().signal,
    limits: defaultLimits,
    name: "",
    progress: () => undefined,
  });
  return builder.snapshot();
}

export interface JavaSample {
  readonly timeNs: number;
  readonly thread: string;
  readonly names: readonly string[];
}

/** Samples of one series of a profile, by a word of its id or name. */
export function javaSamples(profile: Profile, word: string): readonly JavaSample[] {
  const series = profile.series.find(({ id, name }) => `${id} ${name}`.includes(word));
  if (series === undefined) return [];
  return Array.from({ length: series.length }, (_, index) => ({
    timeNs: series.time?.[index] ?? Number.NaN,
    thread: profile.strings[profile.threads.name[series.thread[index] ?? -1] ?? -1] ?? "",
    names: stackNames(profile, series.stack[index] ?? -1),
  }));
}

const shareOf = (samples: readonly JavaSample[], leaf: string): number =>
  (100 * samples.filter(({ names }) => names.at(-1) === leaf).length) / samples.length;

/** Of samples of the thread "split-worker". */
export function expectShares(samples: readonly JavaSample[], points = 5): void {
  const truths = { "JavaSplit.burnA": 60, "JavaSplit.burnB": 30, "JavaSplit.burnC": 10 };
  for (const [leaf, percent] of Object.entries(truths))
    expect(Math.abs(shareOf(samples, leaf) - percent), `${leaf}: ${shareOf(samples, leaf)}`).toBeLessThan(
      points,
    );
}

/** Of the allocations of the thread "split-maker". */
export function expectAllocations(samples: readonly JavaSample[], points = 5): void {
  const truths = { "JavaSplit.garbageA": 60, "JavaSplit.garbageB": 35, "JavaSplit.keep": 5 };
  for (const [leaf, percent] of Object.entries(truths)) {
    const own = samples.filter(({ names }) => names.at(-1) === leaf);
    expect(
      Math.abs((100 * own.length) / samples.length - percent),
      `${leaf}: ${own.length} of ${samples.length}`,
    ).toBeLessThan(points);
    for (const { names } of own) expect(names.at(-2)).toBe("JavaSplit.makeGarbage");
  }
}

export function expectChains(samples: readonly JavaSample[]): void {
  for (const [leaf, chain] of Object.entries(javaChains))
    for (const { names } of samples.filter((sample) => sample.names.at(-1) === leaf))
      expect(names.slice(-chain.length)).toEqual(chain);
}
