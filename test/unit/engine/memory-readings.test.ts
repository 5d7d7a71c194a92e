import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { readIo, readMaps, readStatus } from "../../../main/engine/memory-readings.ts";
import { startMemorySampler } from "../../../main/engine/memory-sampler.ts";
import type { CounterRow } from "../../../main/engine/parts.ts";

const status =
  "Name:\ta\nVmSwap:\t      12 kB\nRssAnon:\t     100 kB\nRssFile:\t    2000 kB\nRssShmem:\t       0 kB\n";
const smaps = [
  "55d0a000-55d0b000 r-xp 00000000 08:01 1 /usr/bin/a",
  "Rss:                   4 kB",
  "Pss:                   2 kB",
  "Pss_Dirty:             1 kB",
  "Private_Dirty:         0 kB",
  "VmFlags: rd ex mr mw me",
  "f5d0c000-f5e0c000 rw-p 00000000 00:00 0          [heap]",
  "Rss:                 512 kB",
  "Pss:                 512 kB",
  "Private_Dirty:       500 kB",
  "7ffc0000-7ffd0000 rw-p 00000000 00:00 0          [stack]",
  "Rss:                  16 kB",
  "Pss:                  16 kB",
  "Private_Dirty:        16 kB",
  "7ffe0000-7fff0000 r-xp 00000000 00:00 0          [vdso]",
  "Rss:                   8 kB",
  "Pss:                   0 kB",
  "",
].join("\n");

test("what /proc says, as numbers", () => {
  expect(readStatus(status)).toEqual({ anonymous: 102_400, file: 2_048_000, shared: 0, swap: 12_288 });
  expect(readStatus("")).toEqual({ anonymous: null, file: null, shared: null, swap: null });
  expect(readMaps(smaps)).toEqual({
    proportional: 530 * 1024,
    privateDirty: 516 * 1024,
    heap: 512 * 1024,
    stack: 16 * 1024,
  });
  expect(readMaps("")).toEqual({ proportional: 0, privateDirty: 0, heap: 0, stack: 0 });
  expect(readIo("rchar: 5\nwchar: 6\nsyscr: 1\n")).toEqual({ read: 5, written: 6 });
  expect(readIo("")).toBeNull();
});

test("a process over time, until it is gone", async () => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  const rows: CounterRow[] = [];
  let now = 0;
  await new Promise<void>((resolve) => {
    startMemorySampler({
      pid: child.pid ?? -1,
      intervalMs: 5,
      now: () => ++now * 1e6,
      emit: (more) => {
        rows.push(...more);
        if (rows.some(({ id }) => id === "pss") && rows.some(({ id }) => id === "faults")) child.kill();
      },
      remark: () => undefined,
      gone: resolve,
    });
  });
  const of = (id: string): readonly number[] => rows.filter((row) => row.id === id).map(({ value }) => value);
  const last = (id: string): number => of(id).at(-1) ?? Number.NaN;
  expect(last("rss")).toBeGreaterThan(100_000);
  // The kernel counts them in batches: they need not add up to the byte.
  expect(Math.abs(last("anon") + last("file") - last("rss"))).toBeLessThan(512 * 1024);
  expect(last("pss")).toBeLessThanOrEqual(last("rss") + 512 * 1024);
  expect(last("stack-resident")).toBeGreaterThan(0);
  expect(last("threads")).toBe(1);
  expect(Math.min(...of("faults"))).toBeGreaterThanOrEqual(0);
});
