import { expect, test } from "vitest";
import type { OptionValues, RecordTarget } from "#core/model/recording.ts";
import { callgrind } from "#core/profilers/callgrind.ts";
import { dhat } from "#core/profilers/dhat.ts";
import { gprof } from "#core/profilers/gprof.ts";
import { heaptrack } from "#core/profilers/heaptrack.ts";
import { jemallocHeap } from "#core/profilers/jemalloc-heap.ts";
import { leakSanitizer } from "#core/profilers/leak-sanitizer.ts";
import { ltrace } from "#core/profilers/ltrace.ts";
import { massif } from "#core/profilers/massif.ts";
import { memcheck } from "#core/profilers/memcheck.ts";
import { memoryProfiler } from "#core/profilers/memory-profiler.ts";
import { memray } from "#core/profilers/memray.ts";
import { nodeCpuProf } from "#core/profilers/node-cpu-prof.ts";
import { nodeHeapProf } from "#core/profilers/node-heap-prof.ts";
import { procIo } from "#core/profilers/proc-io.ts";
import { procMemory } from "#core/profilers/proc-memory.ts";
import type { Profiler } from "#core/profilers/profiler.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { tcmallocHeap } from "#core/profilers/tcmalloc-heap.ts";
import { tracemalloc } from "#core/profilers/tracemalloc.ts";
import { fakeHost } from "../../../fakes/fake-host.ts";

const launch = (...argv: readonly string[]): RecordTarget => ({
  kind: "launch",
  argv: [...argv],
  cwd: "",
  env: { LANG: "C" },
});

const requestFor = (target: RecordTarget) => ({
  profiler: "",
  target,
  options: {},
  durationS: null,
  output: "",
});

const plans: readonly (readonly [string, Profiler, RecordTarget, OptionValues])[] = [
  ["callgrind", callgrind, launch("./server", "--port", "80"), {}],
  [
    "callgrind with every option",
    callgrind,
    launch("./server"),
    { interval: 10, threads: false, children: true, cache: true, branches: true, instructions: true },
  ],
  ["gprof", gprof, launch("./server"), {}],
  ["node --cpu-prof", nodeCpuProf, launch("node", "server.js"), { rate: 100 }],
  ["heaptrack", heaptrack, launch("./server", "--port", "80"), {}],
  ["heaptrack of a process", heaptrack, { kind: "pid", pid: 77 }, {}],
  ["massif", massif, launch("./server"), { pages: true }],
  ["DHAT", dhat, launch("./server"), {}],
  ["memcheck", memcheck, launch("./server"), { origins: true }],
  ["LeakSanitizer", leakSanitizer, launch("./server"), {}],
  ["tcmalloc", tcmallocHeap, launch("./server"), {}],
  ["jemalloc", jemallocHeap, launch("./server"), { sample: 1 << 19 }],
  ["memray", memray, launch("python3", "-u", "x.py", "--port"), { report: "peak", native: true }],
  ["memory_profiler", memoryProfiler, launch("python3", "-u", "-m", "x", "1"), { measure: "tracemalloc" }],
  ["memray of a process", memray, { kind: "pid", pid: 77 }, { objects: false, update: 1 }],
  ["node --heap-prof", nodeHeapProf, launch("node", "server.js"), {}],
  ["I/O alone", procIo, { kind: "pid", pid: 77 }, { interval: 1 }],
  ["ltrace", ltrace, { kind: "pid", pid: 77 }, { systemCalls: true }],
  ["each call of ltrace", ltrace, launch("./server"), { each: true, functions: "malloc+free" }],
  ["memory alone", procMemory, { kind: "pid", pid: 77 }, { interval: 1 }],
];
test.each(plans)("plan: %s", (_, profiler, target, asked) => {
  const values = resolveOptions(profiler.options, asked);
  if (!values.ok) throw new Error(values.problem.message);
  const found = { path: `/usr/bin/${profiler.id}`, version: "", features: [] };
  const { readStderr, ...plan } = profiler.plan(requestFor(target), values.value, found, 77);
  expect(plan).toMatchSnapshot();
  expect(readStderr("just words")).toBeNull();
});

const failures: readonly (readonly [string, Profiler, string])[] = [
  ["valgrind: Fatal error at startup: a function redirection", callgrind, "tool-failed"],
  ["ptrace: Operation not permitted.", heaptrack, "not-permitted"],
  ["Failed to start tracking: ModuleNotFoundError(\"No module named 'memray'\")", memray, "tool-missing"],
  ["gprof: gmon.out file is missing histogram", gprof, "tool-failed"],
];
test.each(failures)("stderr: %s", (line, profiler, code) => {
  const values = resolveOptions(profiler.options, {});
  if (!values.ok) throw new Error(values.problem.message);
  const found = { path: "/usr/bin/tool", version: "", features: [] };
  const { readStderr } = profiler.plan(requestFor(launch("./server")), values.value, found, 77);
  const finding = readStderr(line);
  expect(finding?.type === "problem" && finding.problem.code).toBe(code);
});

const checks: readonly (readonly [string, Profiler, RecordTarget])[] = [
  ["warn slowdown", callgrind, launch("/srv/server")],
  ["warn slowdown, warn interpreter", callgrind, launch("/usr/bin/python3", "x.py")],
  ["fail wrong-target", callgrind, { kind: "system" }],
  ["warn normal-end", gprof, launch("/srv/server")],
  ["warn slowdown", heaptrack, launch("/srv/server")],
  ["fail no-such-process, fail gdb-missing, warn attach-stays", heaptrack, { kind: "pid", pid: 4321 }],
  ["warn slowdown", massif, launch("/srv/server")],
  ["warn slowdown", memcheck, launch("/srv/server")],
  ["warn library-missing, warn slowdown", leakSanitizer, launch("/srv/server")],
  ["warn slowdown", tcmallocHeap, launch("/srv/server")],
  ["fail wrong-target, warn slowdown", jemallocHeap, { kind: "system" }],
  ["warn slowdown", tracemalloc, launch("/usr/bin/python3", "-m", "x")],
  ["fail not-a-python-script, warn slowdown", memray, launch("/srv/x.py")],
  ["fail no-such-process, fail gdb-missing, warn slowdown", memray, { kind: "pid", pid: 4321 }],
  ["fail not-a-python-script, warn slowdown", memoryProfiler, launch("/usr/bin/python3", "-c", "1")],
  ["fail not-node, warn slowdown", nodeHeapProf, launch("/srv/x.js")],
  ["fail no-such-process", procMemory, { kind: "pid", pid: 4321 }],
  ["", procMemory, launch("/srv/server")],
  ["", nodeCpuProf, launch("/usr/bin/node", "x.js")],
  ["fail not-node", nodeCpuProf, launch("/usr/bin/npm", "start")],
];
test.each(checks)("preflight: %s", async (expected, profiler, target) => {
  const found = await profiler.preflight(fakeHost({}), requestFor(target));
  const bad = found.filter(({ status }) => status !== "ok");
  expect(bad.map(({ status, id }) => `${status} ${id}`).join(", ")).toBe(expected);
  for (const { prevents, fix } of bad) expect(prevents === "" || fix === "").toBe(false);
});
