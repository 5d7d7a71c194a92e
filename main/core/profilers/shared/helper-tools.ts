import type { Host } from "../profiler.ts";
import { isOlder } from "./checks.ts";

/** Programs that are no profilers, and without which profilers and views have less. */

export interface HelperTool {
  readonly program: string;
  /** "" where it is not there. */
  readonly path: string;
  readonly version: string;
  /** What it is for; what is not to be had without it. */
  readonly purpose: string;
  /** What this one cannot do that it is wanted for; "" for nothing. */
  readonly lacks: string;
  /** How to get it, or one that can; "" where nothing is missed. */
  readonly fix: string;
}

interface Known {
  readonly program: string;
  readonly purpose: string;
  readonly fix: string;
  readonly versionArgs?: readonly string[];
  /** From what it says of itself. */
  readonly lacks?: (said: string, version: string) => string;
}

const apt = (name: string): string => `sudo apt install ${name}`;

/** As Debian and Ubuntu call their packages. */
const known: readonly Known[] = [
  {
    program: "setpriv",
    purpose: "has profilers end with the workbench, also when that is killed",
    fix: apt("util-linux"),
    versionArgs: ["--version"],
    lacks: (_, version) => (isOlder(version, 2, 33) ? "--pdeathsig, which came with 2.33" : ""),
  },
  {
    program: "stdbuf",
    purpose: "has profilers give their samples at once: without it live views lag",
    fix: apt("coreutils"),
  },
  {
    program: "jcmd",
    purpose: "speaks to running JVMs: Flight Recorder, async-profiler, thread dumps",
    fix: apt("openjdk-17-jdk-headless"),
    versionArgs: ["-J-version"],
    lacks: (_, version) =>
      isOlder(version, 17, 0) ? "settings of single events, which came with JDK 17" : "",
  },
  {
    program: "gdb",
    purpose: "puts heaptrack into a program that runs",
    fix: apt("gdb"),
  },
  {
    program: "objdump",
    purpose: "shows the costs of single instructions",
    fix: apt("binutils"),
  },
  {
    program: "c++filt",
    purpose: "reads names of C++ and Rust as they were written",
    fix: apt("binutils"),
  },
  { program: "zstd", purpose: "opens .zst files, heaptrack's own among them", fix: apt("zstd") },
  { program: "xz", purpose: "opens .xz files", fix: apt("xz-utils") },
  { program: "bzip2", purpose: "opens .bz2 files", fix: apt("bzip2"), versionArgs: ["--help"] },
  {
    program: "getcap",
    purpose: "says whether a profiler's file was given rights of its own",
    fix: apt("libcap2-bin"),
    versionArgs: [],
  },
  {
    program: "sudo",
    purpose: "lets a profiler alone run as root, after its own prompt",
    fix: apt("sudo"),
  },
];

/** Asked all at once: each answers in some hundredths of a second, a JVM in some tenths. */
export const helperTools = (host: Host): Promise<readonly HelperTool[]> =>
  Promise.all(known.map((each) => look(host, each)));

async function look(
  host: Host,
  { program, purpose, fix, versionArgs = ["--version"], lacks }: Known,
): Promise<HelperTool> {
  const path = await host.findTool(program);
  if (path === null) return { program, path: "", version: "", purpose, lacks: "", fix };
  const ran = versionArgs.length === 0 ? null : await host.probe([path, ...versionArgs]);
  const said = `${ran?.stdout ?? ""}\n${ran?.stderr ?? ""}`;
  const version = /\d+(?:\.\d+)+/.exec(said)?.[0] ?? "";
  const lacking = lacks?.(said, version) ?? "";
  return { program, path, version, purpose, lacks: lacking, fix: lacking === "" ? "" : fix };
}
