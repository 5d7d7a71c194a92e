import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { goContention } from "#core/importers/go-contention.ts";
import { goGoroutines } from "#core/importers/go-goroutines.ts";
import { NONE } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { bytesOf, feed, firstSeries, fixture, namesOf, total } from "./importing.ts";

/** Labels of every row: "state=chan receive, waiting=3 minutes". */
function labelsOf(profile: Profile): readonly string[] {
  const { strings, labels } = profile;
  const sets: string[][] = [];
  for (let i = 0; i < labels.length; i++) {
    const text = labels.text[i] as number;
    const unit = labels.unit[i] as number;
    const value =
      text === NONE ? `${labels.number[i]}${unit === NONE ? "" : ` ${strings[unit]}`}` : strings[text];
    const set = labels.set[i] as number;
    sets[set] = [...(sets[set] ?? []), `${strings[labels.key[i] as number]}=${value}`];
  }
  const rows = firstSeries(profile).labels;
  return Array.from(firstSeries(profile).stack, (_, row) => (sets[rows?.[row] ?? NONE] ?? []).join(", "));
}

const stackOf = (profile: Profile, row: number): readonly string[] =>
  namesOf(profile, firstSeries(profile).stack[row] as number);

describe("goroutines counted by stack", () => {
  test("counts, names, labels, and the root that Go does not print", () => {
    const profile = feed(goGoroutines, fixture("go-goroutines/states.debug1.txt"));
    expect(total(firstSeries(profile))).toBe(15);
    expect(stackOf(profile, 1)).toEqual([
      "runtime.goexit",
      "main.chanWait",
      "0x415432",
      "0x4158ee",
      "0x47f2ae",
    ]);
    expect(labelsOf(profile).filter((each) => each !== "")).toEqual(['request=GET /a"b, shard=7']);
  });

  test("threads that were created, without the zeros that fill their stacks up", () => {
    const profile = feed(goGoroutines, fixture("go-goroutines/threadcreate.debug1.txt"), [1, 30, 31, 200]);
    const series = firstSeries(profile);
    expect(series.id).toBe("threadcreate");
    expect(Array.from(series.values[0]?.data ?? [])).toEqual([5, 1]);
    expect(series.stack[0]).toBe(NONE);
    expect(stackOf(profile, 1).slice(0, 2)).toEqual(["runtime.goexit", "main.locked"]);
  });

  test("a program's own profile, and one that is cut off", () => {
    const profile = feed(goGoroutines, bytesOf("app/conns profile: total 9\n7 @ 0x10 0x20\n"));
    expect(firstSeries(profile).id).toBe("app/conns");
    expect(profile.meta.notes).toEqual(["The file promises 9 but has 7: it is not whole."]);
  });
});

describe("goroutines that wait for a lock", () => {
  const stack = (id: number, state: string, lock: string): string => `goroutine ${id} [${state}]:
internal/sync.runtime_SemacquireMutex(0x1?, 0x0?, 0x19?)
\t/usr/local/go/src/runtime/sema.go:95 +0x25
internal/sync.(*Mutex).lockSlow(${lock})
\t/usr/local/go/src/internal/sync/mutex.go:149 +0x15d
sync.(*Mutex).Lock(...)
\t/usr/local/go/src/sync/mutex.go:46
main.passDoors(0x0?, ${lock}, 0x106dd7b81e0)
\t/srv/waits.go:76 +0x79

`;
  const table = (text: string) =>
    createAnalyst().answer(feed(goGoroutines, bytesOf(text)), { view: "locks", selection: {} });

  test("which lock, where, and that they do for minutes", () => {
    const waiting = stack(12, "sync.Mutex.Lock, 3 minutes", "0xa3d658") + stack(13, "semacquire", "0xa3d650");
    const { rows, deadlocks } = table(`${waiting}goroutine 14 [semacquire, 9 minutes]:
sync.runtime_Semacquire(0xa3d670)
\t/usr/local/go/src/runtime/sema.go:71 +0x25
sync.(*WaitGroup).Wait(0xa3d668)
\t/usr/local/go/src/sync/waitgroup.go:118 +0x48
`);
    const row = { kind: "Go mutex", waiter: "main.passDoors", waits: 1, totalNs: 0 };
    expect(rows).toMatchObject([
      { ...row, lock: "0xa3d650", open: 0 },
      { ...row, lock: "0xa3d658", open: 1 },
    ]);
    expect(deadlocks).toEqual([
      "possible: goroutine 12 has waited 3 minutes for the lock 0xa3d658 in main.passDoors; Go does not tell who holds it",
    ]);
  });

  test("all of them: the runtime found the deadlock itself", () => {
    const { deadlocks } = table(
      `fatal error: all goroutines are asleep - deadlock!\n\n${stack(1, "sync.Mutex.Lock", "0xa3d658")}`,
    );
    expect(deadlocks).toEqual([
      "all goroutines are asleep: goroutine 1 waits in main.passDoors (sync.Mutex.Lock)",
    ]);
  });
});

