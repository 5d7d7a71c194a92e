import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinWords, shellSign, splitWords } from "#core/base/shell-words.ts";

const check = (line: string, expected: readonly string[] | "problem") => {
  const words = splitWords(line);
  expect(words.ok ? words.value : "problem").toEqual(expected);
};

describe("the words of a command line", () => {
  const cases: readonly (readonly [string, readonly string[] | "problem"])[] = [
    ["", []],
    ["   \t ", []],
    ["./server --port 8080", ["./server", "--port", "8080"]],
    ["  a   b  ", ["a", "b"]],
    ["echo 'a b' \"c d\"", ["echo", "a b", "c d"]],
    ["a'b'\"c\"d", ["abcd"]],
    ["echo '' \"\"", ["echo", "", ""]],
    [String.raw`a\ b`, ["a b"]],
    [String.raw`'a\b'`, [String.raw`a\b`]],
    [String.raw`"a\"b\\c\d"`, [String.raw`a"b\c\d`]],
    [String.raw`"$HOME \$x"`, ["$HOME $x"]],
    ["ls *.c | wc > out", ["ls", "*.c", "|", "wc", ">", "out"]],
    ["node -e \"console.log('hi')\"", ["node", "-e", "console.log('hi')"]],
    ["a \\\n b", ["a", "b"]],
    ["'open", "problem"],
    ['"open', "problem"],
    ['"open\\"', "problem"],
    ["end\\", "problem"],
    ["grüße 'für dich'", ["grüße", "für dich"]],
  ];
  it.each(cases)("%j", (line, expected) => check(line, expected));

  it("are joined to a line that splits into the same words", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (words) => check(joinWords(words), words)),
    );
  });

  it("know a sign that only a shell would understand", () => {
    const signs: readonly (readonly [string, string])[] = [
      ["ls | wc", "|"],
      ["a && b", "&&"],
      ["echo $HOME", "$H"],
      ["ls *.c", "*"],
      ["cd ~/x", "~"],
      ["echo '$HOME | x'", ""],
      ['echo "a | b"', ""],
      [String.raw`echo \| b`, ""],
      ["./server --port=80", ""],
      ["git show HEAD~2", ""],
    ];
    for (const [line, expected] of signs) expect([line, shellSign(line)]).toEqual([line, expected]);
  });
});
