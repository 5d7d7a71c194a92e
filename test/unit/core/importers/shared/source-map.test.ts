import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { cpuprofile } from "#core/importers/cpuprofile.ts";
import { inlineSourceMap, readSourceMap, sourceMapOf } from "#core/importers/shared/source-map.ts";
import { SourceMapper } from "#core/importers/shared/source-mapper.ts";
import { bytesOf, feed, importContext } from "../importing.ts";

const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += base64[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

/** Line and column of the script, then source, line, column and name; from 0. */
type Segment = readonly [number, number, number, number, number, number];

function mappingsOf(segments: readonly Segment[]): string {
  let last = [0, 0, 0, 0, 0];
  let line = 0;
  let text = "";
  let isFirst = true;
  for (const [at, ...fields] of segments) {
    if (at > line) {
      text += ";".repeat(at - line);
      last = [0, ...last.slice(1)];
      line = at;
      isFirst = true;
    }
    text += `${isFirst ? "" : ","}${fields.map((field, i) => vlq(field - (last[i] as number))).join("")}`;
    last = fields;
    isFirst = false;
  }
  return text;
}

test("what was written is found again, at its place and after it", () => {
  const segment = fc.tuple(fc.nat(20), fc.nat(5000), fc.nat(3), fc.nat(100_000), fc.nat(500), fc.nat(9));
  fc.assert(
    fc.property(
      fc.uniqueArray(segment, { maxLength: 50, selector: ([line, column]) => `${line} ${column}` }),
      (all) => {
        const segments = [...all].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        const map = sourceMapOf({
          version: 3,
          sources: ["a", "b", "c", "d"],
          names: Array.from({ length: 10 }, (_, i) => `n${i}`),
          mappings: mappingsOf(segments),
        });
        for (const [line, column, source, sourceLine, sourceColumn, name] of segments) {
          expect(map?.placeAt(line + 1, column + 1)).toEqual({
            source: "abcd"[source],
            line: sourceLine + 1,
            column: sourceColumn + 1,
            name: `n${name}`,
          });
          expect(map?.nameAt(line + 1, column + 1)).toBe(`n${name}`);
        }
      },
    ),
  );
});

test("sections lie where they say", () => {
  const part = (source: string) => ({
    version: 3,
    sourceRoot: "src/",
    sources: [source],
    names: [],
    mappings: "AAAA;AACA",
  });
  const map = sourceMapOf({
    version: 3,
    sections: [
      { offset: { line: 0, column: 0 }, map: part("a.ts") },
      { offset: { line: 4, column: 10 }, map: part("/b.ts") },
    ],
  });
  expect(map?.placeAt(2, 5)).toMatchObject({ source: "src/a.ts", line: 2 });
  expect(map?.placeAt(5, 5)).toBeNull();
  expect(map?.placeAt(5, 11)).toMatchObject({ source: "/b.ts", line: 1 });
  expect(map?.placeAt(6, 1)).toMatchObject({ source: "/b.ts", line: 2 });
});

describe("what is no map", () => {
  test.each([
    "",
    "{}",
    "null",
    '{"version":2,"mappings":""}',
    '{"version":3}',
    '{"version":3,"sections":[{"map":{"version":3,"sections":[]}}]}',
  ])("%s", (text) => expect(readSourceMap(bytesOf(text))).toBeNull());

  test("any mappings", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), fc.integer(), (mappings, line, column) => {
        const map = sourceMapOf({ version: 3, sources: ["a"], names: ["n"], mappings });
        map?.placeAt(line, column);
        map?.lineAt(line);
        map?.nameAt(line, column);
      }),
    );
  });

  test("a section that claims to be at line 2^40", () => {
    const section = {
      offset: { line: 2 ** 40, column: 0 },
      map: { version: 3, sources: ["a"], mappings: "AAAA" },
    };
    expect(sourceMapOf({ version: 3, sections: [section] })?.length).toBe(0);
  });
});

test("a map in its own address", () => {
  const text = '{"version":3,"sources":["ä.ts"],"names":[],"mappings":"AAAA"}';
  const encoded = Buffer.from(text).toString("base64");
  for (const address of [
    `data:application/json;base64,${encoded}`,
    `data:application/json;charset=utf-8;base64,${encoded}`,
    `data:application/json,${encodeURIComponent(text)}`,
  ])
    expect(new TextDecoder().decode(inlineSourceMap(address) ?? undefined)).toBe(text);
  expect(inlineSourceMap("https://example.com/a.js.map")).toBeNull();
});

