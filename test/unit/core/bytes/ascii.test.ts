import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  hexDigit,
  parseNumber,
  parseUnsigned,
  skipBlanks,
  startsWith,
  textOf,
  tokenEnd,
  trimEnd,
} from "#core/bytes/ascii.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseUnsigned", () => {
  test.each([
    ["0", 0],
    ["12558", 12558],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["", -1],
    ["-1", -1],
    ["1.5", -1],
    ["12x", -1],
  ])("%j", (text, expected) => expect(parseUnsigned(bytesOf(text), 0, text.length)).toBe(expected));
});

describe("parseNumber", () => {
  test.each([
    ["0", 0],
    ["-0", -0],
    ["-12", -12],
    ["1.25", 1.25],
    ["1e3", 1000],
    ["-1.5E-3", -0.0015],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["0.1", 0.1],
    ["", Number.NaN],
    ["-", Number.NaN],
    [".", Number.NaN],
    ["1e", Number.NaN],
    ["Infinity", Number.NaN],
    ["0x10", Number.NaN],
    ["1 2", Number.NaN],
    ["9".repeat(500), Number.NaN],
  ])("%j", (text, expected) => expect(parseNumber(bytesOf(text), 0, text.length)).toBe(expected));

  test("as JSON has it", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = JSON.stringify(value);
        expect(parseNumber(bytesOf(text), 0, text.length)).toBe(JSON.parse(text));
      }),
    );
  });
});

test("text is UTF-8, and U+FFFD where it is not", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(textOf(bytesOf(text))).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(text)));
    }),
  );
  expect(textOf(new Uint8Array([97, 0xff, 98]))).toBe("a\ufffdb");
  expect(textOf(bytesOf("abcdef"), 2, 4)).toBe("cd");
});

test("words", () => {
  const line = bytesOf("  ab\tcd  ");
  expect([skipBlanks(line, 0, 9), tokenEnd(line, 2, 9), trimEnd(line, 0, 9)]).toEqual([2, 4, 7]);
  expect([startsWith(line, 2, 9, "ab"), startsWith(line, 2, 3, "ab"), startsWith(line, 3, 9, "ab")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("hex digits", () => {
  for (let byte = 0; byte < 256; byte++) {
    const value = Number.parseInt(String.fromCharCode(byte), 16);
    expect(hexDigit(byte)).toBe(Number.isNaN(value) ? -1 : value);
  }
});
