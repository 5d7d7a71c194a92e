import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import type { ImportServices } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { splitKey } from "#core/importers/shared/bpftrace-split.ts";
import { fixture, importContext, namesOf } from "./importing.ts";

test.each([
  ["\n\tk\n\tl\n,\n\tu\n,,1,2", 3, ["\n\tk\n\tl", "\n\tu", ""], [1, 2]],
  [",\n\tu\n,7", 2, ["", "\n\tu"], [7]],
  ["\n\ta, b\n,94873520861632,0", 1, ["\n\ta, b"], [94873520861632, 0]],
  ["\n\tcut", 1, ["\n\tcut"], [Number.NaN]],
  ["", 1, [""], [Number.NaN]],
])("a key's stacks and numbers: %j", (key, count, stacks, numbers) => {
  expect(splitKey(key, count)).toEqual({ stacks, numbers });
});

/** Of the recording: where the program's variables and functions were. */
const symbols: ImportServices["symbols"] = {
  tableOf: ({ path }) =>
    path.endsWith("/waits")
      ? tableOf(program)
      : path.endsWith("/direct")
        ? tableOf(direct)
        : path.includes("libc.so")
          ? tableOf(library)
          : null,
  kernel: () => null,
  notes: () => [],
};

type Symbols = readonly (readonly [name: string, low: number, size: number])[];
const program: Symbols = [
  ["main", 0x1160, 0x3c0],
  ["read_slowly", 0x1520, 0xe0],
  ["idle_wait", 0x1600, 0xd0],
  ["take", 0x16d0, 0x80],
  ["hold_small", 0x1750, 0x40],
  ["tiny_thread", 0x1790, 0x40],
  ["wait_main", 0x17d0, 0x80],
  ["hold_main", 0x1850, 0x60],
  ["idle_cond", 0x4140, 48],
  ["idle_mutex", 0x4180, 40],
  ["small_lock", 0x41c0, 40],
  ["main_lock", 0x4200, 40],
];
const direct: Symbols = [
  ["put", 0x11a9, 0x23],
  ["write_blocks", 0x11cc, 0x5b],
  ["get", 0x1227, 0x23],
  ["read_blocks", 0x124a, 0x5b],
  ["main", 0x12a5, 0xff],
];
const library: Symbols = [
  ["__pthread_mutex_cond_lock", 0x8b6a0, 0x200],
  ["pthread_cond_wait", 0x883c0, 0x400],
  ["pthread_mutex_lock", 0x8c400, 0x200],
  ["pthread_mutex_unlock", 0x8dc00, 0x200],
];

const codeAt = 0x1000;
function tableOf(list: Symbols, isLibrary = list === library) {
  const at = (low: number) => list.find(([, from, size]) => low >= from && low < from + size)?.[0];
  const offset = isLibrary ? 0x26000 : codeAt;
  return {
    segments: [{ offset, address: offset, sizeBytes: isLibrary ? 0x156000 : 0x8cd }],
    find: (_high: number, low: number) => {
      const name = at(low);
      return name === undefined ? null : { name, high: 0, low };
    },
    variable: (_high: number, low: number) => at(low) ?? null,
  };
}

const read = (file: string, names = symbols) =>
  importProfile(
    memorySource(fixture(`bpftrace-waits/${file}`)),
    importContext({ services: { symbols: names } }),
  );

