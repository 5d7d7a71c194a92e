import { execFile, spawn } from "node:child_process";
import { mkdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { RunningProgram } from "./build.ts";

/** go-split.go, which says its truth at its head. */

const here = dirname(fileURLToPath(import.meta.url));
const sourcePath = join(here, "go-split.go");
const outFolder = join(dirname(dirname(here)), "out", "programs");

/** Path of the compiled program; compiled when its source is newer. */
export async function buildGo(): Promise<string> {
  const path = join(outFolder, "go-split");
  const [from, to] = await Promise.all([stat(sourcePath), stat(path).catch(() => null)]);
  if (to !== null && to.mtimeMs > from.mtimeMs) return path;
  await mkdir(outFolder, { recursive: true });
  const unborn = `${path}.${process.pid}`;
  await promisify(execFile)("go", ["build", "-o", unborn, sourcePath], {
    env: { ...process.env, CGO_ENABLED: "0", GO111MODULE: "off" },
  });
  await rename(unborn, path);
  return path;
}

export interface RunningGo extends RunningProgram {
  /** Of its pprof endpoint: "127.0.0.1:41234". */
  readonly address: string;
}

/** Starts it and waits for its "ready PID"; it ends with this process. */
export async function startGo(env: Readonly<Record<string, string>> = {}): Promise<RunningGo> {
  const child = spawn(await buildGo(), [], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, ...env },
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const text = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.on("error", reject);
    void exited.then(({ code }) => reject(new Error(`go-split ended with ${code} before it was ready`)));
    child.stdout.on("data", (chunk: Uint8Array) => {
      said += Buffer.from(chunk).toString("latin1");
      if (/^ready \d+$/m.test(said)) resolve(said);
    });
  });
  return {
    pid: Number(/^ready (\d+)$/m.exec(text)?.[1]),
    address: /^address (\S+)$/m.exec(text)?.[1] ?? "",
    exited,
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
