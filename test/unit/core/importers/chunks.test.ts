import { describe, expect, it } from "vitest";
import { chunks } from "#core/importers/chunks.ts";
import { defaultLimits, type ImportContext } from "#core/importers/importer.ts";
import { findImporter } from "#core/importers/index.ts";
import { chunkHead, chunksStart } from "#core/importers/shared/chunks-format.ts";
import { ProfileBuilder } from "#core/model/builder.ts";

const context: ImportContext = {
  signal: new AbortController().signal,
  limits: defaultLimits,
  name: "x",
  services: { importer: findImporter },
  progress: () => undefined,
};
const text = (of: string): Uint8Array => new TextEncoder().encode(of);
const piece = (index: number, body: string, importer = "collapsed"): Uint8Array[] => [
  chunkHead({
    importer,
    index,
    startNs: index * 1e9,
    endNs: (index + 1) * 1e9,
    bytes: text(body).length,
  }),
  text(body),
];
const start = chunksStart({ version: 1, startedAtMs: 1_700_000_000_000, tool: "t" });
const bytesOf = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

async function read(bytes: Uint8Array, step = bytes.length) {
  const out = new ProfileBuilder();
  const parser = chunks.open(out, context);
  for (let at = 0; at < bytes.length; at += step) parser.push(bytes.subarray(at, at + step));
  parser.end();
  await parser.settled?.();
  const profile = out.snapshot();
  return {
    weight: Array.from({ length: profile.series[0]?.length ?? 0 }).reduce<number>(
      (all, _, row) => all + (profile.series[0]?.values[0]?.data?.[row] ?? 1),
      0,
    ),
    times: [...(profile.series[0]?.time ?? [])],
    notes: profile.meta.notes.join(" "),
    meta: profile.meta,
  };
}

describe("a recording in pieces", () => {
  const whole = bytesOf([start, ...piece(0, "main;a 3\nmain;b 1\n"), ...piece(1, "main;a 2\n")]);

  it("is one profile, its pieces where they were recorded", async () => {
    const all = await read(whole);
    expect(all).toMatchObject({ weight: 6 });
    expect(all.times.filter((at) => at < 1e9).length).toBe(4);
    expect(all.meta).toMatchObject({ startedAtMs: 1_700_000_000_000, tool: "t", format: "chunks" });
  });

  it.each([1, 2, 3, 7, 64])("is the same in chunks of %i bytes", async (step) =>
    expect(await read(whole, step)).toEqual(await read(whole)),
  );

  it("keeps the whole pieces of one that was cut", async () => {
    for (let cut = start.length; cut < whole.length; cut++) {
      const { weight, notes } = await read(whole.subarray(0, cut));
      expect([0, 4]).toContain(weight);
      if (cut > whole.length - 5) expect(notes).toContain("in the middle of a piece");
    }
  });

  it("goes on after a piece that cannot be read", async () => {
    const { weight, notes } = await read(
      bytesOf([start, ...piece(0, "x", "nothing"), ...piece(1, "main;a 2\n")]),
    );
    expect(weight).toBe(2);
    expect(notes).toContain('in the format "nothing" cannot be read');
  });

  it("does not trust a length", async () => {
    const { weight, notes } = await read(
      bytesOf([
        start,
        ...piece(0, "main;a 1\n"),
        text('{"importer":"pprof","index":1,"startNs":0,"endNs":1,"bytes":1e60}\n'),
      ]),
    );
    expect(weight).toBe(1);
    expect(notes).toContain("damaged");
  });
});

describe("pieces that tell a state", () => {
  const state = (index: number, body: string): Uint8Array[] => [
    chunkHead({
      importer: "collapsed",
      index,
      startNs: (index + 1) * 1e9,
      endNs: (index + 1) * 1e9,
      bytes: text(body).length,
      levels: "Live",
    }),
    text(body),
  ];

  it("become what has changed: their sum up to a time is the state then", async () => {
    const out = new ProfileBuilder();
    const parser = chunks.open(out, context);
    const states = ["a;leak 10\na;kept 5\n", "a;leak 20\na;kept 5\n", "a;leak 30\n"];
    parser.push(bytesOf([start, ...states.flatMap((body, index) => state(index, body))]));
    parser.end();
    await parser.settled?.();
    const [series] = out.snapshot().series;
    expect(series).toMatchObject({ id: "heap", name: "Live", kind: "heap", length: 5 });
    expect([...(series?.time ?? [])]).toEqual([1e9, 1e9, 2e9, 3e9, 3e9]);
    expect([...(series?.values[0]?.data ?? [])].sort((a, b) => a - b)).toEqual([-5, 5, 10, 10, 10]);
    expect(out.snapshot().meta.notes).toEqual([]);
  });
});
