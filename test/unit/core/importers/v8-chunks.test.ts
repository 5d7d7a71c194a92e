import { expect, test } from "vitest";
import { v8Chunks } from "#core/importers/v8-chunks.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { bytesOf, feed, firstSeries, importContext, namesOf, total } from "./importing.ts";

const head = { type: "flamewright-v8-chunks", version: 1, pid: 77, name: "node hot.js", tool: "node v20" };

const frame = (functionName: string, lineNumber = 0) => ({
  functionName,
  url: functionName.startsWith("(") ? "" : "file:///srv/demo/hot.js",
  lineNumber,
  columnNumber: 4,
});

const nodes = [
  { id: 1, callFrame: frame("(root)"), children: [2, 5] },
  { id: 2, callFrame: frame("main", 9), children: [3, 4] },
  { id: 3, callFrame: frame("hotA", 1) },
  { id: 4, callFrame: frame("") },
  { id: 5, callFrame: frame("(idle)") },
];

/** Samples every 1000 us from `fromUs` - 1000 on: one before the range, one behind it. */
const chunk = (fromUs: number, samples: readonly number[], threadId = 77, threadName = "main") => ({
  type: "chunk",
  threadId,
  threadName,
  fromUs,
  toUs: fromUs + (samples.length - 2) * 1000,
  profile: {
    nodes,
    startTime: fromUs - 2000,
    endTime: fromUs + (samples.length - 1) * 1000,
    samples,
    timeDeltas: samples.map(() => 1000),
  },
});

const text = (...lines: readonly unknown[]): Uint8Array =>
  bytesOf(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

test("only samples in a chunk's range count, each until the next one", () => {
  const profile = feed(v8Chunks, text(head, chunk(5e6, [3, 3, 4, 5, 3]), chunk(5e6 + 3000, [5, 3, 3, 2, 3])));
  const series = firstSeries(profile);
  expect(series.length).toBe(6);
  expect([...(series.time ?? [])]).toEqual([0, 1e6, 2e6, 3e6, 4e6, 5e6]);
  expect(total(series)).toBe(6e6);
  expect(series.values.map(({ name, unit }) => [name, unit])).toEqual([
    ["time", "nanoseconds"],
    ["samples", "samples"],
  ]);
  expect([...series.stack].map((stack) => namesOf(profile, stack).join(";"))).toEqual([
    "main;hotA",
    "main;(anonymous)",
    "(idle)",
    "main;hotA",
    "main;hotA",
    "main",
  ]);
  expect(profile.meta).toMatchObject({
    tool: "node v20",
    originSeconds: 5,
    originNanos: 0,
    stackMethod: "v8",
  });
});

test("threads by their own names", () => {
  const profile = feed(v8Chunks, text(head, chunk(1e6, [3, 3, 3]), chunk(1e6, [4, 4, 4], 2, "worker")));
  expect(Array.from(profile.threads.name, (name) => profile.strings[name])).toEqual(["main", "worker"]);
  expect([...profile.processes.pid]).toEqual([77]);
});

test("a chunk is there as soon as its line is whole, at the time of the recording's own zero", () => {
  const out = new ProfileBuilder();
  out.meta({ originSeconds: 4, originNanos: 500_000_000 });
  const parser = v8Chunks.open(out, importContext());
  const bytes = text(head, chunk(5e6, [3, 3, 3, 3]));
  parser.push(bytes.slice(0, bytes.length - 1));
  expect(out.snapshot().series).toHaveLength(0);
  parser.push(bytes.slice(bytes.length - 1));
  expect([...(out.snapshot().series[0]?.time ?? [])]).toEqual([500e6, 501e6]);
});

test("times that go back are put in order", () => {
  const back = chunk(5e6, [3, 3, 4, 2, 3]);
  back.profile.timeDeltas = [1000, 2000, -1000, 2000, 1000];
  const profile = feed(v8Chunks, text(head, back));
  const series = firstSeries(profile);
  expect([...(series.time ?? [])]).toEqual([0, 1e6, 2e6]);
  expect(Array.from(series.stack, (stack) => namesOf(profile, stack).at(-1))).toEqual([
    "(anonymous)",
    "hotA",
    "main",
  ]);
});

test.each([
  [
    "a loop in the tree",
    [
      { id: 1, callFrame: frame("a"), children: [2] },
      { id: 2, callFrame: frame("b"), children: [1] },
    ],
  ],
  ["a child that is not there", [{ id: 1, callFrame: frame("a"), children: [9] }]],
  ["its own child", [{ id: 1, callFrame: frame("a"), children: [1] }]],
  ["no nodes", []],
])("%s does no harm", (_name, damaged) => {
  const bad = chunk(5e6, [1, 1, 1, 1]);
  const profile = feed(v8Chunks, text(head, { ...bad, profile: { ...bad.profile, nodes: damaged } }));
  expect(firstSeries(profile).length).toBe(2);
});

test("lines that are not chunks are counted, a cut one is told", () => {
  const whole = text(head, { type: "chunk" }, "garbage", chunk(5e6, [3, 3, 3]));
  expect(feed(v8Chunks, whole).meta.notes).toEqual(["2 lines could not be read."]);
  expect(feed(v8Chunks, whole.subarray(0, whole.length - 9)).meta.notes).toEqual([
    "The recording ends in the middle of a chunk, which was left out.",
    "2 lines could not be read.",
  ]);
});

test("functions are shown in their sources where there is a source map", () => {
  // Line 2 of the script is line 31 of the source.
  const map = bytesOf('{"version":3,"sources":["hot.ts"],"names":[],"mappings":";AA8BA"}');
  const context = importContext({ services: { sourceMap: () => map } });
  const { functions, strings, meta } = feed(v8Chunks, text(head, chunk(5e6, [3, 3, 3])), [], context);
  const row = functions.name.findIndex((name) => strings[name] === "hotA");
  expect(strings[functions.file[row] as number]).toBe("file:///srv/demo/hot.ts");
  expect(functions.line[row]).toBe(31);
  expect(meta.notes.join()).toContain("1 function is shown in the sources, by 1 source map");
});
