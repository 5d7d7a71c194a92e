import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { factWords } from "../../../../main/core/model/fact-words.ts";
import { recordRequestSchema } from "../../../../main/core/model/recording.ts";
import { perf } from "../../../../main/core/profilers/perf.ts";
import type { Check } from "../../../../main/core/profilers/profiler.ts";
import { checkMachine } from "../../../../main/core/profilers/shared/check-machine.ts";
import { callGraphFor, checkTargetQuality } from "../../../../main/core/profilers/shared/check-target.ts";
import { fakeFacts, fakeHost } from "../../../fakes/fake-host.ts";

/** A machine on which an unprivileged user may do everything. */
const files: Readonly<Record<string, string>> = {
  "/proc/sys/kernel/perf_event_paranoid": "1\n",
  "/proc/sys/kernel/kptr_restrict": "0\n",
  "/proc/sys/kernel/yama/ptrace_scope": "0\n",
  "/proc/sys/kernel/perf_event_mlock_kb": "516\n",
  "/proc/sys/kernel/perf_event_max_sample_rate": "100000\n",
  "/proc/sys/kernel/osrelease": "6.12.4-amd64\n",
  "/proc/self/status": "Name:\tnode\nNSpid:\t4711\nCapEff:\t0000000000000000\n",
  "/proc/self/mounts": "nodev /sys/kernel/tracing tracefs rw 0 0\n",
  "/sys/kernel/tracing/README": "tracing mini-HOWTO",
  "/sys/kernel/btf/vmlinux": "\x9f\xeb",
  "/proc/kallsyms": "ffffffff81000000 T startup_64\nffffffff81000060 t secondary\n",
  "/proc/loadavg": "0.40 0.50 0.60 1/200 4711\n",
  "/proc/stat": "cpu  1 2\ncpu0 1 2\ncpu1 1 2\n",
  "/proc/meminfo": "MemTotal: 16000 kB\nMemAvailable: 9000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
};
const tools = { perf: "/usr/bin/perf", getcap: "/sbin/getcap" };
const probes = {
  "/usr/bin/perf --version": "perf version 6.1.187\n",
  "/usr/bin/perf version --build-options": "  dwarf: [ on  ]  # HAVE_DWARF_SUPPORT\n  zstd: [ on  ]\n",
  "/sbin/getcap /usr/bin/perf": "",
};

type Machine = NonNullable<Parameters<typeof fakeHost>[0]>;
const bare: Machine = { uid: 1000, files, tools, probes };
const changed = (changes: Readonly<Record<string, string | null>>): Machine => ({
  ...bare,
  files: Object.fromEntries(
    Object.entries({ ...files, ...changes }).flatMap(([path, text]) => (text === null ? [] : [[path, text]])),
  ),
});
const troubles = async (machine: Machine): Promise<readonly Check[]> =>
  (await checkMachine(fakeHost(machine))).filter((check) => check.status !== "ok");

test("nothing stands in the way on a machine that allows everything", async () => {
  expect(await troubles(bare)).toEqual([]);
});

const sysctl = (name: string, value: string | null): Machine =>
  changed({ [`/proc/sys/kernel/${name}`]: value });

