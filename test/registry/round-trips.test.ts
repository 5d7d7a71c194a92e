import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import { findExporter } from "#core/exporters/index.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import { kindAt, type Profile, type Series } from "#core/model/profile.ts";
import { profileFault } from "#core/model/profile-check.ts";
import { everything } from "#core/model/query.ts";
import { writeSession } from "#core/model/session.ts";
import { hostileNames } from "../unit/core/hostile-names.ts";

/** A profile that has something of everything. Numbers and names are such that nothing is equal by chance. */
function richProfile(): Profile {
  const out = new ProfileBuilder();
  out.meta({ format: "test", command: "record -p 4711", startedAtMs: 1.7e12, periodNs: 1e6 });
  const library = out.binary("/usr/lib/libwork.so", "abcdef0123456789");
  const file = out.string("/src/work.c");
  const fn = (name: string, line: number): number =>
    out.function({ name: out.string(name), kind: "native", binary: library, file, line });
  const frame = (name: string, line: number, inlineDepth = 0): number =>
    out.frame({
      function: fn(name, 100),
      addressHigh: 0x12,
      addressLow: 0x40_0000 + (inlineDepth > 0 ? line - inlineDepth : line),
      line,
      column: line + 1000,
      inlineDepth,
    });
  const main = out.stack(NONE, frame("main", 10));
  const parse = out.stack(main, frame("parse", 20));
  const inlined = out.stack(parse, frame("inlined once", 21, 1));
  const twice = out.stack(inlined, frame("inlined twice", 22, 2));
  const stacks = [main, parse, twice, out.stack(parse, frame("read", 30)), parse];

  const process = out.process(4711, "worker");
  const threads = [out.thread(process, 4711, "main"), out.thread(process, 4712, 'a "quoted" name')];
  const labels = [
    NONE,
    out.labelSet([{ key: out.string("request"), text: out.string("GET /") }]),
    out.labelSet([{ key: out.string("bytes"), number: 640, unit: out.string("bytes") }]),
  ];
  const cpu = out.series({
    id: "cpu",
    kind: "cpu",
    timed: true,
    values: [
      { name: "time", unit: "nanoseconds" },
      { name: "instructions", unit: "count" },
    ],
  });
  const space = out.series({
    id: "space",
    kind: "alloc",
    timed: true,
    values: [{ name: "space", unit: "bytes" }],
  });
  for (let i = 0; i < 30; i++) {
    const timeNs = out.seen(i * 1_000_003);
    const thread = threads[i % 7 === 0 ? 1 : 0];
    cpu.addValues(timeNs, thread, stacks[i % 5], [1e6 + i, 7 * i], labels[i % 3]);
    if (i % 2 === 0) space.add(timeNs, thread, stacks[(i + 3) % 5], 64 * (i + 1));
  }
  for (const [i, stack] of [twice, NONE, main].entries())
    out.interval({
      start: i * 5e6,
      end: i === 1 ? i * 5e6 : i * 5e6 + 2_500_001,
      thread: threads[i % 2],
      category: out.string(i === 0 ? "lock" : "gc"),
      name: out.string(`wait ${i}`),
      stack,
      args: out.string(JSON.stringify({ address: `0x${i}`, depth: i })),
    });
  for (let i = 0; i < 5; i++) out.counter("rss", "rss", "bytes", i * 1e6, 4096 * (10 - i));
  return out.build();
}

const texts = ({ strings }: Profile, index: number): string => strings[index] ?? "";

/** Frames of a stack, root first, told by `tell`. */
function path(profile: Profile, stack: number, tell: (frame: number) => unknown): string {
  const parts: unknown[] = [];
  for (let at = stack; at !== NONE; at = profile.stacks.prefix[at])
    parts.push(tell(profile.stacks.frame[at]));
  return JSON.stringify(parts.reverse());
}

const names = (profile: Profile, stack: number): string =>
  path(profile, stack, (frame) => texts(profile, profile.functions.name[profile.frames.function[frame]]));

/** Distinct stacks of all samples. */
const told = (profile: Profile, tell: (frame: number) => unknown): readonly string[] =>
  [
    ...new Set(profile.series.flatMap(({ stack }) => [...stack].map((each) => path(profile, each, tell)))),
  ].sort();

