import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ObserverCost } from "#core/model/recording.ts";
import { number, table } from "./print.ts";

/**
 * What recording costs: CPU of the workbench and of perf with 16 busy threads, and how much longer the same work takes a
 * program that is recorded at the default rate, by CPU time and in turns, so that other jobs on the machine matter little.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const cli = join(root, "out", "node", "cli.js");
const hugeWork = "100000000";

function buildWork(folder: string): string {
  const path = join(folder, "work");
  const source = join(root, "test", "programs", "work.c");
  const { status } = spawnSync("cc", [
    "-O2",
    "-g",
    "-fno-omit-frame-pointer",
    source,
    "-o",
    path,
    "-pthread",
  ]);
  if (status !== 0) throw new Error("cc could not build test/programs/work.c");
  return path;
}

interface Worker {
  readonly child: ChildProcess;
  readonly lines: Interface;
}

async function startWorker(argv: readonly string[]): Promise<Worker> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  if (child.stdout === null) throw new Error("no output");
  const lines = createInterface({ input: child.stdout });
  await once(lines, "line");
  return { child, lines };
}

interface Recorder {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

/** Resolves once it records. */
async function startRecorder(home: string, words: readonly string[]): Promise<Recorder> {
  const child = spawn(process.execPath, [cli, "record", "--json", ...words], {
    env: { ...process.env, FLAMEWRIGHT_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Uint8Array) => {
      if (/"phase":"recording"/.test(Buffer.from(chunk).toString("latin1"))) resolve();
    });
    void ended.then(() =>
      reject(new Error(`flamewright record ${words.join(" ")} ended before it recorded`)),
    );
  });
  return { child, ended };
}

async function costAt(home: string, work: string, rateHz: number, seconds: number): Promise<ObserverCost> {
  const worker = await startWorker([work, "16", hugeWork]);
  worker.child.stdin?.write("\n");
  const file = join(home, `at-${rateHz}.fwp`);
  const { pid } = worker.child;
  const words = ["--pid", `${pid}`, "--profiler", "perf", "--rate", `${rateHz}`, "--duration", `${seconds}`];
  const recorder = await startRecorder(home, [...words, "-o", file]);
  await recorder.ended;
  worker.child.kill("SIGKILL");
  const run = spawnSync(process.execPath, [cli, "info", file, "--json"], {
    encoding: "utf8",
    env: { ...process.env, FLAMEWRIGHT_HOME: home },
  });
  const { observer } = JSON.parse(run.stdout) as { readonly observer: ObserverCost };
  return observer;
}

/** CPU time of the work, ns. */
async function workNs(
  home: string,
  argv: readonly string[],
  record: readonly string[] | null,
): Promise<number> {
  const worker = await startWorker(argv);
  const recorder =
    record === null ? null : await startRecorder(home, ["--pid", `${worker.child.pid}`, ...record]);
  const told = once(worker.lines, "line");
  worker.child.stdin?.end("\n");
  const [line] = (await told) as [string];
  recorder?.child.kill("SIGINT");
  await recorder?.ended;
  return Number(/^took (\d+)/.exec(line)?.[1]);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const script = `console.log("ready"); process.stdin.once("data", () => {
  const step = (x) => { for (let i = 0; i < 1e6; i++) x = (x * 1664525 + 1013904223) | 0; return x; };
  const before = process.cpuUsage(); let x = 1; for (let i = 0; i < 1500; i++) x = step(x);
  const { user, system } = process.cpuUsage(before); console.log("took " + (user + system) * 1000); process.exit(x === 0 ? 1 : 0); });`;
const python = `import sys, time
print("ready", flush=True); sys.stdin.readline()
def step(x):
    for i in range(10000): x = (x * 1664525 + 1013904223) & 0xffffffff
    return x
before = time.process_time_ns(); x = 1
for i in range(2000): x = step(x)
print("took", time.process_time_ns() - before, flush=True)`;

export async function benchObserver(options: {
  readonly repeat: number;
  readonly seconds: number;
  readonly json: boolean;
}): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "flamewright-bench-"));
  try {
    const work = buildWork(home);
    const costs = [];
    for (const rateHz of [99, 997])
      costs.push({ rateHz, ...(await costAt(home, work, rateHz, options.seconds)) });
    const native = [work, "2", "12000"];
    const targets: readonly (readonly [string, readonly string[], readonly string[]])[] = [
      ["perf, frame pointers", native, ["--profiler", "perf"]],
      ["perf, DWARF", native, ["--profiler", "perf", "--call-graph", "dwarf"]],
      ["Node inspector", [process.execPath, "-e", script], ["--profiler", "node-inspector"]],
      ["py-spy", ["python3", "-c", python], ["--profiler", "py-spy"]],
    ];
    const slowdowns: { name: string; ratios: readonly number[]; problem: string }[] = [];
    for (const [name, argv, record] of targets) {
      const ratios: number[] = [];
      let problem = "";
      try {
        for (let i = 0; i < options.repeat; i++) {
          const alone = await workNs(home, argv, null);
          ratios.push((await workNs(home, argv, record)) / alone);
        }
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
      slowdowns.push({ name, ratios, problem });
    }
    if (options.json) return `${JSON.stringify({ costs, slowdowns }, null, 2)}\n`;
    return (
      table("CPU while recording 16 busy threads with perf, percent of one core", [
        ["rate", "profiler", "workbench"],
        ...costs.map((cost) => [
          `${cost.rateHz} Hz`,
          cost.profilerPercent === null ? "" : number(cost.profilerPercent),
          number(cost.workbenchPercent),
        ]),
      ]) +
      table("CPU time of the same work, recorded to alone, in pairs", [
        ["profiler at its default rate", "median", "least", "most", "pairs"],
        ...slowdowns.map(({ name, ratios, problem }) =>
          problem === ""
            ? [
                name,
                median(ratios).toFixed(3),
                Math.min(...ratios).toFixed(3),
                Math.max(...ratios).toFixed(3),
                String(ratios.length),
              ]
            : [name, `not run: ${problem}`, "", "", ""],
        ),
      ])
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
