import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type ChunkStep,
  type ChunksSource,
  type Step,
  scratchFolder,
  sinceMoment,
} from "#core/profilers/profiler.ts";
import { runChunks } from "#engine/exec/chunks.ts";
import type { SourceEvents } from "#engine/exec/source-run.ts";

const words: string[] = [];
const events: SourceEvents = {
  stderr: (line) => words.push(line),
  remark: (text) => words.push(text),
  counters: () => undefined,
};
const run = (script: string, more: Partial<Extract<Step, { kind: "run" }>> = {}): Step => ({
  kind: "run",
  argv: ["sh", "-c", script],
  output: "stdout",
  timeoutMs: 10_000,
  stopSignal: "SIGINT",
  ...more,
});
const source = (
  chunk: (index: number) => Partial<ChunkStep>,
  more: Partial<ChunksSource> = {},
): ChunksSource => ({
  type: "chunks",
  begin: [],
  chunk: (index) => ({
    step: run(`echo piece ${index}`),
    importer: "text",
    spanMs: 0,
    pauseMs: 0,
    ...chunk(index),
  }),
  finish: [],
  overlapMs: 0,
  ...more,
});

interface Piece {
  readonly index: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly text: string;
}

/** The pieces that a run gives, until `stopAfter` of them were there. */
async function piecesOf(
  of: ChunksSource,
  { stopAfter = Number.POSITIVE_INFINITY, pid = process.pid, whenRunning = () => undefined as unknown } = {},
) {
  const running = runChunks(of, pid, events);
  void running.ready.then(whenRunning, () => undefined);
  const pieces: Piece[] = [];
  let head: { index: number; startNs: number; endNs: number } | null = null;
  let start = "";
  for await (const bytes of running.output) {
    const text = Buffer.from(bytes).toString("utf8");
    if (start === "") start = text;
    else if (head === null) head = JSON.parse(text);
    else {
      pieces.push({ ...head, text: text.trim() });
      head = null;
      if (pieces.length === stopAfter) running.stop();
    }
  }
  return { start, pieces, end: await running.ended };
}
const scratchFolders = async (): Promise<readonly string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("flamewright-chunks-"));

test("pieces come one after the other, framed, until it is stopped", async () => {
  const { start, pieces, end } = await piecesOf(
    source(() => ({})),
    { stopAfter: 3 },
  );
  expect(start).toMatch(/^flamewright-chunks \{"version":1,"startedAtMs":\d+,"tool":""\}\n$/);
  expect(pieces.slice(0, 3).map(({ index, text }) => [index, text])).toEqual([
    [0, "piece 0"],
    [1, "piece 1"],
    [2, "piece 2"],
  ]);
  for (const [i, { startNs, endNs }] of pieces.entries()) {
    expect(endNs).toBeGreaterThanOrEqual(startNs);
    expect(startNs).toBeGreaterThanOrEqual(pieces[i - 1]?.startNs ?? 0);
  }
  expect(end).toEqual({ problem: null, targetExited: false });
});

test("what a stopped step writes is kept, from its file too, and its folder goes", async () => {
  const before = await scratchFolders();
  const file = `${scratchFolder}/out`;
  const waiting = run(
    `trap 'echo kept > ${file}; exit 3' INT; echo ready >&2; while :; do sleep 0.02; done`,
    {
      output: { file },
    },
  );
  const running = runChunks(
    source(() => ({ step: waiting })),
    process.pid,
    { ...events, stderr: (line) => line === "ready" && running.stop() },
  );
  const texts: string[] = [];
  for await (const bytes of running.output) texts.push(Buffer.from(bytes).toString("utf8"));
  expect(texts.at(-1)).toBe("kept\n");
  expect(await running.ended).toMatchObject({ problem: null });
  expect(await scratchFolders()).toEqual(before);
});

