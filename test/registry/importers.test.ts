import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { type ByteSource, memorySource } from "#core/bytes/source.ts";
import {
  findImporter,
  findStreamImporter,
  importers,
  importProfile,
  pickImporter,
} from "#core/importers/index.ts";
import { profileFault } from "#core/model/profile-check.ts";
import {
  bytesOf,
  cases,
  context,
  fixturesOf,
  golden,
  importBytes,
  survives,
  unpacked,
} from "./importer-fixtures.ts";
import { profileSummary } from "./profile-summary.ts";

describe("the registry", () => {
  test("ids, titles and orders are each one importer's", () => {
    for (const key of ["id", "title", "order"] as const) {
      expect(new Set(importers.map((importer) => importer[key])).size, key).toBe(importers.length);
    }
  });

  test.each(importers.map((importer) => [importer.id, importer] as const))(
    "%s has fixtures",
    (id, importer) => {
      expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(importer.extensions.length).toBeGreaterThan(0);
      for (const extension of importer.extensions) expect(extension).toMatch(/^[a-z0-9]+$/);
      expect(fixturesOf(importer).length).toBeGreaterThan(0);
      expect(findImporter(id)).toBe(importer);
      expect(findStreamImporter(id)).toBe(importer.kind === "stream" ? importer : null);
    },
  );
});

describe.each(cases)("%s", (_name, fixture) => {
  test("is read as it was", async () => {
    const profile = await importBytes(bytesOf(fixture), fixture.name);
    expect(profileFault(profile)).toBeNull();
    const json = `${JSON.stringify(profileSummary(profile), null, 2)}\n`;
    await expect(json).toMatchFileSnapshot(`${fixture.path}${golden}`);
  });

  test("is the same without its name, and with another", async () => {
    const expected = await importBytes(bytesOf(fixture), fixture.name);
    expect(await importBytes(bytesOf(fixture))).toStrictEqual(expected);
    expect(await importBytes(bytesOf(fixture), "profile.heapsnapshot")).toStrictEqual(expected);
  });

  test("is taken by one importer only", () => {
    const head = unpacked(fixture).subarray(0, 1 << 16);
    expect(importers.filter((importer) => importer.sniff(head, "")).map(({ id }) => id)).toEqual([
      fixture.importer.id,
    ]);
    expect(pickImporter(head, "")).toBe(fixture.importer);
  });

  test("is the same however its bytes arrive", async () => {
    const bytes = unpacked(fixture);
    const expected = await importBytes(bytes);
    for (const chunkBytes of [1, 7, 61, 4096, 65_537]) {
      const source = memorySource(bytes, Math.max(chunkBytes, Math.ceil(bytes.length / 100_000)));
      expect(await importProfile(source, context())).toStrictEqual(expected);
    }
  });

  test("can be cancelled", async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(
      importProfile(memorySource(bytesOf(fixture)), context({ signal: abort.signal })),
    ).rejects.toThrow("abort");
  });
});

describe("files of no format", () => {
  const codeOf = (bytes: Uint8Array): Promise<string> =>
    importBytes(bytes).then(
      (profile) => `read as ${profile.meta.format}`,
      (error: unknown) => (error instanceof ProblemError ? error.problem.code : String(error)),
    );
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);

  test.each([
    ["nothing", new Uint8Array(0), "empty-file"],
    ["one zero", new Uint8Array(1), "unknown-format"],
    ["zeros", new Uint8Array(100_000), "unknown-format"],
    ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), "unknown-format"],
    ["a program", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), "unknown-format"],
    ["prose", text("It was the best of times,\nit was the worst of times.\n"), "unknown-format"],
    ["other JSON", text('{"version": 3, "sources": ["a.js"], "mappings": ""}'), "unknown-format"],
    ["HTML", text("<!doctype html><title>x</title>\n"), "unknown-format"],
    ["a magic and no more", text("FWPROFIL"), "damaged-session"],
    [
      "gzip of nothing",
      new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      "empty-file",
    ],
    ["gzip and no more", new Uint8Array([0x1f, 0x8b, 8]), "damaged-file"],
  ])("%s", async (_name, bytes, code) => expect(await codeOf(bytes)).toBe(code));

  test("any bytes", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), survives), { numRuns: 300 });
  });

  test("any text of the pieces that formats are made of", async () => {
    const piece = fc.constantFrom(
      ...'\n|\n\n|\t|  |a 1 2.000003: 5 cycles: |14c4 f+0x1 (/x)|(inlined)|[unknown]|a;b|;| 12|{|}|[|]|"nodes":|"samples":|"id":|1|-1|,|:|"|#|PERF_RECORD_LOST lost 3|é|\0'.split(
        "|",
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), (pieces) => survives(text(pieces.join("")))),
      { numRuns: 500 },
    );
  });

  test("a source that fails is that failure, and not one of ours", async () => {
    const broken: ByteSource = {
      sizeBytes: 10,
      chunks: () => {
        throw new Error("EIO");
      },
      read: () => Promise.reject(new Error("EIO")),
    };
    await expect(importProfile(broken, context())).rejects.toThrow("EIO");
  });
});
