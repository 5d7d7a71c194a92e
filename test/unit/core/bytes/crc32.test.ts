import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "#core/bytes/crc32.ts";

test("the sum of '123456789'", () => expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926));

test("as zlib has it, in one piece or in two, wherever it lies", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const expected = zlibCrc32(bytes);
      expect(crc32(bytes)).toBe(expected);
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(expected);
      expect(crc32(bytes.subarray(1))).toBe(zlibCrc32(bytes.slice(1)));
    }),
  );
});
