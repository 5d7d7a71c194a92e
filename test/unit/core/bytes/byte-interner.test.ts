import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteInterner } from "#core/bytes/byte-interner.ts";

test("the same index for the same bytes, in order of first appearance", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 80 }), (ranges) => {
      const interner = new ByteInterner();
      const known = new Map<string, number>();
      for (const range of ranges) {
        const key = range.join();
        const expected = known.get(key) ?? known.size;
        known.set(key, expected);
        expect(interner.intern(range, 0, range.length)).toBe(expected);
      }
      expect(interner.length).toBe(known.size);
    }),
  );
});

test("ranges inside buffers, and more of them than it had room for", () => {
  const interner = new ByteInterner();
  const text = new TextEncoder().encode(Array.from({ length: 5000 }, (_, i) => String(10000 + i)).join(""));
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < 5000; i++) expect(interner.intern(text, i * 5, i * 5 + 5)).toBe(i);
  }
  expect(interner.intern(text, 3, 3)).toBe(5000);
  expect(interner.intern(text.slice(5, 10), 0, 5)).toBe(1);
});
