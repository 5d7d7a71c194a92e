import fc from "fast-check";
import { expect, test } from "vitest";
import { RowInterner } from "#core/model/row-interner.ts";

const int = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));

test.each([2, 3, 4, 5, 6])(
  "rows of %i: the same index for the same row, in order of first appearance",
  (width) => {
    fc.assert(
      fc.property(fc.array(fc.array(int, { minLength: 6, maxLength: 6 }), { maxLength: 200 }), (rows) => {
        const interner = new RowInterner(width);
        const known = new Map<string, number>();
        for (const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] of rows) {
          const key = [a, b, c, d, e, f].slice(0, width).join();
          const expected = known.get(key) ?? known.size;
          known.set(key, expected);
          expect(interner.intern(a, b, c, d, e, f)).toBe(expected);
        }
        expect(interner.length).toBe(known.size);
      }),
    );
  },
);

test("numbers are taken as 32 bits, signed or not", () => {
  const interner = new RowInterner(3);
  expect(interner.intern(0xffffffff, 0xffffffff, 1)).toBe(0);
  expect(interner.intern(-1, -1, 1)).toBe(0);
  const pairs = new RowInterner(2);
  expect(pairs.intern(0xffffffff, 5)).toBe(0);
  expect(pairs.internPair(-1, 5)).toBe(0);
});

test("100,000 rows, asked for twice", () => {
  const interner = new RowInterner(2);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < 100_000; i++) expect(interner.internPair(i >> 3, i * 7919)).toBe(i);
  }
});

test("a row has two to six integers", () => {
  expect(() => new RowInterner(1)).toThrow(RangeError);
  expect(() => new RowInterner(7)).toThrow(RangeError);
});
