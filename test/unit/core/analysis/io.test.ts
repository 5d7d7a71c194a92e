import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { perfTrace } from "#core/importers/perf-trace.ts";
import { strace } from "#core/importers/strace.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { IoTable } from "#core/model/tables.ts";
import { bytesOf, feed, fixture, importContext } from "../importers/importing.ts";

const text = [
  '7 1700000000.000000 openat(AT_FDCWD</srv>, "/srv/a.db", O_RDONLY) = 3</srv/a.db> <0.000010>',
  '7 1700000000.001000 read(3</srv/a.db>, "x"..., 4096) = 4096 <0.000050>',
  '7 1700000000.002000 read(3</srv/a.db>, "x"..., 4096) = 100 <0.200000>',
  '7 1700000000.300000 openat(AT_FDCWD</srv>, "/srv/none", O_RDONLY) = -1 ENOENT (No such file or directory) <0.000020>',
  '8 1700000000.310000 write(5<TCP:[127.0.0.1:40000->127.0.0.1:80]>, "GET"..., 30) = 30 <0.000030>',
  "8 1700000000.320000 futex(0x7f00, FUTEX_WAIT_PRIVATE, 2, NULL) = 0 <0.500000>",
  "8 1700000000.900000 close(5<TCP:[127.0.0.1:40000->127.0.0.1:80]>) = 0 <0.000005>",
  "",
].join("\n");

const answer = (asked: Partial<Extract<QueryInput, { view: "io" }>> = {}): IoTable =>
  createAnalyst().answer(feed(strace, bytesOf(text)), { view: "io", selection: {}, ...asked });

test("sums say how long each call took only where the tool says so: the longest, and no histogram", () => {
  const table = createAnalyst().answer(feed(perfTrace, fixture("perf-trace/trace_summary.txt")), {
    view: "io",
    selection: {},
  });
  expect(table.rows[0]).toMatchObject({ name: "fsync", calls: 100, totalNs: 54_438_000, maxNs: 1_101_000 });
  expect(table.rows[0]?.p99Ns).toBeNaN();
  expect(table.histogram.every((calls) => calls === 0)).toBe(true);
  expect(table.slowest).toEqual([]);
});

test("one row a system call: counts, errors, bytes, times; the slow read first", () => {
  const table = answer();
  expect(table).toMatchObject({ calls: 6, errors: 1, isTimed: true, series: "syscalls/time" });
  expect(table.rows[0]).toMatchObject({ name: "read", calls: 2, errors: 0, bytes: 4196, maxNs: 200e6 });
  expect(table.rows[0]?.totalNs).toBeCloseTo(200.05e6, -3);
  expect(table.slowest[0]).toMatchObject({ call: "read", file: "/srv/a.db", durationNs: 200e6 });
  expect(table.histogram.reduce((sum, each) => sum + each, 0)).toBe(6);
  expect(table.rows.find(({ name }) => name === "openat")).toMatchObject({ calls: 2, errors: 1 });
});

test("by file and by peer", () => {
  expect(answer({ by: "file" }).rows.map(({ name, calls }) => [name, calls])).toEqual([
    ["/srv/a.db", 3],
    ["/srv/none", 1],
  ]);
  expect(answer({ by: "peer" }).rows.map(({ name, calls, bytes }) => [name, calls, bytes])).toEqual([
    ["127.0.0.1:80", 2, 30],
  ]);
});

test("what only waits is hidden unless it is asked for; a filter; a range of time", () => {
  expect(answer().rows.map(({ name }) => name)).not.toContain("futex");
  expect(answer({ waiting: true }).rows[0]?.name).toBe("futex");
  expect(answer({ waiting: true }).waitingCalls).toBe(0);
  expect(answer().waitingCalls + answer().calls).toBe(answer({ waiting: true }).calls);
  expect(answer().waitingCalls).toBeGreaterThan(0);
  expect(answer({ filter: "^wr" }).rows.map(({ name }) => name)).toEqual(["write"]);
  expect(answer({ selection: { rangeNs: [0, 5e6] } }).calls).toBe(3);
});

test("while it is recorded, times are on the recording's clock", () => {
  const out = new ProfileBuilder();
  out.meta({ originSeconds: 5000, originNanos: 0, startedAtMs: 1_699_999_999_000 });
  const profile = feed(strace, bytesOf(text), [], importContext(), out);
  expect(profile.series[0]?.time?.[0]).toBe(1e9);
});
