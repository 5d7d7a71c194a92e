// What every command of the bootstrap shares. Node built-ins alone: nothing may be installed yet.
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const inRoot = (...parts) => join(root, ...parts);

/** Progress and advice go to stderr, so that a command's own output stays clean. */
export const say = (text) => process.stderr.write(`${text}\n`);

const OLDEST_NODE = [20, 19];

/** Ends the process with a clear line when Node is too old to run anything here. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [needMajor, needMinor] = OLDEST_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  say(
    `Flamewright needs Node ${OLDEST_NODE.join(".")} or newer; this is ${process.versions.node} (${process.execPath}). ` +
      "Install a newer one from https://nodejs.org or with your version manager, then try again.",
  );
  process.exit(1);
}

/** True for root on a system that apt manages: the one case in which missing packages are installed unasked. */
export function canInstallPackages() {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
}

/** Runs a program and resolves with its exit code (128 + n for signal n; 127 where it is not there). */
export function run(command, args, options = {}) {
  const { timeoutMs = 0, ...rest } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...rest });
    const timer =
      timeoutMs > 0
        ? setTimeout(() => {
            child.kill("SIGTERM");
          }, timeoutMs)
        : null;
    const finish = (code) => {
      if (timer) clearTimeout(timer);
      resolve(code);
    };
    child.on("error", () => finish(127));
    child.on("close", (code, signal) => finish(code ?? 128 + (signalNumbers[signal] ?? 15)));
  });
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** As `run`, with what the program wrote: `{ code, output }`. */
export async function capture(command, args, options = {}) {
  const { timeoutMs = 0, started, ...rest } = options;
  return await new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...rest });
    started?.(child);
    const timer =
      timeoutMs > 0
        ? setTimeout(() => {
            if (rest.detached) endGroup(child.pid, "SIGKILL");
            else child.kill("SIGKILL");
          }, timeoutMs)
        : null;
    let output = "";
    const take = (chunk) => {
      output += chunk;
    };
    // A letter may come in two chunks.
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", take);
    const finish = (code) => {
      if (timer) clearTimeout(timer);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      output += error.message;
      finish(127);
    });
    child.on("close", (code) => finish(code ?? 128));
  });
}

function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It has ended by itself.
    if (error.code !== "ESRCH") throw error;
  }
}

const besides = new Set();
let endsBesides = false;

/** What runs beside this process ends with it; what the terminal sends reaches our own session alone. */
function endBesides() {
  if (endsBesides) return;
  endsBesides = true;
  process.once("exit", () => {
    for (const pid of besides) endGroup(pid, "SIGTERM");
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.once(signal, () => process.exit(128 + signalNumbers[signal]));
}

/**
 * As `capture`, for what must hold up nobody. In a session of its own: Linux shares the processors out among sessions
 * first, and the nice value of a process counts within its own alone.
 */
export async function runBeside(command, args, options = {}) {
  endBesides();
  let pid = 0;
  const started = (child) => {
    pid = child.pid ?? 0;
    if (pid === 0) return;
    besides.add(pid);
    try {
      writeFileSync(`/proc/${pid}/autogroup`, MODEST);
    } catch {
      // No Linux, or one that does not share out by session, or will not be told: the nice value does what it can.
    }
  };
  const ended = await capture("nice", ["-n", MODEST, command, ...args], {
    ...options,
    detached: true,
    started,
  });
  besides.delete(pid);
  return ended;
}

/** A tenth of a processor that somebody else wants too. */
const MODEST = "10";

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

/** One install or build at a time in a checkout, also across processes; a dead owner's lock is taken over. */
export async function withLock(name, work) {
  const folder = inRoot("out");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `.${name}.lock`);
  let told = false;
  for (;;) {
    try {
      const handle = openSync(file, "wx");
      writeSync(handle, String(process.pid));
      closeSync(handle);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = readNumber(file);
    if (owner === 0 || !isAlive(owner)) {
      // 0: written this very moment, or by a process that died between open and write.
      await pause(200);
      if (readNumber(file) === owner) rmSync(file, { force: true });
      continue;
    }
    if (!told) say(`Waiting for process ${owner}, which is at the ${name} of this checkout ...`);
    told = true;
    await pause(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function readNumber(file) {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0;
  }
}

/** Where a program of the PATH is; "" where it is not. */
export function which(program) {
  for (const folder of (process.env.PATH ?? "").split(":")) {
    if (folder !== "" && existsSync(join(folder, program))) return join(folder, program);
  }
  return "";
}
