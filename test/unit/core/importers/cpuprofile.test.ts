import { describe, expect, test } from "vitest";
import { cpuprofile } from "#core/importers/cpuprofile.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { kindAt, type Profile } from "#core/model/profile.ts";
import {
  bytesOf,
  feed,
  firstSeries,
  fixture,
  importContext,
  leafCounts,
  namesOf,
  total,
} from "./importing.ts";

const read = (value: unknown): Profile => feed(cpuprofile, bytesOf(JSON.stringify(value)));

const call = (functionName: string, lineNumber = -1, columnNumber = -1, url = "") => ({
  functionName,
  scriptId: "7",
  url,
  lineNumber,
  columnNumber,
});

const nodes = [
  { id: 1, callFrame: call("(root)"), hitCount: 0, children: [2, 4, 5, 6] },
  { id: 2, callFrame: call("main", 9, 3, "file:///srv/demo/a.js"), hitCount: 1, children: [3] },
  {
    id: 3,
    callFrame: call("", 0, 0, "node:internal/fs"),
    hitCount: 2,
    positionTicks: [{ line: 4, ticks: 2 }],
  },
  { id: 4, callFrame: call("(idle)"), hitCount: 0 },
  { id: 5, callFrame: call("(program)"), hitCount: 0 },
  { id: 6, callFrame: call("(garbage collector)"), hitCount: 0 },
];

const simple = {
  nodes,
  startTime: 1_000_000,
  endTime: 1_010_000,
  samples: [1, 2, 3, 3, 4],
  timeDeltas: [500, 1000, 1000, 1500, 1000],
};

/** Percent of the time in functions of their own, innermost. */
function percents(profile: Profile, names: readonly string[]): number[] {
  const series = firstSeries(profile);
  const sums = new Map<string | undefined, number>();
  series.stack.forEach((stack, i) => {
    const name = namesOf(profile, stack).at(-1);
    sums.set(name, (sums.get(name) ?? 0) + (series.values[0]?.data?.[i] ?? 0));
  });
  return names.map((name) => (100 * (sums.get(name) ?? 0)) / total(series));
}

function checkPercents(path: string, expected: Readonly<Record<string, number>>): void {
  const found = percents(feed(cpuprofile, fixture(path)), Object.keys(expected));
  Object.entries(expected).forEach(([name, percent], i) => {
    expect(Math.abs((found[i] as number) - percent), name).toBeLessThan(0.3);
  });
}

describe("recordings with a known answer", () => {
  test("leaky", () => checkPercents("cpuprofile/leaky.cpuprofile", { hotA: 58.7, hotB: 29.8, hotC: 9.9 }));
  test("where V8 inlines, the caller has the time", () =>
    checkPercents("cpuprofile/leaky_INLINED.cpuprofile", { caller: 32.0 }));
  test("no sample is lost", () => {
    expect(firstSeries(feed(cpuprofile, fixture("cpuprofile/leaky.cpuprofile"))).length).toBe(2808);
  });
});

test("a sample stands for the time until the next one, the last until the end", () => {
  const profile = read(simple);
  const series = firstSeries(profile);
  expect([...(series.time ?? [])]).toEqual([500e3, 1500e3, 2500e3, 4000e3, 5000e3]);
  expect([...(series.values[0]?.data ?? [])]).toEqual([1000e3, 1000e3, 1500e3, 1000e3, 5000e3]);
  expect(series.values.map(({ name, unit, data }) => [name, unit, data === null])).toEqual([
    ["time", "nanoseconds", false],
    ["samples", "samples", true],
  ]);
  expect(profile.meta).toMatchObject({ originSeconds: 1, originNanos: 0, periodNs: 1e6, stackMethod: "v8" });
});

test("functions: kinds, files, lines and columns from 1, no (root)", () => {
  const { functions, frames, strings } = read(simple);
  const rows = Array.from({ length: functions.length }, (_, i) => [
    strings[functions.name[i] as number],
    kindAt(functions.kind[i] as number),
    strings[functions.file[i] as number] ?? "",
    functions.line[i],
  ]);
  expect(rows).toEqual([
    ["main", "node", "file:///srv/demo/a.js", 10],
    ["(anonymous)", "node", "node:internal/fs", 1],
    ["(idle)", "idle", "", -1],
    ["(program)", "native", "", -1],
    ["(garbage collector)", "gc", "", -1],
  ]);
  expect([frames.line[0], frames.column[0]]).toEqual([10, 4]);
});

test("ticks by line are a series of their own", () => {
  const profile = read(simple);
  const ticks = profile.series[1];
  expect(ticks).toMatchObject({ id: "line-ticks", length: 1, time: null });
  const frame = profile.stacks.frame[ticks?.stack[0] as number] as number;
  expect(profile.frames.line[frame]).toBe(4);
  expect(namesOf(profile, ticks?.stack[0] as number)).toEqual(["main", "(anonymous)"]);
});

