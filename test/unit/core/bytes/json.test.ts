import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonHandler, JsonTokenizer } from "#core/bytes/json.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Puts the tokens back together; `sinks`: arrays take their numbers, or their elements, many at a time. */
function rebuild(
  chunks: readonly Uint8Array[],
  sinks: "" | "numbers" | "elements" = "",
): { value: unknown; fault: string | null } {
  const stack: unknown[] = [];
  const keys: string[] = [];
  let key = "";
  let top: unknown;
  const put = (value: unknown): void => {
    const parent = stack.at(-1);
    if (parent === undefined) top = value;
    else if (Array.isArray(parent)) parent.push(value);
    else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
  };
  const begin = (value: unknown): void => {
    put(value);
    stack.push(value);
    keys.push(key);
  };
  const end = (): void => {
    stack.pop();
    key = keys.pop() ?? "";
  };
  const handler: JsonHandler = {
    beginObject: () => begin({}),
    endObject: end,
    beginArray: () => begin([]),
    endArray: end,
    key: (text) => {
      key = text;
    },
    string: put,
    number: put,
    literal: put,
    ...(sinks === "elements" && { elements: () => ({ element: put }) }),
    ...(sinks === "numbers" && {
      sink: () => ({ numbers: (values, count) => values.subarray(0, count).forEach(put) }),
    }),
  };
  const tokens = new JsonTokenizer(handler);
  for (const chunk of chunks) tokens.push(chunk);
  tokens.end();
  return { value: top, fault: tokens.fault };
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((cut, i) => bytes.slice(cuts[i], cut));
}

test("what JSON.parse says, however the text is cut", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom(0, 1, "\t"),
      fc.array(fc.nat(300)),
      (value, space, places) => {
        const text = JSON.stringify(value, null, space);
        expect(rebuild(cutAt(bytesOf(text), places))).toEqual({ value: JSON.parse(text), fault: null });
      },
    ),
  );
});

describe("numbers many at a time", () => {
  const number = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
  );
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.array(number, { maxLength: 30 }) },
    fc.array(fc.oneof(number, fc.jsonValue()), { maxLength: 10 }),
    fc.jsonValue(),
  );

  test("are the same, however the text is cut", () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1, "\t"), fc.array(fc.nat(300)), (value, space, places) => {
        const text = JSON.stringify(value, null, space);
        expect(rebuild(cutAt(bytesOf(text), places), "numbers")).toEqual({
          value: JSON.parse(text),
          fault: null,
        });
      }),
    );
  });

  test("more than one block", () => {
    const value = Array.from({ length: 10_000 }, (_, i) => i * 7919);
    expect(rebuild([bytesOf(JSON.stringify(value))], "numbers").value).toEqual(value);
  });

  test.each(["[1,,2]", "[1,]", "[,1]", "[1 2]", "[1", "[1,", "[1:2]", "[1}", "[1,2x]", "[--1]"])(
    "%s",
    (text) => {
      const expected = rebuild([bytesOf(text)]);
      expect(expected.fault).not.toBeNull();
      expect(rebuild([bytesOf(text)], "numbers")).toEqual(expected);
    },
  );
});

describe("elements as whole values", () => {
  const value = fc.oneof(
    fc.array(fc.object({ maxDepth: 2 }), { maxLength: 20 }),
    fc.array(fc.jsonValue(), { maxLength: 10 }),
    fc.jsonValue(),
  );

  test("are the same, however the text is cut", () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1, "\t"), fc.array(fc.nat(300)), (value, space, places) => {
        const text = JSON.stringify(value, null, space);
        if (text === undefined) return;
        expect(rebuild(cutAt(bytesOf(text), places), "elements")).toEqual({
          value: JSON.parse(text),
          fault: null,
        });
      }),
    );
  });

  test("more than a batch", () => {
    const value = Array.from({ length: 20_000 }, (_, i) => ({ at: i, text: `"{[${i}\\` }));
    expect(rebuild([bytesOf(JSON.stringify(value))], "elements").value).toEqual(value);
  });

  test.each([
    '[{"a":1},{"b":tru},{"c":3}]',
    '[{"a":1}{"b":2}]',
    '[{"a":1},]',
    '[{"a":[1}]',
    '[{"a":"b}]',
    '[{"a":1},{"b":[',
    '[{"a":"\\',
    "[{}}",
    "[{},,{}]",
    '[{"a":"\\q"}]',
  ])("%s is the same in pieces", (text) => {
    expect(rebuild([bytesOf(text)], "elements")).toEqual(rebuild([bytesOf(text)]));
  });
});

