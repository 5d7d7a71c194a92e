import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import { pathWithRbspy } from "../../native-scripts/bootstrap/ruby-tools.mjs";
import { ensureBuilt, runCli } from "../hosts/built.ts";
import { needs } from "../needs.ts";
import { buildProgram, type RunningProgram, startProgram } from "../programs/build.ts";
import { startPython } from "../programs/python.ts";
import { openCli, openPath } from "../reachable.ts";
import { asUser, filesBelow, makeSudoUser, type SudoUser } from "./sudo-users.ts";
import { inTerminal, type TerminalSession } from "./terminal.ts";

/** The command line as another user's, in a terminal, recording a process of root with a real sudo and a real perf. */

const passwordPrompt = /Password of fwtest\w+: $/;
const germanWords = { LANG: "de_DE.UTF-8", LANGUAGE: "de", LC_ALL: "de_DE.UTF-8" };
const cliFile = openCli();
const helper = join(dirname(dirname(dirname(cliFile))), "native-scripts/flamewright-elevate");

needs(
  "perf",
  "bpftrace",
  "cc",
  "python3",
  "py-spy",
  "ruby",
  "rbspy",
  "sudo",
)("recording through sudo", () => {
  let target: RunningProgram;
  const users: SudoUser[] = [];
  const make = (...words: Parameters<typeof makeSudoUser>): SudoUser => {
    const user = makeSudoUser(...words);
    users.push(user);
    return user;
  };
  const makeAllowed = (): SudoUser => make(["ALL=(root) ALL"]);

  beforeAll(async () => {
    await ensureBuilt();
    target = await startProgram("split", [], { isOpen: true });
  });
  afterAll(async () => {
    for (const user of users) user.remove();
    await target?.stop();
  });

  const words = (user: SudoUser, args: readonly string[], env: Readonly<Record<string, string>> = {}) => [
    ...asUser(user, { FLAMEWRIGHT_HOME: join(user.home, "flamewright"), ...env }),
    process.execPath,
    cliFile,
    ...args,
  ];
  const asked = (...more: readonly string[]): readonly string[] => [
    "record",
    ...["--pid", String(target.pid)],
    ...["--elevate", "sudo"],
    ...more,
  ];
  const start = (user: SudoUser, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    inTerminal(words(user, args, env), user.home);
  const fails = async (session: TerminalSession, code: string): Promise<void> =>
    expect(await session.ended).toMatchObject({ code: 1, text: expect.stringContaining(`[${code}]`) });

  test.concurrent("a wrong password, then the right one: root's process is recorded, for the user", async ({
    expect,
  }) => {
    const anna = makeAllowed();
    const file = join(anna.home, "right.fwp");
    const session = start(anna, asked("--duration", "6", "--rate", "499", "-o", file));
    const shown = await session.shows(passwordPrompt);
    expect(shown).toContain("/flamewright-elevate perf-record -k CLOCK_MONOTONIC -F 499");
    expect(shown).toMatch(/belongs to root, not to you/);
    session.type("not-this-one\r");
    expect(await session.shows(passwordPrompt)).toContain("2 tries are left");
    session.type(`${anna.password}\r`);
    await session.shows(/recording split \d+ .* [1-9]\d* samples/);
    expectNowhere(anna.password);
    const { code, text } = await session.ended;
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining("saved") });
    expect(statSync(file)).toMatchObject({ uid: anna.uid, mode: 0o100600 });
    await expectTruth(file);
    expect(text).not.toContain(anna.password);
    expectNotBelow(anna.home, anna.password);
    await expect.poll(() => processesOf(anna), { timeout: 10_000, interval: 20 }).toEqual([]);
  });

  test.concurrent("three wrong passwords: wrong-password", async ({ expect }) => {
    const anna = makeAllowed();
    const session = start(anna, asked());
    for (const answer of ["no-one", "no-two", "no-three"]) {
      await session.shows(passwordPrompt);
      session.type(`${answer}\r`);
    }
    await fails(session, "wrong-password");
    await expect.poll(() => processesOf(anna), { timeout: 10_000, interval: 20 }).toEqual([]);
  });

  test.concurrent("cancelled at the prompt: elevation-cancelled", async ({ expect }) => {
    const anna = makeAllowed();
    const session = start(anna, asked());
    await session.shows(passwordPrompt);
    session.type("\u0003");
    await fails(session, "elevation-cancelled");
    await expect.poll(() => processesOf(anna), { timeout: 10_000, interval: 20 }).toEqual([]);
  });

  test.concurrent("somebody whom sudo does not know: not-in-sudoers", async () => {
    const stranger = make([]);
    const session = start(stranger, asked());
    await session.shows(passwordPrompt);
    session.type(`${stranger.password}\r`);
    await fails(session, "not-in-sudoers");
  });

  test.concurrent("a sudo that wants a terminal gets one", async () => {
    const anna = make(["ALL=(root) ALL"], ["requiretty"]);
    const session = start(anna, asked("--duration", "1", "-o", join(anna.home, "tty.fwp")));
    await session.shows(passwordPrompt);
    session.type(`${anna.password}\r`);
    expect(await session.ended).toMatchObject({ code: 0 });
  });

  test.concurrent("a program that the user launches stays the user's", async ({ expect }) => {
    const anna = makeAllowed();
    const program = openPath(await buildProgram("split"));
    const file = join(anna.home, "launched.fwp");
    const options = ["--elevate", "sudo", "--duration", "3", "--rate", "499", "-o", file];
    const session = start(anna, ["record", ...options, "--", program]);
    await session.shows(passwordPrompt);
    // Held until its profiler is there.
    expect(processesOf(anna).filter((line) => line.includes("hold-and-exec.sh"))).toHaveLength(1);
    session.type(`${anna.password}\r`);
    await session.shows(/ready \d+/);
    expect(processesOf(anna).filter((line) => /^\d+ \S+split $/.test(line))).toHaveLength(1);
    expect(await session.ended).toMatchObject({ code: 0 });
    await expectTruth(file);
    await expect.poll(() => processesOf(anna), { timeout: 10_000, interval: 20 }).toEqual([]);
  });

  const withoutTerminal = (
    user: SudoUser,
    args: readonly string[],
  ): Promise<{ code: number | null; err: string }> =>
    new Promise((resolve) => {
      const [program = "", ...rest] = words(user, args);
      // A session of its own has no terminal.
      const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
      const child = spawn(program, rest, { stdio, detached: true, cwd: user.home });
      let err = "";
      child.stderr.on("data", (chunk: Uint8Array) => {
        err += Buffer.from(chunk).toString("utf8");
      });
      child.on("close", (code) => resolve({ code, err }));
    });

  test.concurrent("allowed without a password, and without a terminal, it records", async () => {
    // The one command, as an administrator would allow it.
    const trusted = make([`ALL=(root) NOPASSWD: ${helper}`]);
    const file = join(trusted.home, "nopasswd.fwp");
    const words = asked("--duration", "2", "--rate", "499", "-o", file);
    const { code, err } = await withoutTerminal(trusted, words);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("saved") });
    await expectTruth(file);
  });

  test.concurrent("a password, and no terminal to ask on: no-terminal", async () => {
    const { code, err } = await withoutTerminal(makeAllowed(), asked());
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("[no-terminal]") });
  });

  test.concurrent("unasked nothing is elevated, and the way is said", async () => {
    const { code, err } = await withoutTerminal(makeAllowed(), ["record", "--pid", String(target.pid)]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("[not-yours]") });
    expect(err).toContain("--elevate sudo");
  });

  test.concurrent("no sudo on PATH: no-sudo", async () => {
    const anna = makeAllowed();
    const tools = join(anna.home, "bin");
    await mkdir(tools);
    for (const name of ["env", "sh", "mkfifo", "perf", "stdbuf", "setpriv"]) {
      const places = ["/usr/bin", "/bin", "/usr/local/bin"].map((folder) => join(folder, name));
      const path = places.find((each) => existsSync(each));
      if (path !== undefined) symlinkSync(path, join(tools, name));
    }
    await fails(start(anna, asked(), { PATH: tools }), "no-sudo");
  });

  test.concurrent("a sudo that is not root's own is given no password: no-sudo", async () => {
    const anna = makeAllowed();
    const tools = join(anna.home, "bin");
    const fake = join(tools, "sudo");
    await mkdir(tools);
    await writeFile(fake, "#!/bin/sh\nprintf 'Password: '\nread secret\n", { mode: 0o755 });
    await chown(fake, anna.uid, anna.uid);
    await fails(start(anna, asked(), { PATH: `${tools}:/usr/bin:/bin` }), "no-sudo");
  });

  test.concurrent("in German: the prompt and what is wrong are recognised", async () => {
    const undo = makeGerman();
    try {
      const stranger = make([]);
      const session = start(stranger, asked(), germanWords);
      await session.shows(passwordPrompt);
      session.type(`${stranger.password}\r`);
      await fails(session, "not-in-sudoers");
    } finally {
      undo();
    }
  });

  test.concurrent("py-spy too: a Python program of root is recorded, and nothing of it runs on", async ({
    expect,
  }) => {
    const anna = makeAllowed();
    const python = await startPython("/usr/bin/python3");
    const installed = installAsRoots("py-spy", pathWithPythonTools());
    const path = { PATH: "/usr/local/bin:/usr/bin:/bin" };
    const asked = ["record", "--pid", String(python.pid), "--profiler", "py-spy", "--elevate", "sudo"];
    try {
      const file = join(anna.home, "python.fwp");
      const more = ["--duration", "5", "--rate", "250", "-o", file];
      const session = start(anna, [...asked, ...more], path);
      const shown = await session.shows(passwordPrompt);
      expect(shown).toMatch(/flamewright-elevate py-spy 2 1 2 0 \d+ record --pid/);
      expect(shown).toMatch(/belongs to root, not to you/);
      session.type(`${anna.password}\r`);
      await session.shows(/recording python.* [1-9]\d* samples/);
      expectNowhere(anna.password);
      expect(await session.ended).toMatchObject({ code: 0, text: expect.stringContaining("saved") });
      expect(statSync(file)).toMatchObject({ uid: anna.uid, mode: 0o100600 });
      await expectTruth(file);
      expectNotBelow(anna.home, anna.password);

      const killed = start(anna, [...asked, "--json"], path);
      await killed.shows(passwordPrompt);
      killed.type(`${anna.password}\r`);
      await killed.shows(/"phase":"recording".*"samples":[1-9]/);
      for (const pid of workbenchesOf(anna)) process.kill(pid, "SIGKILL");
      await killed.ended;
      await expect.poll(() => elevatedFor(python.pid), { timeout: 15_000, interval: 50 }).toEqual([]);
      await expect.poll(() => processesOf(anna), { timeout: 10_000, interval: 50 }).toEqual([]);
    } finally {
      installed();
      await python.stop();
    }
  });

  test("rbspy too: a Ruby program of root", async ({ expect }) => {
    const anna = makeAllowed();
    const ruby = await startProgram("ruby-split.rb");
    const installed = installAsRoots("rbspy", pathWithRbspy());
    try {
      const file = join(anna.home, "ruby.fwp");
      const asked = ["record", "--pid", String(ruby.pid), "--elevate", "sudo", "--duration", "2", "-o", file];
      const session = start(anna, asked, { PATH: "/usr/local/bin:/usr/bin:/bin" });
      const shown = await session.shows(passwordPrompt);
      expect(shown).toMatch(/flamewright-elevate rbspy 2 1 2 30 \d+ record --pid/);
      expect(shown).toMatch(/belongs to root, not to you/);
      session.type(`${anna.password}\r`);
      expect(await session.ended).toMatchObject({ code: 0, text: expect.stringContaining("saved") });
      expect(statSync(file)).toMatchObject({ uid: anna.uid, mode: 0o100600 });
      const { out } = await runCli(anna.home, ["top", file, "--json"]);
      expect(JSON.parse(out).rows[0]).toMatchObject({ function: "burn_a" });
      expect(elevatedFor(ruby.pid)).toEqual([]);
    } finally {
      installed();
      await ruby.stop();
    }
  });

  test("bpftrace too, with a program that belongs to Flamewright", async ({ expect }) => {
    const anna = makeAllowed();
    const waits = await startProgram("waits", [], { isOpen: true });
    try {
      const file = join(anna.home, "locks.fwp");
      const asked = ["record", "--pid", String(waits.pid), "--profiler", "bpftrace-locks"];
      const session = start(anna, [...asked, "--elevate", "sudo", "--duration", "2", "-o", file]);
      const shown = await session.shows(passwordPrompt);
      expect(shown).toMatch(/flamewright-elevate bpftrace -q .*locks\.bt/);
      session.type(`${anna.password}\r`);
      expect(await session.ended).toMatchObject({ code: 0, text: expect.stringContaining("saved") });
      expect(statSync(file)).toMatchObject({ uid: anna.uid, mode: 0o100600 });
      const { out } = await runCli(anna.home, ["locks", file, "--json"]);
      expect(JSON.parse(out).rows).toContainEqual(
        expect.objectContaining({ lock: "main_lock", holderFunction: "hold_main" }),
      );
      expect(elevatedFor(waits.pid)).toEqual([]);
    } finally {
      await waits.stop();
    }
  });

  test("strace of a launched program too, from its first call", async () => {
    const trusted = make([`ALL=(root) NOPASSWD: ${helper}`]);
    const file = join(trusted.home, "calls.fwp");
    const asked = ["record", "--profiler", "strace", "--elevate", "sudo", "-o", file, "--", "/bin/true"];
    const { code, err } = await withoutTerminal(trusted, asked);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("saved") });
    const { out } = await runCli(trusted.home, ["io", file, "--json"]);
    expect(JSON.parse(out).rows).toContainEqual(expect.objectContaining({ name: "execve", errors: 0 }));
  });

  test("requests to disks too, by bpftrace", async () => {
    const trusted = make([`ALL=(root) NOPASSWD: ${helper}`]);
    // /tmp may be memory.
    const onDisk = mkdtempSync(join(import.meta.dirname, "direct-"));
    try {
      const program = openPath(await buildProgram("direct"));
      const file = join(trusted.home, "disks.fwp");
      const recorded = withoutTerminal(trusted, [
        ...["record", "--system", "--profiler", "bpftrace-block", "--elevate", "sudo"],
        ...["--duration", "1", "-o", file],
      ]);
      let isOver = false;
      void recorded.finally(() => {
        isOver = true;
      });
      // It asks for as long as it is recorded: when that begins nothing tells.
      while (!isOver) await promisify(execFile)(program, ["24", join(onDisk, "data")]);
      expect(await recorded).toEqual({ code: 0, err: expect.stringContaining("saved") });
      const { out } = await runCli(trusted.home, ["io", file, "--json"]);
      expect(JSON.parse(out).askers).toContainEqual(
        expect.objectContaining({ name: "direct", site: "read_blocks" }),
      );
    } finally {
      rmSync(onDisk, { recursive: true, force: true });
    }
  });

  test.concurrent("a workbench that is killed takes root's perf with it", async ({ expect }) => {
    const anna = makeAllowed();
    const own = await startProgram("split", [], { isOpen: true });
    try {
      const session = start(anna, ["record", "--pid", String(own.pid), "--elevate", "sudo", "--json"]);
      await session.shows(passwordPrompt);
      session.type(`${anna.password}\r`);
      await session.shows(/"phase":"recording".*"samples":[1-9]/);
      expect(elevatedFor(own.pid).filter((line) => / \S*perf record /.test(line))).toHaveLength(1);
      const workbench = workbenchesOf(anna);
      expect(workbench).toHaveLength(1);
      for (const pid of workbench) process.kill(pid, "SIGKILL");
      await session.ended;
      await expect.poll(() => elevatedFor(own.pid), { timeout: 10_000, interval: 20 }).toEqual([]);
      await expect.poll(() => processesOf(anna), { timeout: 10_000, interval: 20 }).toEqual([]);
    } finally {
      await own.stop();
    }
  });
});

