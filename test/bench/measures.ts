import { closeSync, openSync, readSync, statSync } from "node:fs";
import { createAnalyst } from "#core/analysis/index.ts";
import type { ByteSource } from "#core/bytes/source.ts";
import { findExporter } from "#core/exporters/index.ts";
import { defaultLimits, type ImportContext } from "#core/importers/importer.ts";
import { findImporter, importProfile, recognise } from "#core/importers/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type QueryInput } from "#core/model/query.ts";
import { findUnpackers } from "#engine/unpackers.ts";
import { makeSamples, nameOf, pickStacks, type Sizes } from "./generate.ts";

export type Figures = Readonly<Record<string, number>>;

/** What one measuring process was asked to do: with which file, or with a made-up profile of which sizes. */
export interface Task {
  readonly measure: keyof typeof measures;
  readonly file: string;
  readonly sizes: Sizes;
}

/** A file read in chunks of 1 MiB into one buffer a chunk. */
function fileSource(path: string): ByteSource {
  const sizeBytes = statSync(path).size;
  const readAt = (offset: number, length: number): Uint8Array => {
    const file = openSync(path, "r");
    try {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
      let filled = 0;
      while (filled < bytes.length)
        filled += readSync(file, bytes, filled, bytes.length - filled, offset + filled);
      return bytes;
    } finally {
      closeSync(file);
    }
  };
  return {
    sizeBytes,
    read: async (offset, length) => readAt(offset, length),
    async *chunks() {
      const file = openSync(path, "r");
      try {
        for (;;) {
          const bytes = new Uint8Array(1 << 20);
          const read = readSync(file, bytes, 0, bytes.length, null);
          if (read === 0) return;
          yield bytes.subarray(0, read);
        }
      } finally {
        closeSync(file);
      }
    },
  };
}

const context = (name: string): ImportContext => ({
  signal: new AbortController().signal,
  limits: defaultLimits,
  name,
  services: { unpackers: findUnpackers() },
  progress: () => undefined,
});

/** The id of the importer of a file; "" where there is none. */
export async function formatOf(file: string): Promise<string> {
  const importer = await recognise(fileSource(file), context(file));
  return importer === null || importer === "zip" ? "" : importer.id;
}

