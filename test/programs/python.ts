import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunningProgram } from "./build.ts";

/** python-split.py, which says its truth at its head, and interpreters to run it with. */
export const splitPath = join(dirname(fileURLToPath(import.meta.url)), "python-split.py");

/** pyenv's of a version, where it has one. */
export function pyenvPython(version: RegExp): string | undefined {
  const versions = join(homedir(), ".pyenv", "versions");
  const found = existsSync(versions) ? readdirSync(versions).find((name) => version.test(name)) : undefined;
  return found === undefined ? undefined : join(versions, found, "bin", "python3");
}

/** The system's interpreter, and one other where pyenv has some: of another version than the system's. */
export function interpreters(): readonly string[] {
  const system = ["/usr/bin/python3", "/usr/local/bin/python3"]
    .filter((path) => existsSync(path))
    .slice(0, 1);
  const other = pyenvPython(/^3\.12\./);
  return [...system, ...(other === undefined ? [] : [other])];
}

const lines = readFileSync(splitPath, "utf8").split("\n");

/** The line with such a remark. */
function lineOf(what: string): number {
  const index = lines.findIndex((line) => line.endsWith(`# line of ${what}`));
  if (index < 0) throw new Error(`python-split.py has no line of ${what}`);
  return index + 1;
}

/** Calls from the module down to the innermost function, each with the line that it is in. */
export const splitChains: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  (["burn_a", "burn_b", "burn_c"] as const).map((leaf) => {
    const phase = leaf === "burn_c" ? "phase_c" : "phase_ab";
    const inPhase = leaf === "burn_c" ? lineOf("phase_c") : lineOf(`phase_ab to ${leaf}`);
    return [
      leaf,
      [
        `<module>:${lineOf("<module>")}`,
        `main:${lineOf("main")}`,
        `worker:${lineOf(`worker to ${phase}`)}`,
        `${phase}:${inPhase}`,
        leaf,
      ],
    ];
  }),
);

/** The one line in which a burning function spends its time, and the head of its loop before it. */
export const burnLines = (leaf: string): readonly number[] => [lineOf(leaf) - 1, lineOf(leaf)];

const running = new Set<number>();
process.on("exit", () => {
  for (const pid of running) process.kill(pid, "SIGKILL");
});

export interface RunningPython extends RunningProgram {
  /** Of its child process; -1 where it has none. */
  readonly workerPid: number;
}

/** Starts python-split.py and waits for its "ready PID". */
export async function startPython(
  interpreter: string,
  args: readonly string[] = [],
  uid?: number,
): Promise<RunningPython> {
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(interpreter, [splitPath, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    // Its worker ends with it.
    detached: true,
    ...identity,
  });
  const group = -(child.pid ?? 0);
  if (group !== 0) running.add(group);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const text = await new Promise<string>((resolve, reject) => {
    let seen = "";
    child.on("error", reject);
    void exited.then(({ code }) =>
      reject(new Error(`${interpreter} ended with ${code} before it was ready`)),
    );
    child.stdout.on("data", (chunk: Uint8Array) => {
      seen += Buffer.from(chunk).toString("latin1");
      if (/^ready \d+$/m.test(seen)) resolve(seen);
    });
  });
  const end = (): void => {
    if (!running.delete(group)) return;
    try {
      process.kill(group, "SIGKILL");
    } catch {
      // All of them have ended by themselves.
    }
  };
  void exited.then(end);
  return {
    pid: Number(/^ready (\d+)$/m.exec(text)?.[1]),
    workerPid: Number(/^worker (\d+)$/m.exec(text)?.[1] ?? -1),
    exited,
    async stop() {
      end();
      await exited;
    },
  };
}