test("a byte at a time", () => {
  const text = '{"a\\"\\u00e9\\n": [1, -2.5e3, true, false, null, "x\\\\", {}, []], "é": "\\ud83d\\ude00"} ';
  const single = Array.from(bytesOf(text), (byte) => new Uint8Array([byte]));
  expect(rebuild(single)).toEqual({ value: JSON.parse(text), fault: null });
});

describe("faults", () => {
  test.each([
    ["", "too early"],
    ["{", "too early"],
    ['{"a"', "too early"],
    ['["abc', "too early"],
    ["[1", "too early"],
    ["[1,]", "unexpected bracket"],
    ["[,1]", "unexpected comma"],
    ["[1 2]", "unexpected text"],
    ['{"a" 1}', "unexpected text"],
    ['{"a":}', "unexpected bracket"],
    ["{1:2}", "unexpected text"],
    ['{"a":1,}', "unexpected bracket"],
    ["[}", "unexpected bracket"],
    ["]", "unexpected bracket"],
    ["nul", "unexpected text"],
    ["[@]", "unexpected text"],
    ["[NaN]", "unexpected text"],
    ["{} {}", "unexpected text"],
    ['[1:"a"]', "unexpected colon"],
    ["[1]x", "unexpected text"],
    ['{"a":"b""c"}', "unexpected string"],
  ])("%j", (text, what) => expect(rebuild([bytesOf(text)]).fault).toContain(what));

  test("what came before the fault has been handed over", () => {
    expect(rebuild([bytesOf('{"a": [1, 2, 3, x')])).toMatchObject({ value: { a: [1, 2, 3] } });
  });

  test("any bytes: a value or a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const { fault } = rebuild([bytes]);
        expect(fault === null || fault.length > 0).toBe(true);
      }),
    );
  });
});

describe("hostile texts", () => {
  const nothing: JsonHandler = {
    beginObject: () => undefined,
    endObject: () => undefined,
    beginArray: () => undefined,
    endArray: () => undefined,
    key: () => undefined,
    string: () => undefined,
    number: () => undefined,
    literal: () => undefined,
  };

  test("100,000 deep", () => {
    const tokens = new JsonTokenizer(nothing);
    tokens.push(bytesOf(`${"[".repeat(100_000)}${"]".repeat(100_000)}`));
    tokens.end();
    expect(tokens.fault).toBeNull();
  });

  test("deeper than allowed", () => {
    const tokens = new JsonTokenizer(nothing, { maxDepth: 10, maxStringBytes: 100 });
    tokens.push(bytesOf("[".repeat(11)));
    expect(tokens.fault).toContain("nested too deeply");
  });

  test("strings longer than allowed are cut", () => {
    const texts: string[] = [];
    const tokens = new JsonTokenizer(
      { ...nothing, string: (text) => texts.push(text) },
      { maxDepth: 10, maxStringBytes: 100 },
    );
    const long = bytesOf(`["${"x".repeat(1000)}", "${"y".repeat(1000)}"]`);
    tokens.push(long.slice(0, 50));
    tokens.push(long.slice(50));
    tokens.end();
    expect(texts.map((text) => text.length)).toEqual([100, 100]);
    expect(tokens.fault).toBeNull();
  });
});
