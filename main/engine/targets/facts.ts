import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import type { LaunchTarget, RecordTarget, Runtime, TargetFacts } from "#core/model/recording.ts";
import { listeningOf } from "./endpoints.ts";
import { binaryFacts } from "./facts-elf.ts";
import { type ProgramFiles, runtimeFlags, runtimeVersion } from "./facts-interpreters.ts";
import { inspectorOf } from "./inspector-state.ts";
import { namespacesOf, pidInsideOf } from "./namespaces.ts";
import { readLink, readProc } from "./proc-files.ts";
import { runtimeOfPaths } from "./runtime.ts";

/** What a target's program is, from its files and /proc; null where nothing can be read. */
export async function factsOf(target: RecordTarget): Promise<TargetFacts | null> {
  switch (target.kind) {
    case "pid":
      return factsOfProcess(target.pid);
    case "launch":
      return factsOfLaunch(target);
    default:
      return null;
  }
}

const mapsLimitBytes = 1 << 22;

function factsOfProcess(pid: number): TargetFacts | null {
  const maps = readProc(`/proc/${pid}/maps`, mapsLimitBytes)?.toString("latin1");
  if (maps === undefined) return null;
  const executable = readLink(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "");
  if (executable === "") return null;
  const mapped = [...new Set(maps.match(/(?<=\s)\/\S+\.so[.\d]*$/gm) ?? [])];
  const environment = (readProc(`/proc/${pid}/environ`)?.toString("utf8") ?? "").split("\0");
  const argv = (readProc(`/proc/${pid}/cmdline`, 1 << 17)?.toString("utf8") ?? "").split("\0");
  if (argv.at(-1) === "") argv.pop();
  const files = { here: `/proc/${pid}/exe`, executable, root: `/proc/${pid}/root`, mapped };
  const program = programFacts(files, argv, variablesOf(environment));
  const listens = listeningOf(pid);
  return {
    ...program,
    libraries: mapped,
    listens,
    inspector: program.language === "node" ? inspectorOf(pid, program.flags, listens) : null,
    namespaces: namespacesOf(pid),
    pidInside: pidInsideOf(pid),
  };
}

function factsOfLaunch(launch: LaunchTarget): TargetFacts | null {
  const found = resolveProgram(launch);
  if (found === null) return null;
  const environment = new Map(
    Object.entries({ ...process.env, ...launch.env }).map(([k, v]) => [k, v ?? ""]),
  );
  const files = { here: found.path, executable: found.path, root: "", mapped: [] };
  return {
    ...programFacts(files, [...found.words, ...launch.argv.slice(1)], environment),
    libraries: [],
    listens: [],
    inspector: null,
    namespaces: { pid: false, mount: false, user: false },
    pidInside: -1,
  };
}

function programFacts(
  files: ProgramFiles,
  argv: readonly string[],
  environment: ReadonlyMap<string, string>,
): Omit<TargetFacts, "libraries" | "listens" | "inspector" | "namespaces" | "pidInside"> {
  const binary = binaryFacts(files.here, files.executable);
  const named: Runtime = runtimeOfPaths(files.executable, files.mapped) ?? "native";
  const runtime: Runtime = binary?.isGo ? "go" : named;
  const isInterpreter = runtime !== "native" && runtime !== "go";
  return {
    version: isInterpreter ? runtimeVersion(runtime, files) : (binary?.version ?? ""),
    language: isInterpreter ? runtime : (binary?.language ?? ""),
    executable: files.executable,
    executableHere: files.here,
    flags: runtimeFlags(runtime, argv, environment),
    build: binary?.build ?? [],
    framePointers: binary?.framePointers ?? null,
    symbols: binary?.symbols ?? null,
    debugInfo: binary?.debugInfo ?? null,
    optimised: binary?.optimised ?? null,
    sanitizers: isInterpreter ? [] : (binary?.sanitizers ?? []),
  };
}

function variablesOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

interface Resolved {
  readonly path: string;
  /** argv[0] and what comes before the rest: a script's interpreter has the script as a word. */
  readonly words: readonly string[];
}

function resolveProgram(launch: LaunchTarget): Resolved | null {
  const name = launch.argv[0] ?? "";
  const path = onPath(name, launch.cwd, launch.env.PATH ?? process.env.PATH ?? "");
  if (path === null) return null;
  const interpreter = interpreterOf(path);
  if (interpreter === null) return { path, words: [name] };
  const [first = "", ...rest] = interpreter;
  // "#!/usr/bin/env python3" names the interpreter by its word.
  const isEnv = /\/env$/.test(first);
  const words = isEnv ? rest.filter((word) => !word.startsWith("-")) : interpreter;
  const real = onPath(words[0] ?? "", launch.cwd, launch.env.PATH ?? process.env.PATH ?? "");
  return real === null ? { path, words: [name] } : { path: real, words: [...words, path] };
}

function onPath(name: string, cwd: string, path: string): string | null {
  if (name === "") return null;
  const candidates = name.includes("/")
    ? [resolve(cwd === "" ? process.cwd() : cwd, name)]
    : path
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, name));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return realpathSync(candidate);
    } catch {
      // Not there, or not to be run: the next folder may have it.
    }
  }
  return null;
}

/** The words of a "#!" line; null for anything else. Of the first bytes only, as the kernel reads it. */
function interpreterOf(path: string): readonly string[] | null {
  const head = Buffer.alloc(256);
  let length = 0;
  try {
    const file = openSync(path, "r");
    try {
      length = readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
  const line = /^#!\s*(\S[^\n]*)/.exec(head.subarray(0, length).toString("latin1"))?.[1];
  return line === undefined ? null : line.trim().split(/\s+/);
}
