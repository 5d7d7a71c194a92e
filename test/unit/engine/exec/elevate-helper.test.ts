import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { OptionValues, RecordRequest } from "#core/model/recording.ts";
import { austin } from "#core/profilers/austin.ts";
import { bpftraceLocks } from "#core/profilers/bpftrace-locks.ts";
import { bpftraceOffCpu } from "#core/profilers/bpftrace-off-cpu.ts";
import { perf } from "#core/profilers/perf.ts";
import { perfOffCpu } from "#core/profilers/perf-off-cpu.ts";
import { perfTrace } from "#core/profilers/perf-trace.ts";
import type { Profiler } from "#core/profilers/profiler.ts";
import { pySpy } from "#core/profilers/py-spy.ts";
import { rbspy } from "#core/profilers/rbspy.ts";
import { onceAProgram } from "#core/profilers/shared/once-a-program.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { pySpyRunner } from "#core/profilers/shared/py-spy-runner.ts";
import { rbspyRunner } from "#core/profilers/shared/rbspy-runner.ts";
import { commandFor, elevatedWords } from "../../../../main/engine/elevation.ts";
import { elevatedArguments } from "../../../../main/engine/exec/elevate-command.ts";
import { openPath } from "../../../reachable.ts";

const helper = fileURLToPath(new URL("../../../../native-scripts/flamewright-elevate", import.meta.url));

