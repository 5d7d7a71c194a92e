import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { Profile } from "#core/model/profile.ts";
import type { QueryInput } from "#core/model/query.ts";
import { recordRequestSchema } from "#core/model/recording.ts";
import type { IoTable } from "#core/model/tables.ts";
import { ltrace } from "#core/profilers/ltrace.ts";
import { detectTracer } from "#core/profilers/shared/tracers.ts";
import { createHost } from "../../main/engine/host.ts";
import { createTargets } from "../../main/engine/targets/index.ts";
import { needs } from "../needs.ts";
import { buildProgram, startProgram } from "../programs/build.ts";
import { record } from "./recording.ts";

const folder = mkdtempSync(join(tmpdir(), "flamewright-io-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, "data.bin");
const rounds = 5;

const ask = (profile: Profile, part: Partial<Extract<QueryInput, { view: "io" }>> = {}): IoTable =>
  createAnalyst().answer(profile, { view: "io", selection: {}, ...part });
const rowOf = (table: IoTable, name: string) => table.rows.find((row) => row.name === name);

/** The program from its first instruction to its end: nothing of what it does is missing. */
async function launched(profiler: string, argv: readonly string[], options = {}) {
  const { state, store } = await record({
    profiler,
    target: { kind: "launch", argv: [...argv], cwd: folder, env: {} },
    options,
  });
  expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null, lostSamples: 0 });
  return store.profile();
}
const talks = async (): Promise<readonly string[]> => [
  await buildProgram("talks"),
  String(rounds),
  data,
  "600",
];

/** ns within 10 %: of `rounds` reads that each block for 200 ms. */
const isSlow = (row: { readonly calls: number; readonly meanNs: number } | undefined): void => {
  expect(row?.calls).toBe(rounds);
  expect(Math.abs((row?.meanNs ?? 0) / 200e6 - 1)).toBeLessThan(0.1);
};

const pipe = JSON.stringify(join(folder, "pipe"));
const measured = join(folder, "measured-ms");

/** Six reads that each get their byte after 200 ms: three by the thread itself, three by threads of libuv's. */
const nodeReads = `
import { execFileSync } from "node:child_process";
import * as files from "node:fs";
import { Worker } from "node:worker_threads";
files.rmSync(${pipe}, { force: true });
execFileSync("mkfifo", [${pipe}]);
// Opened for both ways it waits for nobody.
const both = files.openSync(${pipe}, "r+");
const asked = new Int32Array(new SharedArrayBuffer(8));
new Worker(\`
const { both, asked } = require("node:worker_threads").workerData;
for (let i = 0; i < 6; i++) {
  Atomics.wait(asked, 0, i);
  Atomics.wait(asked, 1, 0, 200);
  require("node:fs").writeSync(both, "x");
}\`, { eval: true, workerData: { both, asked } });
const byte = Buffer.alloc(1);
let totalMs = 0;
for (let i = 0; i < 6; i++) {
  Atomics.add(asked, 0, 1);
  Atomics.notify(asked, 0);
  const from = performance.now();
  if (i < 3) files.readSync(both, byte);
  else await new Promise((go) => files.read(both, byte, 0, 1, null, go));
  totalMs += performance.now() - from;
}
files.writeFileSync(${JSON.stringify(measured)}, String(totalMs));
`;
const pythonReads = `
import threading
if os.path.exists(${pipe}): os.remove(${pipe})
os.mkfifo(${pipe})
both = os.open(${pipe}, os.O_RDWR)
total = 0
for i in range(6):
    threading.Timer(0.2, lambda: os.write(both, b"x")).start()
    since = time.monotonic()
    os.read(both, 1)
    total += time.monotonic() - since
with open(${JSON.stringify(measured)}, "w") as out: out.write(str(total * 1000))
`;

