import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Profiler } from "#core/profilers/profiler.ts";
import { createPerfStderrReader } from "#core/profilers/shared/perf-stderr.ts";

const tool = join(dirname(fileURLToPath(import.meta.url)), "fake-tool.mjs");

/** A profiler whose tool is fake-tool.mjs in the given mode, or any other program. */
export function fakeProfiler(mode: string, program = process.execPath): Profiler {
  return {
    id: "fake",
    title: "Fake",
    summary: "Stands in for a tool.",
    cost: "Nothing.",
    kinds: ["cpu"],
    targets: ["pid"],
    options: [],
    suits: () => ({ score: 50, reason: "it is a test" }),
    suitsLaunch: () => null,
    detect: async () => ({ path: program, version: "1", features: [] }),
    preflight: async () => [],
    plan: () => ({
      source: {
        type: "pipeline",
        stages: [{ argv: [program, tool, mode] }],
        stopStage: 0,
        stopSignal: "SIGINT",
        control: null,
        ...(mode === "late" && { tellsLate: true }),
      },
      launch: null,
      importer: "perf-script",
      rawExtension: "txt",
      stackMethod: "fp",
      periodNs: 1e7,
      commands: [`fake ${mode}`],
      remarks: [],
      readStderr: createPerfStderrReader(),
    }),
  };
}
