import { describe, expect, test } from "vitest";
import { perfLock } from "#core/importers/perf-lock.ts";
import { perfSched } from "#core/importers/perf-sched.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

const labelsOf = ({ labels, strings }: Profile, set: number): Record<string, number | string> =>
  Object.fromEntries(
    Array.from({ length: labels.length }, (_, row) => row)
      .filter((row) => labels.set[row] === set)
      .map((row) => [
        strings[labels.key[row]],
        labels.text[row] < 0 ? labels.number[row] : strings[labels.text[row]],
      ]),
  );

describe("perf lock", () => {
  test("contention: munmap 1429 times, 885.7 ms; every row", () => {
    const profile = feed(perfLock, fixture("perf-lock/contention.txt"));
    const series = firstSeries(profile);
    expect([series.values[0]?.data?.[0], series.values[1]?.data?.[0]]).toEqual([885_700_000, 1429]);
    expect(namesOf(profile, series.stack[0])).toEqual(["__x64_sys_munmap"]);
    expect(labelsOf(profile, series.labels?.[0] ?? -1)).toEqual({ "max wait": 11_910_000, type: "rwsem:W" });
    expect(total(series, 1)).toBe(8350);
    expect(profile.meta.notes).toEqual([]);
  });

  test("-v: stacks from the program into the kernel", () => {
    const profile = feed(perfLock, fixture("perf-lock/contention-v.txt"));
    const series = firstSeries(profile);
    expect(namesOf(profile, series.stack[0])).toEqual([
      "[unknown]",
      "[unknown]",
      "entry_SYSCALL_64_after_hwframe",
      "do_syscall_64",
      "__x64_sys_munmap",
      "__vm_munmap",
      "down_write_killable",
      "rwsem_down_write_slowpath",
    ]);
    expect([series.values[0]?.data?.[2], series.values[1]?.data?.[2]]).toEqual([448_330_000, 1916]);
  });

  test("-t: by thread, of which the sum is the same", () => {
    const profile = feed(perfLock, fixture("perf-lock/threads.txt"));
    expect([...profile.threads.tid].sort()).toEqual([12714, 12715, 12716, 12717, 12718, 12719]);
    expect(total(firstSeries(profile), 1)).toBe(8350);
  });

  test("report", () => {
    const profile = feed(perfLock, fixture("perf-lock/report.txt"));
    expect(total(firstSeries(profile), 1)).toBe(8350);
    expect(labelsOf(profile, firstSeries(profile).labels?.[1] ?? -1)).toMatchObject({ acquired: 3545 });
  });

  test("values with a separator", () => {
    const profile = feed(
      perfLock,
      bytesOf(
        "# output: contended, total wait, max wait, avg wait, type, caller\n1429, 885700000, 11910000, 619804, rwsem:W, __x64_sys_munmap+0x17\n",
      ),
    );
    expect(firstSeries(profile).values[0]?.data?.[0]).toBe(885_700_000);
    expect(namesOf(profile, firstSeries(profile).stack[0])).toEqual(["__x64_sys_munmap"]);
  });
});

describe("perf sched", () => {
  test("timehist: 142 switches; a wait ends where the run begins", () => {
    const profile = feed(perfSched, fixture("perf-sched/timehist.txt"));
    const series = firstSeries(profile);
    expect(series).toMatchObject({ id: "timehist", kind: "offcpu", length: 142 });
    expect(series.values.map(({ data }) => data?.[4])).toEqual([0, 27_000, 1_236_000]);
    const sleep = [...profile.threads.tid].indexOf(12704);
    const { intervals, strings } = profile;
    const first = [...intervals.thread].indexOf(sleep);
    expect([strings[intervals.name[first]], intervals.end[first] - intervals.start[first]]).toEqual([
      "running",
      1_236_000,
    ]);
    const offcpu = [...profile.threads.tid].indexOf(12702);
    expect(profile.processes.pid[profile.threads.process[offcpu]]).toBe(12700);
    expect(profile.meta.notes).toEqual([]);
  });

  test("states and stacks", () => {
    const profile = feed(perfSched, fixture("perf-sched/timehist-stacks.txt"));
    const series = firstSeries(profile);
    expect(namesOf(profile, series.stack[0])).toEqual([
      "__sched_setaffinity",
      "__set_cpus_allowed_ptr",
      "affine_move_task",
      "wait_for_completion",
      "schedule_timeout",
    ]);
    expect(labelsOf(profile, series.labels?.[0] ?? -1)).toEqual({ cpu: 0, state: "D" });
  });

  test("-w -n -V: wakeups are told", () => {
    const profile = feed(perfSched, fixture("perf-sched/timehist-w-n-v.txt"));
    expect(firstSeries(profile).length).toBe(36);
    expect(profile.meta.notes).toEqual(["21 lines about wakeups and migrations were skipped."]);
  });

  test("latency: offcpu(2) ran 201.6 ms", () => {
    const profile = feed(perfSched, fixture("perf-sched/latency.txt"));
    const series = firstSeries(profile);
    expect(series.values.map(({ data }) => data?.[0])).toEqual([201_563_000, 4, 44_000]);
    expect(labelsOf(profile, series.labels?.[0] ?? -1)).toMatchObject({ tasks: 2, "max delay": 25_000 });
    expect(profile.intervals.end[0] - profile.intervals.start[0]).toBe(25_000);
    expect(profile.meta.notes).toEqual([]);
  });

  test("summary of run times", () => {
    const profile = feed(perfSched, fixture("perf-sched/summary.txt"));
    const at = [...firstSeries(profile).thread].findIndex((thread) => profile.threads.tid[thread] === 12700);
    expect(firstSeries(profile).values.map(({ data }) => data?.[at])).toEqual([200_521_000, 22, 0]);
    expect(profile.meta.notes).toEqual([]);
  });
});
