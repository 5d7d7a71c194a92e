import { describe, expect, test } from "vitest";
import { chromeTrace } from "#core/importers/chrome-trace.ts";
import { bytesOf, feed, firstSeries, namesOf } from "./importing.ts";

const read = (value: unknown) => feed(chromeTrace, bytesOf(JSON.stringify(value)));

describe("CPU profiles in chunks", () => {
  const callFrame = (functionName: string, lineNumber: number) => ({
    functionName,
    url: "app.js",
    scriptId: "1",
    lineNumber,
    columnNumber: 3,
  });
  const event = (name: string, ts: number, data: unknown) => ({
    ph: "P",
    cat: "disabled-by-default-v8.cpu_profiler",
    id: "0x1",
    pid: 1,
    tid: 2,
    ts,
    name,
    args: { data },
  });
  const trace = (lines?: readonly number[]) =>
    read([
      event("Profile", 1000, { startTime: 1000 }),
      event("ProfileChunk", 1100, {
        cpuProfile: {
          nodes: [
            { id: 1, callFrame: callFrame("(root)", -1) },
            { id: 2, parent: 1, callFrame: callFrame("main", 9) },
            { id: 3, parent: 2, callFrame: callFrame("work", 19) },
          ],
          samples: [2, 3, 3],
        },
        ...(lines && { lines }),
        timeDeltas: [100, 10, 10],
      }),
    ]);
  const leaves = (profile: ReturnType<typeof trace>): readonly string[] =>
    Array.from(firstSeries(profile).stack, (stack) => {
      const frame = profile.stacks.frame[stack] as number;
      return `${namesOf(profile, stack).join(" > ")} ${profile.frames.line[frame]}:${profile.frames.column[frame]}`;
    });

  test("each sample's line is the one that ran", () => {
    expect(leaves(trace([12, 22, 0]))).toEqual(["main 12:-1", "main > work 22:-1", "main > work 20:4"]);
  });

  test("without lines, or with some only, functions are where they begin", () => {
    const expected = ["main 10:4", "main > work 20:4", "main > work 20:4"];
    expect(leaves(trace())).toEqual(expected);
    expect(leaves(trace([12]))).toEqual(expected);
  });
});

test("asynchronous work that is begun twice under one number ends from the inside", () => {
  const event = (ph: string, ts: number) => ({ ph, ts, pid: 1, tid: 1, id: "0x7", cat: "net", name: "load" });
  const { intervals } = read([event("b", 0), event("b", 10), event("e", 20), event("e", 40), event("b", 50)]);
  expect(Array.from(intervals.start)).toEqual([0, 10_000, 50_000]);
  expect(Array.from(intervals.end)).toEqual([40_000, 20_000, Number.NaN]);
});

test("calls of Hermes are in their files, from the line where the function begins", () => {
  const event = (ph: string, ts: number, line: number) => ({
    ph,
    ts,
    pid: 0,
    tid: 0,
    name: "beta",
    args: {
      line,
      column: 12,
      funcLine: "7",
      name: "beta",
      url: "/app/index.js",
      allocatedCategory: "JavaScript",
    },
  });
  const profile = read([event("B", 0, 54), event("E", 20, 56)]);
  const { functions, strings, intervals, meta } = profile;
  expect([strings[functions.file[0] as number], functions.line[0]]).toEqual(["/app/index.js", 7]);
  expect(Array.from(intervals.end)).toEqual([20_000]);
  expect(meta.notes).toEqual([]);
});

describe("source maps in a trace", () => {
  const url = "https://example.com/static/app.js";
  const map = { version: 3, sources: ["../src/app.ts"], names: [], mappings: "AAUA" };
  const callFrame = { functionName: "main", url, scriptId: "1", lineNumber: 0, columnNumber: 5 };
  const events = [
    {
      ph: "P",
      id: "0x1",
      pid: 1,
      tid: 2,
      ts: 5,
      name: "ProfileChunk",
      args: { data: { cpuProfile: { nodes: [{ id: 2, callFrame }], samples: [2] }, timeDeltas: [1] } },
    },
  ];
  const place = ({ functions, strings }: ReturnType<typeof read>): string =>
    `${strings[functions.file.at(-1) as number]}:${functions.line.at(-1)}`;

  test("as DevTools saves them", () => {
    const metadata = { sourceMaps: [{ url, sourceMapUrl: "app.js.map", sourceMap: map }] };
    expect(place(read({ traceEvents: events, metadata }))).toBe("https://example.com/src/app.ts:11");
  });

  test("in the address that a script gives", () => {
    const sourceMapUrl = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
    const script = {
      ph: "X",
      pid: 1,
      tid: 2,
      ts: 9,
      cat: "disabled-by-default-devtools.v8-source-rundown",
      name: "ScriptCatchup",
      args: { data: { url, scriptId: 1, sourceMapUrl } },
    };
    expect(place(read([...events, script]))).toBe("https://example.com/src/app.ts:11");
    expect(place(read(events))).toBe(`${url}:1`);
  });
});

test("numbers that are none", () => {
  const { series } = read({
    traceEvents: [{ ph: "b", ts: 1, id: { toString: 1 }, name: "x" }],
    samples: [{ ts: 1, sf: { valueOf: 2 } }],
    stackFrames: { 1: { name: "a", parent: [{}] } },
  });
  expect(series.map(({ length }) => length)).toEqual([1]);
});

test("arguments 100,000 deep", () => {
  const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  const text = `[{"ph":"X","ts":1,"dur":2,"name":"x","args":${deep}},{"ph":"X","ts":9,"dur":2,"name":"y"}]`;
  const profile = feed(chromeTrace, bytesOf(text));
  expect(profile.intervals.length).toBe(2);
  expect(profile.meta.notes).toContain("Arguments of events that are nested too deeply were left out.");
});