async function expectTruth(file: string): Promise<void> {
  const { out } = await runCli(dirname(file), ["top", file, "--json"]);
  const { rows } = JSON.parse(out) as { rows: readonly { function: string; self: number }[] };
  const self = ["burn_a", "burn_b", "burn_c"].map(
    (name) => rows.find((row) => row.function === name)?.self ?? 0,
  );
  const all = self.reduce((a, b) => a + b, 0);
  for (const [index, share] of [60, 30, 10].entries())
    expect(Math.abs((100 * (self[index] ?? 0)) / all - share)).toBeLessThan(5);
}

/** Puts a tool where the helper looks for those of root's own, unless one is there; undone by what it gives. */
function installAsRoots(name: string, from: string): () => void {
  const place = join("/usr/local/bin", name);
  if (existsSync(place)) return () => undefined;
  const path = from
    .split(":")
    .map((folder) => join(folder, name))
    .find((each) => existsSync(each));
  execFileSync("install", ["-o", "root", "-g", "root", "-m", "755", path ?? "", place]);
  return () => rmSync(place);
}

/** Makes the German locale where the machine can and has none; undone by what it gives. */
function makeGerman(): () => void {
  const folder = "/usr/lib/locale/de_DE.utf8";
  const has = execFileSync("locale", ["-a"], { encoding: "utf8" }).includes("de_DE.utf8");
  if (has || !existsSync("/usr/share/i18n/locales/de_DE")) return () => undefined;
  execFileSync("localedef", ["--no-archive", "-i", "de_DE", "-f", "UTF-8", folder]);
  return () => execFileSync("rm", ["-r", folder]);
}