describe("waits counted in the kernel, of a program that said the truth of all of its 3.2 s", () => {
  test("locks: names, who waits and who holds, though the C library has no frame pointers", async () => {
    const table = createAnalyst().answer(await read("locks.jsonl.gz"), { view: "locks", selection: {} });
    const [main, small] = table.rows;
    // "main_lock waits 763 wait 4609775360": 6.04 ms each
    expect(main).toMatchObject({
      lock: "main_lock",
      kind: "mutex",
      waiter: "take",
      holderFunction: "hold_main",
    });
    expect(main?.holder).toMatch(/^holder\//);
    expect(main?.holderShare).toBeGreaterThan(0.9);
    expect(Math.abs((main?.meanNs ?? 0) / 6.04e6 - 1)).toBeLessThan(0.1);
    expect(Math.abs((main?.p50Ns ?? 0) / 6.1e6 - 1)).toBeLessThan(0.1);
    expect(main?.p99Ns).toBeLessThanOrEqual(main?.maxNs ?? 0);
    // One of two threads waits nearly always.
    expect(main?.share).toBeGreaterThan(0.7);
    expect(main?.share).toBeLessThanOrEqual(1);
    expect(small).toMatchObject({ lock: "small_lock", waiter: "take", holderFunction: "hold_small" });
    // The condition variable is no contention, and its mutex hardly is.
    expect(table.rows.map(({ lock }) => lock)).toEqual(["main_lock", "small_lock", "idle_mutex"]);
    expect(table.idle.waits).toBeGreaterThan(20);
  });

  test("a condition variable among CPython's own variables is the GIL, and is waited for", async () => {
    const renamed = program.map(
      ([name, ...at]) => [name === "idle_cond" ? "_PyRuntime" : name, ...at] as const,
    );
    // Who has given it away waits without a time until another has it.
    const timed = library.map(
      ([name, ...at]) => [name === "pthread_cond_wait" ? "pthread_cond_timedwait" : name, ...at] as const,
    );
    const profile = await read("locks.jsonl.gz", {
      tableOf: ({ path }) =>
        path.endsWith("/waits") ? tableOf(renamed) : path.includes("libc.so") ? tableOf(timed, true) : null,
      kernel: () => null,
      notes: () => [],
    });
    const { rows, idle } = createAnalyst().answer(profile, { view: "locks", selection: {} });
    expect(rows.find(({ lock }) => lock === "GIL")).toMatchObject({ kind: "GIL", isIdle: false });
    expect(idle.waits).toBeLessThan(20);
  });

  test("waiting: by function and reason, and who wakes, interrupts too", async () => {
    const profile = await read("off-cpu.jsonl.gz");
    const series = profile.series.find(({ id }) => id === "off-cpu");
    if (!series) throw new Error("no waits");
    const { labels, strings } = profile;
    const found = new Map<string, number>();
    for (let row = 0; row < series.length; row++) {
      const own = namesOf(profile, series.stack[row] as number).find((name) =>
        ["read_slowly", "wait_main", "hold_main", "main", "__futex_abstimed_wait_common"].includes(name),
      );
      const words = [...labels.set.keys()]
        .filter((label) => labels.set[label] === series.labels?.[row])
        .map((label) => (strings[labels.text[label] as number] ?? "").replace(/\/\d+$/, ""));
      const key = [own, ...words].join(", ");
      found.set(key, (found.get(key) ?? 0) + (series.values[0]?.data?.[row] ?? 0) / 1e6);
    }
    const ms = (key: string): number => found.get(key) ?? 0;
    // "read waits 16 wait 3201015218": always
    const spanMs = profile.meta.durationNs / 1e6;
    expect((ms("read_slowly, pipe, waits") + ms("read_slowly, pipe")) / spanMs).toBeGreaterThan(0.9);
    expect(ms("hold_main, sleep, a timer") / spanMs).toBeGreaterThan(0.6);
    expect(ms("wait_main, lock, holder") / spanMs).toBeGreaterThan(0.6);
    expect(ms("wait_main, lock, waiter") / spanMs).toBeGreaterThan(0.6);
    expect(ms("__futex_abstimed_wait_common, waiting for work, waits") / spanMs).toBeGreaterThan(0.8);
    expect(ms("wait_main, preempted")).toBeLessThan(20);
  });
});

test("requests to disks: who asked, from where, how long in the queue and for the device, who handed them over", async () => {
  const profile = await read("block.jsonl.gz");
  const table = createAnalyst().answer(profile, { view: "io", selection: {} });
  // "direct 8": eight blocks of 65,536 bytes each way; each write is followed by what makes it last.
  expect(table.askers.map(({ name, site }) => [name, site])).toEqual([
    ["direct", "write_blocks"],
    ["direct", "read_blocks"],
  ]);
  expect(table.askers[1]).toMatchObject({ requests: 8, bytes: 8 * 65_536 });
  expect(table.requests.map(({ operation, requests }) => [operation, requests])).toEqual([
    ["write", 19],
    ["read", 8],
    ["flush", 8],
  ]);
  const [write, blocks] = table.requests;
  expect(blocks).toMatchObject({ device: "254:0", errors: 0, bytes: 8 * 65_536 });
  expect(write?.meanNs).toBeGreaterThan(50_000);
  expect(write?.queuedMeanNs).toBeGreaterThan(1000);
  expect(write?.queuedMaxNs).toBeLessThan(1e6);
  const { labels, strings } = profile;
  const texts = new Set([...labels.text].map((text) => strings[text]));
  expect(texts).toContain("synchronous, metadata");
  expect([...texts].filter((text) => text?.startsWith("kworker/")).length).toBe(1);
  expect(texts).toContain("next to the last");
});

test("what names a thread or a stack may come after the request, and what came of both is kept when neither does", async () => {
  const said = (text: string): string => `${JSON.stringify({ type: "printf", data: text })}\n`;
  const lines = [
    said("flamewright-waits 1 block 0\n"),
    said("disk 8388608 64 8 4096 RA 0 1000 2000 9000 77 5\n"),
    said("disk 8388608 72 8 4096 W -5 0 3000 9000 78 6\n"),
    said("at 10000\n"),
    said("thread 5 5 one two\n"),
    said("who 77 5 5\n\n        vfs_read+1\n,\n\t1234 0x1234 ([unknown])\n"),
    said("at 20000\n"),
    said("at 30000\n"),
    `${JSON.stringify({ type: "lost_events", data: { events: 3 } })}\n`,
    `${JSON.stringify({ type: "map", data: { "@open": { "8388608,80": [1, 2, 3, 4, 5] } } })}\n`,
  ];
  const bytes = new TextEncoder().encode(lines.join(""));
  const profile = await importProfile(memorySource(bytes), importContext({ services: { symbols } }));
  const { askers, requests } = createAnalyst().answer(profile, { view: "io", selection: {} });
  expect(askers).toMatchObject([
    { name: "one two", pid: 5, site: "vfs_read", requests: 1, totalNs: 7000, queuedMeanNs: 1000 },
    { pid: 6, site: "", requests: 1, totalNs: 6000 },
  ]);
  expect(requests.map(({ device, operation, errors }) => [device, operation, errors])).toEqual([
    ["8:0", "read", 0],
    ["8:0", "write", 1],
  ]);
  expect(profile.meta.lostSamples).toBe(3);
  expect(profile.meta.notes).toEqual([expect.stringMatching(/^1 request to disks without an end: /)]);
});