/** Next to its reads, the pipe's other calls are microseconds. */
const readsAsMeasured = (profile: Profile): void => {
  const measuredMs = Number(readFileSync(measured, "utf8"));
  rmSync(measured);
  expect(measuredMs).toBeGreaterThan(6 * 190);
  const told = rowOf(ask(profile, { by: "file" }), join(folder, "pipe"));
  expect(Math.abs((told?.totalNs ?? 0) / 1e6 / measuredMs - 1)).toBeLessThan(0.1);
  expect(told?.maxNs).toBeGreaterThan(190e6);
};

needs(
  "perf",
  "cc",
  "root",
)("system calls through perf", () => {
  test("counts, bytes, errors exact by call, file, peer and caller; the read that blocks within 10 %", async () => {
    const profile = await launched("perf-trace", await talks());
    const byCaller = ask(profile, { by: "stack" });
    isSlow(rowOf(byCaller, "slow_read"));
    expect(rowOf(byCaller, "write_data")).toMatchObject({ calls: 20 * rounds, bytes: 20 * rounds * 65_536 });
    expect(rowOf(byCaller, "talk")).toMatchObject({ calls: 10 * rounds, bytes: 10 * rounds * 1000 });
    expect(rowOf(byCaller, "miss")).toMatchObject({ calls: 10 * rounds, errors: 10 * rounds });
    const file = rowOf(ask(profile, { by: "file" }), data);
    // Opened, then written to and set back in every round.
    expect(file).toMatchObject({ calls: 1 + 21 * rounds, bytes: 20 * rounds * 65_536, errors: 0 });
    const peers = ask(profile, { by: "peer" }).rows.filter(({ bytes }) => bytes === 10 * rounds * 1000);
    // What one end writes the other reads.
    expect(peers.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    ]);
    expect(rowOf(ask(profile), "openat")).toMatchObject({ errors: 10 * rounds });
  });

  const python = join(folder, "known.py");
  writeFileSync(
    python,
    `import os, time
f = os.open(${JSON.stringify(data)}, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
time.sleep(0.6)
${pythonReads}
for i in range(50): os.write(f, bytes(3000))
for i in range(30):
    try: os.open("/nowhere/at/all", os.O_RDONLY)
    except FileNotFoundError: pass
`,
  );
  const node = join(folder, "known.mjs");
  writeFileSync(
    node,
    `import { openSync, writeSync } from "node:fs";
const f = openSync(${JSON.stringify(data)}, "w");
await new Promise((go) => setTimeout(go, 600));
${nodeReads}
for (let i = 0; i < 50; i++) writeSync(f, new Uint8Array(3000));
for (let i = 0; i < 30; i++) try { openSync("/nowhere/at/all", "r"); } catch {}
`,
  );
  test.each([
    ["python", ["python3", python]],
    ["node", [process.execPath, node]],
  ] as const)(
    "%s: what it wrote to its file, what was not there, its reads that block within 10 %%",
    async (_, argv) => {
      const profile = await launched("perf-trace", argv, { stacks: "none" });
      const file = rowOf(ask(profile, { by: "file" }), data);
      expect(file).toMatchObject({ bytes: 150_000, errors: 0 });
      expect(rowOf(ask(profile), "openat")?.errors).toBeGreaterThanOrEqual(30);
      readsAsMeasured(profile);
    },
  );
});

needs("strace", "cc")("system calls through strace", () => {
  test("reads of Node's that block, by its thread and by its pool, within 10 %", async () => {
    const program = join(folder, "reads.mjs");
    writeFileSync(program, nodeReads);
    readsAsMeasured(await launched("strace", [process.execPath, program]));
  });

  test("strace -c: sums exact, time by the clock", async () => {
    const table = ask(await launched("strace-summary", await talks()));
    expect(rowOf(table, "openat")).toMatchObject({ errors: 10 * rounds });
    const writes = rowOf(table, "write")?.calls ?? 0;
    // Each round asks for and gets a byte; what it prints is one to three more.
    expect(writes).toBeGreaterThanOrEqual(32 * rounds);
    expect(writes).toBeLessThanOrEqual(32 * rounds + 3);
    expect(rowOf(table, "read")?.totalNs).toBeGreaterThan(2 * rounds * 180e6);
  });
});

