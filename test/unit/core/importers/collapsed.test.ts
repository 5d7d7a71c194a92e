import { describe, expect, test, vi } from "vitest";
import { collapsed } from "#core/importers/collapsed.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { kindAt } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, importContext, namesOf, total } from "./importing.ts";

interface Row {
  readonly stack: string;
  readonly values: readonly number[];
}

function rowsOf(text: string): readonly Row[] {
  const profile = feed(collapsed, bytesOf(text));
  const [series] = profile.series;
  return Array.from(series?.stack ?? [], (stack, i) => ({
    stack: namesOf(profile, stack).join(";"),
    values: series?.values.map((value) => value.data?.[i] ?? 1) ?? [],
  }));
}

const check = (text: string, ...expected: readonly Row[]): void => expect(rowsOf(text)).toEqual(expected);

describe("lines", () => {
  test("stack and weight", () => check("a;b;c 12\n", { stack: "a;b;c", values: [12] }));
  test("no line end", () => check("a;b 1", { stack: "a;b", values: [1] }));
  test("windows line ends", () =>
    check("a;b 1\r\na 2\r\n", { stack: "a;b", values: [1] }, { stack: "a", values: [2] }));
  test("fractions", () => check("a;b 1.25\n", { stack: "a;b", values: [1.25] }));
  test("spaces in names", () => check("a b;c d(int, x) 3\n", { stack: "a b;c d(int, x)", values: [3] }));
  test("one name", () => check("lonely 3\n", { stack: "lonely", values: [3] }));
  test("comments and blank lines", () => check("# x 1\n\n// y 2\na 3\n", { stack: "a", values: [3] }));
  test("empty frames", () => check("a;;b; 3\n", { stack: "a;b", values: [3] }));
  test("hostile names", () =>
    check("__proto__;constructor;<script>\"' 3\n", {
      stack: "__proto__;constructor;<script>\"'",
      values: [3],
    }));
  test("two columns: the second is the newer", () =>
    check("a;b 3 4\na;c 0 1\n", { stack: "a;b", values: [4, 3] }, { stack: "a;c", values: [1, 0] }));
  test("a number at the end of a name is a name", () =>
    check("a;b 1\na;operator 3 4\n", { stack: "a;b", values: [1] }, { stack: "a;operator 3", values: [4] }));
});

test("annotations are kinds, and not part of the name", () => {
  const profile = feed(collapsed, bytesOf("main;sys_read_[k];Hot.a_[j];inner_[i];waker_[w] 1\n"));
  const { functions, frames, strings } = profile;
  expect(
    Array.from({ length: functions.length }, (_, i) => [
      strings[functions.name[i] as number],
      kindAt(functions.kind[i] as number),
      frames.inlineDepth[i],
    ]),
  ).toEqual([
    ["main", "unknown", 0],
    ["sys_read", "kernel", 0],
    ["Hot.a", "jit", 0],
    ["inner", "unknown", 1],
    ["waker", "unknown", 0],
  ]);
});

test("exact bytes of a heap", () => {
  const profile = feed(collapsed, fixture("collapsed/leak.flame-leaked.collapsed"));
  expect(total(firstSeries(profile))).toBe(11_036_096);
});

test("what is no stack is counted", () => {
  const profile = feed(collapsed, bytesOf("a;b 1\nno weight here\n42\na;b x\n"));
  expect(firstSeries(profile).length).toBe(1);
  expect(profile.meta.notes).toEqual(["3 lines are not a stack and a weight: skipped."]);
});

test("limits", () => {
  const context = importContext({ limits: { ...defaultLimits, maxSamples: 2, maxStackDepth: 2 } });
  const profile = feed(collapsed, bytesOf("a;b;c;d 1\na 1\nb 1\n"), [], context);
  expect(firstSeries(profile).length).toBe(2);
  expect(profile.meta.notes).toHaveLength(2);
});

test("text without semicolons is looked at once, not once a line", () => {
  const bytes = bytesOf("lonely_function 3\nanother 4\n".repeat(5_000));
  let looked = 0;
  const { indexOf } = Uint8Array.prototype;
  const spy = vi.spyOn(Uint8Array.prototype, "indexOf").mockImplementation(function (
    this: Uint8Array,
    value: number,
    from = 0,
  ) {
    const found = indexOf.call(this, value, from);
    looked += (found === -1 ? this.length : found) - from;
    return found;
  });
  const profile = feed(collapsed, bytes);
  spy.mockRestore();
  expect(firstSeries(profile).length).toBe(10_000);
  expect(looked).toBeLessThan(4 * bytes.length);
});

test("stacks thousands deep", () => {
  const names = Array.from({ length: 5000 }, (_, i) => `f${i}`).join(";");
  check(`${names} 7\n`, { stack: names, values: [7] });
});

describe("sniff", () => {
  test.each([
    ["a;b 1\na;c 2\n", true],
    ["a;b 1\n# c\nnot a line\na;b 2\na;b 3\n", true],
    ["main 1\nother 2\n", true],
    ["main 1\nother text\n", false],
    ['{"a": 1}\n', false],
    ["a;b 1\0\n", false],
    ["", false],
    ["just words\n", false],
  ])("%j", (text, expected) => expect(collapsed.sniff(bytesOf(text), "")).toBe(expected));
});
