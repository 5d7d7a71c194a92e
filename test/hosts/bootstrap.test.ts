import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testElectronFolder } from "../../native-scripts/bootstrap/tools.mjs";
import { ensureBuilt, leave, root, surroundings } from "../electron/launch.ts";
import { needs } from "../needs.ts";

const script = (name: string): string => join(root, "native-scripts", "bootstrap", name);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function end(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  return await new Promise((resolve) => {
    execFile(file, args, { cwd: root, ...options, timeout: 170_000 }, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err }),
    );
  });
}

/** npm start without a display, as on a server; `until` ends it as Ctrl-C does. */
async function startUntilUrl(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ url: string; err: string; code: number }> {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...rest } = process.env;
  const child: ChildProcess = spawn(process.execPath, [script("start.mjs"), ...args], {
    cwd: root,
    env: { ...rest, ...env },
    // A group of its own: Ctrl-C reaches the whole group.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  let err = "";
  child.stderr?.on("data", (chunk) => {
    err += chunk;
  });
  if (!child.stdout || child.pid === undefined) throw new Error("start.mjs did not start");
  let url = "";
  for await (const line of createInterface(child.stdout)) {
    url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(line)?.[0] ?? "";
    if (url !== "") break;
  }
  const answer = url === "" ? 0 : (await fetch(url, { redirect: "manual" })).status;
  expect([200, 302, 303], err).toContain(answer);
  process.kill(-child.pid, "SIGINT");
  const [code] = (await ended) as [number];
  return { url, err, code };
}

describe("npm start", () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "flamewright-start-"));
    await ensureBuilt();
  });
  afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));

  const lines = (text: string) =>
    text
      .trim()
      .split("\n")
      .filter((line) => line.includes("Electron"));

  test("serves to the browser where there is no display, says why in one line, ends on Ctrl-C", async () => {
    const { url, err, code } = await startUntilUrl([], { FLAMEWRIGHT_HOME: home });
    expect(url).toMatch(/token=/);
    expect(lines(err)).toEqual([expect.stringMatching(/no display.*browser instead/)]);
    expect(code).toBe(0);
  });

  test("serves to the browser where Electron is not to be had", async () => {
    const { err } = await startUntilUrl([], {
      FLAMEWRIGHT_HOME: home,
      DISPLAY: ":1",
      PATH: `${home}:${process.env.PATH}`,
      BROWSER: "true",
      ELECTRON_OVERRIDE_DIST_PATH: home,
    });
    expect(lines(err)).toEqual([expect.stringMatching(/there is no Electron at .*browser instead/)]);
  });

  test("serves to the browser when asked to, and says nothing of Electron", async () => {
    const { err } = await startUntilUrl(["--browser"], { FLAMEWRIGHT_HOME: home });
    expect(lines(err)).toEqual([]);
  });

  test("fails where Electron is insisted on", async () => {
    const { code, err } = await end(process.execPath, [script("start.mjs"), "--electron"], {
      env: { ...process.env, DISPLAY: ":1", ELECTRON_OVERRIDE_DIST_PATH: home },
    });
    expect(code).toBe(1);
    expect(err).toMatch(/Electron cannot be used: there is no Electron at/);
  });

  test("knows its flags", async () => {
    const { code, err } = await end(process.execPath, [script("start.mjs"), "--elektron"]);
    expect(code).toBe(2);
    expect(err).toContain("Usage:");
  });
});

needs("electron", "xvfb")("npm start with a display", () => {
  test("opens the workbench in Electron, ends on Ctrl-C", async () => {
    await ensureBuilt();
    const around = await surroundings();
    try {
      const child = spawn(process.execPath, [script("start.mjs"), "--electron"], {
        cwd: root,
        env: { ...around.env, ELECTRON_OVERRIDE_DIST_PATH: testElectronFolder() },
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = once(child, "exit");
      let err = "";
      child.stderr.on("data", (chunk) => {
        err += chunk;
      });
      // The page has connected: its engine has made its home.
      await expect
        .poll(() => existsSync(join(around.home, "data", "sessions")), { timeout: 60_000 })
        .toBe(true);
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      const [code] = await ended;
      expect(code, err).toBe(0);
      if (process.getuid?.() === 0) expect(err).toContain("--no-sandbox");
    } finally {
      await leave(around);
    }
  });
});

describe("npm test", () => {
  test("knows its steps", async () => {
    const { code, err } = await end(process.execPath, [script("test.mjs"), "--only", "unit,nothing"]);
    expect(code).toBe(2);
    expect(err).toContain("There is no step nothing");
  });
});

describe("the command in a checkout", () => {
  test("keeps stdout for its result, and is quick when nothing changed", async () => {
    await ensureBuilt();
    const { code, out } = await end(join(root, "main/hosts/cli/flamewright.mjs"), ["--version"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("setup-debian.sh", () => {
  const setup = join(root, "native-scripts", "setup-debian.sh");

  test("tells its groups", async () => {
    const { code, out } = await end("bash", [setup]);
    expect(code).toBe(2);
    for (const group of ["profilers", "electron", "browser", "build", "all"]) expect(out).toContain(group);
  });

  test("refuses what it does not know", async () => {
    const { code, err } = await end("bash", [setup, "build", "everything"]);
    expect(code).not.toBe(0);
    expect(err).toMatch(/no group 'everything'|neither Debian nor Ubuntu/);
  });
});

needs("git")("a fresh clone", () => {
  test("installs, builds and runs from one command", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flamewright-clone-"));
    try {
      await promisify(execFile)("git", ["clone", "--quiet", "--no-hardlinks", root, join(folder, "clone")]);
      const { code, out, err } = await end(
        join(folder, "clone/main/hosts/cli/flamewright.mjs"),
        ["--version"],
        {
          cwd: folder,
          env: { ...process.env, npm_config_prefer_offline: "true" },
        },
      );
      expect(code, err).toBe(0);
      expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect(err).toMatch(/Installing dependencies/);
      expect(err).toMatch(/Built in/);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
