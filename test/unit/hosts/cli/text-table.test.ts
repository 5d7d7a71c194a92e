import { expect, test } from "vitest";
import { textTable } from "../../../../main/hosts/cli/text-table.ts";

const columns = [
  { title: "SELF", align: "right" },
  { title: "FUNCTION", align: "left" },
  { title: "WHERE", align: "left" },
] as const;

test("columns are as wide as their widest cell", () => {
  expect(
    textTable(columns, [
      ["9 %", "parse", "a.c"],
      ["12.5 %", "read_all_of_it", "b.c"],
    ]),
  ).toEqual([
    "  SELF  FUNCTION        WHERE", //
    "   9 %  parse           a.c",
    "12.5 %  read_all_of_it  b.c",
  ]);
});

test("a very long name moves its own line only", () => {
  const long = "x".repeat(300);
  const lines = textTable(columns, [
    ["9 %", "parse", "a.c"],
    ["1 %", long, "b.c"],
  ]);
  expect(lines[1]).toBe(` 9 %  ${"parse".padEnd(60)}  a.c`);
  expect(lines[2]).toBe(` 1 %  ${long}  b.c`);
});

test("no line is wider than the terminal, and no name acts on it", () => {
  const lines = textTable(columns, [["1 %", "a\u001b[31mred\nline", "/some/long/path/to/a/file.c"]], 40);
  expect(lines[1]).toHaveLength(40);
  expect(lines[1]).toContain("a\\x1b[31mred\\x0aline");
});
