import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { type ByteSource, memorySource } from "#core/bytes/source.ts";
import { defaultLimits, type ImportContext, type Importer } from "#core/importers/importer.ts";
import {
  findImporter,
  findStreamImporter,
  importers,
  importProfile,
  pickImporter,
} from "#core/importers/index.ts";
import type { Profile } from "#core/model/profile.ts";
import { profileFault } from "#core/model/profile-check.ts";
import { mutate } from "../fuzz/mutate.ts";
import { profileSummary } from "./profile-summary.ts";

const fixtures = new URL("../fixtures/", import.meta.url);
const golden = ".golden.json";
/** A damaged file may be slow, but not without bound. */
const mostMs = 10_000;

interface Fixture {
  readonly importer: Importer;
  readonly name: string;
  readonly path: string;
}

function fixturesOf(importer: Importer): readonly Fixture[] {
  const folder = new URL(`${importer.id}/`, fixtures);
  return readdirSync(folder)
    .filter((name) => !name.endsWith(golden))
    .sort()
    .map((name) => ({ importer, name, path: fileURLToPath(new URL(name, folder)) }));
}

const all = importers.flatMap(fixturesOf);
const cases = all.map((each) => [`${each.importer.id}/${each.name}`, each] as const);

const bytesOf = ({ path }: Fixture): Uint8Array => new Uint8Array(readFileSync(path));

function unpacked(fixture: Fixture): Uint8Array {
  const bytes = bytesOf(fixture);
  return fixture.name.endsWith(".gz") ? new Uint8Array(gunzipSync(bytes)) : bytes;
}

const context = (part: Partial<ImportContext> = {}): ImportContext => ({
  signal: new AbortController().signal,
  limits: defaultLimits,
  name: "",
  progress: () => undefined,
  ...part,
});

const importBytes = (bytes: Uint8Array, name = ""): Promise<Profile> =>
  importProfile(memorySource(bytes), context({ name }));

/** Evenly spread places, the same on every run. */
const places = (length: number, count: number): number[] =>
  Array.from({ length: Math.min(count, length) }, (_, i) =>
    Math.floor((i * length) / Math.min(count, length)),
  );

/** A profile that can be worked with, or a problem with words; never anything else, and not for ever. */
async function survives(bytes: Uint8Array): Promise<void> {
  const startedMs = performance.now();
  try {
    const profile = await importBytes(bytes);
    expect(profileFault(profile)).toBeNull();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    expect(error.problem.code).toMatch(/^[a-z-]+$/);
    expect(error.problem.message).not.toBe("");
    expect(error.problem.fix).not.toBe("");
  }
  expect(performance.now() - startedMs).toBeLessThan(mostMs);
}

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

  test("cut off anywhere", async () => {
    const bytes = unpacked(fixture);
    for (const length of places(bytes.length, 60)) await survives(bytes.subarray(0, length));
    const packed = bytesOf(fixture);
    if (packed.length !== bytes.length) {
      for (const length of places(packed.length, 20)) await survives(packed.subarray(0, length));
    }
  });

  test("with a byte changed anywhere", async () => {
    const bytes = unpacked(fixture);
    for (const [i, at] of places(bytes.length, 60).entries()) {
      const damaged = bytes.slice();
      damaged[at] = [0, 0xff, 10, (damaged[at] as number) ^ 1, 0x22][i % 5] as number;
      await survives(damaged);
    }
  });

  test("with a piece missing, or twice", async () => {
    const bytes = unpacked(fixture);
    for (const at of places(bytes.length, 12)) {
      const end = Math.min(bytes.length, at + 1000);
      await survives(new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(end)]));
      await survives(new Uint8Array([...bytes.subarray(0, end), ...bytes.subarray(at)]));
    }
  });

  test("with any damage: lengths that claim too much, deep nesting, mixed up with another file", async () => {
    const bytes = unpacked(fixture);
    const other = all[(all.indexOf(fixture) * 7 + 1) % all.length] ?? fixture;
    const mixedWith = unpacked(other);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) =>
        survives(mutate(bytes, mixedWith, seed)),
      ),
      // The same on every run; `npm run fuzz` goes on from there.
      { numRuns: 12, endOnFailure: true, seed: 1 },
    );
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