needs("ltrace", "cc")("library calls through ltrace", () => {
  test.each([
    ["sums", false],
    ["each call", true],
  ])("%s: what it is attached to goes on when the recording is stopped", async (_, each) => {
    const program = await startProgram("talks", ["0", data]);
    try {
      const { state, store } = await record({
        profiler: "ltrace",
        target: { kind: "pid", pid: program.pid },
        durationS: 1,
        options: { functions: "write+lseek", each },
      });
      expect(state).toMatchObject({ phase: "done", problem: null });
      expect(rowOf(ask(store.profile()), "write")?.calls).toBeGreaterThan(20);
      // It writes again, without anybody at its functions.
      const status = () => readFileSync(`/proc/${program.pid}/status`, "utf8");
      expect(status()).toMatch(/TracerPid:\t0\n/);
      const written = () => Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${program.pid}/io`, "utf8"))?.[1]);
      const before = written();
      await expect.poll(written, { timeout: 5000 }).toBeGreaterThan(before + 3 * 65_536);
    } finally {
      await program.stop();
    }
  });

  test("ltrace -c of a launch", async () => {
    const table = ask(await launched("ltrace", [await buildProgram("talks"), "1", data]));
    // Its breakpoints are lifted for a moment whenever a thread passes one: another may slip through.
    const calls = (name: string): number => rowOf(table, name)?.calls ?? 0;
    expect(calls("write")).toBeGreaterThan(28);
    expect(calls("write")).toBeLessThanOrEqual(20 + 10 + 2);
    expect(calls("open")).toBeGreaterThan(9);
    expect(calls("open")).toBeLessThanOrEqual(1 + 10);
  });

  test("each call of chosen functions: its file, its bytes, its time", async () => {
    const program = [await buildProgram("talks"), "1", data];
    const profile = await launched("ltrace", program, { each: true, functions: "open+write+read" });
    const table = ask(profile);
    expect(rowOf(table, "read")?.maxNs).toBeGreaterThan(180e6);
    expect(rowOf(table, "write")?.bytes).toBeGreaterThanOrEqual(19 * 65_536);
    expect(rowOf(ask(profile, { by: "file" }), data)?.calls).toBe(1);
    expect(table.rows.map(({ name }) => name).sort()).toEqual(["open", "read", "write"]);
  });

  test("an attached program goes on when nobody reads any more what ltrace says", async () => {
    const program = await startProgram("talks", ["0", data]);
    const { pid } = program;
    const moved = (): number => Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);
    const goesOn = async (): Promise<void> => {
      const before = moved();
      await expect.poll(moved, { timeout: 5000 }).toBeGreaterThan(before + 65_536);
    };
    try {
      const request = { profiler: "ltrace", target: { kind: "pid", pid }, options: { each: true } } as const;
      const found = await detectTracer(
        createHost({ targets: createTargets(), sessionFolder: folder }),
        "ltrace",
      );
      if ("code" in found) throw new Error(found.message);
      const { source } = ltrace.plan(v.parse(recordRequestSchema, request), request.options, found, pid);
      const [tool = "", ...args] = source.type === "pipeline" ? (source.stages[0]?.argv ?? []) : [];
      const tracer = spawn(tool, args, { stdio: ["ignore", "ignore", "pipe"] });
      const gone = once(tracer, "exit");
      await once(tracer.stderr, "data");
      tracer.stderr.destroy();
      await goesOn();
      tracer.kill("SIGTERM");
      await gone;
      await goesOn();
    } finally {
      await program.stop();
    }
  });
});

needs("ss", "cc")("open files and sockets, without a tool", () => {
  test("a file, a listening socket, a connection with its peer and its bytes; the threads that read and write", async () => {
    const program = await startProgram("talks", ["0", data]);
    try {
      const port = /port (\d+)/.exec(program.output())?.[1] ?? "";
      const { state, store } = await record({
        profiler: "proc-io",
        target: { kind: "pid", pid: program.pid },
        durationS: 3,
        options: { interval: 0.2 },
      });
      expect(state).toMatchObject({ phase: "done", problem: null });
      const table = ask(store.profile());
      expect(table.open.find(({ name }) => name === data)).toMatchObject({
        kind: "file",
        access: "w",
        isOpen: true,
      });
      expect(table.open.find(({ name }) => name === `TCP 127.0.0.1:${port}`)).toMatchObject({
        state: "LISTEN",
      });
      const talks = table.open.find(({ peer }) => peer === `127.0.0.1:${port}`);
      expect(talks).toMatchObject({ state: "ESTABLISHED", kind: "socket" });
      // 10,000 bytes about every 200 ms.
      expect(talks?.bytesPerSecond).toBeGreaterThan(25_000);
      expect(talks?.bytesPerSecond).toBeLessThan(75_000);
      // Both ends are its own: what one sends the other receives.
      for (const id of ["TCP received", "TCP sent"]) {
        const counter = store.profile().counters.find((each) => each.id === id);
        expect(counter?.length).toBeGreaterThan(0);
        expect(counter?.value[0]).toBeGreaterThan(25);
        expect(counter?.value[0]).toBeLessThan(75);
      }
      expect(table.threads.length).toBeGreaterThanOrEqual(3);
      expect(table.threads[0]).toMatchObject({ tid: program.pid });
    } finally {
      await program.stop();
    }
  });
});

needs(
  "bpftrace",
  "cc",
  "root",
)("requests to disks", () => {
  test("each of a program's writes and reads past the page cache is there, with who asked, from where, and its size", async () => {
    const count = 24;
    // /tmp may be memory.
    const onDisk = mkdtempSync(join(import.meta.dirname, "direct-"));
    try {
      const argv = [await buildProgram("direct"), String(count), join(onDisk, "data")];
      const { state, store } = await record({ profiler: "bpftrace-block", target: { kind: "launch", argv } });
      expect(state).toMatchObject({ phase: "done", ending: "target-exited", problem: null });
      const profile = store.profile();
      // An end that comes while its processor runs another program of bpftrace's is not told; on a busy machine some are.
      const told = count - 3 - state.lostSamples;
      const { requests, askers, askersAre, disks } = ask(profile);
      expect(askersAre).toBe("asked");
      for (const [site, atLeast] of [
        // Each write is followed by what makes it last.
        ["write_blocks", 2 * told],
        ["read_blocks", told],
      ] as const) {
        const asked = askers.find((row) => row.name === "direct" && row.site === site);
        expect(asked?.requests).toBeGreaterThanOrEqual(atLeast);
        expect(asked?.bytes).toBeGreaterThanOrEqual(told * 65_536);
        expect(asked?.meanNs).toBeGreaterThan(0);
        expect(asked?.queuedMeanNs).toBeGreaterThan(0);
      }
      const blocks = requests.find(({ operation }) => operation === "read");
      const read = blocks?.issuers.find(({ name }) => name === "direct");
      expect(read?.requests).toBeGreaterThanOrEqual(told);
      expect(read?.bytes).toBeGreaterThanOrEqual(told * 65_536);
      // A block that lies in two pieces is two requests, and what the program itself is read from is in its name too.
      const asked = askers.find((row) => row.name === "direct" && row.site === "read_blocks");
      expect(asked?.bytes).toBeLessThanOrEqual(count * 65_536);
      // By name, not by number.
      for (const { device } of requests) expect(device).toMatch(/^[a-z]/);
      expect(disks.length).toBeGreaterThan(0);
    } finally {
      rmSync(onDisk, { recursive: true, force: true });
    }
  });
});