test.each([
  ["a.ts", "file:///srv/dist/app.js", "file:///srv/dist/a.ts"],
  ["../src/a.ts", "file:///srv/dist/app.js", "file:///srv/src/a.ts"],
  ["../../../../a.ts", "/srv/dist/app.js", "/a.ts"],
  ["./x/../a.ts", "https://example.com/static/app.js?v=1/2", "https://example.com/static/a.ts"],
  ["webpack:///./src/a.ts", "file:///srv/app.js", "webpack:///./src/a.ts"],
  ["/abs/a.ts", "file:///srv/app.js", "/abs/a.ts"],
])("%s of %s is %s", (source, url, expected) => {
  const mapper = new SourceMapper(undefined);
  mapper.add(url, { version: 3, sources: [source], names: [], mappings: "AAAA" });
  expect(mapper.function(url, "f", 1, 1)?.source).toBe(expected);
});

describe("a profile of compiled TypeScript", () => {
  const text = `interface Options {
  readonly depth: number;
}

export function work({ depth }: Options): number {
  return depth > 0 ? work({ depth: depth - 1 }) : 0;
}
`;
  const { outputText, sourceMapText = "" } = ts.transpileModule(text, {
    fileName: "work.ts",
    compilerOptions: {
      sourceMap: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      removeComments: true,
    },
  });
  const lines = outputText.split("\n");
  const lineNumber = lines.findIndex((line) => line.includes("function work"));
  const columnNumber = (lines[lineNumber] as string).indexOf("(");
  const callFrame = {
    scriptId: "1",
    functionName: "work",
    url: "file:///srv/out/work.js",
    lineNumber,
    columnNumber,
  };
  const profile = {
    nodes: [
      {
        id: 1,
        callFrame: { functionName: "(root)", scriptId: "0", url: "", lineNumber: -1, columnNumber: -1 },
        children: [2],
      },
      { id: 2, callFrame, hitCount: 1, positionTicks: [{ line: lineNumber + 2, ticks: 1 }] },
    ],
    startTime: 0,
    endTime: 10,
    samples: [2],
    timeDeltas: [1],
  };

  test("is shown in its source", () => {
    const asked: string[] = [];
    const sourceMap = (url: string): Uint8Array => {
      asked.push(url);
      return bytesOf(sourceMapText);
    };
    const context = importContext({ services: { sourceMap } });
    const { functions, frames, strings, meta } = feed(
      cpuprofile,
      bytesOf(JSON.stringify(profile)),
      [],
      context,
    );
    expect(functions.length).toBe(1);
    expect(strings[functions.name[0] as number]).toBe("work");
    expect(strings[functions.file[0] as number]).toBe("file:///srv/out/work.ts");
    expect(functions.line[0]).toBe(5);
    expect(Array.from(frames.line)).toEqual([5, 6]);
    expect(asked).toEqual(["file:///srv/out/work.js"]);
    expect(meta.notes.join()).toMatch(/^1 function is shown in the sources, by 1 source map\./);
  });

  test("is shown as it ran where there is no map", () => {
    const { functions, strings, meta } = feed(cpuprofile, bytesOf(JSON.stringify(profile)));
    expect(strings[functions.file[0] as number]).toBe("file:///srv/out/work.js");
    expect(meta.notes).toEqual([]);
  });
});

test("a name that the map tells is the function's", () => {
  // "function a(b){}" of a source where it is called alpha.
  const segments: Segment[] = [
    [0, 0, 0, 2, 0, 0],
    [0, 9, 0, 2, 9, 1],
    [0, 11, 0, 2, 15, 2],
  ];
  const mapper = new SourceMapper(undefined);
  const map = {
    version: 3,
    sources: ["a.ts"],
    names: ["?", "alpha", "beta"],
    mappings: mappingsOf(segments),
  };
  mapper.add("/a.js", map);
  expect(mapper.function("/a.js", "a", 1, 11)).toMatchObject({ name: "alpha", line: 3 });
  expect(mapper.function("/a.js", "", 1, 11)?.name).toBe("");
});
