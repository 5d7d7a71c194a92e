import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import type { ImportServices } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { perfScript } from "#core/importers/perf-script.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { LockRow, LocksTable } from "#core/model/tables.ts";
import { bytesOf, feed, fixture, importContext } from "../importers/importing.ts";

type Asked = Omit<Extract<QueryInput, { view: "locks" }>, "view" | "selection"> & {
  readonly selection?: Record<string, unknown>;
};

async function locksOf(file: string | Uint8Array, asked: Asked = {}): Promise<LocksTable> {
  const bytes = typeof file === "string" ? fixture(file) : file;
  const profile = await importProfile(memorySource(bytes), importContext());
  return createAnalyst().answer(profile, { view: "locks", selection: {}, ...asked });
}

const first = ({ rows }: LocksTable): LockRow => {
  const [row] = rows;
  if (!row) throw new Error("there is no lock");
  return row;
};

describe("locks of recordings whose program said the truth", () => {
  test("futexes through perf: waits, who held, and where", async () => {
    // "main_waits 647 wait_s 3.234 other_waits 793 wait_s 0.0363"
    const table = await locksOf("perf-script/futex_dwarf.script.txt.gz");
    expect(table.rows.map(({ address, lock }) => address || lock)).toEqual([
      "0x561812ac3100",
      "0x561812ac30c0",
    ]);
    const row = first(table);
    expect(row.totalNs / 3.234e9).toBeCloseTo(1, 1);
    expect(row.waits / 647).toBeCloseTo(1, 1);
    expect(row).toMatchObject({
      kind: "mutex",
      threads: 2,
      waiter: "waiter_fast",
      holderFunction: "holder_slow",
      holder: "lock/12731",
      waitsSeries: "lock-waits/time",
      holdersSeries: "lock-holders/time",
    });
    expect(row.holderShare).toBeGreaterThan(0.95);
    expect(row.p50Ns).toBeLessThanOrEqual(row.p99Ns);
    expect(row.p99Ns).toBeLessThanOrEqual(row.maxNs);
    // Two threads wait at once for most of it: time during which somebody waited, not the sum.
    expect(row.share).toBeGreaterThan(0.75);
    expect(row.share).toBeLessThan(0.9);
    // pthread_join is a wait for a thread's end.
    expect(table.idle).toMatchObject({ locks: 1, waits: 1 });
    const all = await locksOf("perf-script/futex_dwarf.script.txt.gz", { idle: true });
    expect(all.rows.map(({ kind }) => kind)).toEqual(["mutex", "join", "mutex"]);
  });

  test("py-spy: who held the GIL when it was sampled, and where", async () => {
    const said = new TextDecoder().decode(fixture("py-spy-pieces/three.ndjson"));
    expect((await locksOf(bytesOf(said))).isRecorded).toBe(false);
    const table = await locksOf(
      bytesOf(said.replaceAll('"profile":{"$schema"', '"gil":true,"profile":{"$schema"')),
    );
    expect(table.rows).toHaveLength(1);
    const row = first(table);
    expect(row).toMatchObject({
      lock: "GIL",
      kind: "GIL (held)",
      threads: 3,
      holdersSeries: "lock-holds/held",
    });
    expect(row.holder).toMatch(/^(?:MainThread|split-1)\/\d+$/);
    expect(row.holderFunction).toMatch(/^burn_[abc]$/);
    expect(row.share).toBeCloseTo(row.totalNs / table.spanNs, 6);
    // How long one of them had it is not known.
    expect([row.meanNs, row.p50Ns, row.p99Ns, row.maxNs].every(Number.isNaN)).toBe(true);
  });

  test("drd: locks that were held for long, and where they were taken", async () => {
    // Held 143 times for 6 ms and a little, 18 times for 0.5 ms and, while the machine was busy, longer.
    const table = await locksOf("valgrind-xml/held.drd.xml");
    expect(first(table)).toMatchObject({
      lock: "0x10c200",
      kind: "mutex (held)",
      waits: 143,
      totalNs: 143 * 8e6,
      holderFunction: "take",
      holderShare: 1,
      waitsSeries: "",
      holdersSeries: "lock-holds/held",
    });
    expect(table.rows).toHaveLength(2);
  });

  test("helgrind: locks taken in different orders may become a deadlock", async () => {
    const { deadlocks } = await locksOf("valgrind-xml/order.helgrind.xml");
    expect(deadlocks).toEqual(["possible: t1 takes 0x10C060 before 0x10C0A0, and t2 the other way round"]);
  });

  test("dumps of a JVM's threads: the ring that it found, who wants a lock and who took it where", async () => {
    const dump = new TextDecoder().decode(fixture("java-threads/deadlock.txt"));
    const dumps = [":15", ":17", ":19"].map((second) => dump.replace("20:34:15", `20:34${second}`));
    const table = await locksOf(bytesOf(dumps.join("")));
    expect(table.deadlocks).toEqual([
      "left waits for JavaWaits$Door, which right holds; right waits for JavaWaits$Door, which left holds",
    ]);
    // Each sighting stands for the 2 s to the next dump; how long one wait was is not known.
    const row = {
      kind: "Java monitor",
      waits: 3,
      threads: 1,
      totalNs: 6e9,
      meanNs: Number.NaN,
      p99Ns: Number.NaN,
    };
    expect(table.rows).toMatchObject([
      { lock: "JavaWaits$Door", waits: 6, threads: 2, totalNs: 12e9, waiter: "JavaWaits.passDoors" },
      {
        ...row,
        lock: "JavaWaits$Vault",
        waiter: "JavaWaits.wantVault",
        holderFunction: "JavaWaits.holdVault",
      },
      { kind: "park", lock: "java.util.concurrent.locks.ReentrantLock$NonfairSync", holder: "clerk" },
    ]);
    expect(table.rows[1]?.holder).toBe("holder");
    // One dump knows no time at all, and its ring all the same.
    const one = await locksOf("java-threads/deadlock.txt");
    expect(one).toMatchObject({ deadlocks: table.deadlocks, totalNs: 0, waits: 4 });
    expect(await locksOf(bytesOf(dump.slice(0, dump.indexOf("Found one"))))).toMatchObject({ deadlocks: [] });
  });

  test("its waits and its holders are series that a filter by its label takes out", async () => {
    const profile = await importProfile(
      memorySource(fixture("perf-script/futex_dwarf.script.txt.gz")),
      importContext(),
    );
    const analyst = createAnalyst();
    const row = first(analyst.answer(profile, { view: "locks", selection: {} }));
    const total = (series: string): number =>
      analyst.answer(profile, {
        view: "top",
        selection: { series, transforms: [{ type: "tagfocus", pattern: row.tag }] },
      }).totalValue;
    expect(total(row.waitsSeries)).toBeCloseTo(row.totalNs, 0);
    expect(total(row.holdersSeries) / row.totalNs).toBeGreaterThan(0.9);
  });

  test("Java monitors: the class, and the thread that had it before", async () => {
    expect(first(await locksOf("jfr/hot.jfr.gz"))).toMatchObject({
      lock: "java.lang.Object",
      kind: "Java monitor",
      waits: 81,
      threads: 1,
      waiter: "Hot.waitLock",
      holder: "holder",
      tag: "monitorClass=^java\\.lang\\.Object$",
    });
  });

  test("Go's mutex profile tells who held, its block profile who waited", async () => {
    expect(first(await locksOf("pprof/mutex.pb.gz"))).toMatchObject({
      kind: "Go mutex",
      waits: 734,
      waiter: "",
      holderFunction: "main.holdLock",
      p99Ns: Number.NaN,
    });
    const block = await locksOf("pprof/block.pb.gz");
    expect(first(block)).toMatchObject({
      lock: "main.waitLock",
      waiter: "main.waitLock",
      holderFunction: "",
    });
    // Channels are no locks.
    expect(block.idle.waits).toBeGreaterThan(200);
  });

  test("locks of the kernel, by perf lock contention", async () => {
    const table = await locksOf("perf-lock/contention-v.txt");
    expect(table.waits).toBe(8105);
    expect(first(table)).toMatchObject({ kind: "kernel lock (rwsem:W)", lock: "__vm_munmap" });
    const { maxNs, meanNs, p50Ns } = first(table);
    // perf says the longest, and no other length.
    expect(maxNs).toBeGreaterThan(meanNs);
    expect(p50Ns).toBeNaN();
  });
});

