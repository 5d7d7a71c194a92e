import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ObserverCost } from "#core/model/recording.ts";
import { pathWithAsyncProfiler } from "../../native-scripts/bootstrap/java-tools.mjs";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import {
  buildWork,
  futexCalls,
  goWork,
  javaProgress,
  javaWork,
  nodeWork,
  pythonWork,
  rubyWork,
} from "./observer-programs.ts";
import { number, table } from "./print.ts";

/**
 * What recording costs: CPU of the workbench and of perf with 16 busy threads, and how much longer the same work takes a
 * program that is recorded as a profiler does by default. Alone and recorded take turns, and which of them is first too, so
 * that other jobs on the machine matter little.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const cli = join(root, "out", "node", "cli.js");
const hugeWork = "100000000";

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

async function costAt(
  home: string,
  work: string,
  rateHz: number,
  callGraph: "fp" | "dwarf",
  seconds: number,
): Promise<ObserverCost> {
  const worker = await startWorker([work, "16", hugeWork]);
  worker.child.stdin?.write("\n");
  const file = join(home, `at-${rateHz}-${callGraph}.fwp`);
  const { pid } = worker.child;
  const words = ["--pid", `${pid}`, "--profiler", "perf", "--rate", `${rateHz}`, "--call-graph", callGraph];
  const recorder = await startRecorder(home, [...words, "--duration", `${seconds}`, "-o", file]);
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
  what: Pick<Recorded, "record"> | null,
): Promise<number> {
  const worker = await startWorker(argv);
  const recorder =
    what === null ? null : await startRecorder(home, ["--pid", `${worker.child.pid}`, ...what.record]);
  const told = once(worker.lines, "line");
  worker.child.stdin?.end("\n");
  const [line] = (await told) as [string];
  recorder?.child.kill("SIGINT");
  await recorder?.ended;
  return Number(/^took (\d+)/.exec(line)?.[1]);
}

interface Progress {
  readonly steps: number;
  readonly cpuNs: number;
  readonly atNs: number;
}

async function progressOf({ child, lines }: Worker): Promise<Progress> {
  const told = once(lines, "line");
  child.stdin?.write("\n");
  const [line] = (await told) as [string];
  const [, steps, cpuNs] = /^at (\d+) (\d+)/.exec(line) ?? [];
  return { steps: Number(steps), cpuNs: Number(cpuNs), atNs: Number(process.hrtime.bigint()) };
}

/** What a step costs between two moments. */
const stepNs = (from: Progress, to: Progress): number => (to.cpuNs - from.cpuNs) / (to.steps - from.steps);

interface Course {
  readonly name: string;
  /**
   * CPU time beyond that of the work, of a processor's time: what a program that keeps one busy would take longer. From the
   * start of recording on, and once it runs. What a program gets of a busy machine does not matter to it.
   */
  readonly whole: readonly number[];
  readonly steady: readonly number[];
  /** CPU that the beginning took beyond the work, ms. */
  readonly beginMs: readonly number[];
}

const aloneMs = 4000;
/** Of 20 s, what comes after the first half is steady. */
const halfMs = 10_000;

