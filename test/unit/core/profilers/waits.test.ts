import { expect, test } from "vitest";
import type { OptionValues, RecordTarget } from "#core/model/recording.ts";
import { bpftraceBlock } from "#core/profilers/bpftrace-block.ts";
import { bpftraceLocks } from "#core/profilers/bpftrace-locks.ts";
import { bpftraceOffCpu } from "#core/profilers/bpftrace-off-cpu.ts";
import { drd } from "#core/profilers/drd.ts";
import { helgrind } from "#core/profilers/helgrind.ts";
import { perfLocks } from "#core/profilers/perf-locks.ts";
import { perfOffCpu } from "#core/profilers/perf-off-cpu.ts";
import type { Profiler } from "#core/profilers/profiler.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";

const pid: RecordTarget = { kind: "pid", pid: 77 };
const requestFor = (target: RecordTarget, options: OptionValues = {}) => ({
  profiler: "",
  target,
  options,
  durationS: null,
  output: "",
});
const all = ["build-ids", "setpriv", "root", "kernel-locks"];

const launched: RecordTarget = { kind: "launch", argv: ["./a", "1"], cwd: "", env: {} };
const plans: readonly (readonly [string, Profiler, OptionValues, readonly string[], RecordTarget])[] = [
  ["waiting of a launch", perfOffCpu, {}, all, launched],
  ["waiting", perfOffCpu, {}, all, pid],
  [
    "waiting, without helpers and children",
    perfOffCpu,
    { children: false, rate: 49, stackBytes: 8191 },
    [],
    pid,
  ],
  ["locks", perfLocks, {}, all, pid],
  ["locks of the program alone", perfLocks, { kernelLocks: false }, all, pid],
  ["locks, counted in the kernel", bpftraceLocks, {}, all, pid],
  ["waiting of a launch, counted in the kernel", bpftraceOffCpu, {}, [], launched],
  ["requests to disks of the whole machine", bpftraceBlock, {}, all, { kind: "system" }],
  ["requests to disks beside a launch", bpftraceBlock, {}, [], launched],
  ["locks held for 20 ms", drd, { threshold: 20 }, [], launched],
  ["the order of locks", helgrind, {}, [], launched],
];
test.each(plans)("plan: %s", (_, profiler, asked, features, target) => {
  const values = resolveOptions(profiler.options, asked);
  if (!values.ok) throw new Error(values.problem.message);
  const tool = ["perf", "bpftrace"].find((each) => profiler.id.startsWith(each)) ?? "valgrind";
  const found = { path: `/usr/bin/${tool}`, version: "6.1", features };
  const { source, importer, periodNs } = profiler.plan(requestFor(target), values.value, found, 77);
  expect({ source, importer, periodNs }).toMatchSnapshot();
});

const stat = (perSecond: number) =>
  `${perSecond / 8},,syscalls:sys_enter_futex,1,100.00,,\n${perSecond / 8},,x,1,100.00,,\n`;
test.each([
  [400, "ok", "event-rate"],
  [20_000, "warn", "event-rate"],
  [800_000, "fail", "too-many-events"],
])("%i events a second, counted beforehand: %s", async (perSecond, status, id) => {
  const host = fakeHost({
    uid: 0,
    tools: { perf: "/usr/bin/perf" },
    files: { "/sys/kernel/tracing/events/syscalls/sys_enter_futex/id": "1" },
    probes: {
      "/usr/bin/perf --version": "perf version 6.1",
      "/usr/bin/perf stat --log-fd 1 -x , -e syscalls:sys_enter_futex,syscalls:sys_exit_futex -p 77 -- sleep 0.25":
        stat(perSecond),
    },
    targets: [fakeTarget({ pid: 77 })],
  });
  const check = (await perfLocks.preflight(host, requestFor(pid))).find(
    (each) => each.title === "What it costs",
  );
  expect(check).toMatchObject({ status, id });
  if (status !== "ok")
    expect(check?.fix).toContain("with bpftrace (bpftrace-locks), or record a shorter time");
  if (status === "fail") {
    const asked = await perfLocks.preflight(host, requestFor(pid, { anyway: true }));
    expect(asked.some((each) => each.status === "fail")).toBe(false);
  }
});

test("who may not read the kernel's events is told that root's rights would do", async () => {
  const checks = await perfOffCpu.preflight(fakeHost({ tools: { perf: "/usr/bin/perf" } }), requestFor(pid));
  expect(checks.find((check) => check.id === "tracepoints")).toMatchObject({
    status: "fail",
    clearedBy: "root",
  });
});

const bpfTools = { bpftrace: "/usr/bin/bpftrace", perf: "/usr/bin/perf" };
const bpfProbes = {
  "/usr/bin/bpftrace --version": "bpftrace v0.17.0",
  "/usr/bin/perf stat --log-fd 1 -x , -e context-switches -p 77 -- sleep 0.25":
    "500,,context-switches,1,100.00,,\n",
};
const types = { "/sys/kernel/btf/vmlinux": "" };
test.each<[string, Profiler, Parameters<typeof fakeHost>[0], Record<string, string>]>([
  [
    "all there",
    bpftraceLocks,
    { uid: 0, files: types, probes: { ...bpfProbes, "/usr/bin/bpftrace -e BEGIN { exit(); }": "" } },
    { bpf: "ok", btf: "ok", "event-rate": "ok" },
  ],
  ["not root", bpftraceLocks, { uid: 1000, files: types, probes: bpfProbes }, { "bpf-rights": "fail" }],
  [
    "no types",
    bpftraceLocks,
    { uid: 0, files: {}, probes: { ...bpfProbes, "/usr/bin/bpftrace -e BEGIN { exit(); }": "" } },
    { "no-btf": "fail" },
  ],
  [
    "no types and no need",
    bpftraceOffCpu,
    { uid: 0, files: {}, probes: { ...bpfProbes, "/usr/bin/bpftrace -e BEGIN { exit(); }": "" } },
    { bpf: "ok", "event-rate": "ok" },
  ],
  [
    "a kernel that refuses",
    bpftraceOffCpu,
    { uid: 0, files: {}, probes: bpfProbes },
    { "bpf-refused": "fail" },
  ],
])("bpftrace's checks: %s", async (_, profiler, machine, expected) => {
  const host = fakeHost({ tools: bpfTools, targets: [fakeTarget({ pid: 77 })], ...machine });
  const checks = await profiler.preflight(host, requestFor(pid));
  const found = Object.fromEntries(checks.map(({ id, status }) => [id, status]));
  expect(found).toMatchObject(expected);
  const failed = Object.keys(found).filter((id) => found[id] === "fail");
  expect(failed).toEqual(Object.keys(expected).filter((id) => expected[id] === "fail"));
  const cost = checks.find(({ title }) => title === "What it costs");
  expect(cost?.found).toMatch(/2,000 times a second: 1\.[14]\s% of one CPU$/);
});
