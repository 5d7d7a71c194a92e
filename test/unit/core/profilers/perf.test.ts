import { expect, test } from "vitest";
import type { OptionValues, RecordTarget, TargetFacts } from "#core/model/recording.ts";
import { perf } from "#core/profilers/perf.ts";
import type { Detection } from "#core/profilers/profiler.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { createPerfStderrReader } from "#core/profilers/shared/perf-stderr.ts";
import { fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";

const asRoot: Detection = {
  path: "/usr/bin/perf",
  version: "6.1.187",
  features: ["setpriv", "root", "privileged", "kernel"],
};
const asUser: Detection = { ...asRoot, features: ["setpriv"] };
const bare: Detection = { ...asRoot, features: [] };

const pid: RecordTarget = { kind: "pid", pid: 77 };
const launch: RecordTarget = { kind: "launch", argv: ["./a b", "-x"], cwd: "", env: { LANG: "C" } };

function planned(target: RecordTarget, options: OptionValues, found: Detection) {
  const values = resolveOptions(perf.options, options);
  if (!values.ok) throw new Error(values.problem.message);
  const request = { profiler: "perf", target, options, durationS: null, output: "" };
  return perf.plan(request, values.value, found, 77);
}

const plans: readonly (readonly [string, RecordTarget, OptionValues, Detection])[] = [
  ["root, defaults", pid, {}, asRoot],
  ["user, defaults", pid, {}, asUser],
  ["nothing but perf", pid, {}, bare],
  ["root, dwarf", pid, { callGraph: "dwarf", rate: 997 }, asRoot],
  ["user, dwarf", pid, { callGraph: "dwarf" }, asUser],
  ["nudged rates", pid, { rate: 1000 }, asRoot],
  ["only the process itself", pid, { children: false }, asRoot],
  ["a buffer a thread", pid, { perThread: true }, asRoot],
  ["user code only", pid, { kernel: false }, asRoot],
  ["launch", launch, {}, asRoot],
  ["launch, dwarf", launch, { callGraph: "dwarf" }, asRoot],
  ["several processes", { kind: "pid", pid: 77, pids: [5, 77, 6] }, {}, asRoot],
  ["the whole system", { kind: "system" }, {}, asRoot],
  ["some CPUs of it", { kind: "system" }, { cpus: "0-3,8" }, asRoot],
  [
    "a control group, two events",
    { kind: "system" },
    { cgroup: "/system.slice/a.service", events: "cycles, page-faults" },
    asRoot,
  ],
  ["tracepoints", pid, { events: "sched:sched_switch,block:block_rq_issue" }, asRoot],
  ["tracepoints beside events", pid, { events: "sched:sched_switch,page-faults:u" }, asRoot],
  ["every so many", pid, { events: "cache-misses", count: 10_000 }, asRoot],
  ["the kernel only", pid, { user: false }, asRoot],
  ["branch records", pid, { callGraph: "lbr" }, asRoot],
  ["CPUs of a process are left out", pid, { cpus: "1" }, asRoot],
];
test.each(plans)("plan: %s", (_, target, options, found) => {
  const { commands, remarks, periodNs, stackMethod, launch: launched } = planned(target, options, found);
  expect({ commands, remarks, periodNs, stackMethod, launched }).toMatchSnapshot();
});

const bad: readonly OptionValues[] = [
  { events: "./evil.c" },
  { events: "cpu/config=1/" },
  { events: "cycles,,x" },
  { events: "-x" },
  { cpus: "0-" },
  { cpus: "all" },
  { cgroup: "../../x" },
  { cgroup: "a,b" },
  { cgroup: "-a" },
];
test.each(bad)("refused: %j", (options) => {
  expect(resolveOptions(perf.options, options)).toMatchObject({ ok: false, problem: { code: "bad-option" } });
});

const callGraphs: readonly (readonly [string, Partial<TargetFacts> | null, string, boolean])[] = [
  ["without frame pointers", { language: "c", framePointers: false }, "dwarf", true],
  ["with them", { language: "c", framePointers: true }, "fp", false],
  ["nobody can tell", { language: "c", framePointers: null }, "fp", false],
  ["an interpreter", { language: "python", flags: [], framePointers: false }, "fp", false],
  ["unknown", null, "fp", false],
];
test.each(callGraphs)("call graph by itself: %s", (_, facts, method, isSaid) => {
  const values = resolveOptions(perf.options, {});
  if (!values.ok) throw new Error(values.problem.message);
  const asked = { profiler: "perf", target: pid, options: {}, durationS: null, output: "" };
  const plan = perf.plan(asked, values.value, asRoot, 77, facts as TargetFacts | null);
  expect(plan.stackMethod).toBe(method);
  expect(plan.remarks.some((text) => text.includes("without frame pointers"))).toBe(isSaid);
});

const rates: readonly (readonly [number, number])[] = [
  [100, 99],
  [1000, 997],
  [500, 499],
  [99, 99],
  [250, 249],
  [50, 49],
  [997, 997],
  [2000, 1997],
];
test.each(rates)("%i Hz becomes %i Hz", (asked, given) => {
  const { commands } = planned(pid, { rate: asked }, asRoot);
  expect(commands.join()).toContain(`-F ${given} `);
});

test("the stack that DWARF samples keep is a multiple of 8 bytes, and bounded", () => {
  const { commands } = planned(pid, { callGraph: "dwarf", stackBytes: 16_391 }, asRoot);
  expect(commands.join()).toContain("--call-graph dwarf,16384 ");
  expect(resolveOptions(perf.options, { callGraph: "dwarf", stackBytes: 65_536 }).ok).toBe(false);
});

test("a dead program cannot slip words into the command", () => {
  const odd: RecordTarget = { kind: "launch", argv: ["$(reboot)", "'; rm -rf /"], cwd: "", env: {} };
  expect(planned(odd, {}, asRoot).commands[0]).toBe(`'$(reboot)' ''\\''; rm -rf /'`);
});

/** Verbatim from perf 6.1. */
const words: readonly (readonly [string, string])[] = [
  ["Access to performance monitoring and observability operations is limited.", "not-permitted"],
  ["Couldn't create thread/CPU maps: No such process", "no-such-process"],
  [
    "The sys_perf_event_open() syscall returned with 3 (No such process) for event (cycles).",
    "no-such-process",
  ],
  ["Permission error mapping pages.", "locked-memory-limit"],
  ["failed to mmap with 12 (Cannot allocate memory)", "out-of-memory"],
  ["Too many events are opened.", "too-many-files"],
  [
    "The sys_perf_event_open() syscall returned with 1 (Operation not permitted) for event",
    "perf-events-refused",
  ],
  ["failed to write perf data, error: No space left on device", "disk-full"],
  ["Processed 12 events and lost 3 chunks!", "lost 3"],
  ["Processed 301 samples and lost 25.33%!", "lost 76"],
  ["WARNING: Kernel address maps (/proc/{kallsyms,modules}) are restricted,", "note"],
  ["warning: Maximum frequency rate (100000 Hz) exceeded, throttling from 200000 Hz to 100000 Hz.", "note"],
  ["[ perf record: Woken up 1 times to write data ]", ""],
  ["Events enabled", ""],
  ["Error:", ""],
];
test.each(words)("stderr: %s", (line, expected) => {
  const finding = createPerfStderrReader()(line);
  const summary =
    finding === null
      ? ""
      : finding.type === "problem"
        ? finding.problem.code
        : finding.type === "lost"
          ? `lost ${finding.samples}`
          : "note";
  expect(summary).toBe(expected);
});

test("losses are counted once", () => {
  const read = createPerfStderrReader();
  const lines = ["Processed 21440 events and lost 2 chunks!", "Processed 26598 samples and lost 21.93%!"];
  const lost = lines.map(read).map((finding) => (finding?.type === "lost" ? finding.samples : Number.NaN));
  expect(lost).toEqual([2, 5831]);
});

const tools = { perf: "/usr/bin/perf", setpriv: "/usr/bin/setpriv" };
const probes = { "/usr/bin/perf --version": "perf version 6.1.187\n" };
const paranoid = (level: number) => ({ "/proc/sys/kernel/perf_event_paranoid": `${level}\n` });
const request = { profiler: "perf", target: pid, options: {}, durationS: null, output: "" };

async function failedAndWarned(host: Parameters<typeof perf.preflight>[0], asked = request): Promise<string> {
  const checks = await perf.preflight(host, asked);
  return checks
    .filter((check) => check.status !== "ok")
    .map((check) => `${check.status} ${check.id}`)
    .join(", ");
}

const mine = fakeTarget({ pid: 77, uid: 1000, own: true });
const theirs = fakeTarget({ pid: 77, uid: 33, own: false });
const machines: readonly (readonly [string, Parameters<typeof fakeHost>[0], string])[] = [
  ["root", { tools, probes, files: paranoid(2), targets: [mine] }, ""],
  ["user", { uid: 1000, tools, probes, files: paranoid(2), targets: [mine] }, "warn perf-event-paranoid"],
  ["open kernel", { uid: 1000, tools, probes, files: paranoid(1), targets: [mine] }, ""],
  [
    "locked kernel",
    { uid: 1000, tools, probes, files: paranoid(4), targets: [mine] },
    "fail perf-event-paranoid",
  ],
  ["no perf", { files: paranoid(2), targets: [mine] }, "fail tool-missing"],
  ["broken perf", { tools, files: paranoid(2), targets: [mine] }, "fail tool-failed"],
  ["gone", { tools, probes, files: paranoid(2) }, "fail no-such-process"],
  ["theirs", { uid: 1000, tools, probes, files: paranoid(1), targets: [theirs] }, "fail not-yours"],
  [
    "theirs, perf with capabilities",
    {
      uid: 1000,
      tools: { ...tools, getcap: "/sbin/getcap" },
      probes: { ...probes, "/sbin/getcap /usr/bin/perf": "/usr/bin/perf cap_perfmon,cap_sys_ptrace=ep\n" },
      files: paranoid(2),
      targets: [theirs],
    },
    "",
  ],
  [
    "kernel thread",
    { tools, probes, files: paranoid(2), targets: [fakeTarget({ pid: 77, runtime: "kernel" })] },
    "fail kernel-thread",
  ],
  [
    "hidden symbols",
    {
      uid: 1000,
      tools,
      probes,
      files: { ...paranoid(1), "/proc/sys/kernel/kptr_restrict": "1\n" },
      targets: [mine],
    },
    "warn kptr-restrict",
  ],
  [
    "full disk",
    { tools, probes, files: paranoid(2), targets: [mine], freeDiskBytes: 1 << 20 },
    "fail disk-full",
  ],
  [
    "low disk",
    { tools, probes, files: paranoid(2), targets: [mine], freeDiskBytes: 200 << 20 },
    "warn disk-space",
  ],
  ["container", { tools, probes, targets: [mine] }, "warn no-perf-events"],
];
test.each(machines)("preflight: %s", async (_, options, expected) => {
  expect(await failedAndWarned(fakeHost(options))).toBe(expected);
});

const list = `List of pre-defined events:

  cpu-cycles OR cycles                               [Hardware event]
  page-faults OR faults                              [Software event]
  sched:sched_switch                                 [Tracepoint event]
`;
const listing = { ...probes, "/usr/bin/perf list --no-desc": list };
const asks: readonly (readonly [string, object, number, Readonly<Record<string, string>>, string])[] = [
  ["events that there are", { options: { events: "cycles:upp,faults,sched:sched_switch" } }, 0, {}, ""],
  ["one that there is not", { options: { events: "cycles,sched:switch" } }, 0, {}, "fail no-such-event"],
  ["no branch records", { options: { callGraph: "lbr" } }, 0, {}, "fail branch-records"],
  [
    "branch records",
    { options: { callGraph: "lbr" } },
    0,
    { "/sys/bus/event_source/devices/cpu/caps/branches": "32\n" },
    "",
  ],
  ["the system, as root", { target: { kind: "system" } }, 0, {}, ""],
  [
    "the system, as a user",
    { target: { kind: "system" } },
    1000,
    paranoid(2),
    "warn perf-event-paranoid, fail system-rights",
  ],
  ["the system, open", { target: { kind: "system" } }, 1000, paranoid(0), ""],
  ["two processes, one gone", { target: { ...pid, pids: [78] } }, 0, {}, "fail no-such-process"],
];
test.each(asks)("preflight of %s", async (_, part, uid, files, expected) => {
  const host = fakeHost({
    uid,
    tools,
    probes: listing,
    files: { ...paranoid(1), ...files },
    targets: [mine],
  });
  expect(await failedAndWarned(host, { ...request, ...part } as never)).toBe(expected);
});

test("preflight: a program that is not there", async () => {
  const host = fakeHost({ tools, probes, files: paranoid(2) });
  const target = { kind: "launch", argv: ["no-such"], cwd: "", env: {} } as const;
  expect(await failedAndWarned(host, { ...request, target } as never)).toBe("fail no-such-program");
});
