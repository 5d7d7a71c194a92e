import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../needs.ts";
import type { RunningProgram } from "../programs/build.ts";
import { buildProgram, startProgram } from "../programs/build.ts";
import { fillDisk, maySmallDisk, mountSmallDisk, unmountSmallDisk } from "../unit/engine/small-disk.ts";
import { ensureBuilt, runCli, startCli, temporaryHome, testEngine } from "./built.ts";

let home: string;
const programs: RunningProgram[] = [];
const start = async (...args: Parameters<typeof startProgram>): Promise<RunningProgram> => {
  const program = await startProgram(...args);
  programs.push(program);
  return program;
};

beforeAll(async () => {
  await ensureBuilt();
  home = await temporaryHome();
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop()));
});
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));

const cli = (...args: string[]) => runCli(home, args);

interface TopJson {
  readonly rows: readonly { readonly function: string; readonly self: number; readonly total: number }[];
}

interface LocksJson {
  readonly rows: readonly { readonly lock: string; readonly waits: number }[];
}

/** Shares of the three functions of split.c and hot.js, in percent of what they have together. */
async function sharesOf(file: string, names: readonly string[]): Promise<readonly number[]> {
  const { code, out, err } = await cli("top", file, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { rows } = JSON.parse(out) as TopJson;
  const self = names.map((name) => rows.find((row) => row.function === name)?.self ?? 0);
  const all = self.reduce((a, b) => a + b, 0);
  return self.map((value) => (100 * value) / all);
}

function expectSplit(shares: readonly number[]): void {
  for (const [index, expected] of [60, 30, 10].entries())
    expect(Math.abs((shares[index] ?? 0) - expected)).toBeLessThan(5);
}

const PERF_PIPE_HEADER_BYTES = 16;
const PERF_RECORD_SAMPLE = 9;

/** Whole samples in perf's pipe (tools/perf/Documentation/perf.data-file-format.txt), which holds no tracing data here. */
function samplesInPipe(pipe: Buffer): number {
  expect(pipe.toString("latin1", 0, 8)).toBe("PERFILE2");
  let samples = 0;
  for (let at = PERF_PIPE_HEADER_BYTES; at + 8 <= pipe.length; ) {
    const sizeBytes = pipe.readUInt16LE(at + 6);
    expect(sizeBytes).toBeGreaterThanOrEqual(8);
    if (pipe.readUInt32LE(at) === PERF_RECORD_SAMPLE && at + sizeBytes <= pipe.length) samples++;
    at += sizeBytes;
  }
  return samples;
}

interface StateLine {
  readonly phase: string;
  readonly samples: number;
  readonly rawBytes: number;
  readonly ending: string;
  readonly savedTo: string;
}

const statesIn = (out: string): StateLine[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as StateLine);

interface InfoJson {
  readonly durationNs: number;
  readonly series: readonly { readonly samples: number }[];
  readonly notes: readonly string[];
}

const infoOf = async (file: string): Promise<InfoJson> =>
  JSON.parse((await cli("info", file, "--json")).out) as InfoJson;

needs("perf", "cc")("recording a native program", () => {
  test("for a time gives its split, to the file that was asked for", async () => {
    const { pid } = await start("split");
    const file = join(home, "s.fwp");
    const done = await cli("record", "--pid", String(pid), "--duration", "4", "--rate", "499", "-o", file);
    expect(done).toMatchObject({ code: 0, out: "" });
    expect(done.err).toMatch(/time is up: [\d,]+ samples in .*saved/);
    expectSplit(await sharesOf(file, ["burn_a", "burn_b", "burn_c"]));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(home, "sessions"))).toEqual([]);
    const collapsed = await cli("export", file, "--to", "collapsed");
    expect(collapsed.out).toMatch(/^(.*;)?main;worker;phase_ab;burn_a \d+$/m);
  });

  test("until Ctrl-C saves the session in the library, and says how it goes", async () => {
    const { pid } = await start("split");
    const running = startCli(home, ["record", "--pid", String(pid), "--json"]);
    await running.shows(/"phase":"recording".*"samples":[1-9]\d/);
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    expect(code).toBe(0);
    const states = statesIn(out);
    expect([...new Set(states.map(({ phase }) => phase))]).toEqual([
      "checking",
      "starting",
      "recording",
      "stopping",
      "importing",
      "done",
    ]);
    const last = states.at(-1);
    expect(last).toMatchObject({ ending: "stopped" });
    expect(err).toContain("stopped:");
    expect((await infoOf(last?.savedTo ?? "")).series[0]?.samples).toBe(last?.samples);
  });

  test("launches a command, whose words go to stderr, and ends with it", async () => {
    const file = join(home, "launched.fwp");
    const script =
      "echo out-word; echo err-word >&2; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo last-word";
    const done = await cli("record", "-o", file, "--", "sh", "-c", script);
    expect(done).toMatchObject({ code: 0, out: "" });
    for (const word of ["out-word", "err-word", "last-word", "the target exited"])
      expect(done.err).toContain(word);
    expect((await infoOf(file)).series[0]?.samples).toBeGreaterThan(0);
  });

  test("killed in the middle loses nothing that had arrived", async () => {
    const { pid } = await start("split");
    const own = join(home, "killed");
    await mkdir(own);
    const running = startCli(own, ["record", "--pid", String(pid), "--rate", "499", "--json"]);
    await running.shows(/"phase":"recording".*"samples":[1-9]\d\d/);
    running.child.kill("SIGKILL");
    const { out } = await running.ended;
    const seen = statesIn(out).at(-1);
    const [draft = ""] = await readdir(join(own, "sessions"));
    expect(draft).toMatch(/\.recording$/);
    // perf notices that its reader is gone and ends; the bytes that are there are all that will ever be.
    const names = await readdir(join(own, "sessions", draft));
    const raw = join(own, "sessions", draft, names.find((name) => name.startsWith("raw.")) ?? "");
    const rawBytes = (await stat(raw)).size;
    expect(rawBytes).toBeGreaterThanOrEqual(seen?.rawBytes ?? Number.POSITIVE_INFINITY);
    const written = samplesInPipe(await readFile(raw));
    expect(written).toBeGreaterThanOrEqual(seen?.samples ?? Number.POSITIVE_INFINITY);

    const recovered = await recover(own, draft.replace(/\.recording$/, ""));
    expect(await readdir(join(own, "sessions"))).toEqual([draft.replace(/\.recording$/, ".fwp")]);
    const info = await infoOf(recovered);
    expect(info.series[0]?.samples, JSON.stringify(info)).toBe(written);
    expect(info.notes.join()).toContain("ended while this was being recorded");
    expectSplit(await sharesOf(recovered, ["burn_a", "burn_b", "burn_c"]));
  });

  test("aborted by a second Ctrl-C keeps what had arrived for recovery", async () => {
    const { pid } = await start("split");
    const own = join(home, "aborted");
    await mkdir(own);
    // perf is held still, so that the graceful stop cannot finish.
    const running = startCli(own, ["record", "--pid", String(pid), "--rate", "499", "--json"]);
    await running.shows(/"phase":"recording".*"samples":[1-9]\d/);
    const perf = childrenOf(running.child.pid ?? -1).filter((child) => commandOf(child).includes("perf"));
    expect(perf.length).toBeGreaterThan(0);
    for (const child of perf) process.kill(child, "SIGSTOP");
    running.child.kill("SIGINT");
    await running.shows(/"phase":"stopping"/);
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    for (const child of perf) process.kill(child, "SIGKILL");
    expect(code).toBe(1);
    expect(err).toContain("aborted");
    const [draft = ""] = await readdir(join(own, "sessions"));
    expect(draft).toMatch(/\.recording$/);
  });

  test("top shows it without keeping it", async () => {
    const { pid } = await start("split");
    const own = join(home, "top");
    await mkdir(own);
    const done = await runCli(own, [
      "top",
      "--pid",
      String(pid),
      "--duration",
      "2",
      "--limit",
      "3",
      "--json",
    ]);
    expect(done.code).toBe(0);
    const { rows } = JSON.parse(done.out) as TopJson;
    expect(rows.map((row) => row.function)).toContain("burn_a");
    expect(rows).toHaveLength(3);
    expect(await readdir(join(own, "sessions"))).toEqual([]);
  });
});

