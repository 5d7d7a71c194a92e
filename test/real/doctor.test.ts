import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, chownSync, constants, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DoctorReport } from "#core/contract.ts";
import { ensureBuilt, runCli, temporaryHome } from "../hosts/built.ts";
import { needs } from "../needs.ts";
import { buildProgram, startProgram } from "../programs/build.ts";
import { openCli } from "../reachable.ts";
import { maySmallDisk, mountSmallDisk, unmountSmallDisk } from "../unit/engine/small-disk.ts";
import { cliAsNobody } from "./as-nobody.ts";

/** What stands in the way, put there for real and one at a time: the doctor names it, what it prevents and its fix. */

let home = "";
beforeAll(async () => {
  await ensureBuilt();
  home = await temporaryHome();
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** The system's own tools: those of interpreters that lie elsewhere take a second to tell their versions. */
const PATH = "/usr/bin:/bin";

const reportOf = (text: string): DoctorReport => JSON.parse(text) as DoctorReport;

async function doctor(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<DoctorReport> {
  const { code, out, err } = await runCli(home, ["doctor", "--json", ...args], { PATH, ...env });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return reportOf(out);
}

async function doctorOfNobody(args: readonly string[] = []): Promise<DoctorReport> {
  const { code, text } = await cliAsNobody(["doctor", "--json", ...args], "", []);
  expect(code, text).toBe(0);
  return reportOf(text);
}

const machine = ({ checks }: DoctorReport, id: string) => checks.find((check) => check.id === id);
const ofTarget = ({ target }: DoctorReport, id: string) => target.find((check) => check.id === id);

test("no perf on PATH", async () => {
  const empty = await mkdtemp(join(tmpdir(), "flamewright-empty-"));
  try {
    const report = await doctor([], { PATH: empty });
    expect(machine(report, "perf-build")).toMatchObject({
      status: "warn",
      found: "perf is not on PATH",
      prevents: "Native programs and the kernel cannot be sampled.",
      fix: "sudo apt install linux-perf",
    });
    expect(report.tools.find(({ profiler }) => profiler === "perf")?.problem).toMatchObject({
      code: "tool-missing",
      fix: expect.stringContaining("apt install linux-perf"),
    });
    expect(report.helpers.find(({ program }) => program === "gdb")).toMatchObject({
      path: "",
      purpose: expect.stringContaining("heaptrack"),
      fix: "sudo apt install gdb",
    });
  } finally {
    await rm(empty, { recursive: true });
  }
});

needs("cc")("a target that makes a poor profile", () => {
  test("stripped", async () => {
    const [program, path] = [await startProgram("split-stripped"), await buildProgram("split-stripped")];
    try {
      const report = await doctor(["--pid", `${program.pid}`]);
      expect(ofTarget(report, "symbols")).toMatchObject({
        status: "warn",
        found: `${path} is stripped: only what it exports has a name`,
        prevents: "Its own functions show as addresses.",
        fix: expect.stringMatching(/not stripped \(no -s, no strip\).*-dbgsym/),
      });
    } finally {
      await program.stop();
    }
  });

  test("without frame pointers, and with all its symbols", async () => {
    const program = await startProgram("split-dwarf");
    try {
      const report = await doctor(["--pid", `${program.pid}`]);
      expect(ofTarget(report, "symbols")?.status).toBe("ok");
      expect(ofTarget(report, "frame-pointers")).toMatchObject({
        status: "warn",
        found: "The program was built without frame pointers",
        prevents: expect.stringContaining("skip callers"),
        fix: "Build with -fno-omit-frame-pointer, or record with the call graph DWARF.",
      });
    } finally {
      await program.stop();
    }
  });
});

const NOBODY = 65_534;

const setting = (name: string): string => `/proc/sys/kernel/${name}`;

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The whole machine's: as short as one look of the doctor. */
async function withSetting<T>(name: string, value: number, look: () => Promise<T>): Promise<T> {
  const before = readFileSync(setting(name), "latin1");
  try {
    writeFileSync(setting(name), `${value}`);
    return await look();
  } finally {
    writeFileSync(setting(name), before);
  }
}

/** Kernels as they come let users at level 3 what they let them at 2; those of Debian and Ubuntu refuse. */
const nobodyMaySample = (): boolean =>
  spawnSync("/usr/bin/perf", ["stat", "-e", "cpu-clock:u", "/bin/true"], {
    uid: NOBODY,
    gid: NOBODY,
    cwd: "/",
  }).status === 0;

needs("root", "perf")("obstacles that only root can put in the way", () => {
  describe.skipIf(!mayWrite(setting("perf_event_paranoid")))("settings of the kernel", () => {
    test("perf_event_paranoid 3, for a user, and the fix", async () => {
      const [strict, maySample] = await withSetting("perf_event_paranoid", 3, async () => [
        await doctorOfNobody(),
        nobodyMaySample(),
      ]);
      expect(machine(strict, "perf-event-paranoid")).toMatchObject({
        status: maySample ? "warn" : "fail",
        found: "perf_event_paranoid is 3",
        prevents: expect.stringContaining(maySample ? "The kernel's side" : "refuses perf to users"),
        fix: "sudo sysctl kernel.perf_event_paranoid=1",
        consequence: expect.stringContaining("/etc/sysctl.d makes it last"),
      });
      const fixed = await withSetting("perf_event_paranoid", 1, () => doctorOfNobody());
      expect(machine(fixed, "perf-event-paranoid")?.status).toBe("ok");
    });

    test("kptr_restrict 2, even for root", async () => {
      const report = await withSetting("kptr_restrict", 2, () => doctor());
      expect(machine(report, "kptr-restrict")).toMatchObject({
        status: "warn",
        found: "kptr_restrict is 2",
        prevents: "Kernel frames show as addresses without names.",
        fix: "sudo sysctl kernel.kptr_restrict=0",
      });
      expect(machine(report, "kernel-symbols")).toMatchObject({
        status: "warn",
        found: "/proc/kallsyms hides the addresses from this user",
        fix: expect.stringContaining("sudo sysctl kernel.kptr_restrict=0"),
      });
    });
  });

  test("a user without rights, and a process that is root's", async () => {
    const report = await doctorOfNobody(["--pid", `${process.pid}`]);
    expect(machine(report, "capabilities")?.found).toBe("Of what this user starts: none that profilers use");
    expect(ofTarget(report, "not-yours")).toMatchObject({
      status: "fail",
      found: expect.stringMatching(new RegExp(`^Process ${process.pid} .* belongs to root\\.$`)),
      fix: `Run Flamewright as root: sudo -u root flamewright record --pid ${process.pid}`,
    });
  });

  test.skipIf(!maySmallDisk)("a disk without room, and the fix", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flamewright-small-"));
    mountSmallDisk(folder, 1);
    try {
      const report = await doctor([], { FLAMEWRIGHT_HOME: join(folder, "home") });
      expect(machine(report, "disk-full")).toMatchObject({
        status: "fail",
        found: expect.stringMatching(/^\d.* are free where sessions are written$/),
        prevents: "Nothing could be kept.",
        fix: "Delete sessions that are not needed, or give FLAMEWRIGHT_HOME the path of a folder on another disk.",
      });
    } finally {
      unmountSmallDisk(folder);
      await rm(folder, { recursive: true });
    }
    expect(machine(await doctor(), "disk-full")).toBeUndefined();
  });

  /** The doctor of a user, among mounts of its own that a script has made. */
  async function doctorAmong(script: string): Promise<DoctorReport> {
    const own = await mkdtemp(join(tmpdir(), "flamewright-mounts-"));
    try {
      chownSync(own, NOBODY, NOBODY);
      const identity = ["setpriv", "--reuid", `${NOBODY}`, "--regid", `${NOBODY}`, "--clear-groups"];
      const argv = [...identity, process.execPath, openCli(), "doctor", "--json"];
      const env = { PATH, HOME: own, FLAMEWRIGHT_HOME: join(own, "home") };
      const words = ["--mount", "sh", "-c", `${script} && exec "$@"`, "sh", ...argv];
      const { stdout } = await promisify(execFile)("unshare", words, { env, cwd: "/", maxBuffer: 1 << 24 });
      return reportOf(stdout);
    } finally {
      await rm(own, { recursive: true });
    }
  }

  /** A setting as a kernel has it that knows Yama, or a stricter one: this one's, and one other. */
  const withKernel = (name: string, value: number): string =>
    `mount -t tmpfs tmpfs /mnt && cp /proc/sys/kernel/perf_event_* /proc/sys/kernel/kptr_restrict /proc/sys/kernel/osrelease /mnt &&
    chmod 644 /mnt/* && mkdir /mnt/yama && echo ${value} >/mnt/${name} && mount --bind /mnt /proc/sys/kernel`;

  const mounted: readonly (readonly [what: string, script: string, id: string, check: object])[] = [
    [
      "ptrace_scope 1",
      withKernel("yama/ptrace_scope", 1),
      "ptrace-scope",
      {
        status: "warn",
        found: "ptrace_scope is 1",
        prevents: "py-spy, austin and rbspy may not read processes that they did not start themselves.",
        fix: "sudo sysctl kernel.yama.ptrace_scope=0",
        consequence: expect.stringMatching(/next boot.*read the memory/),
      },
    ],
    [
      "ptrace_scope 3",
      withKernel("yama/ptrace_scope", 3),
      "ptrace-scope",
      {
        status: "fail",
        found: "ptrace_scope is 3",
        prevents: expect.stringContaining("not even as root"),
        fix: expect.stringContaining("restart"),
      },
    ],
    [
      "a small quota of memory for perf",
      withKernel("perf_event_mlock_kb", 64),
      "perf-mlock",
      {
        status: "warn",
        found: "perf_event_mlock_kb is 64",
        prevents: expect.stringContaining("samples are lost at high rates"),
        fix: "sudo sysctl kernel.perf_event_mlock_kb=516",
        consequence: expect.stringContaining("lock that much memory"),
      },
    ],
    [
      "no tracefs, and no types of the kernel",
      "while umount /sys/kernel/tracing; do :; done 2>/dev/null; umount -R /sys/kernel/debug 2>/dev/null; mount -t tmpfs tmpfs /sys/kernel/btf",
      "tracefs",
      {
        status: "warn",
        found: "tracefs is not mounted",
        prevents: expect.stringContaining("Tracepoints"),
        fix: "sudo mount -t tracefs nodev /sys/kernel/tracing",
        consequence: expect.stringContaining("only root can read it"),
      },
    ],
  ];
  test.skipIf(!maySmallDisk).each(mounted)("%s", async (_, script, id, check) => {
    const report = await doctorAmong(script);
    expect(machine(report, id)).toMatchObject(check);
    expect(machine(report, "btf")?.status).toBe(id === "tracefs" ? "warn" : "ok");
  });

  test.skipIf(!maySmallDisk)("a process in namespaces of its own", async () => {
    const outer = spawn(
      "unshare",
      ["--pid", "--mount", "--fork", "--kill-child", await buildProgram("split")],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    try {
      const [said] = (await once(outer.stdout, "data")) as [Buffer];
      expect(said.toString("latin1")).toBe("ready 1\n");
      const children = `/proc/${outer.pid}/task/${outer.pid}/children`;
      const report = await doctor(["--pid", readFileSync(children, "latin1").trim()]);
      expect(ofTarget(report, "namespaces")).toMatchObject({
        status: "warn",
        found: "The process has its own view of processes (it is 1 there), files",
        prevents: expect.stringContaining("tools that attach may not find it"),
        fix: expect.stringContaining("Record it from here with perf"),
      });
    } finally {
      const gone = once(outer, "exit");
      outer.kill("SIGKILL");
      await gone;
    }
  });
});
