import { describe, expect, test } from "vitest";
import type { OptionValues, RecordTarget, TargetFacts } from "#core/model/recording.ts";
import { austin } from "#core/profilers/austin.ts";
import { cprofile } from "#core/profilers/cprofile.ts";
import type { Check, Detection, Profiler, RecordingPlan } from "#core/profilers/profiler.ts";
import { pySpy } from "#core/profilers/py-spy.ts";
import { pySpyDump } from "#core/profilers/py-spy-dump.ts";
import { rbspy } from "#core/profilers/rbspy.ts";
import { onceAProgram } from "#core/profilers/shared/once-a-program.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { pySpyRunner } from "#core/profilers/shared/py-spy-runner.ts";
import { readPySpyWords } from "#core/profilers/shared/py-spy-words.ts";
import { rbspyRunner } from "#core/profilers/shared/rbspy-runner.ts";
import { fakeFacts, fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";

const found: Detection = { path: "/opt/tool", version: "1.2.3", features: ["setpriv", "stdbuf", "ptrace"] };
const bare: Detection = { ...found, features: [] };
const pid: RecordTarget = { kind: "pid", pid: 77 };
const launch = (...argv: readonly string[]): RecordTarget => ({
  kind: "launch",
  argv: [...argv],
  cwd: "/srv",
  env: { LANG: "C" },
});

const requestFor = (profiler: Profiler, target: RecordTarget, options: OptionValues = {}) => ({
  profiler: profiler.id,
  target,
  options,
  durationS: null,
  output: "",
  elevate: "" as const,
});

function planned(
  profiler: Profiler,
  target: RecordTarget,
  options: OptionValues = {},
  detection = found,
): RecordingPlan {
  const values = resolveOptions(profiler.options, options);
  if (!values.ok) throw new Error(values.problem.message);
  return profiler.plan(requestFor(profiler, target, options), values.value, detection, 77);
}

/** What of a plan matters: functions are called. */
function told({ source, launch: launched, ...rest }: RecordingPlan): unknown {
  const { readStderr: _, ...plain } = rest;
  const steps =
    source.type === "chunks" ? { ...source, chunk: [0, 1, 2].map((index) => source.chunk(index)) } : source;
  const text = JSON.stringify({ ...plain, launched, source: steps });
  return JSON.parse(
    text
      .replaceAll(JSON.stringify(pySpyRunner), '"(the runner)"')
      .replaceAll(JSON.stringify(rbspyRunner), '"(the runner)"')
      .replaceAll(JSON.stringify(onceAProgram), '"(once a program)"'),
  );
}

const plans: readonly (readonly [string, Profiler, RecordTarget, OptionValues, Detection])[] = [
  ["py-spy, defaults", pySpy, pid, {}, found],
  ["py-spy, nothing but py-spy", pySpy, pid, {}, bare],
  [
    "py-spy, everything",
    pySpy,
    pid,
    { rate: 200, children: false, idle: true, native: true, nonblocking: true, update: 1 },
    found,
  ],
  ["py-spy, holders of the GIL", pySpy, pid, { gil: true, idle: true }, found],
  ["py-spy, launch", pySpy, launch("python3", "a b.py"), {}, found],
  ["py-spy dump, defaults", pySpyDump, pid, {}, found],
  [
    "py-spy dump, everything",
    pySpyDump,
    pid,
    { every: 5, children: true, native: true, nonblocking: true },
    bare,
  ],
  ["austin, defaults", austin, pid, {}, found],
  ["austin, everything", austin, pid, { rate: 1000, children: false, idle: true, gc: true }, bare],
  ["austin, launch", austin, launch("python3", "a.py"), {}, found],
  [
    "cProfile, a script",
    cprofile,
    launch("/usr/bin/python3", "-X", "dev", "-B", "a.py", "-o", "x"),
    {},
    found,
  ],
  ["cProfile, a module", cprofile, launch("python3.12", "-m", "http.server", "80"), {}, found],
  ["rbspy, defaults", rbspy, pid, {}, found],
  ["rbspy, everything", rbspy, pid, { onCpu: true, children: false, nonblocking: true, update: 1 }, bare],
  ["rbspy, as root", rbspy, pid, {}, { ...found, features: [...found.features, "python3=/usr/bin/python3"] }],
  ["rbspy, launch", rbspy, launch("ruby", "a.rb"), {}, found],
];
test.each(plans)("plan: %s", (_, profiler, target, options, detection) => {
  expect(told(planned(profiler, target, options, detection))).toMatchSnapshot();
});

test("local variables are never read", () => {
  const everything: readonly OptionValues[] = [{}, { native: true, children: true }];
  for (const options of everything) {
    expect(planned(pySpyDump, pid, options).commands.join()).not.toMatch(/ -l\b|--locals/);
  }
});

/** Verbatim from py-spy 0.4.3 unless said otherwise. */
const words: readonly (readonly [string, string])[] = [
  [
    "Permission Denied: Try running again with elevated permissions by going 'sudo env \"PATH=$PATH\" !!'",
    "not-permitted",
  ],
  ["Error: Failed to find python version from target process", "not-python"],
  ["Error: No python processes found in process 32106 or any of its subprocesses", "not-python"],
  ["Error: Failed to get process executable name. Check that the process is running.", "no-such-process"],
  ["Error: Unsupported version of Python: 3.99.0", "python-unsupported"],
  ["py-spy> 1.00s behind in sampling, results may be inaccurate. Try reducing the sampling rate", "note"],
  ["py-spy> Wrote raw flamegraph data to 'y.raw'. Samples: 391 Errors: 24", "lost 24"],
  ["py-spy> Wrote raw flamegraph data to 'x.raw'. Samples: 1794 Errors: 0", ""],
  ["py-spy> Sampling process 100 times a second for 3 seconds. Press Control-C to exit.", ""],
  ["py-spy> Stopped sampling because process exited", ""],
];
test.each(words)("%s: %s", (line, expected) => {
  const finding = readPySpyWords(line);
  const said =
    finding === null
      ? ""
      : finding.type === "problem"
        ? finding.problem.code
        : finding.type === "lost"
          ? `lost ${finding.samples}`
          : finding.type;
  expect(said).toBe(expected);
});

test("austin takes no thread of a container for idle, whose numbers it cannot find", () => {
  const facts = fakeFacts({ namespaces: { pid: true, mount: true, user: false } });
  const { source, remarks } = austin.plan(requestFor(austin, pid), {}, found, 77, facts);
  expect(JSON.stringify(source)).not.toContain("--sleepless");
  expect(remarks.join()).toContain("idle ones count as well");
});

/** Verbatim from austin 3.7.0 and rbspy 0.55.0. */
const otherWords: readonly (readonly [Profiler, string, string])[] = [
  [austin, "Cannot attach to the given process. Make sure that the PID you have provided", "no-such-process"],
  [
    austin,
    "process. Make sure that you are targeting the right application. If the Python",
    "interpreter-not-found",
  ],
  [austin, "👽 Not a Python process.", "interpreter-not-found"],
  [rbspy, "- Permission denied (os error 13)", "not-permitted"],
  [rbspy, "- Couldn't get ruby version: Failed to locate Ruby version symbol", "not-ruby"],
  [rbspy, "- No such file or directory (os error 2)", "no-such-process"],
];
test.each(otherWords)("$id: %s", (profiler, line, code) => {
  expect(planned(profiler, pid).readStderr(line)).toMatchObject({ type: "problem", problem: { code } });
});

describe("checks", () => {
  const python = fakeTarget({ runtime: "python", name: "python3", pid: 77 });
  const machine = (part: Parameters<typeof fakeHost>[0] = {}) =>
    fakeHost({
      uid: 1000,
      tools: { "py-spy": "/opt/py-spy", python3: "/usr/bin/python3" },
      probes: { "/opt/py-spy --version": "py-spy 0.4.3" },
      targets: [python],
      ...part,
    });
  const checksOf = async (
    part: Parameters<typeof fakeHost>[0],
    profiler = pySpy,
  ): Promise<readonly Check[]> => profiler.preflight(machine(part), requestFor(profiler, pid));
  const standing = (checks: readonly Check[]): readonly string[] =>
    checks.filter(({ status }) => status !== "ok").map(({ id, status }) => `${id} ${status}`);
  const scope = "/proc/sys/kernel/yama/ptrace_scope";

  const cases: readonly (readonly [string, Parameters<typeof fakeHost>[0], readonly string[]])[] = [
    ["nothing in the way", {}, []],
    ["py-spy is missing", { tools: {} }, ["tool-missing fail"]],
    ["py-spy does not run", { probes: {} }, ["tool-failed fail"]],
    ["ptrace_scope 0", { files: { [scope]: "0\n" } }, []],
    ["ptrace_scope 1", { files: { [scope]: "1\n" } }, ["ptrace-scope fail"]],
    ["ptrace_scope 1, as root", { uid: 0, files: { [scope]: "1\n" } }, []],
    ["ptrace_scope 3, as root", { uid: 0, files: { [scope]: "3\n" } }, ["ptrace-scope fail"]],
    ["somebody else's", { targets: [{ ...python, own: false }] }, ["not-yours fail"]],
    ["somebody else's, as root", { uid: 0, targets: [{ ...python, own: false }] }, []],
    ["in a container", { targets: [{ ...python, container: "web" }] }, ["in-container warn"]],
    ["no Python", { targets: [{ ...python, runtime: "java" }] }, ["not-python fail"]],
    ["perhaps a Python built in", { targets: [{ ...python, runtime: "native" }] }, ["not-python warn"]],
    ["gone", { targets: [] }, ["no-such-process fail"]],
  ];
  test.each(cases)("%s", async (_, part, expected) => {
    const checks = await checksOf(part);
    expect(standing(checks)).toEqual(expected);
    for (const check of checks.filter(({ status }) => status === "fail")) {
      expect(check.fix).not.toBe("");
      expect(check.prevents).not.toBe("");
    }
  });

  test("a capability of the file is enough for processes of others", async () => {
    const checks = await checksOf({
      tools: { "py-spy": "/opt/py-spy", getcap: "/sbin/getcap" },
      probes: {
        "/opt/py-spy --version": "py-spy 0.4.3",
        "/sbin/getcap /opt/py-spy": "/opt/py-spy cap_sys_ptrace=ep",
      },
      targets: [{ ...python, own: false }],
      files: { [scope]: "1\n" },
    });
    expect(standing(checks)).toEqual([]);
  });

  const commands: readonly (readonly [readonly string[], boolean])[] = [
    [["python3", "a.py"], true],
    [["/usr/bin/python3.12", "-u", "-W", "ignore", "a.py", "x"], true],
    [["python3", "-m", "timeit"], true],
    [["python3", "-m"], false],
    [["python3", "-c", "print(1)"], false],
    [["python3"], false],
    [["python3", "-"], false],
    [["./a.py"], false],
    [["node", "a.js"], false],
  ];
  test.each(commands)("cProfile takes %j: %s", async (argv, taken) => {
    const target = { kind: "launch" as const, argv: [...argv], cwd: "", env: {} };
    expect(cprofile.suitsLaunch(target, null) !== null).toBe(taken);
    const checks = await cprofile.preflight(machine(), requestFor(cprofile, target));
    expect(checks.some(({ id }) => id === "not-a-python-script")).toBe(!taken);
    expect(checks.some(({ id, status }) => id === "slowdown" && status === "warn")).toBe(true);
  });
});

const versions: readonly (readonly [TargetFacts | null, boolean])[] = [
  [null, true],
  [fakeFacts({ version: "" }), true],
  [fakeFacts({ version: "3.11.2" }), true],
  [fakeFacts({ version: "3.8.18" }), true],
  [fakeFacts({ version: "3.6.15" }), false],
  [fakeFacts({ version: "2.7.18" }), false],
];
test.each(versions)("austin and the version of $version: %s", (facts, taken) => {
  expect(austin.suits(fakeTarget({ runtime: "python" }), facts) !== null).toBe(taken);
});