/** For what begins dear and goes on cheap: one program that works on and on, alone, recorded for 20 s, and alone again. */
async function courseOf(
  home: string,
  argv: readonly string[],
  name: string,
  record: readonly string[],
  repeat: number,
): Promise<Course> {
  const course = { name, whole: [] as number[], steady: [] as number[], beginMs: [] as number[] };
  for (let i = 0; i < repeat; i++) {
    const worker = await startWorker(argv);
    await delay(1000);
    const first = await progressOf(worker);
    await delay(aloneMs);
    const before = await progressOf(worker);
    const recorder = await startRecorder(home, ["--pid", `${worker.child.pid}`, ...record]);
    await delay(halfMs);
    const middle = await progressOf(worker);
    await delay(halfMs);
    const after = await progressOf(worker);
    recorder.child.kill("SIGINT");
    await recorder.ended;
    await delay(1000);
    const again = await progressOf(worker);
    await delay(aloneMs);
    const last = await progressOf(worker);
    worker.child.kill("SIGKILL");
    const aloneNs = (stepNs(first, before) + stepNs(again, last)) / 2;
    const beyond = (from: Progress, to: Progress): number =>
      to.cpuNs - from.cpuNs - (to.steps - from.steps) * aloneNs;
    course.whole.push(1 + beyond(before, after) / (after.atNs - before.atNs));
    course.steady.push(1 + beyond(middle, after) / (after.atNs - middle.atNs));
    course.beginMs.push(beyond(before, middle) / 1e6);
  }
  return course;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Recorded {
  readonly name: string;
  /** Of a program that works once it is told to; built in a folder. */
  readonly argv: (folder: string) => readonly string[];
  readonly record: readonly string[];
}

interface Slowdown {
  readonly name: string;
  readonly ratios: readonly number[];
  readonly problem: string;
}

async function slowdownOf(home: string, folder: string, what: Recorded, repeat: number): Promise<Slowdown> {
  const ratios: number[] = [];
  try {
    const argv = what.argv(folder);
    for (let i = 0; i < repeat; i++) {
      const ns = { alone: 0, recorded: 0 };
      const both = ["alone", "recorded"] as const;
      for (const which of i % 2 === 0 ? both : [...both].reverse())
        ns[which] = await workNs(home, argv, which === "alone" ? null : what);
      ratios.push(ns.recorded / ns.alone);
    }
    return { name: what.name, ratios, problem: "" };
  } catch (error) {
    return { name: what.name, ratios, problem: error instanceof Error ? error.message : String(error) };
  }
}

export async function benchObserver(options: {
  readonly repeat: number;
  readonly seconds: number;
  readonly json: boolean;
  /** Part of a profiler's name: only its slowdown is measured. */
  readonly only: string;
}): Promise<string> {
  process.env.PATH = pathWithAsyncProfiler(pathWithPythonTools());
  const home = mkdtempSync(join(tmpdir(), "flamewright-bench-"));
  try {
    const work = buildWork(home);
    const costs = [];
    for (const callGraph of ["", "cost"].includes(options.only) ? (["fp", "dwarf"] as const) : [])
      for (const rateHz of [99, 997])
        costs.push({ rateHz, callGraph, ...(await costAt(home, work, rateHz, callGraph, options.seconds)) });
    const native = [work, "2", "12000"];
    const all: readonly Recorded[] = [
      { name: "perf, frame pointers", argv: () => native, record: ["--profiler", "perf"] },
      { name: "perf, DWARF", argv: () => native, record: ["--profiler", "perf", "--call-graph", "dwarf"] },
      { name: "py-spy", argv: () => pythonWork, record: ["--profiler", "py-spy"] },
      {
        name: "py-spy, stopping",
        argv: () => pythonWork,
        record: ["--profiler", "py-spy", "--no-nonblocking"],
      },
      { name: "austin", argv: () => pythonWork, record: ["--profiler", "austin"] },
      { name: "rbspy", argv: () => rubyWork, record: ["--profiler", "rbspy"] },
      {
        name: "rbspy, never stopping",
        argv: () => rubyWork,
        record: ["--profiler", "rbspy", "--nonblocking"],
      },
      { name: "Node inspector", argv: () => nodeWork, record: ["--profiler", "node-inspector"] },
      {
        name: "Node inspector, 1,000 Hz",
        argv: () => nodeWork,
        record: ["--profiler", "node-inspector", "--rate", "1000"],
      },
      { name: "Go's own profiler", argv: goWork, record: ["--profiler", "go-pprof"] },
      { name: "async-profiler", argv: javaWork, record: ["--profiler", "async-profiler"] },
      ...["bpftrace-locks", "bpftrace-off-cpu"].flatMap((profiler): readonly Recorded[] => [
        {
          name: `${profiler}, a million futex calls a second`,
          argv: (folder) => [futexCalls(folder), "calls", "2500000"],
          record: ["--profiler", profiler],
        },
        {
          name: `${profiler}, two threads that hand over to each other`,
          argv: (folder) => [futexCalls(folder), "handoff", "150000"],
          record: ["--profiler", profiler],
        },
      ]),
      {
        name: "perf-locks, a million futex calls a second",
        argv: (folder) => [futexCalls(folder), "calls", "100000"],
        record: ["--profiler", "perf-locks", "--anyway"],
      },
    ];
    const slowdowns: Slowdown[] = [];
    for (const each of all.filter(({ name }) => options.only === "" || name.includes(options.only))) {
      // Some write sources and classes there: each into a folder of its own.
      slowdowns.push(await slowdownOf(home, mkdtempSync(join(home, "program-")), each, options.repeat));
    }
    const courses: Course[] = [];
    const java = [
      { name: "Java Flight Recorder", record: ["--profiler", "jfr"] },
      { name: "async-profiler, its course", record: ["--profiler", "async-profiler"] },
    ];
    for (const { name, record } of java.filter(
      (each) => options.only === "" || each.name.includes(options.only),
    )) {
      const argv = javaProgress(mkdtempSync(join(home, "program-")));
      courses.push(await courseOf(home, argv, name, record, options.repeat));
    }
    if (options.json) return `${JSON.stringify({ costs, slowdowns, courses }, null, 2)}\n`;
    return (
      (costs.length === 0
        ? ""
        : table("CPU while recording 16 busy threads with perf, percent of one core", [
            ["rate", "stacks by", "profiler", "workbench"],
            ...costs.map((cost) => [
              `${cost.rateHz} Hz`,
              cost.callGraph,
              cost.profilerPercent === null ? "" : number(cost.profilerPercent),
              number(cost.workbenchPercent),
            ]),
          ])) +
      table("Time of the same work, recorded to alone, in pairs", [
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
      ]) +
      (courses.length === 0
        ? ""
        : table("The same over 20 s from the start of recording, by a program that works on and on", [
            [
              "profiler",
              "20 s",
              "least",
              "most",
              "its second half",
              "least",
              "most",
              "the first half, ms of CPU",
              "times",
            ],
            ...courses.map(({ name, whole, steady, beginMs }) => [
              name,
              ...[whole, steady].flatMap((ratios) => [
                median(ratios).toFixed(3),
                Math.min(...ratios).toFixed(3),
                Math.max(...ratios).toFixed(3),
              ]),
              number(median(beginMs)),
              String(whole.length),
            ]),
          ]))
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