/** "holder" has the lock from 1 ms to 5 ms; "waiter" asks for it at 2 ms. */
const text = (stack: string): Uint8Array =>
  bytesOf(
    [
      "a 7/7 1.000000000: PERF_RECORD_MMAP2 7/7: [0x401000(0x1000) @ 0x1000 08:01 1 2]: r-xp /srv/a",
      "waiter 7/9 1.002000000: syscalls:sys_enter_futex: uaddr: 0x404040, op: 0x00000080, val: 0x00000002",
      ...stack.split("\n"),
      "holder 7/8 1.005000000: syscalls:sys_enter_futex: uaddr: 0x404040, op: 0x00000081, val: 0x00000001",
      "\t10 pthread_mutex_unlock+0x1 (/lib/libc.so.6)",
      "\t20 hold+0x1 (/srv/a)",
      "",
      "waiter 7/9 1.005100000: syscalls:sys_exit_futex: 0x0",
      "waiter 7/9 1.006000000: syscalls:sys_enter_futex: uaddr: 0x404040, op: 0x00000080, val: 0x00000002",
      ...stack.split("\n"),
      "waiter 7/9 1.006001000: syscalls:sys_exit_futex: 0xfffffffffffffff5",
      "waiter 7/9 1.007000000: syscalls:sys_enter_futex: uaddr: 0x404040, op: 0x00000080, val: 0x00000002",
      ...stack.split("\n"),
      "holder 7/8 1.009000000: cpu-clock: ",
      "\t20 hold+0x1 (/srv/a)",
      "",
    ].join("\n"),
  );