/** What the helper says of the words, without running anything: "" for yes. */
function judged(words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(helper, ["check", ...words], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect([0, 64]).toContain(status);
  expect(stderr === "").toBe(status === 0);
  return stderr.trim();
}

const target = ["-p", "77", "-o", "-"];
const request = {
  profiler: "",
  target: { kind: "pid", pid: 77 } as const,
  options: {},
  durationS: null,
  output: "",
};

/** What its runner takes before its words; the last is the process. */
const pySpyNumbers = ["2", "1", "2", "0", "77"];

const taken: readonly (readonly string[])[] = [
  ["perf-record", ...target],
  [
    "perf-record",
    "-k",
    "CLOCK_MONOTONIC",
    "-F",
    "997",
    "--no-buffering",
    "-g",
    "--sample-cpu",
    "-N",
    ...target,
  ],
  ["perf-record", "--call-graph", "dwarf,8192", "-m", "2048", "--all-user", ...target],
  ["perf-record", "--call-graph", "lbr", "--per-thread", "-T", "--no-inherit", "-p", "1,2,33", "-o", "-"],
  ["perf-record", "-e", "cycles:u,sched:sched_switch,syscalls:sys_enter_futex", "-a", "-o", "-"],
  ["perf-record", "-e", "sched:sched_switch,page-faults/freq=99/u,LLC-loads/freq=99/", "-a", "-o", "-"],
  ["perf-record", "-a", "-C", "0-3,5", "-G", "system.slice/nginx.service", "-o", "-", "-D", "-1"],
  ["strace", "-f", "-ttt", "-T", "-y", "-e", "trace=futex,%network", "-p", "77"],
  [
    "austin",
    "--interval",
    "10000us",
    "--sleepless",
    "--children",
    "--gc",
    "--timeout",
    "3000",
    "--pid",
    "77",
  ],
  ["py-spy", "2", "1", "2", "0", "77", "record", "--pid", "77", "--rate", "100", "--format", "speedscope"],
  [
    "rbspy",
    "2",
    "1",
    "2",
    "30",
    "77",
    "record",
    "--pid",
    "77",
    "--rate",
    "99",
    "--format",
    "summary",
    "--silent",
  ],
  ["perf-record", "--user-callchains", "--sample-cpu", "--per-thread", "--switch-events", ...target],
  [
    "perf-record",
    ...["-e", "sched:sched_switch", "-e", "sched:sched_waking/call-graph=no/"],
    ...["-e", "raw_syscalls:sys_exit/call-graph=no/", "-e", "cpu-clock/freq=99,name=cpu-clock/"],
    ...target,
  ],
];
const rbspyNumbers = ["2", "1", "2", "30", "77"];
test.each(taken)("taken: %s %s %s %s", (...words) => {
  expect(judged(words)).toBe("");
});

const refused: readonly (readonly string[])[] = [
  [],
  ["perf"],
  ["sh", "-c", "id"],
  ["perf-record; id", ...target],
  ["perf-record", "-p", "77"],
  ["perf-record", "-o", "-"],
  ["perf-record", "-p", "77", "-o", "/etc/passwd"],
  ["perf-record", "-p", "77", "-o-"],
  ["perf-record", "-p77", "-o", "-"],
  ["perf-record", "--pid=77", "-o", "-"],
  ["perf-record", "-p", "", "-o", "-"],
  ["perf-record", "-p", "77 78", "-o", "-"],
  ["perf-record", "-p", "77,", "-o", "-"],
  ["perf-record", "-p", "77\n-o /etc/x", "-o", "-"],
  ["perf-record", "-p", "$(id)", "-o", "-"],
  ["perf-record", "-p", "-1", "-o", "-"],
  ["perf-record", "-p"],
  ["perf-record", "--", "id"],
  ["perf-record", ...target, "--", "id"],
  ["perf-record", ...target, "id"],
  ["perf-record", ...target, "--control", "fifo:/etc/x"],
  ["perf-record", ...target, "--switch-output=1s"],
  ["perf-record", ...target, "-e", "/tmp/evil.c"],
  ["perf-record", ...target, "-e", "evil.o"],
  ["perf-record", ...target, "-e", "cpu/config=1/"],
  ["perf-record", ...target, "-e", "cpu/freq=x/"],
  ["perf-record", ...target, "-e", "cpu/freq=1,config=2/"],
  ["perf-record", ...target, "-e", "cpu/config=1,a/freq=1/"],
  ["perf-record", ...target, "-e", "/freq=1/x"],
  ["perf-record", ...target, "-e", "cycles,./x.c"],
  ["perf-record", ...target, "-e", "cycles,,x"],
  ["perf-record", ...target, "-e", "-x"],
  ["perf-record", ...target, "--filter", 'COMM != "sh"'],
  ["perf-record", ...target, "-F", "99; id"],
  ["perf-record", ...target, "-F", "1000000"],
  ["perf-record", ...target, "-F", "99999999999999999999"],
  ["perf-record", ...target, "-F", "0x10"],
  ["perf-record", ...target, "-k", "mono; id"],
  ["perf-record", ...target, "-m", "2048G"],
  ["perf-record", ...target, "--call-graph", "dwarf,8192,x"],
  ["perf-record", ...target, "-G", "../../x"],
  ["perf-record", ...target, "-G", "a,b"],
  ["perf-record", ...target, "-C", "0;1"],
  ["perf-record", ...target, "-F"],
  ["perf-record", ...target, "-*"],
  ["perf-record", "-é", ...target],
  ["perf-record", ...target, "--user-callchains=x"],
  ["perf-record", ...target, "--user-callchains", "id"],
  ["perf-record", ...target, "--sample-cpu=1"],
  ["perf-record", ...target, "--sample-identifier"],
  ["perf-record", ...target, "-e", "sched:sched_switch/call-graph=no/"],
  ["perf-record", ...target, "-e", "raw_syscalls:sys_exit/call-graph=dwarf/"],
  ["perf-record", ...target, "-e", "cpu-clock/freq=99,name=x/"],
  ["perf-record", ...target, "-e", "cpu-clock/freq=99;id,name=cpu-clock/"],
  ["strace", "-o", "/etc/x", "-p", "77"],
  ["strace", "-o", "|id", "-p", "77"],
  ["strace", "-p", "77", "id"],
  ["strace", "-E", "LD_PRELOAD=x", "-p", "77"],
  ["strace", "id"],
  ["strace", "-p", "`id`"],
  ["austin"],
  ["austin", "--pid", "77", "id"],
  ["austin", "--pid", "77", "--output", "/etc/x"],
  ["austin", "--interval", "1;id", "--pid", "77"],
  ["austin", "python3", "--pid"],
  ["py-spy"],
  ["py-spy", ...pySpyNumbers],
  ["py-spy", ...pySpyNumbers, "record"],
  ["py-spy", ...pySpyNumbers, "record", "--pid", "78"],
  ["py-spy", ...pySpyNumbers, "dump", "--pid", "77"],
  ["py-spy", ...pySpyNumbers, "record", "--pid", "77", "--output", "/etc/x"],
  ["py-spy", ...pySpyNumbers, "record", "--pid", "77", "-o", "/etc/x"],
  ["py-spy", ...pySpyNumbers, "record", "--pid", "77", "--format", "raw"],
  ["py-spy", ...pySpyNumbers, "record", "--pid", "77", "--", "id"],
  ["py-spy", "2", "1", "2", "x", "77", "record", "--pid", "77"],
  ["py-spy", "2", "1", "2 3", "0", "77", "record", "--pid", "77"],
  ["py-spy", "2", "1", "2", "record", "--pid", "77"],
  ["rbspy"],
  ["rbspy", ...rbspyNumbers],
  ["rbspy", ...rbspyNumbers, "record"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "77", "--silent --on-cpu"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "78"],
  ["rbspy", ...rbspyNumbers, "snapshot", "--pid", "77"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "77", "--raw-file", "/etc/x"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "77", "--file", "/etc/x"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "77", "--format", "flamegraph"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "77", "--no-drop-root"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "77", "--", "id"],
  ["rbspy", ...rbspyNumbers, "record", "--pid", "77", "id"],
  ["rbspy", "2", "1", "2;id", "30", "77", "record", "--pid", "77"],
  ["rbspy", "2", "1", "2", "77", "record", "--pid", "77"],
  ["bpftrace"],
  ["bpftrace", "-f", "json", "/tmp/x.bt"],
  ["bpftrace", "-e", ""],
  ["bpftrace", "-e", 'BEGIN { system("id") }'],
  ["bpftrace", "--unsafe", "-e", "BEGIN {}"],
  ["bpftrace", "-c", "id", "-e", "BEGIN {}"],
  ["bpftrace", "-I", "/tmp", "-e", "BEGIN {}"],
];
test.each(refused.map((words) => ({ words })))("refused: $words", ({ words }) => {
  expect(judged(words)).toMatch(/^@refused elevate-refused /);
});

test("without root it runs nothing", () => {
  const run = spawnSync(
    "setpriv",
    ["--reuid", "65534", "--clear-groups", "--", openPath(helper), "perf-record", ...target],
    {
      encoding: "utf8",
      input: "",
    },
  );
  // Only root can become nobody; everybody else is nobody enough.
  const mine =
    process.getuid?.() === 0 ? run : spawnSync(helper, ["perf-record", ...target], { encoding: "utf8" });
  expect({ status: mine.status, stderr: mine.stderr }).toEqual({
    status: 64,
    stderr: "@refused not-root it was not started as root\n",
  });
});

test("it is a program, and no shell string is made of an argument", () => {
  expect(statSync(helper).mode & 0o111).toBe(0o111);
  expect(readFileSync(helper, "utf8")).not.toMatch(/\beval\b|\bsh -c\b|`|\bsource\b/);
});

test("of bpftrace's programs only those in its list are run, with numbers for their arguments", () => {
  const text = readFileSync(helper, "utf8");
  const program = "profile:hz:99 /pid == $1/ {\n  @[ustack] = count();\n}\n";
  const sum = createHash("sha256").update(program).digest("hex");
  const folder = mkdtempSync(join(tmpdir(), "flamewright-helper-"));
  const knowing = join(folder, "flamewright-elevate");
  writeFileSync(
    knowing,
    text.replace("bpftrace_programs='\n", `bpftrace_programs='\n${sum} some-program\n`),
    {
      mode: 0o755,
    },
  );
  const says = (...words: readonly string[]): string =>
    spawnSync(knowing, ["check", "bpftrace", ...words], { encoding: "utf8" }).stderr.trim();
  try {
    expect(says("-q", "-f", "json", "-e", program, "77", "5")).toBe("");
    expect(says("-e", `${program} `, "77")).toMatch(/^@refused elevate-refused bpftrace runs no program but/);
    expect(says("-e", sum)).toMatch(/^@refused/);
    expect(says("-e", program, "77; id")).toMatch(/^@refused/);
    expect(says("-e", program, "-c", "id")).toMatch(/^@refused/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([bpftraceLocks, bpftraceOffCpu])(
  "$id as root is taken: the helper knows the text of its program",
  (profiler) => {
    const found = { path: "/opt/bpftrace", version: "1", features: ["setpriv"] };
    const plan = profiler.plan({ ...request, profiler: profiler.id }, {}, found, 77);
    const words = elevatedWords(plan) ?? [];
    const files = words.filter((word) => word.startsWith("{bpf}/"));
    expect(files).toHaveLength(1);
    const texts = words.map((word) =>
      word.startsWith("{bpf}/")
        ? readFileSync(
            fileURLToPath(new URL(`../../../../native-scripts/bpf/${word.slice(6)}`, import.meta.url)),
            "utf8",
          ).trimEnd()
        : word,
    );
    expect(judged(texts)).toBe("");
    // As a person sees it, and may run it.
    expect(commandFor("sudo", helper, words)).toMatch(
      / bpftrace -q -B line -f json -e "\$\(cat \/[^ ]*\/native-scripts\/bpf\/[a-z-]+\.bt\)" 77$/,
    );
  },
);

const helperText = readFileSync(helper, "utf8");

/** What a function of the helper writes that is nothing but text, after that of another or not. */
function textOf(name: string): string {
  const [, before, text] =
    new RegExp(
      `^${name}\\(\\) \\{\\n(?: {2}([a-z_]+)\\n)? {2}cat <<'END'\\n([\\s\\S]*?)END\\n\\}$`,
      "m",
    ).exec(helperText) ?? [];
  if (text === undefined) throw new Error(`the helper has no text ${name}`);
  return (before === undefined ? "" : textOf(before)) + text;
}

test.each([
  ["py_spy_runner", pySpyRunner],
  ["rbspy_runner", rbspyRunner],
  ["once_a_program", onceAProgram],
])("the helper runs what the recorder does, the same to the letter: %s", (name, text) => {
  expect(textOf(name)).toBe(text);
});

const interpreters: readonly (readonly [Profiler, OptionValues])[] = [
  [pySpy, {}],
  [pySpy, { idle: true, gil: true, children: true, native: true, rate: 250, update: 10 }],
  [pySpy, { nonblocking: false }],
  [rbspy, {}],
  [rbspy, { onCpu: true, children: false, nonblocking: false, rate: 250, update: 10 }],
  [austin, {}],
  [austin, { idle: true, children: true, gc: true, rate: 1000 }],
];
const programs: readonly RecordRequest["target"][] = [
  { kind: "pid", pid: 77 },
  { kind: "launch", argv: ["an-interpreter", "/srv/a.py"], cwd: "", env: {} },
];
const asked = interpreters.flatMap(([profiler, given]) =>
  programs.map((target) => [profiler, target.kind, given, target] as const),
);
test.each(asked)("every plan of $id as root is taken: %s, %o", (profiler, _, given, target) => {
  const values = resolveOptions(profiler.options, given);
  if (!values.ok) throw new Error(values.problem.message);
  const found = {
    path: `/home/anna/bin/${profiler.id}`,
    version: "1",
    features: ["setpriv", "stdbuf", "ptrace", "python3=/usr/bin/python3"],
  };
  const words = elevatedWords(profiler.plan({ ...request, target, options: given }, values.value, found, 77));
  expect(words?.[0]).toBe(profiler.id);
  // Which program it is, the helper decides.
  expect(words?.join(" ")).not.toContain("/");
  expect(judged(words ?? [])).toBe("");
});

const options: readonly OptionValues[] = [
  {},
  { callGraph: "dwarf", rate: 997 },
  { children: false },
  { perThread: true },
  { kernel: false },
];
test.each(options)("every plan of perf as root is taken: %o", (given) => {
  const values = resolveOptions(perf.options, given);
  if (!values.ok) throw new Error(values.problem.message);
  const found = {
    path: "/usr/bin/perf",
    version: "6.1",
    features: ["setpriv", "root", "privileged", "kernel"],
  };
  const words = elevatedWords(perf.plan({ ...request, options: given }, values.value, found, 77));
  expect(words?.[0]).toBe("perf-record");
  expect(judged(words ?? [])).toBe("");
});

const tracers: readonly (readonly [Profiler, OptionValues])[] = [
  [perfOffCpu, {}],
  [perfTrace, {}],
  [perfTrace, { stacks: "fp", children: false }],
  [perfTrace, { stacks: "none", pageCache: true }],
];
test.each(tracers.map(([profiler, given]) => [profiler.id, given, profiler] as const))(
  "every plan of %s as root is taken: %o",
  (_, given, profiler) => {
    const values = resolveOptions(profiler.options, given);
    if (!values.ok) throw new Error(values.problem.message);
    for (const features of [["setpriv", "root", "build-ids"], []]) {
      const found = { path: "/usr/bin/perf", version: "6.1", features };
      const words = elevatedWords(profiler.plan({ ...request, options: given }, values.value, found, 77));
      expect(words?.[0]).toBe("perf-record");
      expect(judged(words ?? [])).toBe("");
    }
  },
);

test("a stage becomes a verb and its arguments; what has no verb is not run as root", () => {
  const prefix = ["setpriv", "--pdeathsig", "TERM", "--"];
  expect(
    elevatedArguments([...prefix, "/usr/bin/perf", "record", "-g", "--control", "fd:3,4", "-D", "-1"]),
  ).toEqual(["perf-record", "-g", "-D", "-1"]);
  expect(elevatedArguments(["strace", "-f", "-o", "|cat", "-p", "7"])).toEqual(["strace", "-f", "-p", "7"]);
  for (const argv of [[], ["perf"], ["perf", "script"], ["sh", "-c", "perf record"], [...prefix, "node"]])
    expect(elevatedArguments(argv)).toBeNull();
});
