import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cliFile, ensureBuilt, runCli } from "../hosts/built.ts";
import { needs } from "../needs.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { asUser, filesBelow, makeSudoUser, type SudoUser } from "./sudo-users.ts";
import { inTerminal, type TerminalSession } from "./terminal.ts";

/** The command line as another user's, in a terminal, recording a process of root with a real sudo and a real perf. */

const passwordPrompt = /Password of fwtest\w+: $/;
const germanWords = { LANG: "de_DE.UTF-8", LANGUAGE: "de", LC_ALL: "de_DE.UTF-8" };

needs(
  "perf",
  "cc",
  "sudo",
)("recording through sudo", () => {
  let target: RunningProgram;
  let anna: SudoUser;
  let stranger: SudoUser;
  let trusted: SudoUser;
  let tty: SudoUser;
  const users: SudoUser[] = [];
  const make = (...words: Parameters<typeof makeSudoUser>): SudoUser => {
    const user = makeSudoUser(...words);
    users.push(user);
    return user;
  };

  beforeAll(async () => {
    await ensureBuilt();
    target = await startProgram("split");
    const helper = join(dirname(cliFile), "../../native-scripts/flamewright-elevate");
    anna = make(["ALL=(root) ALL"]);
    stranger = make([]);
    // The one command, as an administrator would allow it.
    trusted = make([`ALL=(root) NOPASSWD: ${helper}`]);
    tty = make(["ALL=(root) ALL"], ["requiretty"]);
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
  const recordTarget = (...more: readonly string[]): readonly string[] => [
    "record",
    "--pid",
    String(target.pid),
    "--elevate",
    "sudo",
    ...more,
  ];
  const start = (user: SudoUser, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    inTerminal(words(user, args, env), user.home);

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

  test("a wrong password, then the right one: the truth about root's process, and the session is the user's", async () => {
    const file = join(anna.home, "right.fwp");
    const session = start(anna, recordTarget("--duration", "3", "--rate", "499", "-o", file));
    const asked = await session.shows(passwordPrompt);
    expect(asked).toContain("/flamewright-elevate perf-record -k CLOCK_MONOTONIC -F 499");
    expect(asked).toMatch(/belongs to root, not to you/);
    session.type("not-this-one\r");
    expect(await session.shows(passwordPrompt)).toContain("2 tries are left");
    session.type(`${anna.password}\r`);
    await session.shows(/recording split \d+ .* [1-9]\d* samples/);
    expectNowhere(anna.password, session);
    const { code, text } = await session.ended;
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining("saved") });
    expect(statSync(file)).toMatchObject({ uid: anna.uid, mode: 0o100600 });
    await expectTruth(file);
    expect(text).not.toContain(anna.password);
    expectNotBelow(anna.home, anna.password);
    expect(leftovers(anna)).toEqual([]);
  });

  test("three wrong passwords: wrong-password", async () => {
    const session = start(anna, recordTarget());
    for (const answer of ["no-one", "no-two", "no-three"]) {
      await session.shows(passwordPrompt);
      session.type(`${answer}\r`);
    }
    expect(await session.ended).toMatchObject({ code: 1, text: expect.stringContaining("[wrong-password]") });
    expect(leftovers(anna)).toEqual([]);
  });

  test("cancelled at the prompt: elevation-cancelled", async () => {
    const session = start(anna, recordTarget());
    await session.shows(passwordPrompt);
    session.type("\u0003");
    expect(await session.ended).toMatchObject({
      code: 1,
      text: expect.stringContaining("[elevation-cancelled]"),
    });
    expect(leftovers(anna)).toEqual([]);
  });

  test("somebody whom sudo does not know: not-in-sudoers", async () => {
    const session = start(stranger, recordTarget());
    await session.shows(passwordPrompt);
    session.type(`${stranger.password}\r`);
    expect(await session.ended).toMatchObject({ code: 1, text: expect.stringContaining("[not-in-sudoers]") });
  });

  test("a sudo that wants a terminal gets one", async () => {
    const session = start(tty, recordTarget("--duration", "1", "-o", join(tty.home, "tty.fwp")));
    await session.shows(passwordPrompt);
    session.type(`${tty.password}\r`);
    expect(await session.ended).toMatchObject({ code: 0 });
  });

  describe("without a terminal", () => {
    const run = (user: SudoUser, args: readonly string[]): Promise<{ code: number | null; err: string }> =>
      new Promise((resolve) => {
        const [program = "", ...rest] = words(user, args);
        // A session of its own has no terminal.
        const child = spawn(program, rest, {
          stdio: ["ignore", "ignore", "pipe"],
          detached: true,
          cwd: user.home,
        });
        let err = "";
        child.stderr.on("data", (chunk: Uint8Array) => {
          err += Buffer.from(chunk).toString("utf8");
        });
        child.on("close", (code) => resolve({ code, err }));
      });

    test("allowed without a password it records", async () => {
      const file = join(trusted.home, "nopasswd.fwp");
      const { code, err } = await run(trusted, recordTarget("--duration", "2", "--rate", "499", "-o", file));
      expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("saved") });
      await expectTruth(file);
    });

    test("with a password to be asked for: no-terminal", async () => {
      expect(await run(anna, recordTarget())).toEqual({
        code: 1,
        err: expect.stringContaining("[no-terminal]"),
      });
    });

    test("unasked nothing is elevated, and the way is said", async () => {
      const { code, err } = await run(anna, ["record", "--pid", String(target.pid)]);
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("[not-yours]") });
      expect(err).toContain("--elevate sudo");
    });
  });

  test("no sudo on PATH: no-sudo", async () => {
    const tools = join(anna.home, "bin");
    await mkdir(tools);
    for (const name of ["env", "sh", "mkfifo", "perf", "stdbuf", "setpriv"]) {
      const path = [`/usr/bin/${name}`, `/bin/${name}`, `/usr/local/bin/${name}`].find((each) =>
        existsSync(each),
      );
      if (path !== undefined) symlinkSync(path, join(tools, name));
    }
    const session = start(anna, recordTarget(), { PATH: tools });
    expect(await session.ended).toMatchObject({ code: 1, text: expect.stringContaining("[no-sudo]") });
  });

  test("in German: the prompt and what is wrong are recognised", async () => {
    const german = makeGerman();
    try {
      const wrong = start(stranger, recordTarget(), germanWords);
      await wrong.shows(passwordPrompt);
      wrong.type(`${stranger.password}\r`);
      expect(await wrong.ended).toMatchObject({ code: 1, text: expect.stringContaining("[not-in-sudoers]") });
    } finally {
      german();
    }
  });

  test("a workbench that is killed takes root's perf with it", async () => {
    const session = start(anna, recordTarget("--json"));
    await session.shows(passwordPrompt);
    session.type(`${anna.password}\r`);
    await session.shows(/"phase":"recording".*"samples":[1-9]/);
    const perf = perfOf(target.pid);
    expect(perf).toHaveLength(1);
    const workbench = processes().filter(
      (pid) => argvOf(pid).includes(cliFile) && argvOf(pid)[0] !== "setpriv",
    );
    expect(workbench).toHaveLength(1);
    for (const pid of workbench) process.kill(pid, "SIGKILL");
    await session.ended;
    await expect.poll(() => perfOf(target.pid), { timeout: 10_000, interval: 20 }).toEqual([]);
    await expect.poll(() => leftovers(anna), { timeout: 10_000, interval: 50 }).toEqual([]);
  });
});

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

const perfOf = (target: number): readonly number[] =>
  processes().filter((pid) => {
    const argv = argvOf(pid);
    return argv[1] === "record" && /(^|\/)perf$/.test(argv[0] ?? "") && argv.includes(String(target));
  });

/** What still runs or lies about of a user's recording. */
const leftovers = (user: SudoUser): readonly string[] =>
  processes()
    .filter((pid) => {
      try {
        return (
          statSync(`/proc/${pid}`).uid === user.uid ||
          argvOf(pid).some((word) => word.includes("flamewright-elevate"))
        );
      } catch {
        return false;
      }
    })
    .map((pid) => `${pid} ${argvOf(pid).join(" ")}`);

/** No process on the machine shows it, in its arguments or its environment. */
function expectNowhere(secret: string, session: TerminalSession): void {
  expect(session.text()).not.toContain(secret);
  const looked = processes().filter((pid) => textOf(`/proc/${pid}/environ`) !== "");
  expect(looked.length).toBeGreaterThan(3);
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