const processes = (): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

const argvOf = (pid: number): readonly string[] => textOf(`/proc/${pid}/cmdline`).split("\0");

function uidOf(pid: number): number {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return -1;
  }
}

const lineOf = (pid: number): string => `${pid} ${argvOf(pid).join(" ")}`;

const processesOf = (user: SudoUser): readonly string[] =>
  processes()
    .filter((pid) => uidOf(pid) === user.uid)
    .map(lineOf);

const workbenchesOf = (user: SudoUser): readonly number[] =>
  processes().filter((pid) => uidOf(pid) === user.uid && argvOf(pid).includes(cliFile));

/** What runs as root for a recording of this process: sudo, the helper and perf. */
const elevatedFor = (target: number): readonly string[] =>
  processes()
    .filter((pid) => uidOf(pid) === 0 && argvOf(pid).includes(String(target)))
    .map(lineOf);

/** No process on the machine shows it, in its arguments or its environment. */
function expectNowhere(secret: string): void {
  expect(processes().filter((pid) => textOf(`/proc/${pid}/environ`) !== "").length).toBeGreaterThan(3);
  for (const pid of processes()) {
    expect(textOf(`/proc/${pid}/cmdline`)).not.toContain(secret);
    expect(textOf(`/proc/${pid}/environ`)).not.toContain(secret);
  }
}

function expectNotBelow(folder: string, secret: string): void {
  const files = filesBelow(folder);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(readFileSync(file).includes(secret), file).toBe(false);
}