test("keys in any order", () => {
  const { nodes: ownNodes, samples, timeDeltas, ...times } = simple;
  const turned = ownNodes.map((node) => Object.fromEntries(Object.entries(node).reverse())).reverse();
  const profile = read({
    timeDeltas,
    samples,
    other: { nodes: [1, { samples: [9] }] },
    nodes: turned,
    ...times,
  });
  expect(leafCounts(profile, firstSeries(profile))).toEqual(
    leafCounts(read(simple), firstSeries(read(simple))),
  );
  expect(profile.meta.notes).toEqual([]);
});

test("deltas that go back are put in order", () => {
  const profile = read({ ...simple, timeDeltas: [500, 2000, -1000, 1000, 1000] });
  const series = firstSeries(profile);
  expect([...(series.time ?? [])]).toEqual([500e3, 1500e3, 2500e3, 2500e3, 3500e3]);
  expect(total(series)).toBe(1_010_000e3 - 1_000_500e3);
  expect([...(series.values[0]?.data ?? [])].every((value) => value >= 0)).toBe(true);
});

describe("older files", () => {
  const old = {
    head: {
      ...call("(root)"),
      id: 1,
      hitCount: 0,
      children: [
        {
          children: [{ ...call("b", 5, 0, "a.js"), id: 3, hitCount: 2, children: [] }],
          ...call("a", 0, 0, "a.js"),
          id: 2,
          hitCount: 1,
        },
      ],
    },
  };

  test("a tree with times", () => {
    const profile = read({
      ...old,
      startTime: 163140,
      endTime: 163140,
      samples: [2, 3, 3],
      timestamps: [163140599286, 163140600286, 163140601286],
    });
    const series = firstSeries(profile);
    expect([...(series.time ?? [])]).toEqual([0, 1e6, 2e6]);
    expect([...(series.values[0]?.data ?? [])]).toEqual([1e6, 1e6, 1e6]);
    expect(namesOf(profile, series.stack[2] as number)).toEqual(["a", "b"]);
  });

  test("a tree without times: hits", () => {
    const profile = read(old);
    expect(firstSeries(profile)).toMatchObject({ time: null, length: 2 });
    expect(total(firstSeries(profile))).toBe(3);
  });

  test("samples without times are spread, and that is told", () => {
    const profile = read({ ...old, startTime: 1_000_000, endTime: 1_003_000, samples: [2, 3, 3] });
    expect([...(firstSeries(profile).time ?? [])]).toEqual([0, 1e6, 2e6]);
    expect(profile.meta.notes).toHaveLength(1);
  });

  test("parents by id, as Chrome streams them", () => {
    const profile = read({
      ...simple,
      nodes: [
        { id: 1, callFrame: call("(root)") },
        { id: 3, callFrame: call("child"), parent: 2 },
        { id: 2, callFrame: call("parent"), parent: 1 },
      ],
      samples: [3],
      timeDeltas: [5],
    });
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toEqual(["parent", "child"]);
  });
});

describe("damage and limits", () => {
  test("a file that ends early gives what there is", () => {
    const text = JSON.stringify(simple);
    const profile = feed(cpuprofile, bytesOf(text.slice(0, text.indexOf("3,3,4]"))));
    expect(firstSeries(profile).length).toBeGreaterThan(0);
    expect(profile.meta.notes.join()).toMatch(/^The file is damaged/);
  });

  test("samples of nodes that are not there", () => {
    const profile = read({ ...simple, samples: [2, 99, 3, 3, 4] });
    expect(firstSeries(profile).length).toBe(5);
    expect(profile.meta.notes).toEqual(["1 samples are of calls that the file does not describe."]);
  });

  test("a tree 50,000 deep", () => {
    const depth = 50_000;
    const open = Array.from(
      { length: depth },
      (_, i) => `{"functionName":"f${i}","id":${i},"hitCount":1,"children":[`,
    );
    const profile = feed(cpuprofile, bytesOf(`{"head":${open.join("")}${"]}".repeat(depth)}}`));
    expect(profile.stacks.length).toBe(depth);
    expect(total(firstSeries(profile))).toBe(depth);
  });

  test("brackets without end", () => {
    const profile = feed(cpuprofile, bytesOf(`{"nodes":${"[".repeat(2_100_000)}`));
    expect(profile.meta.notes.join()).toContain("nested too deeply");
  });

  test("deeper than allowed counts for the caller", () => {
    const context = importContext({ limits: { ...defaultLimits, maxStackDepth: 1 } });
    const profile = feed(cpuprofile, bytesOf(JSON.stringify(simple)), [], context);
    expect(leafCounts(profile, firstSeries(profile))).toEqual({ "": 1, main: 3, "(idle)": 1 });
  });

  test("more samples than allowed", () => {
    const context = importContext({ limits: { ...defaultLimits, maxSamples: 2 } });
    const profile = feed(cpuprofile, bytesOf(JSON.stringify(simple)), [], context);
    expect(firstSeries(profile).length).toBe(2);
    expect(profile.meta.notes).toEqual(["Only the first 2 samples were read."]);
  });
});