test("of a file that grows each piece is what is new and whole, and what the target leaves comes last", async () => {
  const file = `${scratchFolder}/growing`;
  const output = {
    file,
    grows: true,
    part: (bytes: Uint8Array) => [0, bytes.lastIndexOf(10) + 1] as const,
  };
  const target = spawn("sleep", ["60"]);
  const { pieces, end } = await piecesOf(
    source(
      (index) => ({
        // Whole lines, and the beginning of one that is finished by the next step.
        step: run(`printf '${index}\\nhalf ' >> ${file}; [ ${index} = 2 ] && kill ${target.pid}; sleep 0.3`, {
          output,
        }),
      }),
      { left: { output: { ...output, part: (bytes) => [0, bytes.length] }, importer: "text" } },
    ),
    { pid: target.pid ?? -1 },
  );
  expect(pieces.map(({ text }) => text).slice(0, 2)).toEqual(["0", "half 1"]);
  expect(pieces.map(({ text }) => text).join("|")).toBe("0|half 1|half 2|half");
  expect(pieces.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(end).toEqual({ problem: null, targetExited: true });
});

test("what a step that fails leaves in a file that grows comes with the next piece, or at the end", async () => {
  const file = `${scratchFolder}/growing`;
  const output = { file, grows: true };
  const target = spawn("sleep", ["60"]);
  const { pieces } = await piecesOf(
    source(
      (index) => {
        const fails = index === 1 ? "exit 3" : index === 3 ? `kill ${target.pid}; sleep 0.3; exit 3` : "true";
        return { step: run(`echo ${index} >> ${file}; ${fails}`, { output, stopSignal: null }) };
      },
      { left: { output, importer: "text" } },
    ),
    { pid: target.pid ?? -1 },
  );
  expect(pieces.map(({ text }) => text)).toEqual(["0", "1\n2", "3"]);
});

test("a step learns when the chunk before was complete", async () => {
  const { start, pieces } = await piecesOf(
    source(() => ({ step: run(`echo ${sinceMoment}`) })),
    { stopAfter: 3 },
  );
  const beganMs = Number(/startedAtMs":(\d+)/.exec(start)?.[1]);
  const moments = pieces.map(({ text }) => Date.parse(text));
  expect(Math.abs((moments[0] ?? 0) - beganMs)).toBeLessThan(2000);
  expect(moments).toEqual([...moments].sort((a, b) => a - b));
  expect(new Set(moments).size).toBeGreaterThan(1);
});

test("nobody knocks at a target that would end of it", async () => {
  const script = "read -r line; trap 'exit 7' QUIT; echo trapped; while :; do sleep 0.05; done";
  const target = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
  const trapped = new Promise((resolve) => target.stdout.once("data", () => resolve("trapped")));
  const order: unknown[] = [];
  const running = runChunks(
    source(() => ({}), { knock: "SIGQUIT" }),
    target.pid ?? -1,
    events,
  );
  const first = (async () => {
    for await (const bytes of running.output) if (Buffer.from(bytes).includes("piece")) return "piece";
    return "none";
  })();
  await running.ready;
  target.stdin.write("now\n");
  await Promise.all([trapped.then((what) => order.push(what)), first.then((what) => order.push(what))]);
  running.kill("SIGKILL");
  target.kill("SIGKILL");
  expect(order).toEqual(["trapped", "piece"]);
});

test("a tool that fails with exit code 0 is believed its words", async () => {
  const { end } = await piecesOf(
    source(() => ({ step: run("echo 'return code: 200'", { output: null, fails: /^return code: [1-9]/ }) })),
  );
  expect(end.problem).toMatchObject({
    code: "tool-failed",
    message: expect.stringContaining("return code: 200"),
  });
});

test("where pieces hold what came since the last one, one more is taken at the end", async () => {
  const { pieces } = await piecesOf(
    source(() => ({ pauseMs: 60_000 }), { lastChunk: true }),
    { stopAfter: 1 },
  );
  expect(pieces.map(({ index }) => index)).toEqual([0, 1]);
});

test("the steps of the beginning and the end run once each", async () => {
  words.length = 0;
  const note = (text: string): Step => run(`echo ${text} >&2`, { output: null });
  const { pieces } = await piecesOf(
    source(() => ({}), { begin: [note("first")], finish: [note("last")] }),
    { stopAfter: 1 },
  );
  expect(pieces.length).toBeGreaterThan(0);
  expect(words).toEqual(["first", "last"]);
});

test("a beginning that fails is the recording's failure, with the tool's words", async () => {
  const { end } = await piecesOf(source(() => ({}), { begin: [run("echo no such thing >&2; exit 4")] }));
  expect(end.problem?.message).toBe("sh ended with exit code 4: no such thing");
});

test("a program that is not there is a clear failure", async () => {
  const { end } = await piecesOf(source(() => ({ step: { ...run(""), argv: ["/no/such/tool"] } as Step })));
  expect(end.problem).toMatchObject({ code: "tool-missing" });
});

test("a piece that fails in between is missed, three in a row end it", async () => {
  words.length = 0;
  const once = await piecesOf(
    source((index) => (index === 1 ? { step: run("exit 9") } : {})),
    { stopAfter: 2 },
  );
  expect(once.pieces.slice(0, 2).map(({ index }) => index)).toEqual([0, 2]);
  expect(words.join()).toContain("A piece is missing: sh ended with exit code 9");
  const often = await piecesOf(source((index) => (index > 0 ? { step: run("exit 9") } : {})));
  expect(often.pieces.map(({ index }) => index)).toEqual([0]);
  expect(often.end.problem).toMatchObject({ code: "tool-failed" });
});

test("it ends with its target, and keeps what that left", async () => {
  const target = spawn("sleep", ["60"]);
  const { pieces, end } = await piecesOf(
    source((index) => (index === 0 ? {} : { step: run("sleep 30") })),
    { pid: target.pid, whenRunning: () => target.kill("SIGKILL") },
  );
  expect(pieces.length).toBeLessThanOrEqual(1);
  expect(end).toEqual({ problem: null, targetExited: true });
});

test("a step that takes too long is ended", async () => {
  const { end } = await piecesOf(source(() => ({ step: run("sleep 30", { timeoutMs: 100 }) })));
  expect(end.problem).toMatchObject({ code: "tool-timeout" });
});

test("killed, nothing of it runs on", async () => {
  const running = runChunks(
    source(() => ({ step: run("echo $$ >&2; sleep 60") })),
    process.pid,
    { ...events, stderr: (line) => void resolvePid(Number(line)) },
  );
  let resolvePid: (pid: number) => void = () => undefined;
  const pid = new Promise<number>((resolve) => {
    resolvePid = resolve;
  });
  const reading = (async () => {
    for await (const _ of running.output);
  })();
  const own = await pid;
  running.kill("SIGKILL");
  await reading;
  expect(() => process.kill(own, 0)).toThrow("ESRCH");
});

test("the next piece begins before the end of the one that runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chunks-overlap-"));
  const { pieces, end } = await piecesOf(
    source(
      (index) => {
        writeFileSync(join(folder, String(index)), "");
        // No piece ends before the next one has begun.
        return {
          step: run(`until [ -e ${folder}/${index + 1} ]; do sleep 0.02; done; echo x`),
          spanMs: 300,
        };
      },
      { overlapMs: 150 },
    ),
    { stopAfter: 3 },
  );
  await rm(folder, { recursive: true });
  expect(pieces.map(({ index }) => index).slice(0, 3)).toEqual([0, 1, 2]);
  expect(end.problem).toBeNull();
});

test("a piece that comes compressed is kept as what it is", async () => {
  const { pieces } = await piecesOf(
    source(() => ({ step: run("echo packed | gzip") })),
    { stopAfter: 1 },
  );
  expect(pieces[0]?.text).toBe("packed");
});

test("addresses: answers, refusals and nobody there", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/ok") response.end("hello");
    else response.writeHead(500).end("could not enable CPU profiling: already in use\nmore");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const get = (path: string): Step => ({
    kind: "fetch",
    url: `http://127.0.0.1:${port}${path}`,
    timeoutMs: 5000,
  });
  const good = await piecesOf(
    source(() => ({ step: get("/ok") })),
    { stopAfter: 1 },
  );
  expect(good.pieces[0]?.text).toBe("hello");
  const bad = await piecesOf(source(() => ({ step: get("/profile") })));
  expect(bad.end.problem).toMatchObject({
    code: "endpoint-refused",
    message: `127.0.0.1:${port} answered 500: could not enable CPU profiling: already in use`,
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const gone = await piecesOf(source(() => ({ step: get("/ok") })));
  expect(gone.end.problem).toMatchObject({ code: "endpoint-unreachable" });
});