/** What a value weighs by key, without zeros, in order. */
function weights(series: Series, value: number, key: (row: number) => string): readonly string[] {
  const sums = new Map<string, number>();
  for (let row = 0; row < series.length; row++) {
    const weight = series.values[value].data?.[row] ?? 1;
    sums.set(key(row), (sums.get(key(row)) ?? 0) + weight);
  }
  return [...sums]
    .filter(([, sum]) => sum !== 0)
    .map(([each, sum]) => `${each} ${Math.round(sum)}`)
    .sort();
}

const measures = (profile: Profile): readonly string[] =>
  profile.series.flatMap((series) =>
    series.values.map(
      ({ unit }, value) =>
        `${unit}: ${weights(series, value, (row) => names(profile, series.stack[row])).join(", ")}`,
    ),
  );

const isWithin = (some: readonly string[], all: readonly string[]): boolean =>
  some.every((each) => all.includes(each));

const threadText = (profile: Profile, thread: number): string => {
  const { threads, processes } = profile;
  if (thread === NONE) return "none";
  return `${processes.pid[threads.process[thread]]} ${threads.tid[thread]} ${texts(profile, threads.name[thread])}`;
};

function labelText(profile: Profile, set: number): string {
  const { labels } = profile;
  const rows = [...labels.set.keys()].filter((row) => set !== NONE && labels.set[row] === set);
  return rows
    .map((row) => {
      const text = texts(profile, labels.text[row]);
      return `${texts(profile, labels.key[row])}=${text || labels.number[row]}${texts(profile, labels.unit[row])}`;
    })
    .join();
}

const ns = (time: number): number => Math.round(time);

/** Each feature as plain data; what is equal in it has come through. */
const features: Readonly<Record<string, (profile: Profile) => unknown>> = {
  weights: (profile) => measures(profile)[0]?.replace(/^\w+: /, ""),
  values: (profile) => measures(profile),
  samples: ({ series: [first] }) => first.length,
  times: (profile) =>
    [...(profile.series[0].time ?? [])]
      .map((time, row) => `${ns(time)} ${names(profile, profile.series[0].stack[row])}`)
      .sort(),
  threads: (profile) =>
    weights(profile.series[0], 0, (row) => threadText(profile, profile.series[0].thread[row])),
  labels: (profile) => {
    const [series] = profile.series;
    return weights(series, 0, (row) => labelText(profile, series.labels?.[row] ?? NONE));
  },
  inlined: (profile) => told(profile, (frame) => profile.frames.inlineDepth[frame]),
  addresses: (profile) =>
    told(profile, (frame) => [profile.frames.addressHigh[frame], profile.frames.addressLow[frame]]),
  lines: (profile) =>
    told(profile, (frame) => [
      texts(profile, profile.functions.file[profile.frames.function[frame]]),
      profile.frames.line[frame],
      profile.frames.column[frame],
    ]),
  starts: (profile) => told(profile, (frame) => profile.functions.line[profile.frames.function[frame]]),
  kinds: (profile) =>
    told(profile, (frame) => kindAt(profile.functions.kind[profile.frames.function[frame]])),
  binaries: (profile) =>
    told(profile, (frame) => {
      const binary = profile.functions.binary[profile.frames.function[frame]];
      return [
        texts(profile, profile.binaries.path[binary] ?? NONE),
        texts(profile, profile.binaries.buildId[binary] ?? NONE),
      ];
    }),
  intervals: (profile) => {
    const { intervals } = profile;
    return Array.from({ length: intervals.length }, (_, row) => {
      const { type: _type, cause: _cause, ...args } = JSON.parse(texts(profile, intervals.args[row]) || "{}");
      return [
        ns(intervals.start[row]),
        ns(intervals.end[row]),
        threadText(profile, intervals.thread[row]),
        texts(profile, intervals.category[row]),
        texts(profile, intervals.name[row]),
        names(profile, intervals.stack[row]),
        JSON.stringify(args),
      ].join(" ");
    }).sort();
  },
  counters: ({ counters }) =>
    counters.map(({ name, unit, time, value }) => [name, unit, [...time].map(ns), [...value]]),
  "start of the recording": ({ meta }) => meta.startedAtMs,
  command: ({ meta }) => meta.command,
};