/** Milliseconds of one call. */
async function timed<T>(work: () => T | Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

/** Median of several calls after one that is not counted. */
async function median(times: number, work: () => unknown): Promise<number> {
  await work();
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push((await timed(work))[0]);
  return all.sort((a, b) => a - b)[all.length >> 1];
}

async function read({ file }: Task): Promise<Figures> {
  const source = fileSource(file);
  const [ms] = await timed(async () => {
    for await (const chunk of source.chunks(new AbortController().signal)) if (chunk.length === -1) return;
  });
  return { ms, megabytes: source.sizeBytes / 1e6 };
}

async function open({ file }: Task): Promise<Figures> {
  const source = fileSource(file);
  const [ms, profile] = await timed(() => importProfile(source, context(file)));
  return {
    ms,
    megabytes: source.sizeBytes / 1e6,
    samples: profile.series.reduce((sum, series) => sum + series.length, 0),
    stacks: profile.stacks.length,
  };
}

const queries: Readonly<Record<string, QueryInput>> = {
  flame: { view: "flame", selection: {}, widthPx: 1400 },
  "flame, inverted": { view: "flame", selection: {}, widthPx: 1400, inverted: true },
  "flame, one thread": { view: "flame", selection: { threads: [0] }, widthPx: 1400 },
  "flame, search": { view: "flame", selection: { search: "step_1" }, widthPx: 1400 },
  top: { view: "top", selection: {} },
  "top, hidden frames": { view: "top", selection: { transforms: [{ type: "hide", pattern: "^do_" }] } },
  timeline: { view: "timeline", selection: {}, bins: 700 },
};

/** Views that most profiles are not opened for: what one takes is what every other question waits beside it. */
const otherViews: Readonly<Record<string, QueryInput>> = {
  advice: { view: "advice" },
  filters: { view: "filters" },
  info: { view: "info" },
  tree: { view: "tree", selection: {} },
  "tree, bottom-up": { view: "tree", selection: {}, inverted: true },
  "tree, bottom-up, hottest path": { view: "tree", selection: {}, inverted: true, follow: -1 },
  "callers and callees": { view: "butterfly", selection: {}, pattern: "do_something_1", functions: 1 },
  chart: { view: "chart", selection: {}, widthPx: 1400 },
  heatmap: { view: "heatmap", selection: {} },
  "call graph": { view: "graph", selection: {} },
  source: { view: "source", selection: {}, function: "do_something_1" },
  "flame, left-heavy": { view: "flame", selection: {}, widthPx: 1400, order: "weight" },
  "top, searched": { view: "top", selection: {}, filter: "step_1" },
  "timeline, a function lit up": { view: "timeline", selection: {}, bins: 700, function: 1 },
  "timeline, a tenth of the time": { view: "timeline", selection: { rangeNs: [0, 1e11] }, bins: 700 },
  locks: { view: "locks", selection: {} },
  "I/O": { view: "io", selection: {} },
};

/** Each question twice: the first time, and as a view repeats it (the median of five). */
async function questions(profile: Profile): Promise<Figures> {
  const figures: Record<string, number> = {};
  const analyst = createAnalyst();
  const flame: QueryInput = { view: "flame", selection: {}, widthPx: 1400 };
  figures["call tree and flame"] = (await timed(() => analyst.answer(profile, flame)))[0];
  const to = profile.meta.durationNs;
  const rangeNs: [number, number] = [to * 0.4, to * 0.5];
  const wide: [number, number] = [to * 0.1, to * 0.8];
  const top: QueryInput = { view: "top", selection: {} };
  const all: Record<string, QueryInput> = {
    ...queries,
    "flame, a tenth of the time": { ...flame, selection: { rangeNs } },
    "flame, most of the time": { ...flame, selection: { rangeNs: wide } },
    "top, a tenth of the time": { ...top, selection: { rangeNs } },
  };
  for (const [name, query] of Object.entries(all)) {
    const [first] = await timed(() => analyst.answer(profile, query));
    figures[`${name}, first`] = first;
    figures[`${name}, again`] = await median(5, () => analyst.answer(profile, query));
  }
  // A filter that has not been asked for before, each time: what dragging a range costs, as a median of fifteen.
  const moving: Record<string, (step: number) => QueryInput> = {
    "flame, a tenth of the time": (step) => {
      const from = to * (0.1 + step * 0.035);
      return { ...flame, selection: { rangeNs: [from, from + to * 0.1] } };
    },
    "flame, most of the time": (step) => ({
      ...flame,
      selection: { rangeNs: [to * 0.01 * step, to * (0.7 + 0.01 * step)] },
    }),
    "flame, another thread": (step) => ({ ...flame, selection: { threads: [1 + (step % 7)] } }),
    "top, another thread": (step) => ({ ...top, selection: { threads: [0, 1 + (step % 7)] } }),
  };
  for (const [name, query] of Object.entries(moving)) {
    let step = 0;
    figures[`${name}, moved`] = await median(15, () => analyst.answer(profile, query(step++)));
  }
  for (const [name, query] of Object.entries(otherViews)) {
    const [first] = await timed(() => analyst.answer(profile, query));
    figures[`${name}, first`] = first;
    figures[`${name}, again`] = await median(3, () => analyst.answer(profile, query));
  }
  return figures;
}

const ask = async ({ file }: Task): Promise<Figures> =>
  questions(await importProfile(fileSource(file), context(file)));

/** The columns alone, filled from memory, and the same questions about them: larger than a text could be. */
async function build({ sizes }: Task): Promise<Figures> {
  const [ms, profile, frames] = await made(sizes);
  return {
    samples: sizes.samples,
    stacks: profile.stacks.length,
    build: ms,
    "samples a second": sizes.samples / (ms / 1e3),
    ...(sizes.nodes === 0 && { "frames a second": frames / (ms / 1e3) }),
    ...(await questions(profile)),
  };
}

/** A profile of so many samples, how long its columns took to fill, and how many frames were put in. */
export async function made(sizes: Sizes): Promise<readonly [ms: number, profile: Profile, frames: number]> {
  const limit = sizes.nodes > 0 ? sizes.nodes : Number.POSITIVE_INFINITY;
  const frames: number[] = [];
  const ends: number[] = [];
  for (const { stack } of makeSamples(sizes)) {
    for (const func of stack) frames.push(func);
    ends.push(frames.length);
    if (frames.length > limit * 5) break;
  }
  const [ms, profile] = await timed(() =>
    filled(sizes, Int32Array.from(frames), Int32Array.from(ends), limit),
  );
  return [ms, profile, frames.length];
}

function filled(sizes: Sizes, frames: Int32Array, ends: Int32Array, limit: number): Profile {
  const builder = new ProfileBuilder();
  const frameOf = Array.from({ length: sizes.functions }, (_, func) =>
    builder.frame({ function: builder.function({ name: builder.string(nameOf(func)), kind: "native" }) }),
  );
  const threads = Array.from({ length: sizes.threads }, (_, thread) =>
    builder.thread(builder.process(1000, "program"), 1000 + thread, `worker ${thread}`),
  );
  const series = builder.series({
    id: "cpu-clock",
    kind: "cpu",
    timed: true,
    values: [{ name: "period", unit: "nanoseconds" }],
  });
  let sample = 0;
  const add = (stack: number): void => {
    const timeNs = Math.floor(sample / sizes.threads) * 1_003_009;
    series.add(builder.seen(timeNs), threads[sample % sizes.threads], stack, 1_003_009);
    sample++;
  };
  const known: number[] = [];
  let from = 0;
  for (const end of ends) {
    let stack = -1;
    for (; from < end; from++) stack = builder.stack(stack, frameOf[frames[from]]);
    known.push(stack);
    add(stack);
    if (stack >= limit) break;
  }
  for (const pick of pickStacks(known.length, sizes.samples - sample)) add(known[pick]);
  return builder.build();
}

async function report({ file }: Task): Promise<Figures> {
  const profile: Profile = await importProfile(fileSource(file), context(file));
  const analyst = createAnalyst();
  const figures: Record<string, number> = {};
  for (const id of ["svg", "collapsed", "json"]) {
    let sizeBytes = 0;
    const [ms] = await timed(() => {
      const chunks = findExporter(id)?.write({
        profile,
        selection: everything,
        answer: (query) => analyst.answer(profile, query),
        title: "bench",
        widthPx: 1200,
      });
      for (const chunk of chunks ?? []) sizeBytes += chunk.length;
    });
    figures[`${id} ms`] = ms;
    figures[`${id} megabytes`] = sizeBytes / 1e6;
  }
  return figures;
}

/** A recording as the worker sees it: chunks of a pipe, and the live views asked ten times a second of its time. */
async function live({ file }: Task): Promise<Figures> {
  const builder = new ProfileBuilder();
  const parser = findImporter("perf-script");
  if (parser?.kind !== "stream") throw new Error("perf-script is a stream format");
  const stream = parser.open(builder, context(file));
  const analyst = createAnalyst();
  let parseMs = 0;
  let askMs = 0;
  let worstMs = 0;
  let answers = 0;
  let askedNs = 0;
  for await (const chunk of fileSource(file).chunks(new AbortController().signal))
    for (let at = 0; at < chunk.length; at += 65536) {
      const part = chunk.subarray(at, at + 65536);
      parseMs += (await timed(() => stream.push(part)))[0];
      if (builder.lastTimeNs - askedNs < 1e8) continue;
      askedNs = builder.lastTimeNs;
      const snapshot = builder.snapshot();
      const [ms] = await timed(() => {
        analyst.answer(snapshot, { view: "flame", selection: {}, widthPx: 1400 });
        analyst.answer(snapshot, { view: "timeline", selection: {}, bins: 700 });
      });
      askMs += ms;
      worstMs = Math.max(worstMs, ms);
      answers++;
    }
  return {
    "parse MB/s": statSync(file).size / 1e3 / parseMs,
    "samples a second of parsing": builder.sampleCount / (parseMs / 1e3),
    "update mean ms": askMs / Math.max(1, answers),
    "update worst ms": worstMs,
    updates: answers,
  };
}

export const measures = { read, open, build, ask, report, live } as const;
