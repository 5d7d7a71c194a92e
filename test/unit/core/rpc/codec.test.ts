import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { decode, encode, encodeWhole } from "#core/rpc/codec.ts";

function check(value: unknown): void {
  expect(decode(encodeWhole(value))).toStrictEqual(value);
}

function checkBad(bytes: Uint8Array): void {
  try {
    decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ProblemError);
    expect((error as ProblemError).problem.code).toBe("bad-bytes");
    return;
  }
  expect.unreachable("decoded what is not data");
}

/** A frame with a header of the test's own making. */
function frame(header: string, slabs = new Uint8Array(0), claimed?: number): Uint8Array {
  const json = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const bytes = new Uint8Array(8 + json.length + slabs.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("FWC1"));
  view.setUint32(4, claimed ?? json.length, true);
  bytes.set(json, 8);
  bytes.set(slabs, 8 + json.length);
  return bytes;
}

describe("values survive", () => {
  const values: [string, unknown][] = [
    ["plain", { a: 1, b: "two", c: [true, null, { d: [] }] }],
    ["numbers that JSON has not", [Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, 2 ** 53]],
    ["undefined", { a: undefined, b: [undefined] }],
    ["bigint", [0n, -(2n ** 64n)]],
    ["empty arrays", [new Float64Array(0), new Uint8Array(0), [], {}, ""]],
    [
      "odd sizes",
      [new Uint8Array([1, 2, 3]), new Float64Array([1.5]), new Int16Array([-1]), new Uint8Array(9)],
    ],
    [
      "every kind of array",
      [
        new Int8Array([-1]),
        new Uint8ClampedArray([255]),
        new Uint16Array([65535]),
        new Uint32Array([4294967295]),
        new Int32Array([-5]),
        new Float32Array([0.5]),
        new BigInt64Array([-1n]),
        new BigUint64Array([1n]),
      ],
    ],
    ["NaN and -0 in a column", new Float64Array([Number.NaN, -0, Infinity])],
    ["many strings", Array.from({ length: 5000 }, (_, i) => `name ${i} ${"é".repeat(i % 7)}`)],
    [
      "strings that are odd",
      Array.from({ length: 40 }, (_, i) => ["\ufeffbom", "\ud800", "", "\0", "😀"][i % 5]),
    ],
    ["a string of more than a block", [..."x".repeat(40)].concat("y".repeat(3 << 20), "ü".repeat(2 << 20))],
    ["a long text", { text: "ab😀".repeat(100_000) }],
    ["a long text with half a pair", "\udc00".repeat(70_000)],
    ["an object with the tag's key", { $: ["undefined"], more: { $: 1 } }],
    [
      "keys that look like indices",
      { b: new Uint8Array([1]), 1: new Uint8Array([2]), 0: new Uint8Array([3]) },
    ],
  ];
  test.each(values)("%s", (_name, value) => check(value));

  test("__proto__ is a key like any other", () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
    const back = decode(encodeWhole(value)) as Record<string, unknown>;
    expect(Object.keys(back)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("any value", () => {
    const column = fc.oneof(
      fc.uint8Array(),
      fc.float64Array(),
      fc.int32Array(),
      fc.uint32Array(),
      fc.array(fc.string({ unit: "binary" }), { minLength: 32, maxLength: 60 }),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constant(null), column),
        fc.array(tie("tree"), { maxLength: 5 }),
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$", "__proto__", "0")), tie("tree"), {
          maxKeys: 5,
          noNullPrototype: true,
        }),
      ),
    }));
    fc.assert(fc.property(tree, check), { numRuns: 300 });
  });

  test("columns are neither copied in nor out", () => {
    const column = new Float64Array(1000).fill(3);
    expect(encode({ column }).some((chunk) => chunk.buffer === column.buffer)).toBe(true);
    const bytes = encodeWhole({ column });
    expect((decode(bytes) as { column: Float64Array }).column.buffer).toBe(bytes.buffer);
  });

  test("from a place that is not aligned", () => {
    const bytes = encodeWhole({ a: new Float64Array([1, 2, 3]), b: new Uint8Array([7]) });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decode(shifted.subarray(3))).toStrictEqual({
      a: new Float64Array([1, 2, 3]),
      b: new Uint8Array([7]),
    });
  });
});

describe("what is not data is refused", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  test.each([
    [() => 1],
    [new Map()],
    [new Date()],
    [Symbol("s")],
    [loop],
    [new DataView(new ArrayBuffer(8))],
  ])("%s", (value) => expect(() => encode(value)).toThrow(TypeError));
});

describe("hostile bytes", () => {
  const huge = 2 ** 60;
  test.each([
    ["nothing", new Uint8Array(0)],
    ["another file", new TextEncoder().encode("GIF89a and then some more")],
    ["a header past the end", frame("{}", undefined, 0xfffffff8)],
    ["a header that is not JSON", frame("{'a'}")],
    ["a slab of 2^60 bytes", frame(`{"$":["Float64Array",${huge}]}`)],
    ["a negative slab", frame(`{"$":["Uint8Array",-8]}`)],
    ["a slab of no number", frame(`{"$":["Uint8Array","8"]}`)],
    ["2^60 strings", frame(`{"$":["strings",${huge},0,0,{}]}`)],
    ["4 billion strings", frame(`{"$":["strings",4294967295,0,8,{}]}`, new Uint8Array(8))],
    ["half a number", frame(`{"$":["Float64Array",4]}`, new Uint8Array(8))],
    ["an unknown tag", frame(`{"$":["constructor"]}`)],
    ["a tag that is no list", frame(`{"$":7}`)],
    ["a number of its own", frame(`{"$":["number","7e999"]}`)],
    ["an endless bigint", frame(`{"$":["bigint","${"9".repeat(1000)}"]}`)],
    ["left over bytes", frame("[]", new Uint8Array(8))],
    ["nested 100,000 deep", frame("[".repeat(100_000) + "]".repeat(100_000))],
    ["objects 100,000 deep", frame(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`)],
    ["text that is not UTF-8", frame(`{"$":["text",1]}`, new Uint8Array([0xff, 0, 0, 0, 0, 0, 0, 0]))],
    [
      "offsets that go back",
      frame(`{"$":["strings",2,2,8,{}]}`, new Uint8Array([65, 66, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0])),
    ],
  ])("%s", (_name, bytes) => checkBad(bytes));

  const sample = encodeWhole({
    names: Array.from({ length: 50 }, (_, i) => `é${i}`),
    column: new Float64Array(20),
    text: "plain",
  });

  test("cut anywhere", () => {
    for (let length = 0; length < sample.length; length++) checkBad(sample.subarray(0, length));
  });

  test("one byte changed anywhere: a value or a problem", () => {
    for (let at = 0; at < sample.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const bytes = sample.slice();
        bytes[at] = (bytes[at] as number) ^ flip;
        try {
          decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }
    }
  });

  test("any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.json(), (slabs, header) => {
        try {
          decode(frame(header, slabs));
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
    );
  });
});