describe("every goroutine with its stack", () => {
  test("states, creators, threads", () => {
    const profile = feed(goGoroutines, fixture("go-goroutines/states.debug2.txt"));
    const series = firstSeries(profile);
    expect(series.length).toBe(15);
    const labels = labelsOf(profile);
    const created = (line: number): string =>
      `created by=main.main, created by goroutine=1, created at=demo/main.go:${line}`;
    expect(labels[0]).toBe("state=running");
    expect(labels).toContain(`state=chan receive, ${created(63)}`);
    expect(labels.find((each) => each.includes("locked"))).toBe(
      `state=chan receive, locked to thread=yes, ${created(69)}`,
    );
    const row = labels.findIndex((each) => each.includes("demo/main.go:70"));
    expect(stackOf(profile, row)).toEqual(["main.labelled", "runtime/pprof.Do", "main.labelled.func1"]);
    expect(profile.threads.tid[series.thread[row] as number]).toBe(25);
    const deep = labels.findIndex((each) => each.includes("demo/main.go:72"));
    expect(stackOf(profile, deep).join()).toMatch(/,\.\.\.\d+ frames elided\.\.\.,/);
    expect(profile.meta.notes).toEqual(["1 stack is not whole: the runtime left out frames in the middle."]);
  });

  test("minutes of waiting, bubbles, labels, and frames that were inlined", () => {
    const text = `goroutine 7 [chan receive (durable), 12 minutes, locked to thread, synctest bubble 3 labels:{"a": "b c"}]:
main.inner(...)
\t/a b/x.go:3
main.middle[...](...)
\t/a b/x.go:4
main.(*T[go.shape.int]).outer({0x1, 0x2}, 0x3?)
\t/a b/x.go:5 +0x1f fp=0x1 sp=0x2 pc=0x4857c100
created by main.main
\t/a b/x.go:9 +0x20

`;
    const profile = feed(goGoroutines, bytesOf(text), [5, 60, 61, 100]);
    expect(firstSeries(profile).values[1]?.data?.[0]).toBe(12 * 60e9);
    expect(labelsOf(profile)).toEqual([
      "state=chan receive (durable), waiting=12 minutes, locked to thread=yes, synctest bubble 3=yes, a=b c, created by=main.main, created at=/a b/x.go:9",
    ]);
    expect(stackOf(profile, 0)).toEqual(["main.(*T[go.shape.int]).outer", "main.middle[...]", "main.inner"]);
    expect(Array.from(profile.frames.inlineDepth)).toEqual([0, 1, 2]);
    expect(Array.from(profile.frames.line)).toEqual([5, 4, 3]);
    expect(profile.frames.addressLow[0]).toBe(0x4857c100);
  });

  test("what a program leaves when it panics or is told to quit", () => {
    const panic = feed(goGoroutines, fixture("go-goroutines/panic.txt"));
    expect(panic.meta.notes[0]).toBe("Before the stacks stands: panic: assignment to entry in nil map");
    expect(stackOf(panic, 0)).toEqual(["main.main"]);
    const quit = feed(goGoroutines, fixture("go-goroutines/sigquit.txt"));
    expect(quit.meta.notes[0]).toContain("SIGQUIT: quit");
    expect(stackOf(quit, 1)).toEqual([
      "runtime.goexit",
      "runtime.main",
      "main.main",
      "runtime.chanrecv1",
      "runtime.chanrecv",
      "runtime.gopark",
    ]);
    expect(labelsOf(quit)[2]).toContain("state=force gc (idle)");
  });

  test("a goroutine on another thread has no stack, and stays", () => {
    const text =
      "goroutine 1 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by main.f in goroutine 5\n\t/x.go:1 +0x1\n\n";
    expect(goGoroutines.sniff(bytesOf(text), "")).toBe(true);
    const profile = feed(goGoroutines, bytesOf(text));
    expect(firstSeries(profile).stack[0]).toBe(NONE);
    expect(labelsOf(profile)).toEqual([
      "state=running, created by=main.f, created by goroutine=5, created at=/x.go:1",
    ]);
  });
});

describe("contention", () => {
  test("cycles become time", () => {
    const mutex = feed(goContention, fixture("go-contention/mutex.debug1.txt"));
    const series = firstSeries(mutex);
    expect(series.id).toBe("mutex");
    expect(series.values.map(({ data }) => Array.from(data ?? []))).toEqual([
      [Math.trunc(3_017_832_843 / 2.59999943), Math.trunc(1_561_880 / 2.59999943)],
      [1, 3],
    ]);
    expect(stackOf(mutex, 0)).toEqual(["runtime.goexit", "main.holder", "sync.(*Mutex).Unlock"]);
    const block = feed(goContention, fixture("go-contention/block.debug1.txt"));
    expect(firstSeries(block).id).toBe("block");
    expect(stackOf(block, 0)).toEqual([
      "runtime.goexit",
      "main.main.gowrap8",
      "main.waiter",
      "sync.(*Mutex).Lock",
    ]);
  });

  test("a sampling period multiplies, and says so", () => {
    const text = "--- mutex:\ncycles/second=2000000000\nsampling period=5\n4000 2 @ 0x10 0x20\n";
    const profile = feed(goContention, bytesOf(text));
    expect(total(firstSeries(profile))).toBe(10_000);
    expect(total(firstSeries(profile), 1)).toBe(10);
    expect(profile.meta.notes.join()).toContain("One of 5 contentions");
  });

  test("contentionz of C++, with mappings", () => {
    const text =
      "--- contentionz 1 ---\ncycles/second = 1000000000\nsampling period = 1\nms since reset = 2500\ndiscarded samples = 3\n    700      2 @ 0x400010 0x400020\nMAPPED_LIBRARIES:\n400000-401000 r-xp 00000000 08:01 12 /srv/app\n";
    expect(goContention.sniff(bytesOf(text), "")).toBe(true);
    const profile = feed(goContention, bytesOf(text));
    expect(profile.meta).toMatchObject({ durationNs: 2.5e9, lostSamples: 3, target: "app" });
    expect(stackOf(profile, 0)).toEqual(["0x20", "0x10"]);
    expect(total(firstSeries(profile))).toBe(700);
  });
});
