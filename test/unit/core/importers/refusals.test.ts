import { describe, expect, test } from "vitest";
import { refusalOf } from "#core/importers/refusals.ts";

const check = (head: string | readonly number[], expected: RegExp | null): void => {
  const bytes = typeof head === "string" ? new TextEncoder().encode(head) : new Uint8Array(head);
  const refusal = refusalOf(bytes);
  if (expected === null) expect(refusal).toBeNull();
  else {
    expect(refusal?.message).toMatch(expected);
    expect(refusal?.fix).not.toBe("");
  }
};

describe("files that have to become others first", () => {
  test.each([
    ["a log of V8", "v8-version,6,0,287,53,0\nshared-library,", /--prof/],
    ["memray", "memray\0\x0b\0", /memray/],
    ["gmon.out", [0x67, 0x6d, 0x6f, 0x6e, 1, 0, 0, 0, 0], /-pg/],
    ["a program", [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0], /ELF/],
    ["a trace of Go", "go 1.19 trace\0\0\0A", /Go/],
    ["a database", "SQLite format 3\0\x10", /SQLite/],
    ["a property list", '<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC', /property list/],
  ])("%s", (_name, head, expected) => check(head, expected));

  test.each([
    ["nothing", ""],
    ["prose", "It was the best of times"],
    ["words of Go", "go 1.19 is out\n"],
  ])("%s is none of them", (_name, head) => check(head, null));
});