describe("each obstacle alone is named, with its fix", () => {
  test.each<[string, Machine, string, "warn" | "fail", RegExp]>([
    ["paranoid 2", sysctl("perf_event_paranoid", "2"), "perf-event-paranoid", "warn", /sysctl.*paranoid=1/],
    ["paranoid 3", sysctl("perf_event_paranoid", "3"), "perf-event-paranoid", "fail", /sysctl.*paranoid=1/],
    ["no events", sysctl("perf_event_paranoid", null), "no-perf-events", "warn", /PERFMON/],
    ["ptrace 1", sysctl("yama/ptrace_scope", "1"), "ptrace-scope", "warn", /ptrace_scope=0/],
    ["ptrace 2", sysctl("yama/ptrace_scope", "2"), "ptrace-scope", "fail", /ptrace_scope=0/],
    ["ptrace 3", sysctl("yama/ptrace_scope", "3"), "ptrace-scope", "fail", /restart/],
    ["kptr", sysctl("kptr_restrict", "1"), "kptr-restrict", "warn", /kptr_restrict=0/],
    ["mlock", sysctl("perf_event_mlock_kb", "64"), "perf-mlock", "warn", /mlock_kb=516/],
    ["throttled", sysctl("perf_event_max_sample_rate", "250"), "max-sample-rate", "warn", /=100000/],
    ["kallsyms", changed({ "/proc/kallsyms": "0000000000000000 T a\n" }), "kernel-symbols", "warn", /sysctl/],
    ["tracefs closed", changed({ "/sys/kernel/tracing/README": null }), "tracefs", "warn", /remount/],
    [
      "no tracefs",
      changed({ "/sys/kernel/tracing/README": null, "/proc/self/mounts": "" }),
      "tracefs",
      "warn",
      /mount -t tracefs/,
    ],
    ["no BTF", changed({ "/sys/kernel/btf/vmlinux": null }), "btf", "warn", /BTF/],
    ["no perf", { ...bare, tools: {} }, "perf-build", "warn", /apt install/],
    [
      "a poor perf",
      { ...bare, probes: { ...probes, "/usr/bin/perf version --build-options": " dwarf: [ OFF ]\n" } },
      "perf-build",
      "warn",
      /apt install/,
    ],
    [
      "an old perf",
      { ...bare, probes: { ...probes, "/usr/bin/perf --version": "perf version 4.19.316\n" } },
      "perf-build",
      "fail",
      /apt install/,
    ],
    ["a container", changed({ "/.dockerenv": "" }), "container", "warn", /--pid=host/],
    ["load", changed({ "/proc/loadavg": "9.10 8 7 1/2 3\n" }), "load", "warn", /^ps /],
    [
      "memory",
      changed({ "/proc/meminfo": "MemTotal: 16000 kB\nMemAvailable: 90 kB\n" }),
      "load",
      "warn",
      /^ps /,
    ],
    ["little disk", { ...bare, freeDiskBytes: 500 << 20 }, "disk-space", "warn", /Delete/],
    ["no disk", { ...bare, freeDiskBytes: 1 << 20 }, "disk-full", "fail", /Delete/],
  ])("%s", async (_, machine, id, status, fix) => {
    const found = await troubles(machine);
    expect(found.map((check) => check.id)).toEqual([id]);
    expect(found[0]).toMatchObject({ status, fix: expect.stringMatching(fix) });
    for (const text of [found[0]?.found, found[0]?.prevents, found[0]?.consequence])
      expect(text).toBeTruthy();
  });
});

describe("what rights clear", () => {
  const strict = {
    ...files,
    "/proc/sys/kernel/perf_event_paranoid": "3",
    "/proc/sys/kernel/perf_event_mlock_kb": "64",
  };
  test.each<[string, Machine]>([
    ["root", { ...bare, uid: 0, files: strict }],
    [
      "perf's file",
      {
        ...bare,
        files: strict,
        probes: { ...probes, "/sbin/getcap /usr/bin/perf": "/usr/bin/perf cap_perfmon=ep" },
      },
    ],
    [
      "what programs inherit",
      { ...bare, files: { ...strict, "/proc/self/status": "CapAmb:\t0000004000000000\n" } },
    ],
  ])("%s", async (_, machine) => {
    expect(await troubles(machine)).toEqual([]);
  });
});

