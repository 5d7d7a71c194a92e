import { type RunningProgram, startProgram } from "./build.ts";
import { startGo } from "./go.ts";
import { startJava } from "./java.ts";
import { startPython } from "./python.ts";

/** The programs of this folder, one of each runtime, and what is known of each. */
export interface RuntimeProgram {
  readonly runtime: "native" | "node" | "python" | "go" | "java";
  /** The profiler that fits it. */
  readonly profiler: string;
  readonly title: string;
  /** Percent of its CPU time, by function. */
  readonly truth: Readonly<Record<string, number>>;
  readonly start: () => Promise<RunningProgram>;
}

export const runtimePrograms: readonly RuntimeProgram[] = [
  {
    runtime: "native",
    profiler: "perf",
    title: "perf",
    truth: { burn_a: 60, burn_b: 30, burn_c: 10 },
    start: () => startProgram("split"),
  },
  {
    runtime: "node",
    profiler: "node-inspector",
    title: "Node inspector",
    truth: { hotA: 60, hotB: 30, hotC: 10 },
    start: () => startProgram("hot.js"),
  },
  {
    runtime: "python",
    profiler: "py-spy",
    title: "py-spy",
    truth: { burn_a: 60, burn_b: 30, burn_c: 10 },
    start: () => startPython("/usr/bin/python3"),
  },
  {
    runtime: "go",
    profiler: "go-pprof",
    title: "Go's own profiler",
    truth: { "main.burnA": 60, "main.burnB": 30, "main.burnC": 10 },
    start: startGo,
  },
  {
    runtime: "java",
    profiler: "jfr",
    title: "Java Flight Recorder",
    truth: { "JavaSplit.burnA": 60, "JavaSplit.burnB": 30, "JavaSplit.burnC": 10 },
    start: () => startJava(),
  },
];