const mutexStack =
  "\t10 __lll_lock_wait+0x1 (/lib/libc.so.6)\n\t12 pthread_mutex_lock+0x1 (/lib/libc.so.6)\n\t30 want+0x1 (/srv/a)\n";

describe("futexes", () => {
  const symbols: ImportServices["symbols"] = {
    tableOf: ({ path }) => ({
      find: () => null,
      segments: [{ offset: 0x1000, address: 0x1000, sizeBytes: 0x1000 }],
      variable: (high, low) => (path === "/srv/a" && high === 0 && low === 0x4040 ? "queue_lock" : null),
    }),
    kernel: () => null,
    notes: () => [],
  };
  const answer = (stack: string, asked: Asked = {}): LocksTable =>
    createAnalyst().answer(feed(perfScript, text(stack), [], importContext({ services: { symbols } })), {
      view: "locks",
      selection: {},
      ...asked,
    });

  test("the GIL is one lock, however many words of memory its threads wait at", () => {
    const stack =
      "\t10 __futex_abstimed_wait_common+0x1 (/lib/libc.so.6)\n\t12 pthread_cond_timedwait+0x1 (/lib/libc.so.6)\n\t30 take_gil+0x1 (/lib/libpython3.12.so)\n\t40 burn+0x1 (/srv/a)\n";
    const turns = new TextDecoder()
      .decode(text(stack))
      .replace(
        "1.007000000: syscalls:sys_enter_futex: uaddr: 0x404040",
        "1.007000000: syscalls:sys_enter_futex: uaddr: 0x404044",
      );
    const { rows } = createAnalyst().answer(feed(perfScript, bytesOf(turns)), {
      view: "locks",
      selection: {},
    });
    expect(rows).toMatchObject([
      { lock: "GIL", kind: "GIL", waits: 2, totalNs: 3.1e6 + 2e6, waiter: "burn", holder: "holder/8" },
    ]);
  });

  /** Each call of a thread that wants the GIL: ms from and to, the command, the result. */
  const gil = (calls: readonly (readonly [number, number, string, string])[]): LocksTable => {
    const at = (ms: number): string => (1 + ms / 1000).toFixed(9);
    const lines = calls.flatMap(([from, to, command, result]) => [
      `waiter 7/9 ${at(from)}: syscalls:sys_enter_futex: uaddr: 0x404040, op: ${command}, val: 0x00000002`,
      "\t12 pthread_cond_timedwait+0x1 (/lib/libc.so.6)",
      "\t30 take_gil+0x1 (/lib/libpython3.12.so)",
      "",
      `waiter 7/9 ${at(to)}: syscalls:sys_exit_futex: ${result}`,
    ]);
    return createAnalyst().answer(feed(perfScript, bytesOf(`${lines.join("\n")}\n`)), {
      view: "locks",
      selection: {},
    });
  };
  const [condition, mutex, timedOut] = ["0x00000189", "0x00000080", "0xffffffffffffff92"];

  test.each([
    [
      "asked for, again and again",
      [
        [0, 5.1, condition, timedOut],
        [5.2, 10.3, condition, timedOut],
        [12, 13, condition, "0x0"],
      ],
      1,
      13,
    ],
    [
      "its mutex is a part of it",
      [
        [0, 5, condition, timedOut],
        [5.01, 5.1, mutex, "0x0"],
        [7, 9, condition, "0x0"],
        [9.01, 9.2, mutex, "0x0"],
      ],
      1,
      9.2,
    ],
    [
      "had, and wanted anew",
      [
        [0, 3, condition, "0x0"],
        [4, 6, condition, "0x0"],
        [6.05, 6.1, mutex, "0x0"],
        [7, 8, condition, "0x0"],
      ],
      3,
      6.1,
    ],
    [
      "asked for, and had for long",
      [
        [0, 5, condition, timedOut],
        [11, 12, condition, "0x0"],
      ],
      2,
      6,
    ],
    [
      "free when it was asked for again",
      [
        [0, 5, condition, timedOut],
        [5.5, 5.6, condition, "0xfffffffffffffff5"],
        [7, 8, condition, "0xfffffffffffffff5"],
      ],
      1,
      5.6,
    ],
  ] as const)("a wait for the GIL is many calls: %s", (_, calls, waits, totalMs) => {
    const row = first(gil(calls));
    expect(row).toMatchObject({ lock: "GIL", waits });
    expect(row?.totalNs).toBeCloseTo(totalMs * 1e6, 0);
  });

  test("a name from the variable's address; a lock that was free is no wait; one that goes on is open", () => {
    expect(first(answer(mutexStack))).toMatchObject({
      lock: "queue_lock",
      address: "0x404040",
      kind: "mutex",
      waits: 2,
      open: 1,
      totalNs: 3.1e6 + 2e6,
      maxNs: 3.1e6,
      waiter: "want",
      holder: "holder/8",
      holderFunction: "hold",
    });
  });

  test.each([
    [
      "\t10 futex_abstimed_wait+0x1 (/lib/libc.so.6)\n\t12 pthread_cond_wait+0x1 (/lib/libc.so.6)\n\t30 want+0x1 (/srv/a)\n",
      "condition variable",
      true,
    ],
    [
      "\t10 pthread_cond_timedwait+0x1 (/lib/libc.so.6)\n\t12 take_gil+0x1 (/bin/python3)\n\t30 PyEval_RestoreThread+0x1 (/bin/python3)\n",
      "GIL",
      false,
    ],
    [
      "\t10 __futex_abstimed_wait+0x1 (/l)\n\t12 pthread_rwlock_wrlock+0x1 (/l)\n\t30 want+0x1 (/srv/a)\n",
      "rwlock",
      false,
    ],
    [
      "\t10 runtime.futex.abi0+0x1 (/g)\n\t12 runtime.futexsleep+0x1 (/g)\n\t30 runtime.notesleep+0x1 (/g)\n\t40 runtime.stopm+0x1 (/g)\n",
      "park",
      true,
    ],
    [
      "\t10 syscall+0x1 (/l)\n\t12 std::sys::sync::mutex::futex::Mutex::lock_contended+0x1 (/r)\n\t30 want+0x1 (/r)\n",
      "mutex",
      false,
    ],
  ])("what it is shows in the functions that wait: %#", (stack, kind, isIdle) => {
    const table = answer(stack, { idle: true });
    expect(first(table)).toMatchObject({ kind, isIdle });
    expect(answer(stack).rows).toHaveLength(isIdle ? 0 : 1);
    expect(table.idle.waits).toBe(isIdle ? 2 : 0);
  });

  test("a filter, a range of time, and a profile without locks", async () => {
    expect(answer(mutexStack, { filter: "holder" }).rows).toHaveLength(1);
    expect(answer(mutexStack, { filter: "nobody" })).toMatchObject({ rows: [], waits: 2 });
    expect(answer(mutexStack, { selection: { rangeNs: [0, 5.5e6] } })).toMatchObject({
      waits: 1,
      spanNs: 5.5e6,
    });
    expect(await locksOf("pprof/cpu.pb.gz")).toMatchObject({ rows: [], isRecorded: false });
  });
});
