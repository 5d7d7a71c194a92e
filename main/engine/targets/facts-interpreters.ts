import { dirname, join } from "node:path";
import type { Runtime } from "#core/model/recording.ts";
import { withElf } from "./elf-sections.ts";
import { fileKey } from "./facts-elf.ts";
import { readProc } from "./proc-files.ts";

/** Versions of interpreters and virtual machines, from their files; nothing is run. */

export interface ProgramFiles {
  /** Opens the executable from here. */
  readonly here: string;
  /** Its path as the target sees it. */
  readonly executable: string;
  /** Put before a path of the target's: "/proc/12/root", or "" where they are ours. */
  readonly root: string;
  /** Files that it maps; [] before it runs. */
  readonly mapped: readonly string[];
}

export function runtimeVersion(runtime: Runtime, files: ProgramFiles): string {
  switch (runtime) {
    case "python":
      return pythonVersion(files);
    case "node":
      return nodeVersion(files);
    case "java":
      return javaVersion(files);
    case "ruby":
      return found(files, /\/libruby[^/]*\.so\.(\d+\.\d+\.\d+)$/) || found(files, /\/ruby(\d+\.\d+)$/);
    default:
      return "";
  }
}

const found = ({ executable, mapped }: ProgramFiles, pattern: RegExp): string =>
  [executable, ...mapped].map((path) => pattern.exec(path)?.[1]).find((version) => version !== undefined) ??
  "";

/** The name says 3.11; which 3.11 stands among the texts of the interpreter or its library. */
function pythonVersion(files: ProgramFiles): string {
  const short = found(files, /\/(?:lib)?(?:python|pypy)(\d+\.\d+)[a-z]?(?:\.so[.\d]*|$|\/)/);
  if (short === "") return "";
  const library = files.mapped.find((path) => /\/libpython\d[^/]*\.so[.\d]*$/.test(path));
  const pattern = new RegExp(`(?<![\\d.])(${short.replace(".", "\\.")}\\.\\d{1,3}[a-z0-9+]{0,6})\\0`);
  const places = [
    library === undefined ? files.here : files.root + library,
    // Not running yet: the library that it will map stands where its build put it.
    `${files.root}${join(dirname(dirname(files.executable)), "lib", `libpython${short}.so.1.0`)}`,
  ];
  for (const place of places) {
    const version = inTexts(place, pattern);
    if (version !== "") return version;
  }
  return short;
}

/** Beside "node.js/v20.20.2" stand the places its sources are had from; forks name themselves there as well. */
function nodeVersion(files: ProgramFiles): string {
  const library = files.mapped.find((path) => /\/libnode\.so[.\d]*$/.test(path));
  return inTexts(
    library === undefined ? files.here : files.root + library,
    /(?:node\.js\/|\/node-)v(\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[a-z0-9.]{1,20})?)(?=\0|\.tar|-headers)/,
  );
}

function javaVersion({ executable, root, mapped }: ProgramFiles): string {
  const machine = mapped.find((path) => path.endsWith("/libjvm.so"));
  // JAVA_HOME/bin/java, JAVA_HOME/lib/server/libjvm.so
  const homes = [
    ...(machine === undefined ? [] : [dirname(dirname(dirname(machine)))]),
    dirname(dirname(executable)),
  ];
  for (const home of homes) {
    const text = readProc(join(`${root}/`, home, "release"), 1 << 16)?.toString("utf8") ?? "";
    const version = /^JAVA_VERSION="([^"]{1,40})"/m.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return "";
}

const windowBytes = 4 << 20;
/** node's texts are 47 MB, and the largest in use. */
const mostTextBytes = 128 << 20;
const overlapBytes = 256;
const known = new Map<string, string>();

/** The first match in the texts of an ELF file, looked for once a file. */
function inTexts(path: string, pattern: RegExp): string {
  const file = fileKey(path);
  if (file === null) return "";
  const key = `${file} ${pattern.source}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const version =
    withElf(path, (elf) => {
      const section = elf.section(".rodata");
      if (section === null) return "";
      for (let at = 0; at < Math.min(section.sizeBytes, mostTextBytes); at += windowBytes) {
        const { bytes } = elf.read(section, at, windowBytes + overlapBytes);
        if (bytes.length === 0) return "";
        const match = pattern.exec(
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"),
        );
        if (match !== null) return match[1] ?? "";
      }
      return "";
    }) ?? "";
  if (known.size > 256) known.clear();
  known.set(key, version);
  return version;
}

/** Switches of the runtime as they stand on the command line, and in the variables that add to it. */
export function runtimeFlags(
  runtime: Runtime,
  argv: readonly string[],
  environment: ReadonlyMap<string, string>,
): readonly string[] {
  const variables = flagVariables[runtime] ?? [];
  const added = variables.flatMap((name) => (environment.get(name) ?? "").split(/\s+/)).filter(Boolean);
  const switches = [...variableSwitches(runtime, environment), ...added, ...leading(runtime, argv)];
  return switches.slice(0, 256).map((flag) => flag.slice(0, 512));
}

const flagVariables: Partial<Readonly<Record<Runtime, readonly string[]>>> = {
  java: ["JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"],
  node: ["NODE_OPTIONS"],
  ruby: ["RUBYOPT"],
};

/** The same as `-X perf` and `-X perf_jit`, by variables. */
function variableSwitches(runtime: Runtime, environment: ReadonlyMap<string, string>): readonly string[] {
  const isSet = (name: string): boolean => !["", "0"].includes(environment.get(name) ?? "");
  if (runtime !== "python") return [];
  return [
    ...(isSet("PYTHONPERFSUPPORT") ? ["-Xperf"] : []),
    ...(isSet("PYTHON_PERF_JIT_SUPPORT") ? ["-Xperf_jit"] : []),
  ];
}

/** Words before the script, which has words of its own. */
function leading(runtime: Runtime, argv: readonly string[]): readonly string[] {
  if (runtime !== "java" && runtime !== "node" && runtime !== "python" && runtime !== "ruby") return [];
  const withValue = valueSwitches[runtime];
  const flags: string[] = [];
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (!word.startsWith("-") || word === "--" || word === "-") break;
    // "-m module", "-c code" and "-jar file" end the switches: what follows is the program.
    if (["-c", "-m", "-e", "-p", "--eval", "--print", "-jar"].includes(word)) break;
    const value = withValue.includes(word) ? (argv[++i] ?? "") : null;
    flags.push(value === null ? word : word === "-X" ? `${word}${value}` : `${word} ${value}`);
  }
  return flags;
}

const valueSwitches: Readonly<Record<"java" | "node" | "python" | "ruby", readonly string[]>> = {
  java: ["-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules"],
  node: ["-r", "--require", "--import", "-C", "--conditions"],
  python: ["-X", "-W"],
  ruby: ["-I", "-r"],
};
