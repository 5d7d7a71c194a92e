import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openPath } from "../reachable.ts";

/** Builds and runs the programs of this folder, whose answers are known: each says its truth at its head. */

const here = dirname(fileURLToPath(import.meta.url));
const projectFolder = dirname(dirname(here));
const outFolder = join(projectFolder, "out", "programs");

const withFramePointers = [
  "-O2",
  "-g",
  "-fno-omit-frame-pointer",
  "-mno-omit-leaf-frame-pointer",
  "-fno-optimize-sibling-calls",
];

interface Recipe {
  readonly source: string;
  readonly flags: readonly string[];
}

const recipe = (source: string, flags = withFramePointers): Recipe => ({ source, flags });

const recipes = {
  split: recipe("split.c"),
  "split-stripped": recipe("split.c", [...withFramePointers, "-s"]),
  "split-dwarf": recipe("split.c", ["-O2", "-g", "-fomit-frame-pointer", "-DWITHOUT_FRAME_POINTERS"]),
  inlined: recipe("inlined.cpp", ["-O2", "-g", "-fomit-frame-pointer"]),
  idle: recipe("idle.c"),
  brief: recipe("brief.c"),
  crowd: recipe("crowd.c"),
  deep: recipe("deep.c"),
  polite: recipe("polite.c"),
  "odd-name": recipe("odd-name.c"),
  leak: recipe("leak.c"),
  "leak-address": recipe("leak.c", [...withFramePointers, "-fsanitize=address"]),
  "leak-static": recipe("leak.c", ["-O2", "-static"]),
  counted: recipe("counted.c", ["-O2", "-g", "-fno-optimize-sibling-calls"]),
  waits: recipe("waits.c"),
  deadlock: recipe("deadlock.c"),
  "kernel-lock": recipe("kernel-lock.c"),
  talks: recipe("talks.c"),
  direct: recipe("direct.c"),
  "first-waits": recipe("first-waits.c"),
  order: recipe("order.c"),
  "keep-gil": recipe("keep-gil.c", ["-O2", "-shared", "-fPIC"]),
  "counted-gprof": recipe("counted.c", ["-O2", "-g", "-fno-optimize-sibling-calls", "-pg"]),
} as const satisfies Record<string, Recipe>;
export type NativeProgram = keyof typeof recipes;
export type NodeProgram = "hot.js" | "crew.js" | "idle.js" | "heap-leak.js" | "slow-reads.js";
type RubyProgram = "ruby-split.rb";
type PythonProgram = "python-waits.py";

/** -mno-omit-leaf-frame-pointer is x86's; elsewhere the flag does not exist and is not needed. */
const flagsHere = (flags: readonly string[]): readonly string[] =>
  process.arch === "x64" ? flags : flags.filter((flag) => !flag.startsWith("-mno-omit-leaf"));

/**
 * Inlined callees count as their caller, and so does code that V8 compiled in the midst of a loop before it was attached
 * to; and no two targets may want the same inspector port.
 */
export const nodeArgs: readonly string[] = ["--no-turbo-inlining", "--no-use-osr", "--inspect-port=0"];

export const rubyProgramPath = join(here, "ruby-split.rb");
export const nodeProgramPath = (name: NodeProgram): string => join(here, name);

/** Path of the compiled program; compiled when its source is newer. */
export async function buildProgram(name: NativeProgram): Promise<string> {
  const { source, flags } = recipes[name];
  const sourcePath = join(here, source);
  const path = join(outFolder, name);
  const [from, to] = await Promise.all([stat(sourcePath), stat(path).catch(() => null)]);
  if (to !== null && to.mtimeMs > from.mtimeMs) return path;
  await mkdir(outFolder, { recursive: true });
  const unborn = `${path}.${process.pid}`;
  await promisify(execFile)("cc", [...flagsHere(flags), sourcePath, "-o", unborn, "-pthread"]);
  await rename(unborn, path);
  return path;
}

export interface RunningProgram {
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>;
}

interface StartedProgram extends RunningProgram {
  /** What it has printed. */
  output(): string;
  /** The same once it is all there. */
  readonly said: Promise<string>;
  /** Asks it to end, and waits for what it says then. */
  finish(): Promise<string>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a program and waits for its "ready PID". */
export async function startProgram(
  name: NativeProgram | NodeProgram | RubyProgram | PythonProgram,
  args: readonly string[] = [],
  options: {
    readonly nodeArgs?: readonly string[];
    readonly python?: readonly string[];
    readonly uid?: number;
    /** Started by a path that every user may read. */
    readonly isOpen?: boolean;
  } = {},
): Promise<StartedProgram> {
  const argv = isNode(name)
    ? [process.execPath, ...(options.nodeArgs ?? nodeArgs), nodeProgramPath(name), ...args]
    : isRuby(name)
      ? ["ruby", rubyProgramPath, ...args]
      : isPython(name)
        ? [...(options.python ?? ["/usr/bin/python3"]), join(here, name), ...args]
        : [options.isOpen ? openPath(await buildProgram(name)) : await buildProgram(name), ...args];
  const [program = "", ...rest] = argv;
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "ignore"], ...identity });
  running.add(child);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  let text = "";
  const said = new Promise<string>((resolve) => child.stdout.once("close", () => resolve(text)));
  const pid = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    void exited.then(({ code }) => reject(new Error(`${name} ended with ${code} before it was ready`)));
    child.stdout.on("data", (chunk: Uint8Array) => {
      text += Buffer.from(chunk).toString("latin1");
      const ready = /^ready (\d+)$/m.exec(text)?.[1];
      if (ready !== undefined) resolve(Number(ready));
    });
  });
  return {
    pid,
    exited,
    output: () => text,
    said,
    finish() {
      child.kill("SIGTERM");
      return said;
    },
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

const isNode = (name: string): name is NodeProgram => name.endsWith(".js");
const isPython = (name: string): name is PythonProgram => name.endsWith(".py");
const isRuby = (name: string): name is RubyProgram => name.endsWith(".rb");