needs(
  "perf",
  "cc",
  "root",
)("recording locks", () => {
  test("locks shows it without keeping it: a line a second, and at the end the whole", async () => {
    const own = join(home, "locks");
    await mkdir(own);
    const program = await buildProgram("waits");
    const { code, out, err } = await runCli(own, ["locks", "--json", "--", program, "2.5"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const tables = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as LocksJson);
    const heldOf = tables.map(({ rows }) => rows.find(({ lock }) => lock === "main_lock"));
    expect(heldOf.length).toBeGreaterThan(2);
    expect(heldOf.at(-1)).toMatchObject({ kind: "mutex", waiter: "take", holderFunction: "hold_main" });
    // It grows: what is shown in between is true of what was there.
    const waits = heldOf.map((row) => row?.waits ?? 0);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(-2)).toBeGreaterThan(0);
    expect(await readdir(join(own, "sessions"))).toEqual([]);
  });
});

/** Opens an interrupted session as the page does, through the engine of a server. */
async function recover(own: string, sessionId: string): Promise<string> {
  const engine = await testEngine({ home: own });
  const client = engine.client();
  const { profileId } = await client.call("sessions.open", { sessionId });
  await new Promise<void>((resolve, reject) => {
    client.stream(
      "profile.watch",
      { profileId, query: { view: "info" } },
      {
        item: ({ state }) => {
          if (state.phase === "ready") resolve();
          if (state.phase === "failed") reject(state.problem);
        },
      },
    );
  });
  const path = join(own, "sessions", `${sessionId}.fwp`);
  await new Promise<void>((resolve) => {
    client.stream(
      "sessions.watch",
      {},
      {
        item: (sessions) => {
          if (sessions.some((session) => session.sessionId === sessionId && session.state === "saved"))
            resolve();
        },
      },
    );
  });
  await engine.end();
  return path;
}

