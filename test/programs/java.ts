import { execFile, spawn } from "node:child_process";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openPath } from "../reachable.ts";
import type { RunningProgram } from "./build.ts";

/** JavaSplit.java and JavaWaits.java, which say their truth at their heads. */

const here = dirname(fileURLToPath(import.meta.url));
const sourcePaths = ["JavaSplit", "JavaWaits"].map((name) => join(here, `${name}.java`));
const outFolder = join(dirname(dirname(here)), "out", "programs");

/** Calls from the thread's own method to the innermost one. */
export const javaChains: Readonly<Record<string, readonly string[]>> = {
  "JavaSplit.burnA": ["JavaSplit.work", "JavaSplit.phaseAb", "JavaSplit.burnA"],
  "JavaSplit.burnB": ["JavaSplit.work", "JavaSplit.phaseAb", "JavaSplit.burnB"],
  "JavaSplit.burnC": ["JavaSplit.work", "JavaSplit.phaseC", "JavaSplit.burnC"],
};

/** The folder of their classes; compiled when a source is newer. */
export async function buildJava(): Promise<string> {
  const folder = join(outFolder, "java");
  const [to, ...from] = await Promise.all([
    stat(join(folder, "JavaWaits.class")).catch(() => null),
    ...sourcePaths.map((path) => stat(path)),
  ]);
  if (to && from.every((source) => source !== null && to.mtimeMs > source.mtimeMs)) return folder;
  const unborn = `${folder}.${process.pid}`;
  await mkdir(unborn, { recursive: true });
  await promisify(execFile)("javac", ["-g", "-d", unborn, ...sourcePaths]);
  await rm(folder, { recursive: true, force: true });
  await rename(unborn, folder);
  return folder;
}

const running = new Set<() => void>();
process.on("exit", () => {
  for (const kill of running) kill();
});

/** Starts it and waits for its "ready PID". */
export async function startJava(
  args: readonly string[] = [],
  options: { readonly jvm?: readonly string[]; readonly uid?: number } = {},
): Promise<RunningProgram> {
  const classes = await buildJava();
  const argv = [
    "-Xmx64m",
    // Allocations are sampled where a thread takes a new buffer: many small ones, many samples.
    "-XX:TLABSize=64k",
    "-XX:-ResizeTLAB",
    ...(options.jvm ?? []),
    "-cp",
    options.uid === undefined ? classes : openPath(classes),
    "JavaSplit",
    ...args,
  ];
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn("java", argv, { stdio: ["ignore", "pipe", "ignore"], cwd: "/", ...identity });
  const kill = (): void => void child.kill("SIGKILL");
  running.add(kill);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => {
      running.delete(kill);
      resolve({ code, signal });
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    let text = "";
    child.on("error", reject);
    void exited.then(({ code }) => reject(new Error(`java ended with ${code} before it was ready`)));
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const ready = /^ready (\d+)$/m.exec(text)?.[1];
      if (ready !== undefined) resolve(Number(ready));
    });
  });
  return {
    pid,
    exited,
    async stop() {
      kill();
      await exited;
    },
  };
}
