import { describe, expect, test } from "vitest";
import { perfTrace } from "#core/importers/perf-trace.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf } from "./importing.ts";

const read = (text: string): Profile => feed(perfTrace, bytesOf(text));

interface Call {
  readonly name: string;
  readonly durationNs: number;
  readonly args: Readonly<Record<string, string>>;
}

const callsOf = ({ intervals, strings }: Profile): Call[] =>
  Array.from({ length: intervals.length }, (_, i) => ({
    name: strings[intervals.name[i]],
    durationNs: intervals.end[i] - intervals.start[i],
    args: JSON.parse(strings[intervals.args[i]] ?? "{}"),
  }));

describe("recordings with a known answer", () => {
  test("nanosleep takes 60.1 ms", () => {
    const profile = feed(perfTrace, fixture("perf-trace/trace_live.txt"));
    const sleeps = callsOf(profile).filter(
      ({ name, durationNs }) => name === "clock_nanosleep" && durationNs > 5e7,
    );
    expect(sleeps.length).toBeGreaterThan(5);
    for (const { durationNs } of sleeps) expect(durationNs / 1e6).toBeCloseTo(60.2, 0);
    expect([...profile.threads.tid]).toEqual([12782, 12783]);
    expect(firstSeries(profile)).toMatchObject({ id: "syscalls", kind: "syscall", length: 148 });
  });

  test("summary: fsync 100, write 1601, unlink 4", () => {
    const profile = feed(perfTrace, fixture("perf-trace/trace_summary.txt"));
    const { stack, values } = firstSeries(profile);
    const rows = Object.fromEntries(
      [...stack].map((each, i) => [namesOf(profile, each)[0], values.map(({ data }) => data?.[i])]),
    );
    expect(rows).toMatchObject({
      fsync: [54_438_000, 100, 0],
      write: [45_670_000, 1601, 0],
      unlink: [23_214_000, 4, 0],
      access: [17_000, 1, 1],
    });
    expect([...profile.threads.tid]).toEqual([12780]);
    expect(profile.meta.notes).toEqual([]);
  });

  test("stacks belong to the call above them", () => {
    const profile = feed(perfTrace, fixture("perf-trace/stacks.txt"));
    expect(namesOf(profile, firstSeries(profile).stack[0])).toEqual(["_dl_start_user", "brk", "brk"]);
  });

  test("page faults", () => {
    const profile = feed(perfTrace, fixture("perf-trace/faults.txt"));
    expect(firstSeries(profile)).toMatchObject({ id: "minfault", length: 20 });
    expect(profile.strings).toContain("[elf_load+0x28a] => 0x556e3be845c0 (?k)");
  });
});

describe("lines", () => {
  test("a call that another thread interrupts", () => {
    const profile = read(
      "    10.000 (         ): a/1 read(fd: 3, count: 1)                                     ...\n" +
        "    10.500 ( 0.100 ms): b c/2 close(fd: 3)                                         = 0\n" +
        "    10.000 ( 2.000 ms): a/1  ... [continued]: read())                              = 1\n",
    );
    expect(callsOf(profile)).toEqual([
      { name: "close", durationNs: 100_000, args: { args: "fd: 3", result: "0" } },
      { name: "read", durationNs: 2_000_000, args: { args: "fd: 3, count: 1", result: "1" } },
    ]);
    expect([...profile.threads.name].map((name) => profile.strings[name]).sort()).toEqual(["a", "b c"]);
  });

  test("one process: no name; brackets and equals signs in arguments", () => {
    const profile = read(
      '     0.088 ( 0.019 ms): openat(filename: "/a) = b", flags: RDONLY) = -1 ENOENT (No such file or directory)\n',
    );
    expect(callsOf(profile)).toEqual([
      {
        name: "openat",
        durationNs: 19_000,
        args: { args: 'filename: "/a) = b", flags: RDONLY', result: "-1 ENOENT (No such file or directory)" },
      },
    ]);
    expect(profile.strings).toContain("ENOENT");
  });

  test("commands with slashes, tracepoints", () => {
    const profile = read(
      "     0.000 (         ): kworker/0:1H/44 sched:sched_switch(prev_comm: a, next_pid: 3)\n",
    );
    expect(firstSeries(profile).id).toBe("sched:sched_switch");
    expect([...profile.threads.tid]).toEqual([44]);
    expect(profile.strings).toContain("prev_comm: a, next_pid: 3");
  });

  test("a call that never ends has no end; what began before is told", () => {
    const profile = read(
      "         ? (         ): a/1  ... [continued]: execve())                         = 0\n     1.000 (         ): a/1 read(fd: 3) ...\n",
    );
    expect(callsOf(profile)).toEqual([{ name: "read", durationNs: Number.NaN, args: { args: "fd: 3" } }]);
    expect(profile.meta.notes).toHaveLength(1);
  });

  test("lost events and other lines", () => {
    const { meta } = read("LOST 12 events!\nhello\n     0.088 ( 0.019 ms): a/1 brk() = 0x1\n");
    expect(meta).toMatchObject({ lostSamples: 12, notes: ["1 line could not be read."] });
  });
});
