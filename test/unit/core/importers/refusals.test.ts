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
    [
      "a pickle of tracemalloc",
      [0x80, 5, 0x95, ...new TextEncoder().encode("....\u0000\u008c\u000btracemalloc")],
      /tracemalloc/,
    ],
    [
      "a report of perf",
      "# To display the perf.data header info, x\n#\n# Samples: 1K of event 'cycles'\n",
      /perf report/,
    ],
    [
      "a table of pprof",
      "File: hotgo\nType: cpu\nDuration: 3s\nShowing nodes accounting for 2s\n",
      /go tool pprof/,
    ],
    ["raw pprof", "PeriodType: cpu nanoseconds\nPeriod: 10000000\n", /-raw/],
    [
      "text of gperftools",
      "Total: 492 samples\n     291  59.1%  59.1%      291  59.1% burn_a\n",
      /pprof --text/,
    ],
    ["ticks of V8", "Statistical profiling result from isolate-v8.log, (948 ticks, 2\n", /--prof-process/],
    ["ms_print", "-----\nCommand:            /x\nms_print arguments: leak.massif\n", /ms_print/],
    [
      "callgrind_annotate",
      "-----\nProfile data file 'x' (creator: callgrind-3.19.0)\n",
      /callgrind_annotate/,
    ],
    ["heaptrack_print", 'reading file "x" - please wait, this\nDebuggee command was: x\n', /heaptrack_print/],
    ["jfr summary", "\n Version: 2.1\n Chunks: 1\n", /`jfr`/],
    ["jfr print", "jdk.JavaMonitorEnter {\n  startTime = 11:35\n", /`jfr`/],
    ["jfr print --json", '{\n  "recording": {\n    "events": [{', /`jfr`/],
  ])("%s", (_name, head, expected) => check(head, expected));

  test.each([
    ["nothing", ""],
    ["prose", "It was the best of times"],
    ["words of Go", "go 1.19 is out\n"],
  ])("%s is none of them", (_name, head) => check(head, null));
});