describe("perf is judged as the doctor judges", () => {
  const root = (bound: string, level: string): Machine => ({
    ...changed({
      "/proc/self/status": `CapEff:\t${bound}\nCapBnd:\t${bound}\n`,
      "/proc/sys/kernel/perf_event_paranoid": level,
    }),
    uid: 0,
  });
  const counts = { "/usr/bin/perf stat -e cpu-clock:u /bin/true": "" };
  const asks = { tools: { ...tools, true: "/bin/true" }, probes: { ...probes, ...counts } };
  test.each<[string, Machine, readonly string[]]>([
    ["level 2", sysctl("perf_event_paranoid", "2"), ["warn perf-event-paranoid"]],
    ["a kernel that refuses", sysctl("perf_event_paranoid", "3"), ["fail perf-event-paranoid"]],
    [
      "a kernel without that level",
      { ...sysctl("perf_event_paranoid", "4"), ...asks },
      ["warn perf-event-paranoid"],
    ],
    ["kptr_restrict", sysctl("kptr_restrict", "2"), ["warn kptr-restrict"]],
    ["the quota", sysctl("perf_event_mlock_kb", "64"), ["warn perf-mlock"]],
    ["root", root("000001ffffffffff", "4"), []],
    ["root of a container", root("00000000a80425fb", "2"), ["warn perf-event-paranoid"]],
    ["no events", sysctl("perf_event_paranoid", null), ["warn no-perf-events"]],
  ])("%s", async (_, machine, expected) => {
    const host = fakeHost(machine);
    const bad = (checks: readonly Check[]): readonly string[] =>
      checks.filter(({ status }) => status !== "ok").map(({ status, id }) => `${status} ${id}`);
    const request = { profiler: "perf", target: { kind: "launch", argv: ["/bin/x"] }, options: {} };
    const before = await perf.preflight(host, v.parse(recordRequestSchema, request));
    expect(bad(before)).toEqual(expected);
    const doctor = await checkMachine(host);
    for (const check of before.filter(({ status }) => status !== "ok"))
      expect(doctor.find(({ id }) => id === check.id)).toEqual(check);
  });

  test("root without its rights is told which are missing", async () => {
    const found = await troubles(root("00000000a80425fb", "1"));
    expect(found.map(({ id }) => id)).toEqual(["capabilities"]);
    expect(found[0]?.found).toContain("CAP_PERFMON");
    expect(found[0]?.fix).toContain("--cap-add=PERFMON");
  });
});

test.each<[Parameters<typeof fakeFacts>[0], readonly string[], "fp" | "dwarf"]>([
  [{}, [], "fp"],
  [{ framePointers: false }, ["frame-pointers"], "dwarf"],
  [{ framePointers: null, symbols: null, optimised: null }, [], "fp"],
  [{ symbols: "dynamic" }, ["symbols"], "fp"],
  [{ symbols: "none" }, ["symbols"], "fp"],
  [{ optimised: false }, ["optimised"], "fp"],
  [{ sanitizers: ["address"] }, ["sanitizers"], "fp"],
  [{ sanitizers: ["leak", "undefined"] }, [], "fp"],
  [{ language: "python", symbols: "dynamic", framePointers: false }, [], "fp"],
  [{ language: "python", version: "3.13.0", flags: ["-Xperf"], framePointers: null }, [], "dwarf"],
  [{ namespaces: { pid: true, mount: true, user: false }, pidInside: 1 }, ["namespaces"], "fp"],
])("a program's file foretells its profile: %j", (part, ids, callGraph) => {
  const facts = fakeFacts(part);
  const found = checkTargetQuality(facts).filter((check) => check.status !== "ok");
  expect(found.map((check) => check.id)).toEqual(ids);
  for (const check of found) expect(check.fix).not.toBe("");
  expect(callGraphFor(facts).callGraph).toBe(callGraph);
  expect(callGraphFor(null).callGraph).toBe("fp");
});

test("facts in words", () => {
  expect(
    factWords(fakeFacts({ language: "python", version: "3.11.2", optimised: false, debugInfo: false })),
  ).toEqual(["Python 3.11.2", "symbols full", "frame pointers yes", "built without optimisation!"]);
  expect(factWords(fakeFacts({ language: "", sanitizers: ["address", "undefined"] })).at(-1)).toBe(
    "built with AddressSanitizer and UndefinedBehaviorSanitizer!",
  );
  expect(factWords(fakeFacts({ language: "", symbols: null, framePointers: null, debugInfo: null }))).toEqual(
    [],
  );
});