/** What each format holds; what is not said here is lost, and a test fails as well when it is not. */
const holds: Readonly<Record<string, readonly (keyof typeof features)[]>> = {
  session: Object.keys(features),
  collapsed: ["weights"],
  speedscope: ["weights", "values", "samples", "threads", "lines"],
  pprof: [
    "weights",
    "values",
    "threads",
    "labels",
    "inlined",
    "addresses",
    "lines",
    "starts",
    "kinds",
    "binaries",
    "start of the recording",
    "command",
  ],
  firefox: [
    "weights",
    "samples",
    "times",
    "threads",
    "inlined",
    "addresses",
    "lines",
    "starts",
    "kinds",
    "binaries",
    "intervals",
    "counters",
    "start of the recording",
    "command",
  ],
};

function write(format: string, profile: Profile): Uint8Array {
  if (format === "session")
    return new Uint8Array(Buffer.concat(writeSession({ profile, header: {}, log: [], raw: null })));
  const analyst = createAnalyst();
  const chunks = findExporter(format)?.write({
    profile,
    selection: everything,
    answer: (query) => analyst.answer(profile, query),
    title: "",
    widthPx: 1200,
  });
  return new Uint8Array(Buffer.concat([...(chunks ?? [])]));
}

async function roundTrip(format: string, profile: Profile): Promise<Profile> {
  const back = await importProfile(memorySource(write(format, profile)), {
    signal: new AbortController().signal,
    limits: defaultLimits,
    name: "",
    progress: () => undefined,
  });
  expect(profileFault(back)).toBeNull();
  return back;
}

describe.each(Object.keys(holds))("out to %s and back", (format) => {
  const profile = richProfile();
  const back = roundTrip(format, profile);

  test("is read without notes", async () => expect((await back).meta.notes).toEqual([]));

  test.each(holds[format])("keeps %s", async (feature) => {
    const tell = features[feature];
    if (feature === "values")
      expect(measures(await back)).toEqual(expect.arrayContaining([...measures(profile)]));
    else expect(tell(await back)).toEqual(tell(profile));
  });

  test("loses no less than is said", async () => {
    const read = await back;
    const kept = Object.keys(features).filter((feature) =>
      feature === "values"
        ? isWithin(measures(profile), measures(read))
        : JSON.stringify(features[feature](read)) === JSON.stringify(features[feature](profile)),
    );
    expect(kept).toEqual(Object.keys(features).filter((feature) => holds[format].includes(feature)));
  });

  test("is the same the second time", async () => {
    const first = await back;
    const second = await roundTrip(format, first);
    for (const feature of holds[format])
      if (feature !== "values") expect(features[feature](second), feature).toEqual(features[feature](first));
  });

  test("keeps names as they are", async () => {
    const out = new ProfileBuilder();
    const series = out.series({
      id: "s",
      kind: "other",
      timed: false,
      values: [{ name: "n", unit: "count" }],
    });
    const root = out.stack(NONE, out.frame({ function: out.function({ name: out.string("root") }) }));
    // Collapsed stacks have no escapes; a name of nothing is none; UTF-8 has no lone surrogates.
    const kept = hostileNames.filter(
      (name) =>
        name !== "" &&
        !/\p{Surrogate}/u.test(name) &&
        (format !== "collapsed" || /^[^;\s\u2028\u2029]*$/.test(name)),
    );
    for (const name of kept)
      series.add(0, NONE, out.stack(root, out.frame({ function: out.function({ name: out.string(name) }) })));
    const read = await roundTrip(format, out.build());
    expect(
      new Set(told(read, (frame) => texts(read, read.functions.name[read.frames.function[frame]]))),
    ).toEqual(new Set(kept.map((name) => JSON.stringify(["root", name]))));
  });
});

test("samples that have no times stay apart in pprof", async () => {
  const out = new ProfileBuilder();
  const series = out.series({
    id: "space",
    kind: "alloc",
    timed: false,
    values: [
      { name: "space", unit: "bytes" },
      { name: "objects", unit: "count" },
    ],
  });
  const stack = out.stack(NONE, out.frame({ function: out.function({ name: out.string("allocate") }) }));
  series.addValues(0, NONE, stack, [-4096, 1]);
  series.addValues(0, NONE, stack, [2 ** 53 - 1, 3]);
  const back = await roundTrip("pprof", out.build());
  expect(back.series.map(({ id, values }) => [id, values])).toEqual([
    [
      "space",
      [
        { name: "space", unit: "bytes", data: Float64Array.of(-4096, 2 ** 53 - 1) },
        { name: "objects", unit: "count", data: Float64Array.of(1, 3) },
      ],
    ],
  ]);
});
