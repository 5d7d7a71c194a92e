import fc from "fast-check";
import { describe, test } from "vitest";
import { joined, mutate } from "../fuzz/mutate.ts";
import { all, bytesOf, cases, places, survives, unpacked } from "./importer-fixtures.ts";

/** A file of its own: it takes a processor of its own. */
describe.each(cases)("%s", (_name, fixture) => {
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
      await survives(joined(bytes.subarray(0, at), bytes.subarray(end)));
      await survives(joined(bytes.subarray(0, end), bytes.subarray(at)));
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
});
