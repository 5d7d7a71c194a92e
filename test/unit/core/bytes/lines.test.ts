import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineSplitter } from "#core/bytes/lines.ts";

const decoder = new TextDecoder();

function split(chunks: readonly Uint8Array[], maxLineBytes?: number): { lines: string[]; cut: number } {
  const lines: string[] = [];
  const splitter = new LineSplitter(
    (bytes, start, end) => lines.push(decoder.decode(bytes.subarray(start, end))),
    maxLineBytes,
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, cut: splitter.cutLines };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const check = (text: string, ...expected: readonly string[]): void =>
  expect(split([bytesOf(text)]).lines).toEqual(expected);

describe("lines", () => {
  test("none", () => check(""));
  test("with ends", () => check("a\nb\n", "a", "b"));
  test("without the last end", () => check("a\nb", "a", "b"));
  test("windows ends", () => check("a\r\n\r\nb\r\n", "a", "", "b"));
  test("a return in the middle stays", () => check("a\rb\n", "a\rb"));
  test("blank ones", () => check("\n\na\n", "", "", "a"));
  test("NUL bytes", () => check("a\0b\n", "a\0b"));
});

test("what has no end yet can be looked at", () => {
  const splitter = new LineSplitter(() => undefined);
  splitter.push(bytesOf("one\ntw"));
  splitter.push(bytesOf("o"));
  expect(decoder.decode(splitter.rest())).toBe("two");
  splitter.push(bytesOf("\n"));
  expect(splitter.rest()).toHaveLength(0);
});

test("the same lines however the text is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "bc", "\n", "\r\n", "\r", "é"), { maxLength: 60 }),
      fc.array(fc.nat(120), { maxLength: 8 }),
      fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      (parts, places, maxLineBytes) => {
        const whole = bytesOf(parts.join(""));
        const cuts = [
          0,
          ...places.filter((place) => place < whole.length).sort((a, b) => a - b),
          whole.length,
        ];
        const chunks = cuts.slice(1).map((cut, i) => whole.slice(cuts[i], cut));
        expect(split(chunks, maxLineBytes)).toEqual(split([whole], maxLineBytes));
      },
    ),
  );
});

describe("lines that are too long", () => {
  test.each([
    [["0123456789abc\nnext\n"]],
    [["01234", "56789", "abc\nnext\n"]],
    [["0123456789abc", "\nnext\n"]],
    [["0123456789", "abc\n", "next"]],
  ])("%j", (chunks) => {
    expect(split(chunks.map(bytesOf), 10)).toEqual({ lines: ["0123456789", "next"], cut: 1 });
  });

  test("exactly as long as allowed is whole", () => {
    expect(split([bytesOf("01234"), bytesOf("56789\r\n0123456789\n")], 10)).toEqual({
      lines: ["0123456789", "0123456789"],
      cut: 0,
    });
  });

  test("a line without end takes no more memory than allowed", () => {
    const splitter = new LineSplitter(() => undefined, 1000);
    for (let i = 0; i < 100; i++) splitter.push(new Uint8Array(10_000).fill(65));
    expect(splitter.rest().length).toBeLessThan(1100);
  });
});
