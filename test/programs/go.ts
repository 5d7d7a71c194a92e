import { execFile, spawn } from "node:child_process";
import { mkdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { RunningProgram } from "./build.ts";

/** go-split.go and go-waits.go, which say their truth at their heads. */
type GoProgram = "go-split" | "go-waits";

const here = dirname(fileURLToPath(import.meta.url));
const outFolder = join(dirname(dirname(here)), "out", "programs");

/** Path of the compiled program; compiled when its source is newer. */
export async function buildGo(name: GoProgram = "go-split"): Promise<string> {
  const sourcePath = join(here, `${name}.go`);
  const path = join(outFolder, name);
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
  /** What it has printed. */
  output(): string;
  /** Ends its standard input, with which it ends. */
  close(): Promise<void>;
}

/** Starts it and waits for its "ready PID"; it ends with this process. */
export async function startGo(
  env: Readonly<Record<string, string>> = {},
  name: GoProgram = "go-split",
): Promise<RunningGo> {
  const child = spawn(await buildGo(name), [], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, ...env },
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  let said = "";
  const text = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    void exited.then(({ code }) => reject(new Error(`${name} ended with ${code} before it was ready`)));
    child.stdout.on("data", (chunk: Uint8Array) => {
      said += Buffer.from(chunk).toString("latin1");
      if (/^ready \d+$/m.test(said)) resolve(said);
    });
  });
  return {
    pid: Number(/^ready (\d+)$/m.exec(text)?.[1]),
    address: /^address (\S+)$/m.exec(text)?.[1] ?? "",
    exited,
    output: () => said,
    async close() {
      const ended = new Promise((resolve) => child.stdout.once("close", resolve));
      child.stdin.end();
      await ended;
    },
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