/** Children and their children, from what ps prints; the one that prints is among them and is gone. */
function childrenOf(pid: number): number[] {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs.flatMap(([child = -1, above]) => (above === parent ? [child, ...below(child)] : []));
  return below(pid);
}

function commandOf(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

describe("recording a Node program", () => {
  test("through its inspector gives its split", async () => {
    const { pid } = await start("hot.js");
    const file = join(home, "hot.fwp");
    const done = await cli("record", "--pid", String(pid), "--duration", "5", "--rate", "499", "-o", file);
    expect(done).toMatchObject({ code: 0, out: "" });
    expectSplit(await sharesOf(file, ["hotA", "hotB", "hotC"]));
  });
});

describe("a recording that cannot be", () => {
  const check = (what: string, args: () => Promise<readonly string[]>, code: string): void =>
    test(`of ${what}: ${code}`, async () => {
      const own = join(home, `refused-${code}`);
      await mkdir(own, { recursive: true });
      const { code: exit, out, err } = await runCli(own, ["record", ...(await args())]);
      expect({ exit, out }).toEqual({ exit: 1, out: "" });
      expect(err).toContain(`[${code}]`);
      expect(await readdir(join(own, "sessions"))).toEqual([]);
    });
  check("a process that is not there", async () => ["--pid", "4194303"], "no-such-process");
  check(
    "a profiler that is not there",
    async () => ["--pid", String(process.pid), "--profiler", "x"],
    "no-such-profiler",
  );
  check("a program that is not there", async () => ["--", "no-such-program-anywhere"], "no-such-program");
  check("a rate beyond all bounds", async () => ["--rate", "1000000000", "--", "true"], "bad-option");
  test("into a folder that is not there keeps what was recorded", async () => {
    const own = join(home, "nowhere");
    await mkdir(own);
    const { pid } = await start("hot.js");
    const done = await runCli(own, [
      "record",
      "--pid",
      String(pid),
      "--duration",
      "1",
      "--rate",
      "1000",
      "-o",
      join(own, "no", "x.fwp"),
    ]);
    expect(done.code).toBe(1);
    expect(done.err).toContain("[no-such-folder]");
    const [draft = ""] = await readdir(join(own, "sessions"));
    expect(draft).toMatch(/\.recording$/);
    const recovered = await recover(own, draft.replace(/\.recording$/, ""));
    expect((await infoOf(recovered)).series[0]?.samples).toBeGreaterThan(100);
  });
});

const fullTitle = "a disk that fills up while it records";
describe.skipIf(!maySmallDisk)(maySmallDisk ? fullTitle : `${fullTitle} (needs root)`, () => {
  test("ends the recording with its name, and keeps what had arrived", async () => {
    const own = join(home, "full");
    await mkdir(own);
    // Above the 64 MiB that a recording wants to see free before it begins.
    mountSmallDisk(own, 66);
    try {
      const { pid } = await start("hot.js");
      const running = startCli(own, ["record", "--pid", String(pid), "--rate", "1000", "--json"]);
      await running.shows(/"phase":"recording".*"samples":[1-9]\d\d/);
      const ballast = join(own, "ballast");
      fillDisk(ballast);
      const { code, err } = await running.ended;
      expect(code).toBe(1);
      expect(err).toContain("[disk-full]");
      const [draft = ""] = await readdir(join(own, "sessions"));
      expect(draft).toMatch(/\.recording$/);
      await rm(ballast);
      const recovered = await recover(own, draft.replace(/\.recording$/, ""));
      expect((await infoOf(recovered)).series[0]?.samples).toBeGreaterThan(100);
    } finally {
      unmountSmallDisk(own);
    }
  });
});
